#include "result/store_state.h"

#include "base/clock.h"
#include "base/notices.h"
#include "result/assemble.h"
#include "trial/sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    const char *why = caucus_parts_clear(store->output);
    return why == NULL ? CAUCUS_OK
                       : caucus_notices_add(&store->notices, "%s is not needed any more, but was left: %s",
                                            store->claim->folder, why);
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
        const caucus_assembly how = {.replace = store->replace,
                                     .aside = store->aside,
                                     .threads = threads > 0 ? threads : 1,
                                     .watch = store->watch,
                                     .user = store->user};
        caucus_status status = caucus_assemble(&source, store->layout, store->provenance, store->claim, &how);
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
