/* Rows of a dataset: what it has at some places of its first dimension, whole in all others. */
#ifndef CAUCUS_HDF5_ROWS_H
#define CAUCUS_HDF5_ROWS_H

#include "hdf5/file.h"

/* Write or read rows first .. first + n - 1 of a dataset; type is that of values in memory. path serves messages. */
caucus_status caucus_h5_write_rows(hid_t dataset, const char *path, hid_t type, uint64_t first, uint64_t n,
                                   const void *values);
caucus_status caucus_h5_read_rows(hid_t dataset, const char *path, hid_t type, uint64_t first, uint64_t n,
                                  void *values);

#endif
