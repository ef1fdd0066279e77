#include "result/store_state.h"

#include "base/clock.h"
#include "base/notices.h"
#include "base/text.h"
#include "base/writer_mark.h"
#include "hdf5/sealed.h"
#include "hdf5/verified.h"
#include "result/assemble.h"
#include "result/metadata.h"
#include "trial/sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
        status = caucus_growth_open(store->output, store->layout, &store->identity, &store->growth);
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
    store->replace = options->force;
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
    TRY(caucus_store_note_room(layout, store->output, &store->notices));
    TRY(caucus_spans_open(&store->identity, &store->spans));
    TRY(caucus_alloc(layout->n_configs, layout->n_blocks * sizeof *store->gathered_blocks, "a list of blocks",
                     &store->gathered_blocks));
    TRY(salvage(store));
    return caucus_store_grow(store);
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

/* ---- blocks ---- */

bool caucus_store_has(const caucus_store *store, uint64_t config, uint64_t block)
{
    return store->finished || caucus_store_keeps_sums(store, config, block) ||
           store->gathered_blocks[config * store->layout->n_blocks + block] ||
           caucus_parts_has(store->parts, config, block);
}

uint64_t caucus_store_trials_found(const caucus_store *store)
{
    return store->trials_found;
}

const char *caucus_store_notice(const caucus_store *store)
{
    return caucus_notices_text(&store->notices);
}

/* Write the batch. What still waits to be packed, or for more blocks, stays. */
static caucus_status write_segment(caucus_store *store)
{
    if (store->batch.n_blocks == 0) {
        return CAUCUS_OK;
    }
    caucus_status status = caucus_claim_check(store->claim);
    if (status == CAUCUS_OK) {
        status = caucus_parts_write(store->parts, &store->batch);
    }
    if (status != CAUCUS_OK) {
        caucus_error_prefix("cannot save finished blocks (earlier segments are kept: make room, then use --resume): ");
        return status;
    }
    for (uint64_t i = 0; i < store->batch.n_blocks; i++) {
        const caucus_segment_entry *entry = &store->batch.entries[i];
        store->gathered_blocks[entry->config * store->layout->n_blocks + entry->block] = false;
    }
    store->n_gathered -= store->batch.n_blocks;
    store->first_gathered = HUGE_VAL;
    caucus_batch_clear(&store->batch);
    return CAUCUS_OK;
}

/* Segments hold as much as is gathered, or what has waited long; spans that wait for more blocks are broken up when
 * they are all there is to save, or have waited long. */
static caucus_status save_what_is_due(caucus_store *store, double now)
{
    double since = 0;
    const uint64_t waiting = caucus_spans_waiting(store->spans, &since);
    if (store->batch.n_blocks == 0) {
        store->first_gathered = HUGE_VAL;
    } else if (store->first_gathered == HUGE_VAL) {
        store->first_gathered = now;
    }
    if (waiting >= store->segment_bytes || now - fmin(since, store->first_gathered) >= store->segment_seconds) {
        return caucus_store_flush(store);
    }
    return caucus_batch_is_due(&store->batch, &store->identity, store->segment_bytes) ? write_segment(store)
                                                                                      : CAUCUS_OK;
}

caucus_status caucus_store_put(caucus_store *store, const caucus_block *block)
{
    const caucus_layout *layout = store->layout;
    if (block->config >= layout->n_configs || block->index >= layout->n_blocks ||
        block->first_trial != block->index * layout->block_trials ||
        block->n_trials != caucus_identity_block_rows(&store->identity, block->index)) {
        return caucus_fail(CAUCUS_FAILED, "block %llu of configuration %llu does not belong to the run's layout",
                           (unsigned long long)block->index, (unsigned long long)block->config);
    }
    if (caucus_store_has(store, block->config, block->index)) {
        if (block->sums != NULL) {
            memset(block->sums, 0, caucus_sums_words(&store->identity.shape) * sizeof *block->sums);
        }
        return CAUCUS_OK; /* the same numbers, wherever they were computed */
    }
    if (caucus_batch_is_due_before(&store->batch, &store->identity, block->config, store->segment_bytes)) {
        TRY(caucus_store_flush(store));
    }
    double now = caucus_clock_seconds();
    TRY(caucus_spans_put(store->spans, block, now, &store->batch));
    store->n_gathered++;
    store->gathered_blocks[block->config * layout->n_blocks + block->index] = true;
    TRY(caucus_spans_take(store->spans, &store->batch));
    return save_what_is_due(store, now);
}

caucus_status caucus_store_help(caucus_store *store, caucus_stripe_packer **packer, bool *packed)
{
    *packed = false;
    return store->finished ? CAUCUS_OK : caucus_spans_help(store->spans, packer, packed);
}

caucus_status caucus_store_flush(caucus_store *store)
{
    if (store->n_gathered == 0) {
        return CAUCUS_OK;
    }
    TRY(caucus_spans_drain(store->spans, store->provenance->host_threads, &store->batch));
    return write_segment(store);
}

/* A run that was killed after its result had got its name leaves parts, which another process may have in use. */
static caucus_status clear_parts(caucus_store *store)
{
    char *folder = NULL;
    TRY(caucus_parts_path(store->output, NULL, &folder));
    const bool there = access(folder, F_OK) == 0;
    free(folder);
    if (!there || (store->claim == NULL && caucus_claim_open(store->output, &store->claim) != CAUCUS_OK)) {
        return CAUCUS_OK;
    }
    return caucus_parts_clear(store->output)
               ? CAUCUS_OK
               : caucus_notices_add(&store->notices, "%s is not needed any more, but holds other files and was left",
                                    store->claim->folder);
}

caucus_status caucus_store_finish(caucus_store *store, unsigned threads)
{
    if (!store->finished) {
        TRY(caucus_store_flush(store));
        const uint64_t wanted = store->layout->n_configs * store->layout->n_blocks;
        const uint64_t there = caucus_parts_blocks(store->parts) + store->n_kept_blocks;
        if (there < wanted) {
            return caucus_fail(CAUCUS_FAILED, "%s cannot be put together: %llu of its %llu blocks are not finished",
                               store->output, (unsigned long long)(wanted - there), (unsigned long long)wanted);
        }
        const caucus_trial_source source =
            store->n_kept_blocks > 0 ? caucus_store_sums_source(store) : caucus_parts_source(store->parts);
        caucus_status status = caucus_assemble(&source, store->layout, store->provenance, store->claim, store->replace,
                                               store->aside, threads > 0 ? threads : 1);
        if (status != CAUCUS_OK) {
            caucus_error_prefix("cannot put the result together (all segments are kept: make room, then use "
                                "--resume): ");
            return status;
        }
        store->finished = true;
    }
    return clear_parts(store);
}

void caucus_store_close(caucus_store *store)
{
    if (store == NULL) {
        return;
    }
    /* A run that saved nothing leaves nothing. */
    if (store->parts != NULL && !store->finished && caucus_parts_segments(store->parts) == 0) {
        caucus_parts_clear(store->output);
    }
    caucus_parts_close(store->parts);
    caucus_claim_close(store->claim);
    caucus_spans_close(store->spans);
    caucus_batch_free(&store->batch);
    caucus_identity_free(&store->identity);
    free(store->gathered_blocks);
    caucus_notices_free(&store->notices);
    caucus_damage_free(&store->damage);
    caucus_growth_close(store->growth);
    free(store->aside);
    free(store->output);
    free(store);
}
