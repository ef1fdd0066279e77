/* The CPU backend: a slot is a thread's workspace, a block is a loop over trials. */
#include "backend.h"

#include "trial.h"

#include <math.h>
#include <stdlib.h>

struct caucus_slot {
    bool fitted;
    uint32_t config; /* what the workspace is made for; an address could be used again */
    caucus_trial *trial;
};

static caucus_status slot_open(const caucus_quota *quota, caucus_slot **slot, bool *crowded)
{
    (void)quota;
    *crowded = false;
    return caucus_alloc(1, sizeof **slot, "a slot", slot);
}

static void slot_close(caucus_slot *slot)
{
    if (slot != NULL) {
        caucus_trial_close(slot->trial);
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

static caucus_trial_result row_of(const caucus_layout *layout, const caucus_block *block, uint32_t i)
{
    size_t collectives = (size_t)i * layout->n_collectives;
    size_t methods = (size_t)i * layout->n_methods;
    return (caucus_trial_result){.success_count = block->success_count + collectives,
                                 .lower_bound = block->lower_bound + collectives * layout->n_methods,
                                 .global_success = block->global_success + i,
                                 .joint_success = block->joint_success + i,
                                 .accuracy = block->accuracy + i,
                                 .suboptimality = block->suboptimality + i,
                                 .global_bound = block->global_bound + methods,
                                 .joint_bound = block->joint_bound + methods};
}

static caucus_status slot_run(caucus_slot *slot, const caucus_compiled *compiled, const caucus_layout *layout,
                              caucus_block *block)
{
    TRY(fit(slot, compiled));
    for (uint32_t i = 0; i < block->n_trials; i++) {
        caucus_trial_result row = row_of(layout, block, i);
        caucus_trial_run(slot->trial, (uint32_t)(block->first_trial + i), &row);
        blank_absent(layout, compiled->n_collectives, &row);
    }
    return CAUCUS_OK;
}

static size_t slot_bytes(const caucus_slot *slot)
{
    return slot->trial == NULL ? 0 : slot->trial->bytes;
}

const caucus_backend caucus_backend_cpu = {
    .name = "cpu", .slot_open = slot_open, .slot_close = slot_close, .slot_run = slot_run, .slot_bytes = slot_bytes};
