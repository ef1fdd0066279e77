#include "result/trial_datasets.h"

#include "hdf5/chunks.h"

#include <stdlib.h>
#include <string.h>

/* Large enough to compress and read well, small enough for HDF5's default cache of a megabyte for each dataset. */
enum { CHUNK_BYTES = 1 << 20 };

/* A chunk spans all collectives and methods, and either a run of trials in one configuration or several configurations
 * with all their trials: its rows follow each other in the run's order in both cases. */
typedef struct series {
    const caucus_variable *variable;
    hid_t dataset; /* negative: it has no values */
    int rank;
    size_t row_bytes;
    uint64_t chunk_configs;
    uint64_t chunk_trials;
    char *chunk; /* being filled */
    uint64_t n_rows;
    uint64_t first_config; /* of the chunk being filled */
    uint64_t first_trial;
} series;

struct caucus_trial_datasets {
    const caucus_layout *layout;
    caucus_chunk_writer *writer;
    series series[CAUCUS_N_VARIABLES];
};

static uint64_t at_least_one(uint64_t n)
{
    return n > 0 ? n : 1;
}

static void choose_chunk(series *one, const caucus_layout *layout)
{
    const uint64_t rows = at_least_one(CHUNK_BYTES / one->row_bytes);
    if (layout->n_trials <= rows) {
        uint64_t configs = at_least_one(rows / layout->n_trials);
        one->chunk_trials = layout->n_trials;
        one->chunk_configs = configs < layout->n_configs ? configs : layout->n_configs;
    } else {
        one->chunk_trials = rows;
        one->chunk_configs = 1;
    }
}

static size_t chunk_bytes(const series *one)
{
    return one->chunk_configs * one->chunk_trials * one->row_bytes;
}

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

/* What only success counts have. Readers turn counts into floating point where a fill value is declared, so that is
 * done only where a collective is absent somewhere. */
static caucus_status describe_counts(hid_t dataset, const caucus_layout *layout)
{
    const uint32_t absent = UINT32_MAX;
    if (some_absent(layout)) {
        TRY(caucus_h5_set_number(dataset, "_FillValue", H5T_NATIVE_UINT32, &absent));
    }
    if (same_test(layout)) {
        TRY(caucus_h5_set_number(dataset, "test", H5T_NATIVE_UINT32, &layout->test[0]));
    }
    return CAUCUS_OK;
}

static caucus_status make_dataset(series *one, const caucus_netcdf *netcdf, const caucus_layout *layout)
{
    caucus_status status = CAUCUS_OK;
    const caucus_variable *variable = one->variable;
    const uint32_t absent = UINT32_MAX;
    hid_t properties = H5I_INVALID_HID;
    hsize_t chunk[CAUCUS_N_DIMENSIONS];
    one->rank = caucus_netcdf_shape(netcdf, variable->dimensions, chunk);
    chunk[0] = one->chunk_configs;
    chunk[1] = one->chunk_trials;
    TRY_GOTO(caucus_h5_ordered(H5P_DATASET_CREATE, &properties), done);
    H5_TRY_GOTO(H5Pset_chunk(properties, one->rank, chunk), done, "cannot set up chunks of %s", variable->name);
    TRY_GOTO(caucus_chunk_filters(properties, layout->experiment->output.compression), done);
    if (variable->integer && some_absent(layout)) {
        H5_TRY_GOTO(H5Pset_fill_value(properties, H5T_NATIVE_UINT32, &absent), done, "cannot set up %s",
                    variable->name);
    }
    TRY_GOTO(caucus_netcdf_variable(netcdf, netcdf->file, variable->name, variable->long_name, variable->dimensions,
                                    variable->integer ? H5T_NATIVE_UINT32 : H5T_NATIVE_FLOAT, properties,
                                    &one->dataset),
             done);
    if (variable->integer) {
        TRY_GOTO(describe_counts(one->dataset, layout), done);
    }
    TRY_GOTO(caucus_netcdf_set_coordinates(netcdf, one->dataset, variable->dimensions), done);
done:
    caucus_h5_close(properties);
    return status;
}

caucus_status caucus_trial_datasets_open(const caucus_netcdf *netcdf, const caucus_layout *layout, const char *path,
                                         unsigned threads, caucus_trial_datasets **datasets)
{
    caucus_status status = CAUCUS_OK;
    caucus_trial_datasets *made = NULL;
    size_t most = 0;
    TRY(caucus_alloc(1, sizeof *made, "the trials' datasets", &made));
    made->layout = layout;
    const caucus_shape shape = caucus_layout_shape(layout);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        series *one = &made->series[v];
        one->variable = &caucus_variables[v];
        one->dataset = H5I_INVALID_HID;
        one->row_bytes = CAUCUS_VALUE_BYTES * caucus_variable_width(one->variable, &shape);
    }
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        series *one = &made->series[v];
        if (one->row_bytes == 0) {
            continue;
        }
        choose_chunk(one, layout);
        most = chunk_bytes(one) > most ? chunk_bytes(one) : most;
        TRY_GOTO(caucus_alloc(chunk_bytes(one), 1, "a chunk", &one->chunk), fail);
        TRY_GOTO(make_dataset(one, netcdf, layout), fail);
    }
    TRY_GOTO(caucus_chunk_writer_open(threads, layout->experiment->output.compression, most, path, &made->writer),
             fail);
    *datasets = made;
    return CAUCUS_OK;
fail:
    caucus_trial_datasets_close(made);
    return status;
}

/* Hand the chunk on, its missing rows zero: HDF5 stores chunks at the dataset's edge in full size. */
static caucus_status hand_on(caucus_chunk_writer *writer, series *one)
{
    const hsize_t offset[CAUCUS_N_DIMENSIONS] = {one->first_config, one->first_trial};
    const size_t filled = one->n_rows * one->row_bytes;
    memset(one->chunk + filled, 0, chunk_bytes(one) - filled);
    one->n_rows = 0;
    return caucus_chunk_writer_add(writer, one->dataset, one->rank, offset, one->chunk, chunk_bytes(one));
}

static caucus_status add_rows(const caucus_trial_datasets *datasets, series *one, const caucus_block *block)
{
    const char *rows = caucus_variable_data(one->variable, block);
    const uint64_t room = one->chunk_configs * one->chunk_trials;
    for (uint32_t done = 0; done < block->n_trials;) {
        uint64_t trial = block->first_trial + done;
        if (one->n_rows == 0) {
            one->first_config = block->config;
            one->first_trial = trial;
        }
        uint64_t n = block->n_trials - done;
        n = n < room - one->n_rows ? n : room - one->n_rows;
        memcpy(one->chunk + one->n_rows * one->row_bytes, rows + done * one->row_bytes, n * one->row_bytes);
        one->n_rows += n;
        done += (uint32_t)n;
        bool config_ends = one->chunk_configs == 1 && trial + n == datasets->layout->n_trials;
        if (one->n_rows == room || config_ends) {
            TRY(hand_on(datasets->writer, one));
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_trial_datasets_add(caucus_trial_datasets *datasets, const caucus_block *block)
{
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        if (datasets->series[v].row_bytes > 0) {
            TRY(add_rows(datasets, &datasets->series[v], block));
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_trial_datasets_finish(caucus_trial_datasets *datasets)
{
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        if (datasets->series[v].n_rows > 0) {
            TRY(hand_on(datasets->writer, &datasets->series[v]));
        }
    }
    return caucus_chunk_writer_finish(datasets->writer);
}

void caucus_trial_datasets_close(caucus_trial_datasets *datasets)
{
    if (datasets == NULL) {
        return;
    }
    caucus_chunk_writer_close(datasets->writer);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        caucus_h5_close(datasets->series[v].dataset);
        free(datasets->series[v].chunk);
    }
    free(datasets);
}
