#include "hdf5/rows.h"

/* The rows in the file, selected, and in memory. Both are closed by the caller, on failure too. */
static bool select_rows(hid_t dataset, uint64_t first, uint64_t n, hid_t *in_file, hid_t *in_memory)
{
    hsize_t start[H5S_MAX_RANK] = {first};
    hsize_t count[H5S_MAX_RANK] = {0};
    *in_memory = H5I_INVALID_HID;
    *in_file = H5Dget_space(dataset);
    const int rank = H5Sget_simple_extent_dims(*in_file, count, NULL);
    if (rank < 1) {
        return false;
    }
    count[0] = n;
    *in_memory = H5Screate_simple(rank, count, NULL);
    return *in_memory >= 0 && H5Sselect_hyperslab(*in_file, H5S_SELECT_SET, start, NULL, count, NULL) >= 0;
}

caucus_status caucus_h5_write_rows(hid_t dataset, const char *path, hid_t type, uint64_t first, uint64_t n,
                                   const void *values)
{
    hid_t in_file = H5I_INVALID_HID;
    hid_t in_memory = H5I_INVALID_HID;
    const bool written = select_rows(dataset, first, n, &in_file, &in_memory) &&
                         H5Dwrite(dataset, type, in_memory, in_file, H5P_DEFAULT, values) >= 0;
    caucus_h5_close(in_memory);
    caucus_h5_close(in_file);
    return written ? CAUCUS_OK : caucus_h5_fail("cannot write %s", path);
}

caucus_status caucus_h5_read_rows(hid_t dataset, const char *path, hid_t type, uint64_t first, uint64_t n, void *values)
{
    hid_t in_file = H5I_INVALID_HID;
    hid_t in_memory = H5I_INVALID_HID;
    const bool read = select_rows(dataset, first, n, &in_file, &in_memory) &&
                      H5Dread(dataset, type, in_memory, in_file, H5P_DEFAULT, values) >= 0;
    caucus_h5_close(in_memory);
    caucus_h5_close(in_file);
    return read ? CAUCUS_OK : caucus_h5_fail("cannot read %s", path);
}
