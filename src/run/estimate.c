/* What a plan will take, from a few trials of a few of its configurations. */
#include "base/clock.h"
#include "compile/compile.h"
#include "rows/rows.h"
#include "run/choice.h"
#include "run/cost.h"
#include "run/cpu_batch.h"
#include "run/plan.h"
#include "trial/block.h"

#include <math.h>
#include <stdlib.h>

/* What an estimate may take, all in all. */
static const double ESTIMATE_SECONDS = 1;

/* Slots that really add to each other's speed: threads do; slots of a device that one of them fills do not. */
static double plan_overlap(const caucus_plan *plan)
{
    return plan->quotas == NULL ? plan->info.threads : plan->device.n_parts;
}

typedef struct timing { /* of sampled configurations */
    double expected;    /* nanoseconds of one trial of each, added up */
    double found;       /* the same in seconds, measured */
    double first;       /* seconds that the first block of a configuration takes longer, on a device */
    double compiling;
    uint64_t table_bytes; /* of trainings */
    unsigned n;
} timing;

/* Trials to time together: what one of them costs beside the others. On the CPU those that run side by side, on a
 * device whole blocks. */
static uint32_t timed_trials(const caucus_plan *plan, const caucus_compiled *compiled)
{
    const uint32_t all = plan->layout.block_trials;
    const uint32_t wanted = compiled->rows != NULL       ? caucus_rows_batch(compiled->rows)
                            : compiled->training != NULL ? caucus_training_width()
                                                         : caucus_trial_batch_trials(compiled, all);
    return plan->quotas != NULL || wanted > all ? all : wanted;
}

/* Time as many blocks as fit in the given time; on a device after a first one, which sends tables and computes limits
 * that the others find. */
static caucus_status time_trials(const caucus_plan *plan, caucus_slot *slot, const caucus_compiled *compiled,
                                 caucus_block *block, double seconds, double *each, double *first)
{
    const bool whole = plan->quotas != NULL;
    double start = caucus_clock_seconds();
    block->config = compiled->index;
    block->first_trial = 0;
    block->n_trials = timed_trials(plan, compiled);
    if (whole) {
        TRY(plan->backend->slot_run(slot, compiled, &plan->layout, block));
        *first = caucus_clock_seconds() - start;
    }
    start = caucus_clock_seconds();
    double elapsed = 0.0;
    uint64_t n = 0;
    while (n < plan->layout.n_trials && (n == 0 || elapsed < seconds)) {
        block->first_trial = whole ? 0 : n;
        TRY(plan->backend->slot_run(slot, compiled, &plan->layout, block));
        elapsed = caucus_clock_seconds() - start;
        n += block->n_trials;
    }
    *each = elapsed / (double)n;
    *first = fmax(0.0, *first - *each * block->n_trials);
    return CAUCUS_OK;
}

static size_t table_bytes(const caucus_training *training)
{
    return training != NULL ? caucus_training_bytes(training) : 0;
}

/* Seconds that one trial of a configuration is expected to take, by what those timed so far took. */
static double expect_trial(const caucus_compiled *compiled, const timing *sum)
{
    const double found = sum->expected > 0 ? sum->found / sum->expected : 1e-9;
    return caucus_trial_nanoseconds(compiled) * found;
}

/* Trials are timed for so many seconds, and not at all where the first ones would take longer than most. */
static caucus_status time_config(caucus_plan *plan, uint64_t index, double seconds, double most, timing *sum)
{
    caucus_status status = CAUCUS_OK;
    caucus_compiled *compiled = NULL;
    caucus_slot *slot = NULL;
    caucus_block *block = NULL;
    bool crowded = false;
    double each = 0.0;
    double first = 0.0;
    const double start = caucus_clock_seconds();
    TRY_GOTO(caucus_plan_compile(plan, index, &compiled), done);
    sum->compiling += caucus_clock_seconds() - start;
    TRY_GOTO(plan->backend->slot_open(caucus_plan_quota(plan, 0), &slot, &crowded), done);
    TRY_GOTO(caucus_layout_block_alloc(&plan->layout, &block), done);
    each = expect_trial(compiled, sum);
    if (each * timed_trials(plan, compiled) <= most) {
        TRY_GOTO(time_trials(plan, slot, compiled, block, seconds, &each, &first), done);
    }
    sum->found += each;
    sum->first += first;
    sum->expected += caucus_trial_nanoseconds(compiled);
    sum->table_bytes += table_bytes(compiled->training) + table_bytes(compiled->raw_training);
    sum->n++;
done:
    free(block);
    plan->backend->slot_close(slot);
    caucus_compiled_free(compiled);
    return status;
}

/* Of the whole run. Configurations differ as much as their classifiers do, in what was expected of them. */
static double seconds_of(const caucus_plan *plan, const timing *sum)
{
    const double n_configs = (double)plan->layout.n_configs;
    const double trials = plan->nanoseconds * (sum->found / sum->expected) * (double)plan->layout.n_trials;
    const double compiling = sum->compiling / sum->n * n_configs / fmin(plan->info.threads, n_configs);
    return (trials + n_configs * sum->first / sum->n) / plan_overlap(plan) + compiling;
}

caucus_status caucus_plan_expect(caucus_plan *plan, double seconds, double *expected)
{
    timing sum = {0};
    TRY(time_config(plan, plan->slowest, seconds, HUGE_VAL, &sum));
    *expected = seconds_of(plan, &sum);
    return CAUCUS_OK;
}

caucus_status caucus_plan_estimate(caucus_plan *plan)
{
    const uint64_t n_configs = plan->layout.n_configs;
    const uint64_t samples[4] = {0, (n_configs - 1) / 2, n_configs - 1, plan->slowest};
    const double start = caucus_clock_seconds();
    timing sum = {0};
    for (int i = 0; i < 4; i++) {
        bool again = false;
        for (int j = 0; j < i; j++) {
            again = again || samples[j] == samples[i];
        }
        const double left = ESTIMATE_SECONDS - (caucus_clock_seconds() - start);
        if (!again && (i == 0 || left > 0)) {
            TRY(time_config(plan, samples[i], 0.1, left, &sum));
        }
    }
    caucus_plan_describe_memory(plan);
    plan->info.working_bytes += sum.table_bytes / sum.n;
    plan->info.expected_seconds = seconds_of(plan, &sum);
    return CAUCUS_OK;
}
