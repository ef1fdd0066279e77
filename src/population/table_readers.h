/* The readers behind caucus_table_read, one for each kind of file. */
#ifndef CAUCUS_TABLE_READERS_H
#define CAUCUS_TABLE_READERS_H

#include "population/table.h"

/* As caucus_table_read. The thread's numeric locale must be "C". */
caucus_status caucus_table_read_csv(const caucus_table_spec *spec, caucus_population **population,
                                    const char **unknown);
caucus_status caucus_table_read_hdf5(const caucus_table_spec *spec, caucus_population **population,
                                     const char **unknown);

/* Whether the file has the signature of HDF5, at any of the offsets where it may stand. */
bool caucus_table_is_hdf5(const char *path);

#endif
