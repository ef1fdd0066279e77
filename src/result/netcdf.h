/* HDF5 files as netCDF-4 readers want them: named dimensions by dimension scales, a long name and units for every
 * dataset, and the CF attribute that tells xarray which datasets are coordinates. */
#ifndef CAUCUS_RESULT_NETCDF_H
#define CAUCUS_RESULT_NETCDF_H

#include "hdf5/file.h"
#include "trial/block.h"

typedef struct caucus_netcdf {
    hid_t file;                        /* borrowed */
    hid_t scales[CAUCUS_N_DIMENSIONS]; /* [position of the bit CAUCUS_ON_...]; negative: no such dimension */
    hsize_t lengths[CAUCUS_N_DIMENSIONS];
    int n_dimensions;         /* made so far: the next one's netCDF number */
    char *config_coordinates; /* names of the coordinates along config, one blank between them */
} caucus_netcdf;

void caucus_netcdf_init(caucus_netcdf *netcdf, hid_t file);
void caucus_netcdf_free(caucus_netcdf *netcdf);

/* A dimension without values. which: one of the bits CAUCUS_ON_... */
caucus_status caucus_netcdf_dimension(caucus_netcdf *netcdf, unsigned which, const char *name, const char *long_name,
                                      uint64_t length);

/* A dimension whose dataset holds names. */
caucus_status caucus_netcdf_named_dimension(caucus_netcdf *netcdf, unsigned which, const char *name,
                                            const char *long_name, char *const *names, uint64_t length);

/* A dataset over the given dimensions, in group (the file or one of its groups). properties may be H5P_DEFAULT. The
 * caller closes it. */
caucus_status caucus_netcdf_variable(const caucus_netcdf *netcdf, hid_t group, const char *name, const char *long_name,
                                     unsigned dimensions, hid_t type, hid_t properties, hid_t *dataset);

/* The same, written in one go and closed; data in memory has the type of the file. */
caucus_status caucus_netcdf_write(const caucus_netcdf *netcdf, const char *name, const char *long_name,
                                  unsigned dimensions, hid_t type, const void *data);

/* The same for data that belong to the coordinates along their dimensions, which it names. */
caucus_status caucus_netcdf_write_data(const caucus_netcdf *netcdf, const char *name, const char *long_name,
                                       unsigned dimensions, hid_t type, const void *data);

/* Name the coordinates that go with a dataset over the given dimensions. */
caucus_status caucus_netcdf_set_coordinates(const caucus_netcdf *netcdf, hid_t dataset, unsigned dimensions);

/* Number of the dimensions, and their lengths in order. */
int caucus_netcdf_shape(const caucus_netcdf *netcdf, unsigned dimensions, hsize_t shape[CAUCUS_N_DIMENSIONS]);

#endif
