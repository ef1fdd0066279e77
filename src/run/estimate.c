/* What a plan will take, from a few trials of a few of its configurations. */
#include "run/cost.h"
#include "run/plan.h"
#include "trial/block.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Slots that really add to each other's speed: threads do; slots of a device that one of them fills do not. */
static double plan_overlap(const caucus_plan *plan)
{
    return plan->quotas == NULL ? plan->info.threads : plan->device.n_parts;
}

typedef struct timing { /* of sampled configurations */
    double expected;    /* nanoseconds of one trial of each, added up */
    double found;       /* the same in seconds, measured */
    double compiling;
    uint64_t slot_bytes;
    uint64_t table_bytes; /* of trainings */
    unsigned n;
} timing;

/* Trials to time together: what one of them costs beside the others. On the CPU trained ones by the pack, on a device
 * whole blocks. */
static uint32_t timed_trials(const caucus_plan *plan, const caucus_compiled *compiled)
{
    const uint32_t all = plan->layout.block_trials;
    const uint32_t wanted = compiled->training != NULL ? caucus_training_width() : 1;
    return plan->quotas != NULL || wanted > all ? all : wanted;
}

/* Time as many blocks as fit in the given time; on a device after a first one that makes its room. */
static caucus_status time_trials(const caucus_plan *plan, caucus_slot *slot, const caucus_compiled *compiled,
                                 caucus_block *block, double seconds, double *each)
{
    const bool whole = plan->quotas != NULL;
    block->config = compiled->index;
    block->first_trial = 0;
    block->n_trials = timed_trials(plan, compiled);
    if (whole) {
        TRY(plan->backend->slot_run(slot, compiled, &plan->layout, block));
    }
    const double start = seconds_now();
    double elapsed = 0.0;
    uint64_t n = 0;
    while (n < plan->layout.n_trials && (n == 0 || elapsed < seconds)) {
        block->first_trial = whole ? 0 : n;
        TRY(plan->backend->slot_run(slot, compiled, &plan->layout, block));
        elapsed = seconds_now() - start;
        n += block->n_trials;
    }
    *each = elapsed / (double)n;
    return CAUCUS_OK;
}

static size_t table_bytes(const caucus_training *training)
{
    return training != NULL ? caucus_training_bytes(training) : 0;
}

static caucus_status time_config(caucus_plan *plan, uint64_t index, double seconds, timing *sum)
{
    caucus_status status = CAUCUS_OK;
    caucus_compiled *compiled = NULL;
    caucus_slot *slot = NULL;
    caucus_block *block = NULL;
    bool crowded = false;
    double each = 0.0;
    const double start = seconds_now();
    TRY_GOTO(caucus_plan_compile(plan, index, &compiled), done);
    sum->compiling += seconds_now() - start;
    TRY_GOTO(plan->backend->slot_open(caucus_plan_quota(plan, 0), &slot, &crowded), done);
    TRY_GOTO(caucus_block_alloc(&plan->layout, &block), done);
    TRY_GOTO(time_trials(plan, slot, compiled, block, seconds, &each), done);
    sum->found += each;
    sum->expected += caucus_trial_nanoseconds(compiled);
    sum->slot_bytes += plan->backend->slot_bytes(slot);
    sum->table_bytes += table_bytes(compiled->training) + table_bytes(compiled->raw_training);
    sum->n++;
done:
    free(block);
    plan->backend->slot_close(slot);
    caucus_compiled_free(compiled);
    return status;
}

caucus_status caucus_plan_estimate(caucus_plan *plan)
{
    const uint64_t n_configs = plan->layout.n_configs;
    const uint64_t samples[4] = {0, (n_configs - 1) / 2, n_configs - 1, plan->slowest};
    timing sum = {0};
    for (int i = 0; i < 4; i++) {
        bool again = false;
        for (int j = 0; j < i; j++) {
            again = again || samples[j] == samples[i];
        }
        if (!again) {
            TRY(time_config(plan, samples[i], 0.1, &sum));
        }
    }
    caucus_plan_describe_memory(plan);
    if (plan->quotas == NULL) { /* what a device's slots have on the host is planned */
        plan->info.working_bytes += plan->info.threads * sum.slot_bytes / sum.n;
    }
    plan->info.working_bytes += sum.table_bytes / sum.n;
    /* Configurations differ as much as their classifiers do, in what was expected of them. */
    const double seconds = plan->nanoseconds * (sum.found / sum.expected) * (double)plan->layout.n_trials;
    const double compiling = sum.compiling / sum.n * (double)n_configs / fmin(plan->info.threads, (double)n_configs);
    plan->info.expected_seconds = seconds / plan_overlap(plan) + compiling;
    return CAUCUS_OK;
}
