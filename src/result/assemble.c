#include "result/assemble.h"

#include "base/durable.h"
#include "hdf5/guarded.h"
#include "result/metadata.h"
#include "result/summary_sums.h"
#include "result/trial_datasets.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A result on its way. */
typedef struct joining {
    caucus_parts *parts;
    const caucus_layout *layout;
    const char *path; /* temporary */
    unsigned threads;
    int error; /* errno of the first write that failed */
    hid_t file;
    caucus_netcdf netcdf;
    caucus_trial_datasets *trials; /* NULL when only the summary is wanted */
    hid_t group;
    hid_t summary_datasets[CAUCUS_N_SUMMARY];
    caucus_shape shape;
    caucus_summarizer *summarizer; /* of trials */
    caucus_block *block;           /* of trials, or room for the sums of a configuration */
    caucus_summary *summary;
} joining;

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

static caucus_status make_summary_group(joining *join)
{
    caucus_status status = CAUCUS_OK;
    hid_t ordered = H5I_INVALID_HID;
    hid_t properties = H5I_INVALID_HID;
    TRY_GOTO(caucus_h5_ordered(H5P_GROUP_CREATE, &ordered), done);
    TRY_GOTO(caucus_h5_ordered(H5P_DATASET_CREATE, &properties), done);
    join->group = H5Gcreate2(join->file, "summary", H5P_DEFAULT, ordered, H5P_DEFAULT);
    H5_TRY_GOTO(join->group, done, "cannot write %s", join->path);
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        const caucus_summary_variable *variable = &caucus_summary_variables[v];
        if (caucus_summary_width(v, &join->shape) == 0) {
            continue;
        }
        TRY_GOTO(caucus_netcdf_variable(&join->netcdf, join->group, variable->name, variable->long_name,
                                        variable->dimensions, H5T_NATIVE_DOUBLE, properties,
                                        &join->summary_datasets[v]),
                 done);
        if (join->trials == NULL) {
            TRY_GOTO(describe_resolution(join->summary_datasets[v], v), done);
        }
    }
done:
    caucus_h5_close(properties);
    caucus_h5_close(ordered);
    return status;
}

static caucus_status write_summary(const joining *join, uint64_t config)
{
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        if (join->summary_datasets[v] < 0) {
            continue;
        }
        const hsize_t start[CAUCUS_N_DIMENSIONS] = {config};
        hsize_t count[CAUCUS_N_DIMENSIONS];
        int rank = caucus_netcdf_shape(&join->netcdf, caucus_summary_variables[v].dimensions, count);
        count[0] = 1;
        hid_t in_file = H5Dget_space(join->summary_datasets[v]);
        hid_t in_memory = H5Screate_simple(rank, count, NULL);
        herr_t written = H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL);
        if (written >= 0) {
            written = H5Dwrite(join->summary_datasets[v], H5T_NATIVE_DOUBLE, in_memory, in_file, H5P_DEFAULT,
                               join->summary->values[v]);
        }
        caucus_h5_close(in_memory);
        caucus_h5_close(in_file);
        if (written < 0) {
            return caucus_h5_fail("cannot write %s", join->path);
        }
    }
    return CAUCUS_OK;
}

/* One configuration: its trials go to their datasets in the first pass, its bounds to the summary in all. */
static caucus_status join_trials(joining *join, uint64_t config)
{
    for (uint32_t pass = 0; pass < caucus_summarizer_passes(join->summarizer); pass++) {
        caucus_summarizer_begin(join->summarizer, join->layout->test[config], pass);
        for (uint64_t index = 0; index < join->layout->n_blocks; index++) {
            TRY(caucus_parts_read(join->parts, config, index, join->block));
            if (pass == 0) {
                TRY(caucus_trial_datasets_add(join->trials, join->block));
            }
            caucus_summarizer_add(join->summarizer, join->block);
            TRY(caucus_guarded_check(join->path, &join->error));
        }
        caucus_summarizer_end(join->summarizer, join->summary);
    }
    return CAUCUS_OK;
}

static caucus_status join_config(joining *join, uint64_t config)
{
    if (join->trials != NULL) {
        TRY(join_trials(join, config));
    } else {
        TRY(caucus_parts_read_sums(join->parts, config, join->block->sums));
        caucus_sums_summarize(&join->shape, join->block->sums, join->layout->test[config], join->summary);
        TRY(caucus_guarded_check(join->path, &join->error));
    }
    return write_summary(join, config);
}

static caucus_status write_done(const joining *join)
{
    const uint64_t n = join->layout->n_configs * join->layout->n_blocks;
    uint8_t *done = NULL;
    TRY(caucus_alloc(n, sizeof *done, "the list of finished blocks", &done));
    memset(done, 1, n);
    caucus_status status = caucus_netcdf_write(&join->netcdf, "done", "1 where a block of trials is in this file",
                                               CAUCUS_ON_CONFIG | CAUCUS_ON_BLOCK, H5T_NATIVE_UINT8, done);
    free(done);
    return status;
}

static caucus_status write_end(const joining *join)
{
    const int complete = 1;
    char now[32];
    time_t seconds = time(NULL);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &parts);
    TRY(write_done(join));
    TRY(caucus_h5_set_text(join->file, "finished", now));
    return caucus_h5_set_number(join->file, "complete", H5T_NATIVE_INT, &complete);
}

static caucus_status fill(joining *join, const caucus_provenance *provenance)
{
    const caucus_layout *layout = join->layout;
    TRY(caucus_skeleton_write(join->file, "caucus", layout, provenance, &join->netcdf));
    if (layout->experiment->output.trials) {
        TRY(caucus_trial_datasets_open(&join->netcdf, layout, join->path, join->threads, &join->trials));
        TRY(caucus_summarizer_open(layout->n_trials, &join->shape, join->threads, CAUCUS_SUMMARY_BUDGET,
                                   &join->summarizer));
    }
    TRY(make_summary_group(join));
    TRY(caucus_summary_alloc(&join->shape, &join->summary));
    TRY(caucus_block_alloc(layout, &join->block));
    for (uint64_t config = 0; config < layout->n_configs; config++) {
        TRY(join_config(join, config));
    }
    if (join->trials != NULL) {
        TRY(caucus_trial_datasets_finish(join->trials));
    }
    return write_end(join);
}

static void release(joining *join)
{
    caucus_trial_datasets_close(join->trials);
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        caucus_h5_close(join->summary_datasets[v]);
    }
    caucus_h5_close(join->group);
    caucus_netcdf_free(&join->netcdf);
    caucus_summarizer_close(join->summarizer);
    free(join->summary);
    free(join->block);
}

/* Make the file under its temporary name. */
static caucus_status write_file(joining *join, const caucus_provenance *provenance)
{
    TRY(caucus_guarded_create(join->path, &join->error, &join->file));
    caucus_netcdf_init(&join->netcdf, join->file);
    join->group = H5I_INVALID_HID;
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        join->summary_datasets[v] = H5I_INVALID_HID;
    }
    caucus_status status = fill(join, provenance);
    release(join);
    return caucus_guarded_close(join->path, join->file, &join->error, status);
}

caucus_status caucus_join(caucus_parts *parts, const caucus_layout *layout, const caucus_provenance *provenance,
                          const char *output, unsigned threads)
{
    char *path = NULL;
    TRY(caucus_parts_path(output, "result.h5.tmp", &path));
    joining join = {
        .parts = parts, .layout = layout, .path = path, .threads = threads, .shape = caucus_layout_shape(layout)};
    caucus_status status = caucus_durable_finish(path, output, write_file(&join, provenance));
    free(path);
    return status;
}
