/* The CUDA backend: a slot is a stream of a device with its memory, a block is one launch or several. */
#include "bound/memo.h"
#include "population/population.h"
#include "run/backend.h"
#include "run/cuda_errors.h"
#include "run/cuda_fail.h"
#include "run/cuda_module.h"
#include "run/cuda_quota.h"
#include "run/cuda_rows.h"
#include "run/cuda_tables.h"
#include "run/row_trials.h"
#include "training/fit.h"
#include "trial/block.h"
#include "trial/sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct caucus_slot {
    const caucus_cuda_module *module;
    caucus_cuda_slot *slot;
    caucus_quota quota; /* what it takes now */
    caucus_cuda_places places;
    bool fitted;
    uint32_t config; /* whose tables it has */
    uint64_t table_bytes;
    caucus_row_device rows; /* where trials on rows train, in place of slot */
    caucus_row_trials *on_rows;
};

static caucus_status fail(const caucus_slot *slot, const caucus_cuda_fault *fault)
{
    return caucus_cuda_fail(slot->module, slot->quota.device, slot->quota.name, fault);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* With less of everything as long as the device has less than it had when the run was planned. */
static caucus_status reserve(caucus_slot *slot, bool *crowded)
{
    caucus_cuda_fault fault = {0};
    caucus_cuda_room room;
    int error;
    slot->fitted = false;
    do {
        caucus_quota_room(&slot->quota, &room);
        error = slot->module->slot_reserve(slot->slot, &room, &slot->places, &fault);
    } while (error == CAUCUS_CUDA_OUT_OF_MEMORY && caucus_quota_halve(&slot->quota));
    *crowded = error == CAUCUS_CUDA_OUT_OF_MEMORY;
    return error == 0 ? CAUCUS_OK : fail(slot, &fault);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static void slot_close(caucus_slot *slot)
{
    if (slot != NULL) {
        caucus_row_trials_close(slot->on_rows);
        if (slot->slot != NULL) {
            slot->module->slot_close(slot->slot);
        }
    }
    free(slot);
}

static caucus_status slot_open(const caucus_quota *quota, caucus_slot **out, bool *crowded)
{
    caucus_status status = CAUCUS_OK;
    caucus_slot *slot = NULL;
    caucus_cuda_fault fault = {0};
    TRY(caucus_alloc(1, sizeof *slot, "a slot", &slot));
    slot->quota = *quota;
    *crowded = false;
    TRY_GOTO(caucus_cuda_module_open(&slot->module), failed);
    if (quota->need.dense == 0) { /* else sessions of training have all that there is on the device */
        if (slot->module->slot_open(quota->device, &slot->slot, &fault) != 0) {
            status = fail(slot, &fault);
            goto failed;
        }
        TRY_GOTO(reserve(slot, crowded), failed);
    }
    *out = slot;
    return CAUCUS_OK;
failed:
    slot_close(slot);
    return status;
}

/* ---- work -------------------------------------------------------------------------------------------------------- */

/* The tables of a configuration, in staging; *fresh: they are others than those on the device. */
static caucus_status fit(caucus_slot *slot, const caucus_compiled *compiled, bool *fresh)
{
    *fresh = !slot->fitted || slot->config != compiled->index;
    if (!*fresh) {
        return CAUCUS_OK;
    }
    caucus_need need = slot->quota.need;
    caucus_need_add(&need, compiled);
    if (memcmp(&need, &slot->quota.need, sizeof need) != 0) { /* more than the plan knew of */
        bool crowded = false;
        slot->quota.need = need;
        slot->quota.n_teams = need.team > 0 && slot->quota.n_teams == 0 ? 1 : slot->quota.n_teams;
        TRY(reserve(slot, &crowded));
    }
    slot->table_bytes = caucus_replica_measure(compiled).bytes;
    caucus_replica_write(compiled, slot->places.tables, slot->places.staging);
    slot->config = compiled->index;
    slot->fitted = true;
    return CAUCUS_OK;
}

/* A block whose arrays begin at base, for launch_trials rows: on the device and in pinned memory alike. */
static void lay_out_rows(const caucus_shape *shape, uint32_t n_rows, uint64_t base, caucus_block *rows)
{
    memset(rows, 0, sizeof *rows);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        const caucus_variable *variable = &caucus_variables[v];
        const uint64_t width = caucus_variable_width(variable, shape);
        void *array = (void *)(uintptr_t)base;
        if (width > 0) { /* else it is absent: NULL */
            memcpy((char *)rows + variable->field, &array, sizeof array);
        }
        base += width * n_rows * CAUCUS_VALUE_BYTES;
    }
}

static void keep_rows(const caucus_slot *slot, const caucus_shape *shape, uint32_t first_row, uint32_t n_rows,
                      const caucus_block *block)
{
    caucus_block rows;
    lay_out_rows(shape, slot->quota.launch_trials, (uint64_t)(uintptr_t)slot->places.rows_read, &rows);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        const caucus_variable *variable = &caucus_variables[v];
        const size_t bytes = CAUCUS_VALUE_BYTES * caucus_variable_width(variable, shape);
        if (bytes > 0) {
            memcpy((char *)caucus_variable_data(variable, block) + first_row * bytes,
                   caucus_variable_data(variable, &rows), n_rows * bytes);
        }
    }
}

static void add_sums(const caucus_slot *slot, size_t n_words, uint64_t *sums)
{
    for (size_t i = 0; i < n_words; i++) {
        sums[i] += slot->places.sums_read[i];
    }
}

/* Trials on rows are drawn on the host and trained on the device. */
static caucus_status run_on_rows(caucus_slot *slot, const caucus_compiled *compiled, const caucus_layout *layout,
                                 caucus_block *block)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    if (slot->on_rows == NULL || slot->config != compiled->index) {
        caucus_row_trials_close(slot->on_rows);
        slot->on_rows = NULL;
        caucus_row_device_init(slot->module, slot->quota.device, slot->quota.name, compiled->config->learner.precision,
                               &slot->rows);
        TRY(caucus_row_trials_open(compiled, &slot->rows.operations, &shape, &slot->on_rows));
        slot->config = compiled->index;
    }
    return caucus_row_trials_run(slot->on_rows, compiled, &shape, layout->shard.first_trial + block->first_trial,
                                 block);
}

static caucus_status slot_run(caucus_slot *slot, const caucus_compiled *compiled, const caucus_layout *layout,
                              caucus_block *block)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    bool fresh = false;
    if (compiled->rows != NULL) {
        return run_on_rows(slot, compiled, layout, block);
    }
    TRY(fit(slot, compiled, &fresh));
    caucus_cuda_work work = {.table_bytes = slot->table_bytes,
                             .lane_group_bytes = CAUCUS_LANE_GROUP * slot->quota.need.trial,
                             .n_lane_groups = slot->quota.n_lane_groups,
                             .team_bytes = slot->quota.need.team,
                             .n_teams = compiled->training != NULL ? slot->quota.n_teams : 0,
                             .way = compiled->training != NULL ? caucus_training_way(compiled->training) : 0,
                             .limits = caucus_memos_are_dear(compiled->memos),
                             .n_rounds = caucus_quota_rounds(&slot->quota),
                             .shape = shape};
    lay_out_rows(&shape, caucus_quota_rows(&slot->quota), slot->places.rows, &work.d_rows);
    for (uint32_t done = 0; done < block->n_trials; done += work.n_trials) {
        const uint32_t left = block->n_trials - done;
        caucus_cuda_fault fault = {0};
        work.first_trial = (uint32_t)(layout->shard.first_trial + block->first_trial + done);
        work.n_trials = left < slot->quota.launch_trials ? left : slot->quota.launch_trials;
        work.new_tables = fresh && done == 0;
        if (slot->module->slot_run(slot->slot, &work, &fault) != 0) {
            slot->fitted = false; /* who knows what is there */
            return fail(slot, &fault);
        }
        if (block->sums != NULL) {
            add_sums(slot, caucus_sums_words(&shape), block->sums);
        } else {
            keep_rows(slot, &shape, done, work.n_trials, block);
        }
    }
    return CAUCUS_OK;
}

static const char *refusal(const caucus_config *config)
{
    if (config->population->rows != NULL) { /* drawn on the host, however that is */
        return NULL;
    }
    if (config->individuals) {
        return "draws its people one by one (population: {by: individuals}), which CUDA devices do not do; use "
               "--device "
               "cpu, or draw by counts";
    }
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        if (config->bounds.n_methods > 0 && config->collectives[m].membership.affinity > 0) {
            return "has bounds that know an affinity of members, which CUDA devices do not compute; use --device cpu, "
                   "or give a ratio";
        }
        if (config->collectives[m].pilot > 0) {
            return "has a collective with a pilot, whose bounds CUDA devices do not compute; use --device cpu, or "
                   "leave "
                   "the pilot out";
        }
    }
    return NULL;
}

const caucus_backend caucus_backend_cuda = {
    .name = "cuda", .slot_open = slot_open, .slot_close = slot_close, .slot_run = slot_run, .refusal = refusal};
