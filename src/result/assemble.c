#include "result/assemble.h"

#include "base/clock.h"
#include "hdf5/guarded.h"
#include "result/metadata.h"
#include "result/shard_sums.h"
#include "result/summary_datasets.h"
#include "result/summary_sums.h"
#include "result/trial_datasets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A result on its way. */
typedef struct joining {
    const caucus_trial_source *source;
    const caucus_layout *layout; /* in the result's own blocks */
    const char *path;            /* temporary */
    const caucus_assembly *how;
    uint64_t trials_done;
    double told; /* when that was */
    int error;   /* errno of the first write that failed */
    hid_t file;
    caucus_netcdf netcdf;
    caucus_shape shape;
    uint64_t *sums; /* of a configuration, where no trials are kept */
    caucus_summary *summary;
    caucus_summary_datasets *summaries;
    caucus_shard_sums *kept_sums; /* of a shard, and of a result that is to grow */
    /* of trials */
    caucus_stripes stripes;
    caucus_trial_datasets *trials;
    caucus_stripe_packer *packer;
    caucus_block *rows; /* of a stripe */
    caucus_summarizer *summarizer;
} joining;

/* So many more trials are in the file. */
static caucus_status tell(joining *join, uint64_t trials)
{
    static const double between = 0.1;
    const double now = caucus_clock_seconds();
    join->trials_done += trials;
    if (now - join->told < between && join->trials_done < join->layout->n_configs * join->layout->n_trials) {
        return CAUCUS_OK;
    }
    join->told = now;
    return join->how->watch == NULL || join->how->watch(join->trials_done, join->how->user)
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_STOPPED, "stopped; nothing was written");
}

/* ---- trials ------------------------------------------------------------------------------------------------------ */

/* Have the rows of a stripe that is not there as the result has it. */
static caucus_status gather_rows(joining *join, uint64_t stripe)
{
    const caucus_stripe_place at = caucus_stripes_place(&join->stripes, stripe);
    const uint64_t trials = at.n_rows < join->stripes.trials ? at.n_rows : join->stripes.trials;
    for (uint64_t done = 0; done < at.n_rows; done += trials) {
        TRY(join->source->read_rows(join->source->self, at.config + done / trials, at.trial, trials, join->rows, done));
    }
    return CAUCUS_OK;
}

/* Have the rows of a stripe, and with write set its chunks in the result. */
static caucus_status load_stripe(joining *join, uint64_t stripe, bool write)
{
    caucus_stripe_chunks chunks;
    bool packed = false;
    TRY(join->source->read_chunks(join->source->self, stripe, &chunks, &packed));
    if (packed) {
        if (!caucus_stripe_unpack(join->packer, &chunks, join->rows)) {
            return caucus_fail(CAUCUS_FAILED, "what %s is put together from has packed trials that cannot be unpacked",
                               join->path);
        }
    } else {
        TRY(gather_rows(join, stripe));
        if (write) {
            chunks = caucus_stripe_pack(join->packer, join->rows, caucus_stripes_place(&join->stripes, stripe).n_rows);
        }
    }
    if (write) {
        TRY(caucus_trial_datasets_write(join->trials, stripe, &chunks));
    }
    return caucus_guarded_check(join->path, &join->error);
}

/* Several configurations with all their trials. */
static caucus_status join_configs(joining *join, uint64_t stripe)
{
    const caucus_stripe_place at = caucus_stripes_place(&join->stripes, stripe);
    const uint64_t trials = join->layout->n_trials;
    TRY(load_stripe(join, stripe, true));
    for (uint64_t i = 0; i < at.n_rows / trials; i++) {
        const caucus_block rows = caucus_block_part(join->rows, &join->shape, (uint32_t)(i * trials), (uint32_t)trials);
        for (uint32_t pass = 0; pass < caucus_summarizer_passes(join->summarizer); pass++) {
            caucus_summarizer_begin(join->summarizer, join->layout->test[at.config + i], pass);
            caucus_summarizer_add(join->summarizer, &rows);
            caucus_summarizer_end(join->summarizer, join->summary);
        }
        TRY(caucus_summary_datasets_add(join->summaries, join->summary));
    }
    return tell(join, at.n_rows);
}

/* One configuration of several stripes: its trials go to their datasets in the first pass, its bounds to the summary in
 * all. */
static caucus_status join_config(joining *join, uint64_t config)
{
    const uint64_t first = config * join->stripes.per_config;
    for (uint32_t pass = 0; pass < caucus_summarizer_passes(join->summarizer); pass++) {
        caucus_summarizer_begin(join->summarizer, join->layout->test[config], pass);
        for (uint64_t i = 0; i < join->stripes.per_config; i++) {
            TRY(load_stripe(join, first + i, pass == 0));
            const uint64_t n = caucus_stripes_place(&join->stripes, first + i).n_rows;
            const caucus_block rows = caucus_block_part(join->rows, &join->shape, 0, (uint32_t)n);
            caucus_summarizer_add(join->summarizer, &rows);
            TRY(pass == 0 ? tell(join, n) : CAUCUS_OK);
        }
        caucus_summarizer_end(join->summarizer, join->summary);
    }
    return caucus_summary_datasets_add(join->summaries, join->summary);
}

static caucus_status join_trials(joining *join)
{
    const caucus_layout *layout = join->layout;
    join->stripes = caucus_stripes_of(&join->shape, layout->n_configs, layout->n_trials);
    TRY(caucus_trial_datasets_open(&join->netcdf, layout, join->path, &join->trials));
    TRY(caucus_summarizer_open(layout->n_trials, &join->shape, join->how->threads, CAUCUS_SUMMARY_BUDGET,
                               &join->summarizer));
    TRY(caucus_summary_datasets_make(&join->netcdf, join->layout, &join->shape, false, join->path, &join->summaries));
    TRY(caucus_stripe_packer_open(&join->shape, &join->stripes, layout->experiment->output.compression,
                                  join->how->threads, &join->packer));
    TRY(caucus_stripe_alloc(&join->shape, &join->stripes, 1, &join->rows));
    if (join->stripes.per_config > 1) {
        for (uint64_t config = 0; config < layout->n_configs; config++) {
            TRY(join_config(join, config));
        }
    } else {
        for (uint64_t stripe = 0; stripe < join->stripes.n; stripe++) {
            TRY(join_configs(join, stripe));
        }
    }
    return CAUCUS_OK;
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

static caucus_status join_sums(joining *join)
{
    TRY(caucus_summary_datasets_make(&join->netcdf, join->layout, &join->shape, true, join->path, &join->summaries));
    TRY(caucus_alloc(caucus_sums_words(&join->shape), sizeof *join->sums, "sums of trials", &join->sums));
    if (join->layout->shard.count > 0 || join->shape.until != 0) { /* what its summary is made of, to be added to */
        TRY(caucus_shard_sums_make(&join->netcdf, join->layout, join->path, &join->kept_sums));
    }
    for (uint64_t config = 0; config < join->layout->n_configs; config++) {
        TRY(join->source->read_sums(join->source->self, config, join->sums));
        caucus_sums_summarize(&join->shape, join->sums, join->layout->test[config], join->summary);
        if (join->kept_sums != NULL) {
            TRY(caucus_shard_sums_add(join->kept_sums, config, join->sums));
        }
        TRY(caucus_summary_datasets_add(join->summaries, join->summary));
        TRY(caucus_guarded_check(join->path, &join->error));
        TRY(tell(join, join->layout->n_trials));
    }
    return CAUCUS_OK;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

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
    char now[CAUCUS_CLOCK_BYTES];
    TRY(write_done(join));
    TRY(caucus_h5_set_text(join->file, "finished", caucus_clock_stamp(now)));
    return caucus_h5_set_number(join->file, "complete", H5T_NATIVE_INT, &complete);
}

static caucus_status fill(joining *join, const caucus_provenance *provenance)
{
    const caucus_layout *layout = join->layout;
    TRY(caucus_metadata_write(join->file, "caucus", layout, provenance, &join->netcdf));
    TRY(caucus_contributors_write(join->file, join->source->contributors));
    TRY(caucus_summary_alloc(&join->shape, &join->summary));
    TRY(layout->experiment->output.trials ? join_trials(join) : join_sums(join));
    TRY(caucus_summary_datasets_finish(join->summaries));
    return write_end(join);
}

static void release(joining *join)
{
    caucus_trial_datasets_close(join->trials);
    caucus_summary_datasets_close(join->summaries);
    caucus_netcdf_free(&join->netcdf);
    caucus_summarizer_close(join->summarizer);
    caucus_stripe_packer_close(join->packer);
    free(join->rows);
    free(join->summary);
    free(join->sums);
    caucus_shard_sums_close(join->kept_sums);
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

/* The blocks that a finished result is said to have: its stripes, whatever the blocks of the run were. */
static caucus_layout show_stripes(const caucus_layout *layout)
{
    const uint64_t most = 1u << 31;
    const caucus_shape shape = caucus_layout_shape(layout);
    const caucus_stripes stripes = caucus_stripes_of(&shape, layout->n_configs, layout->n_trials);
    const uint64_t each = layout->experiment->output.trials ? stripes.trials
                          : layout->n_trials < most         ? layout->n_trials
                                                            : most;
    caucus_layout shown = *layout;
    shown.block_trials = (uint32_t)each;
    shown.n_blocks = (layout->n_trials + each - 1) / each;
    return shown;
}

caucus_status caucus_assemble(const caucus_trial_source *source, const caucus_layout *layout,
                              const caucus_provenance *provenance, const caucus_claim *claim,
                              const caucus_assembly *how)
{
    char *path = NULL;
    const caucus_layout shown = show_stripes(layout);
    TRY(caucus_claim_temporary(claim, &path));
    joining join = {.source = source, .layout = &shown, .path = path, .how = how, .shape = caucus_layout_shape(layout)};
    caucus_status status = caucus_claim_publish(claim, write_file(&join, provenance), how->replace, how->aside);
    free(path);
    return status;
}
