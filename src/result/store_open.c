/* Opening a store: what may stand there, and what of it is gone on with. */
#include "base/text.h"
#include "base/writer_mark.h"
#include "hdf5/sealed.h"
#include "hdf5/verified.h"
#include "result/metadata.h"
#include "result/store_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Often enough that a killed run loses half a minute at most. */
static const double default_segment_seconds = 30;

/* ---- opening ---- */

/* A result that stands in the way of a run that resumes may be its own: finished, or damaged since. */
static caucus_status check_finished(caucus_store *store)
{
    caucus_status status = CAUCUS_OK;
    caucus_identity found = {0};
    int complete = 0;
    hid_t file = H5I_INVALID_HID;
    TRY_GOTO(caucus_verified_open(store->output, &file), done);
    TRY_GOTO(caucus_identity_read(file, store->output, "caucus", &found), done);
    if (caucus_identity_compare(&store->identity, &found, store->output, false, CAUCUS_AFRESH) != CAUCUS_OK) {
        caucus_growth_close(store->growth);
        store->growth = NULL;
        store->replace = true;
        TRY_GOTO(caucus_growth_open(store->output, store->layout, &store->identity, &store->growth), done);
        status = caucus_identity_mix(&store->identity, &found);
        goto done;
    }
    TRY_GOTO(caucus_h5_get_number(file, store->output, "complete", H5T_NATIVE_INT, &complete), done);
    if (complete != 1) {
        status = caucus_fail(CAUCUS_INVALID, "%s holds a part of this experiment only; use --force to replace it",
                             store->output);
        goto done;
    }
    caucus_damage_free(&store->damage);
    TRY_GOTO(caucus_damage_find(store->output, store->threads, &store->damage), done);
    store->finished = store->damage.n_bad == 0;
done:
    if (status != CAUCUS_OK) {
        caucus_error_prefix("cannot resume, since there is a result already and --force is not given: ");
    }
    caucus_identity_free(&found);
    caucus_h5_close(file);
    return status;
}

static caucus_status check_result(caucus_store *store, const caucus_store_options *options)
{
    if (access(store->output, F_OK) != 0 || options->force) {
        return CAUCUS_OK;
    }
    if (options->resume) {
        return check_finished(store);
    }
    return caucus_claim_check_free(store->output);
}

static caucus_status check_segments(const char *output)
{
    uint64_t n = 0;
    TRY(caucus_parts_count(output, &n));
    if (n > 0) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s.parts holds %llu segments of a run that did not finish; use --resume to go on with it, "
                           "or --force to start afresh",
                           output, (unsigned long long)n);
    }
    return CAUCUS_OK;
}

/* What an unfinished run needs to be read, before its first segment. */
static caucus_status write_layout(const caucus_store *store)
{
    char *path = NULL;
    TRY(caucus_parts_path(store->output, "layout.h5", &path));
    caucus_status status = caucus_metadata_publish(path, "caucus-layout", store->layout, store->provenance);
    free(path);
    return status;
}

/* Keep others out of OUTPUT.parts, and look again at what could have changed until then. */
static caucus_status claim_output(caucus_store *store, const caucus_store_options *options)
{
    TRY(caucus_claim_open(store->output, &store->claim));
    if (store->claim->unlocked) {
        TRY(caucus_notices_add(&store->notices, "%s cannot be locked (%s); its file %s keeps other writers out instead",
                               store->claim->folder, strerror(store->claim->lock_error), CAUCUS_WRITER_MARK));
    }
    return check_result(store, options);
}

static caucus_status prepare_parts(caucus_store *store, const caucus_store_options *options)
{
    TRY(options->resume || options->force ? CAUCUS_OK : check_segments(store->output));
    if (!options->resume) { /* what is there may go: --force, or no segments */
        caucus_parts_clear(store->output);
    }
    TRY(caucus_parts_open(store->output, &store->identity, true, &store->notices, &store->parts));
    TRY(caucus_parts_set_writer(store->parts, store->provenance->device));
    store->trials_found = caucus_parts_trials(store->parts);
    return write_layout(store);
}

/* Put the blocks of a damaged result that lie on no damaged page into the store of the same run. Without trials in it,
 * or where what says where they lie is damaged, there are none. */
static caucus_status put_whole(caucus_store *store, const caucus_layout *layout, hid_t file, const char *path,
                               const bool *marks)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    caucus_block *block = NULL;
    TRY(caucus_layout_block_alloc(layout, &block));
    caucus_status status = CAUCUS_OK;
    for (uint64_t i = 0; i < layout->n_configs * layout->n_blocks && status == CAUCUS_OK; i++) {
        block->config = i / layout->n_blocks;
        block->index = i % layout->n_blocks;
        if (marks[i] || caucus_store_has(store, block->config, block->index)) {
            continue;
        }
        block->first_trial = block->index * layout->block_trials;
        const uint64_t left = layout->n_trials - block->first_trial;
        block->n_trials = left < layout->block_trials ? (uint32_t)left : layout->block_trials;
        status = caucus_damage_read(file, path, &shape, block);
        if (status == CAUCUS_OK) {
            status = caucus_store_put(store, block);
        } else if (status == CAUCUS_INVALID) { /* damaged too, then */
            status = CAUCUS_OK;
        }
    }
    free(block);
    return status;
}

static caucus_status put_all_whole(caucus_store *store, const caucus_layout *layout, const caucus_identity *identity,
                                   const caucus_damage *damage)
{
    hid_t file = H5I_INVALID_HID;
    bool *marks = NULL;
    if (!layout->experiment->output.trials) {
        return CAUCUS_OK;
    }
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(layout->n_configs, layout->n_blocks, "a list of blocks", &marks), done);
    TRY_GOTO(caucus_verified_open(damage->path, &file), done);
    TRY_GOTO(caucus_parts_add_writers(store->parts, file, damage->path), done);
    TRY_GOTO(caucus_damage_mark(damage, file, identity, layout->block_trials, marks), done);
    TRY_GOTO(put_whole(store, layout, file, damage->path, marks), done);
done:
    caucus_h5_close(file);
    free(marks);
    return status == CAUCUS_INVALID ? CAUCUS_OK : status;
}

/* The result that stands there is this run's, and damaged: take what is whole, and put it aside at the end. */
static caucus_status salvage(caucus_store *store)
{
    if (store->damage.n_bad == 0) {
        return CAUCUS_OK;
    }
    store->replace = true;
    store->aside = caucus_text_format("%s.damaged", store->output);
    if (store->aside == NULL) {
        return caucus_fail_memory(strlen(store->output), "a path");
    }
    TRY(put_all_whole(store, store->layout, &store->identity, &store->damage));
    TRY(caucus_store_flush(store));
    store->trials_found = caucus_parts_trials(store->parts);
    return caucus_notices_add(
        &store->notices,
        "%s is damaged: %llu of its %llu trials are whole, the others are computed again, and it is "
        "kept as %s",
        store->output, (unsigned long long)store->trials_found,
        (unsigned long long)(store->layout->n_configs * store->layout->n_trials), store->aside);
}

/* ---- results that grow ---- */

/* Put the blocks that an earlier result has as a whole; of others that it has in part, count the trials. */
static caucus_status put_kept(caucus_store *store, caucus_block *block, uint64_t *in_part)
{
    const caucus_layout *layout = store->layout;
    for (uint64_t config = 0; config < layout->n_configs; config++) {
        for (uint64_t index = 0; index < layout->n_blocks && caucus_store_kept(store, config, index) > 0; index++) {
            if (caucus_store_has(store, config, index)) {
                continue;
            }
            block->config = config;
            block->index = index;
            block->first_trial = index * layout->block_trials;
            block->n_trials = caucus_identity_block_rows(&store->identity, index);
            if (caucus_store_kept(store, config, index) < block->n_trials) {
                *in_part += caucus_store_kept(store, config, index);
                continue;
            }
            TRY(caucus_store_fill(store, block));
            TRY(caucus_store_put(store, block));
        }
    }
    return CAUCUS_OK;
}

/* Sums are not put anywhere: those of blocks that are in the parts as well would count twice. */
static caucus_status keep_sums(caucus_store *store)
{
    const caucus_layout *layout = store->layout;
    for (uint64_t config = 0; config < layout->n_configs; config++) {
        for (uint64_t index = 0; index < layout->n_blocks && caucus_store_kept(store, config, index) > 0; index++) {
            if (caucus_parts_has(store->parts, config, index)) {
                return caucus_fail(CAUCUS_INVALID,
                                   "%s.parts has trials that %s has, too, and sums cannot be told apart: remove the "
                                   "folder, then use --resume",
                                   store->output, store->output);
            }
            store->n_kept_blocks++;
            store->trials_found += caucus_store_kept(store, config, index);
        }
    }
    return CAUCUS_OK;
}

static caucus_status grow(caucus_store *store)
{
    caucus_block *block = NULL;
    uint64_t in_part = 0;
    if (store->growth == NULL) {
        return CAUCUS_OK;
    }
    hid_t file = H5I_INVALID_HID;
    TRY(caucus_verified_open(store->output, &file));
    caucus_status status = caucus_parts_add_writers(store->parts, file, store->output);
    caucus_h5_close(file);
    TRY(status);
    if (store->identity.summaries_only) {
        return keep_sums(store);
    }
    TRY(caucus_layout_block_alloc(store->layout, &block));
    status = put_kept(store, block, &in_part);
    free(block);
    TRY(status);
    TRY(caucus_store_flush(store));
    store->trials_found = caucus_parts_trials(store->parts) + in_part;
    return CAUCUS_OK;
}

static caucus_status open_store(caucus_store *store, const caucus_store_options *options)
{
    const caucus_layout *layout = store->layout;
    store->output = caucus_text_copy(options->output);
    if (store->output == NULL) {
        return caucus_fail_memory(strlen(options->output), "a path");
    }
    if (layout->n_configs == 0 || layout->n_trials == 0 || layout->block_trials == 0 || layout->n_collectives == 0) {
        return caucus_fail(CAUCUS_INVALID,
                           "nothing to store in %s: the run has no configurations, trials or collectives",
                           options->output);
    }
    TRY(caucus_identity_of(layout, &store->identity));
    store->identity.mixed = options->mixed;
    store->replace = options->force;
    store->watch = options->watch;
    store->user = options->user;
    TRY(caucus_claim_check_place(store->output));
    TRY(check_result(store, options));
    if (!store->finished) {
        TRY(claim_output(store, options));
    }
    if (store->finished) {
        store->trials_found = layout->n_configs * layout->n_trials;
        return CAUCUS_OK;
    }
    TRY(prepare_parts(store, options));
    if (options->mixed) {
        store->mixed = *store->layout;
        store->mixed.trainer = store->identity.trainer;
        store->layout = &store->mixed;
    }
    TRY(caucus_store_note_room(layout, store->output, &store->notices));
    TRY(caucus_spans_open(&store->identity, &store->spans));
    TRY(caucus_alloc(layout->n_configs, layout->n_blocks * sizeof *store->gathered_blocks, "a list of blocks",
                     &store->gathered_blocks));
    TRY(salvage(store));
    return grow(store);
}

caucus_status caucus_store_open(const caucus_layout *layout, const caucus_provenance *provenance,
                                const caucus_store_options *options, caucus_store **store)
{
    caucus_store *opened = NULL;
    TRY(caucus_alloc(1, sizeof *opened, "a store", &opened));
    opened->layout = layout;
    opened->provenance = provenance;
    opened->threads = provenance->host_threads;
    opened->first_gathered = HUGE_VAL;
    opened->segment_bytes = options->segment_bytes > 0 ? options->segment_bytes : CAUCUS_SEGMENT_BYTES;
    opened->segment_seconds = options->segment_seconds > 0 ? options->segment_seconds : default_segment_seconds;
    caucus_status status = open_store(opened, options);
    if (status != CAUCUS_OK) {
        caucus_store_close(opened);
        return status;
    }
    *store = opened;
    return CAUCUS_OK;
}

caucus_status caucus_store_find_block_trials(const char *output, uint32_t *block_trials)
{
    return caucus_parts_block_trials(output, block_trials);
}
