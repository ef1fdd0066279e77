/* Small HDF5 files made in memory and written in one go, with a seal behind them (hdf5/seal.h).
 *
 * A full disk then meets plain writes, which HDF5 1.10 survives better than failing in its own close, and a torn or
 * damaged file is recognised before HDF5 parses it. HDF5 readers ignore what follows the end of their data. */
#ifndef CAUCUS_HDF5_SEALED_H
#define CAUCUS_HDF5_SEALED_H

#include "hdf5/file.h"

/* An HDF5 file in memory; path only serves messages. */
caucus_status caucus_image_create(const char *path, hid_t *file);

/* Write it to path, sealed, whole or not at all. The file stays open. */
caucus_status caucus_image_publish(hid_t file, const char *path);

/* CAUCUS_INVALID when path is not a sealed file or its bytes have changed, CAUCUS_FAILED when it cannot be read. */
caucus_status caucus_image_verify(const char *path);

#endif
