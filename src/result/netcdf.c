#include "result/netcdf.h"

#include "base/text.h"

#include <hdf5_hl.h>
#include <stdlib.h>
#include <string.h>

void caucus_netcdf_init(caucus_netcdf *netcdf, hid_t file)
{
    *netcdf = (caucus_netcdf){.file = file};
    for (int d = 0; d < CAUCUS_N_DIMENSIONS; d++) {
        netcdf->scales[d] = H5I_INVALID_HID;
    }
}

void caucus_netcdf_free(caucus_netcdf *netcdf)
{
    for (int d = 0; d < CAUCUS_N_DIMENSIONS; d++) {
        caucus_h5_close(netcdf->scales[d]);
    }
    free(netcdf->config_coordinates);
    caucus_netcdf_init(netcdf, H5I_INVALID_HID);
}

static caucus_status describe(hid_t dataset, const char *long_name)
{
    TRY(caucus_h5_set_text(dataset, "long_name", long_name));
    return caucus_h5_set_text(dataset, "units", "1");
}

/* Make a dataset of one dimension a dimension scale. netCDF numbers dimensions by the attribute _Netcdf4Dimid; without
 * it they would come in the order of their names. */
static caucus_status make_scale(caucus_netcdf *netcdf, unsigned which, const char *name, const char *long_name,
                                hid_t type, const char *scale_name, uint64_t length, const void *data)
{
    caucus_status status = CAUCUS_OK;
    hid_t properties = H5I_INVALID_HID;
    hid_t dataset = H5I_INVALID_HID;
    const int position = __builtin_ctz(which);
    const hsize_t shape = length;
    hid_t space = H5Screate_simple(1, &shape, NULL);
    H5_TRY_GOTO(space, done, "cannot make dimension %s", name);
    TRY_GOTO(caucus_h5_ordered(H5P_DATASET_CREATE, &properties), done);
    dataset = H5Dcreate2(netcdf->file, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    H5_TRY_GOTO(dataset, done, "cannot make dimension %s", name);
    if (data != NULL) {
        H5_TRY_GOTO(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), done, "cannot write %s", name);
    }
    H5_TRY_GOTO(H5DSset_scale(dataset, scale_name), done, "cannot make dimension %s", name);
    TRY_GOTO(caucus_h5_set_number(dataset, "_Netcdf4Dimid", H5T_NATIVE_INT, &netcdf->n_dimensions), done);
    TRY_GOTO(describe(dataset, long_name), done);
    netcdf->scales[position] = dataset;
    netcdf->lengths[position] = length;
    netcdf->n_dimensions++;
    dataset = H5I_INVALID_HID;
done:
    caucus_h5_close(dataset);
    caucus_h5_close(properties);
    caucus_h5_close(space);
    return status;
}

caucus_status caucus_netcdf_dimension(caucus_netcdf *netcdf, unsigned which, const char *name, const char *long_name,
                                      uint64_t length)
{
    char scale_name[80]; /* the words and the field width are fixed by the netCDF-4 format */
    snprintf(scale_name, sizeof scale_name, "This is a netCDF dimension but not a netCDF variable.%10d", (int)length);
    return make_scale(netcdf, which, name, long_name, H5T_IEEE_F32BE, scale_name, length, NULL);
}

caucus_status caucus_netcdf_named_dimension(caucus_netcdf *netcdf, unsigned which, const char *name,
                                            const char *long_name, char *const *names, uint64_t length)
{
    hid_t type = H5I_INVALID_HID;
    TRY(caucus_h5_string_type(&type));
    caucus_status status = make_scale(netcdf, which, name, long_name, type, name, length, names);
    caucus_h5_close(type);
    return status;
}

int caucus_netcdf_shape(const caucus_netcdf *netcdf, unsigned dimensions, hsize_t shape[CAUCUS_N_DIMENSIONS])
{
    int rank = 0;
    for (int d = 0; d < CAUCUS_N_DIMENSIONS; d++) {
        if ((dimensions >> d & 1U) != 0) {
            shape[rank++] = netcdf->lengths[d];
        }
    }
    return rank;
}

static caucus_status attach(const caucus_netcdf *netcdf, hid_t dataset, const char *name, unsigned dimensions)
{
    unsigned axis = 0;
    for (int d = 0; d < CAUCUS_N_DIMENSIONS; d++) {
        if ((dimensions >> d & 1U) == 0) {
            continue;
        }
        if (H5DSattach_scale(dataset, netcdf->scales[d], axis) < 0) {
            return caucus_h5_fail("cannot name the dimensions of %s", name);
        }
        axis++;
    }
    return CAUCUS_OK;
}

caucus_status caucus_netcdf_variable(const caucus_netcdf *netcdf, hid_t group, const char *name, const char *long_name,
                                     unsigned dimensions, hid_t type, hid_t properties, hid_t *dataset)
{
    caucus_status status = CAUCUS_OK;
    hsize_t shape[CAUCUS_N_DIMENSIONS];
    hid_t made = H5I_INVALID_HID;
    int rank = caucus_netcdf_shape(netcdf, dimensions, shape);
    hid_t space = H5Screate_simple(rank, shape, NULL);
    H5_TRY_GOTO(space, failed, "cannot make dataset %s", name);
    made = H5Dcreate2(group, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    H5_TRY_GOTO(made, failed, "cannot make dataset %s", name);
    TRY_GOTO(attach(netcdf, made, name, dimensions), failed);
    TRY_GOTO(describe(made, long_name), failed);
    caucus_h5_close(space);
    *dataset = made;
    return CAUCUS_OK;
failed:
    caucus_h5_close(made);
    caucus_h5_close(space);
    return status;
}

caucus_status caucus_netcdf_set_coordinates(const caucus_netcdf *netcdf, hid_t dataset, unsigned dimensions)
{
    bool by_method = (dimensions & CAUCUS_ON_METHOD) != 0;
    char *names =
        caucus_text_format("%s%s", netcdf->config_coordinates, by_method ? " family knowledge inequality" : "");
    if (names == NULL) {
        return caucus_fail_memory(0, "the names of coordinates");
    }
    caucus_status status = caucus_h5_set_text(dataset, "coordinates", names);
    free(names);
    return status;
}

static caucus_status write_dataset(const caucus_netcdf *netcdf, const char *name, const char *long_name,
                                   unsigned dimensions, hid_t type, const void *data, bool with_coordinates)
{
    caucus_status status = CAUCUS_OK;
    hid_t properties = H5I_INVALID_HID;
    hid_t dataset = H5I_INVALID_HID;
    TRY_GOTO(caucus_h5_ordered(H5P_DATASET_CREATE, &properties), done);
    TRY_GOTO(caucus_netcdf_variable(netcdf, netcdf->file, name, long_name, dimensions, type, properties, &dataset),
             done);
    if (with_coordinates) {
        TRY_GOTO(caucus_netcdf_set_coordinates(netcdf, dataset, dimensions), done);
    }
    H5_TRY_GOTO(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), done, "cannot write %s", name);
done:
    caucus_h5_close(dataset);
    caucus_h5_close(properties);
    return status;
}

caucus_status caucus_netcdf_write(const caucus_netcdf *netcdf, const char *name, const char *long_name,
                                  unsigned dimensions, hid_t type, const void *data)
{
    return write_dataset(netcdf, name, long_name, dimensions, type, data, false);
}

caucus_status caucus_netcdf_write_data(const caucus_netcdf *netcdf, const char *name, const char *long_name,
                                       unsigned dimensions, hid_t type, const void *data)
{
    return write_dataset(netcdf, name, long_name, dimensions, type, data, true);
}
