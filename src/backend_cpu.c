/* The CPU backend: a slot is a thread's workspace, a block is a loop over trials. */
#include "backend.h"

#include "block.h"
#include "sums.h"
#include "trial.h"

#include <math.h>
#include <stdlib.h>

struct caucus_slot {
    bool fitted;
    uint32_t config; /* what the workspace is made for; an address could be used again */
    caucus_trial *trial;
    caucus_block *row; /* of the trial under way, where only sums are kept */
};

static caucus_status slot_open(int device, caucus_slot **slot)
{
    (void)device;
    return caucus_alloc(1, sizeof **slot, "a slot", slot);
}

static void slot_close(caucus_slot *slot)
{
    if (slot != NULL) {
        caucus_trial_close(slot->trial);
        free(slot->row);
        free(slot);
    }
}

static caucus_status fit(caucus_slot *slot, const caucus_compiled *compiled)
{
    if (slot->fitted && slot->config == compiled->index) {
        return CAUCUS_OK;
    }
    caucus_trial_close(slot->trial);
    slot->trial = NULL;
    slot->fitted = false;
    TRY(caucus_trial_open(compiled, &slot->trial));
    slot->config = compiled->index;
    slot->fitted = true;
    return CAUCUS_OK;
}

/* Rows of collectives that this configuration does not have. */
static void blank_absent(const caucus_layout *layout, uint32_t n_present, caucus_trial_result *row)
{
    for (uint32_t m = n_present; m < layout->n_collectives; m++) {
        row->success_count[m] = UINT32_MAX;
        for (uint32_t i = 0; i < layout->n_methods; i++) {
            row->lower_bound[m * layout->n_methods + i] = NAN;
        }
    }
}

static caucus_status run_rows(caucus_slot *slot, const caucus_compiled *compiled, const caucus_layout *layout,
                              caucus_block *block)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    for (uint32_t i = 0; i < block->n_trials; i++) {
        caucus_trial_result row = caucus_block_row(block, &shape, i);
        caucus_trial_run(slot->trial, (uint32_t)(block->first_trial + i), &row);
        blank_absent(layout, compiled->n_collectives, &row);
    }
    return CAUCUS_OK;
}

static caucus_status run_sums(caucus_slot *slot, const caucus_compiled *compiled, const caucus_layout *layout,
                              caucus_block *block)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    if (slot->row == NULL) {
        TRY(caucus_block_alloc_rows(1, &shape, &slot->row));
    }
    caucus_trial_result row = caucus_block_row(slot->row, &shape, 0);
    blank_absent(layout, compiled->n_collectives, &row);
    for (uint32_t i = 0; i < block->n_trials; i++) {
        caucus_trial_run(slot->trial, (uint32_t)(block->first_trial + i), &row);
        caucus_sums_add(&shape, compiled->n_collectives, compiled->config->test, &row, block->sums);
    }
    return CAUCUS_OK;
}

static caucus_status slot_run(caucus_slot *slot, const caucus_compiled *compiled, const caucus_layout *layout,
                              caucus_block *block)
{
    TRY(fit(slot, compiled));
    return block->sums != NULL ? run_sums(slot, compiled, layout, block) : run_rows(slot, compiled, layout, block);
}

static size_t slot_bytes(const caucus_slot *slot)
{
    return slot->trial == NULL ? 0 : slot->trial->bytes;
}

const caucus_backend caucus_backend_cpu = {
    .name = "cpu", .slot_open = slot_open, .slot_close = slot_close, .slot_run = slot_run, .slot_bytes = slot_bytes};
