#include "result/summary_datasets.h"

#include "hdf5/rows.h"
#include "result/metadata.h"
#include "trial/sums.h"

#include <stdlib.h>
#include <string.h>

/* Of all variables together, kept in memory. */
enum { WINDOW_BYTES = 4 << 20 };

struct caucus_summary_datasets {
    const char *path;
    const caucus_shape *shape;
    uint64_t n_configs; /* of the file that is read */
    uint64_t capacity;  /* rows in memory */
    uint64_t first;     /* configuration of the first of them */
    uint64_t n_rows;
    hid_t group;
    hid_t datasets[CAUCUS_N_SUMMARY]; /* negative: no values */
    double *rows[CAUCUS_N_SUMMARY];   /* [row][value] */
};

static caucus_status alloc_datasets(const caucus_shape *shape, const char *path, caucus_summary_datasets **datasets)
{
    caucus_status status = CAUCUS_OK;
    caucus_summary_datasets *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "the summary", &made));
    const uint64_t fitting = WINDOW_BYTES / (caucus_summary_bytes(shape) + 1);
    made->path = path;
    made->shape = shape;
    made->capacity = fitting > 0 ? fitting : 1;
    made->group = H5I_INVALID_HID;
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        made->datasets[v] = H5I_INVALID_HID;
    }
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        const size_t width = caucus_summary_width(v, shape);
        if (width > 0) {
            TRY_GOTO(caucus_alloc(made->capacity, width * sizeof(double), "the summary", &made->rows[v]), failed);
        }
    }
    *datasets = made;
    return CAUCUS_OK;
failed:
    caucus_summary_datasets_close(made);
    return status;
}

void caucus_summary_datasets_close(caucus_summary_datasets *datasets)
{
    if (datasets == NULL) {
        return;
    }
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        caucus_h5_close(datasets->datasets[v]);
        free(datasets->rows[v]);
    }
    caucus_h5_close(datasets->group);
    free(datasets);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* How near quantiles from histograms come, as attributes: success and bounds from 0 up; bounds from -1 to 0. */
static caucus_status describe_resolution(hid_t dataset, int variable)
{
    const double fine = 1.0 / CAUCUS_BINS_RESOLUTION;
    const double coarse = 1.0 / CAUCUS_BINS_BELOW;
    switch (variable) {
    case CAUCUS_SUCCESS_Q05:
    case CAUCUS_SUCCESS_MEDIAN:
    case CAUCUS_SUCCESS_Q95:
        return caucus_h5_set_number(dataset, "resolution", H5T_NATIVE_DOUBLE, &fine);
    case CAUCUS_BOUND_Q05:
    case CAUCUS_BOUND_MEDIAN:
    case CAUCUS_BOUND_Q95:
        TRY(caucus_h5_set_number(dataset, "resolution", H5T_NATIVE_DOUBLE, &fine));
        return caucus_h5_set_number(dataset, "resolution_below_0", H5T_NATIVE_DOUBLE, &coarse);
    default:
        return CAUCUS_OK;
    }
}

static caucus_status make_datasets(caucus_summary_datasets *made, const caucus_netcdf *netcdf,
                                   const caucus_layout *layout, bool from_sums)
{
    caucus_status status = CAUCUS_OK;
    hid_t ordered = H5I_INVALID_HID;
    hid_t properties = H5I_INVALID_HID;
    TRY_GOTO(caucus_h5_ordered(H5P_GROUP_CREATE, &ordered), done);
    TRY_GOTO(caucus_h5_ordered(H5P_DATASET_CREATE, &properties), done);
    made->group = H5Gcreate2(netcdf->file, "summary", H5P_DEFAULT, ordered, H5P_DEFAULT);
    H5_TRY_GOTO(made->group, done, "cannot write %s", made->path);
    TRY_GOTO(caucus_metadata_write_coordinates(netcdf, made->group, layout), done);
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        const caucus_summary_variable *variable = &caucus_summary_variables[v];
        if (made->rows[v] == NULL) {
            continue;
        }
        TRY_GOTO(caucus_netcdf_variable(netcdf, made->group, variable->name, variable->long_name, variable->dimensions,
                                        H5T_NATIVE_DOUBLE, properties, &made->datasets[v]),
                 done);
        TRY_GOTO(caucus_netcdf_set_coordinates(netcdf, made->datasets[v], variable->dimensions), done);
        if (from_sums) {
            TRY_GOTO(describe_resolution(made->datasets[v], v), done);
        }
    }
done:
    caucus_h5_close(properties);
    caucus_h5_close(ordered);
    return status;
}

caucus_status caucus_summary_datasets_make(const caucus_netcdf *netcdf, const caucus_layout *layout,
                                           const caucus_shape *shape, bool from_sums, const char *path,
                                           caucus_summary_datasets **datasets)
{
    caucus_summary_datasets *made = NULL;
    TRY(alloc_datasets(shape, path, &made));
    caucus_status status = make_datasets(made, netcdf, layout, from_sums);
    if (status != CAUCUS_OK) {
        caucus_summary_datasets_close(made);
        return status;
    }
    *datasets = made;
    return CAUCUS_OK;
}

caucus_status caucus_summary_datasets_add(caucus_summary_datasets *datasets, const caucus_summary *summary)
{
    if (datasets->n_rows == datasets->capacity) {
        TRY(caucus_summary_datasets_finish(datasets));
    }
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        const size_t width = caucus_summary_width(v, datasets->shape);
        if (width > 0) {
            memcpy(datasets->rows[v] + datasets->n_rows * width, summary->values[v], width * sizeof(double));
        }
    }
    datasets->n_rows++;
    return CAUCUS_OK;
}

caucus_status caucus_summary_datasets_finish(caucus_summary_datasets *datasets)
{
    for (int v = 0; v < CAUCUS_N_SUMMARY && datasets->n_rows > 0; v++) {
        if (datasets->rows[v] != NULL) {
            TRY(caucus_h5_write_rows(datasets->datasets[v], datasets->path, H5T_NATIVE_DOUBLE, datasets->first,
                                     datasets->n_rows, datasets->rows[v]));
        }
    }
    datasets->first += datasets->n_rows;
    datasets->n_rows = 0;
    return CAUCUS_OK;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static caucus_status open_datasets(caucus_summary_datasets *opened, hid_t file)
{
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        const size_t width = caucus_summary_width(v, opened->shape);
        if (width == 0) {
            continue;
        }
        char name[64];
        snprintf(name, sizeof name, "summary/%s", caucus_summary_variables[v].name);
        opened->datasets[v] = H5Dopen2(file, name, H5P_DEFAULT);
        hid_t space = H5Dget_space(opened->datasets[v]);
        hsize_t shape[H5S_MAX_RANK] = {0};
        const int rank = H5Sget_simple_extent_dims(space, shape, NULL);
        const hssize_t found = H5Sget_simple_extent_npoints(space);
        caucus_h5_close(space);
        if (rank < 1 || shape[0] != opened->n_configs || (uint64_t)found != opened->n_configs * width) {
            return caucus_h5_damaged("%s is damaged: dataset %s is missing or has another shape", opened->path, name);
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_summary_datasets_open(hid_t file, const caucus_shape *shape, uint64_t n_configs, const char *path,
                                           caucus_summary_datasets **datasets)
{
    caucus_summary_datasets *opened = NULL;
    TRY(alloc_datasets(shape, path, &opened));
    opened->n_configs = n_configs;
    caucus_status status = open_datasets(opened, file);
    if (status != CAUCUS_OK) {
        caucus_summary_datasets_close(opened);
        return status;
    }
    *datasets = opened;
    return CAUCUS_OK;
}

/* Read the rows from a configuration on. */
static caucus_status fill_window(caucus_summary_datasets *datasets, uint64_t config)
{
    const uint64_t left = datasets->n_configs - config;
    const uint64_t n = left < datasets->capacity ? left : datasets->capacity;
    datasets->n_rows = 0;
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        if (datasets->rows[v] != NULL) {
            TRY(caucus_h5_read_rows(datasets->datasets[v], datasets->path, H5T_NATIVE_DOUBLE, config, n,
                                    datasets->rows[v]));
        }
    }
    datasets->first = config;
    datasets->n_rows = n;
    return CAUCUS_OK;
}

caucus_status caucus_summary_datasets_read(caucus_summary_datasets *datasets, uint64_t config, caucus_summary *summary)
{
    if (config < datasets->first || config >= datasets->first + datasets->n_rows) {
        TRY(fill_window(datasets, config));
    }
    const uint64_t row = config - datasets->first;
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        const size_t width = caucus_summary_width(v, datasets->shape);
        if (width > 0) {
            memcpy(summary->values[v], datasets->rows[v] + row * width, width * sizeof(double));
        }
    }
    return CAUCUS_OK;
}
