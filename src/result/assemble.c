#include "result/assemble.h"

#include "hdf5/guarded.h"
#include "result/metadata.h"
#include "result/summary_datasets.h"
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
    caucus_summary_datasets *summaries;
    caucus_shape shape;
    caucus_summarizer *summarizer; /* of trials */
    caucus_block *block;           /* of trials, or room for the sums of a configuration */
    caucus_summary *summary;
} joining;

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
    return caucus_summary_datasets_add(join->summaries, join->summary);
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
    TRY(caucus_summary_datasets_make(&join->netcdf, &join->shape, join->trials == NULL, join->path, &join->summaries));
    TRY(caucus_summary_alloc(&join->shape, &join->summary));
    TRY(caucus_block_alloc(layout, &join->block));
    for (uint64_t config = 0; config < layout->n_configs; config++) {
        TRY(join_config(join, config));
    }
    if (join->trials != NULL) {
        TRY(caucus_trial_datasets_finish(join->trials));
    }
    TRY(caucus_summary_datasets_finish(join->summaries));
    return write_end(join);
}

static void release(joining *join)
{
    caucus_trial_datasets_close(join->trials);
    caucus_summary_datasets_close(join->summaries);
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
    caucus_status status = fill(join, provenance);
    release(join);
    return caucus_guarded_close(join->path, join->file, &join->error, status);
}

caucus_status caucus_join(caucus_parts *parts, const caucus_layout *layout, const caucus_provenance *provenance,
                          const caucus_claim *claim, bool replace, unsigned threads)
{
    char *path = NULL;
    TRY(caucus_claim_temporary(claim, &path));
    joining join = {
        .parts = parts, .layout = layout, .path = path, .threads = threads, .shape = caucus_layout_shape(layout)};
    caucus_status status = caucus_claim_publish(claim, write_file(&join, provenance), replace, NULL);
    free(path);
    return status;
}
