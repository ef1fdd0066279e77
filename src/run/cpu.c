/* The CPU backend: a slot is a thread's workspace, a block is a loop over batches of trials. */
#include "run/backend.h"
#include "run/cpu_batch.h"
#include "run/row_trials.h"
#include "trial/block.h"
#include "trial/sums.h"

#include <stdlib.h>

struct caucus_slot {
    bool fitted;
    uint32_t config; /* what the workspace is made for; an address could be used again */
    caucus_trial_batch *batch;
    caucus_workspace workspace; /* of one batch after another */
    caucus_row_trials *on_rows; /* of people with real-valued features, in place of batch */
    caucus_block *rows;         /* of the batch under way, where only sums are kept */
};

static caucus_status slot_open(const caucus_quota *quota, caucus_slot **slot, bool *crowded)
{
    (void)quota;
    *crowded = false;
    return caucus_alloc(1, sizeof **slot, "a slot", slot);
}

static void unfit(caucus_slot *slot)
{
    caucus_row_trials_close(slot->on_rows);
    caucus_trial_batch_close(slot->batch);
    free(slot->rows);
    *slot = (caucus_slot){.workspace = slot->workspace};
}

static void slot_close(caucus_slot *slot)
{
    if (slot != NULL) {
        unfit(slot);
        free(slot->workspace.bytes);
        free(slot);
    }
}

static caucus_status fit(caucus_slot *slot, const caucus_compiled *compiled, const caucus_layout *layout)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    if (slot->fitted && slot->config == compiled->index) {
        return CAUCUS_OK;
    }
    unfit(slot);
    if (compiled->rows != NULL) {
        TRY(caucus_row_trials_open(compiled, NULL, &shape, &slot->on_rows));
        slot->config = compiled->index;
        slot->fitted = true;
        return CAUCUS_OK;
    }
    const uint64_t n_trials = layout->n_trials < layout->block_trials ? layout->n_trials : layout->block_trials;
    TRY(caucus_trial_batch_open(compiled, caucus_lanes_for(compiled, n_trials), &slot->workspace, &slot->batch));
    TRY(caucus_block_alloc_rows(slot->batch->n_trials, &shape, &slot->rows));
    slot->config = compiled->index;
    slot->fitted = true;
    return CAUCUS_OK;
}

static caucus_status slot_run(caucus_slot *slot, const caucus_compiled *compiled, const caucus_layout *layout,
                              caucus_block *block)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    TRY(fit(slot, compiled, layout));
    if (slot->on_rows != NULL) {
        return caucus_row_trials_run(slot->on_rows, compiled, &shape, layout->shard.first_trial + block->first_trial,
                                     block);
    }
    const caucus_block *rows = block->sums != NULL ? slot->rows : block;
    for (uint32_t done = 0; done < block->n_trials;) {
        const uint32_t left = block->n_trials - done;
        const uint32_t n = left < slot->batch->n_trials ? left : slot->batch->n_trials;
        for (uint32_t i = 0; i < n; i++) {
            slot->batch->results[i] = caucus_block_row(rows, &shape, block->sums != NULL ? i : done + i);
            caucus_row_blank(&slot->batch->results[i], &shape, compiled->n_collectives);
        }
        caucus_trial_batch_run(slot->batch, (uint32_t)(layout->shard.first_trial + block->first_trial + done), n);
        for (uint32_t i = 0; block->sums != NULL && i < n; i++) {
            caucus_sums_add(&shape, compiled->n_collectives, compiled->config->test, &slot->batch->results[i],
                            block->sums);
        }
        done += n;
    }
    return CAUCUS_OK;
}

const caucus_backend caucus_backend_cpu = {
    .name = "cpu", .slot_open = slot_open, .slot_close = slot_close, .slot_run = slot_run};
