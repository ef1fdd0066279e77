#include "result/trial_datasets.h"

#include "hdf5/pack.h"

#include <stdlib.h>

struct caucus_trial_datasets {
    const char *path;
    caucus_stripes stripes;
    hid_t datasets[CAUCUS_N_VARIABLES]; /* negative: no values */
};

static bool some_absent(const caucus_layout *layout)
{
    for (uint64_t c = 0; c < layout->n_configs; c++) {
        if (layout->n_present[c] < layout->n_collectives) {
            return true;
        }
    }
    return false;
}

static bool same_test(const caucus_layout *layout)
{
    for (uint64_t c = 1; c < layout->n_configs; c++) {
        if (layout->test[c] != layout->test[0]) {
            return false;
        }
    }
    return true;
}

/* What only counts have. Readers turn counts into floating point where a fill value is declared, so that is done only
 * where a collective is absent somewhere. */
static caucus_status describe_counts(hid_t dataset, const caucus_layout *layout, bool absent_somewhere)
{
    const uint32_t absent = UINT32_MAX;
    if (absent_somewhere) {
        TRY(caucus_h5_set_number(dataset, "_FillValue", H5T_NATIVE_UINT32, &absent));
    }
    if (same_test(layout)) {
        TRY(caucus_h5_set_number(dataset, "test", H5T_NATIVE_UINT32, &layout->test[0]));
    }
    return CAUCUS_OK;
}

static caucus_status make_dataset(const caucus_netcdf *netcdf, const caucus_layout *layout,
                                  const caucus_stripes *stripes, const caucus_variable *variable, hid_t *dataset)
{
    caucus_status status = CAUCUS_OK;
    const uint32_t absent = UINT32_MAX;
    hid_t properties = H5I_INVALID_HID;
    hsize_t chunk[CAUCUS_N_DIMENSIONS];
    const int rank = caucus_netcdf_shape(netcdf, variable->dimensions, chunk);
    chunk[0] = stripes->configs;
    chunk[1] = stripes->trials;
    TRY_GOTO(caucus_h5_ordered(H5P_DATASET_CREATE, &properties), done);
    H5_TRY_GOTO(H5Pset_chunk(properties, rank, chunk), done, "cannot set up chunks of %s", variable->name);
    TRY_GOTO(caucus_pack_filters(properties, layout->experiment->output.compression), done);
    const bool fills = (variable->dimensions & CAUCUS_ON_COLLECTIVE) != 0 && variable->integer && some_absent(layout);
    if (fills) {
        H5_TRY_GOTO(H5Pset_fill_value(properties, H5T_NATIVE_UINT32, &absent), done, "cannot set up %s",
                    variable->name);
    }
    TRY_GOTO(caucus_netcdf_variable(netcdf, netcdf->file, variable->name, variable->long_name, variable->dimensions,
                                    variable->integer ? H5T_NATIVE_UINT32 : H5T_NATIVE_FLOAT, properties, dataset),
             done);
    if (variable->integer) {
        TRY_GOTO(describe_counts(*dataset, layout, fills), done);
    }
    TRY_GOTO(caucus_netcdf_set_coordinates(netcdf, *dataset, variable->dimensions), done);
done:
    caucus_h5_close(properties);
    return status;
}

caucus_status caucus_trial_datasets_open(const caucus_netcdf *netcdf, const caucus_layout *layout, const char *path,
                                         caucus_trial_datasets **datasets)
{
    caucus_status status = CAUCUS_OK;
    caucus_trial_datasets *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "the trials' datasets", &made));
    const caucus_shape shape = caucus_layout_shape(layout);
    made->path = path;
    made->stripes = caucus_stripes_of(&shape, layout->n_configs, layout->n_trials);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        made->datasets[v] = H5I_INVALID_HID;
    }
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        if (caucus_variable_width(&caucus_variables[v], &shape) > 0) {
            TRY_GOTO(make_dataset(netcdf, layout, &made->stripes, &caucus_variables[v], &made->datasets[v]), failed);
        }
    }
    *datasets = made;
    return CAUCUS_OK;
failed:
    caucus_trial_datasets_close(made);
    return status;
}

caucus_status caucus_trial_datasets_write(const caucus_trial_datasets *datasets, uint64_t stripe,
                                          const caucus_stripe_chunks *chunks)
{
    const caucus_stripe_place place = caucus_stripes_place(&datasets->stripes, stripe);
    const hsize_t offset[CAUCUS_N_DIMENSIONS] = {place.config, place.trial};
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        if (datasets->datasets[v] >= 0 &&
            H5Dwrite_chunk(datasets->datasets[v], H5P_DEFAULT, 0, offset, chunks->n_bytes[v], chunks->bytes[v]) < 0) {
            return caucus_h5_fail("cannot write %s", datasets->path);
        }
    }
    return CAUCUS_OK;
}

void caucus_trial_datasets_close(caucus_trial_datasets *datasets)
{
    if (datasets == NULL) {
        return;
    }
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        caucus_h5_close(datasets->datasets[v]);
    }
    free(datasets);
}
