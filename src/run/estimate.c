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
static const double SAMPLE_SECONDS = 0.1;

/* Seconds of work: on the CPU of this thread, whatever else the machine does; on a device as they pass. */
static double work_seconds(const caucus_plan *plan)
{
    return plan->quotas == NULL ? caucus_clock_thread_seconds() : caucus_clock_seconds();
}

/* Slots that really add to each other's speed: threads do; slots of a device that one of them fills do not. */
static double plan_overlap(const caucus_plan *plan)
{
    return plan->quotas == NULL ? plan->info.threads : plan->device.n_parts;
}

typedef struct timing { /* of sampled configurations of one kind */
    double expected;    /* nanoseconds of one trial of each, added up */
    double found;       /* the same in seconds, measured */
} timing;

typedef struct estimate {
    timing of[CAUCUS_WORKS];
    double end;   /* of timing, by the clock */
    double first; /* seconds that the first block of a configuration takes longer */
    double compiling;
    uint64_t table_bytes; /* of trainings */
    unsigned n;           /* configurations */
} estimate;

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

/* Time as many blocks as fit in the given time, after a first one, which makes or sends what the others find. Where
 * that one takes long by itself there is nothing else to go by. */
static caucus_status time_trials(const caucus_plan *plan, caucus_slot *slot, const caucus_compiled *compiled,
                                 caucus_block *block, double seconds, double *each, double *first)
{
    const double start = caucus_clock_seconds();
    double worked = work_seconds(plan);
    block->config = compiled->index;
    block->first_trial = 0;
    block->n_trials = timed_trials(plan, compiled);
    TRY(plan->backend->slot_run(slot, compiled, &plan->layout, block));
    *first = work_seconds(plan) - worked;
    *each = *first / block->n_trials;
    if (plan->quotas == NULL && *first > SAMPLE_SECONDS) {
        *first = 0.0;
        return CAUCUS_OK;
    }
    uint64_t n = 0;
    worked = work_seconds(plan);
    while (n < plan->layout.n_trials && (n == 0 || caucus_clock_seconds() - start < seconds)) {
        block->first_trial = n + block->n_trials; /* others, which may miss what the first ones left */
        TRY(plan->backend->slot_run(slot, compiled, &plan->layout, block));
        n += block->n_trials;
    }
    *each = (work_seconds(plan) - worked) / (double)n;
    *first = fmax(0.0, *first - *each * block->n_trials);
    return CAUCUS_OK;
}

static size_t table_bytes(const caucus_training *training)
{
    return training != NULL ? caucus_training_bytes(training) : 0;
}

/* How long nanoseconds that were expected of a kind of trials take. Of a kind that has not been timed: on the CPU as
 * long as they should; on a device, of which they say little, as those that have been. */
static double seconds_per_nanosecond(const caucus_plan *plan, const estimate *sum, unsigned kind)
{
    timing all = sum->of[kind];
    for (unsigned i = 0; plan->quotas != NULL && sum->of[kind].expected == 0.0 && i < CAUCUS_WORKS; i++) {
        all.expected += sum->of[i].expected;
        all.found += sum->of[i].found;
    }
    return all.expected > 0.0 ? all.found / all.expected : 1e-9;
}

/* Trials are timed for so many seconds, and not at all where the first ones would take longer than there is time. */
static caucus_status time_config(caucus_plan *plan, uint64_t index, double seconds, estimate *sum)
{
    caucus_status status = CAUCUS_OK;
    caucus_compiled *compiled = NULL;
    caucus_slot *slot = NULL;
    caucus_block *block = NULL;
    bool crowded = false;
    double each = 0.0;
    double first = 0.0;
    double expected = 0.0;
    double left = 0.0;
    caucus_work kind = CAUCUS_WORK_COUNTS;
    const double start = work_seconds(plan);
    TRY_GOTO(caucus_plan_compile(plan, index, &compiled), done);
    sum->compiling += work_seconds(plan) - start;
    sum->table_bytes += table_bytes(compiled->training) + table_bytes(compiled->raw_training);
    sum->n++;
    kind = caucus_work_of(compiled);
    expected = caucus_trial_nanoseconds(compiled);
    left = sum->end - caucus_clock_seconds();
    if (expected * seconds_per_nanosecond(plan, sum, kind) * timed_trials(plan, compiled) > left) {
        goto done;
    }
    TRY_GOTO(plan->backend->slot_open(caucus_plan_quota(plan, 0), &slot, &crowded), done);
    TRY_GOTO(caucus_layout_block_alloc(&plan->layout, &block), done);
    TRY_GOTO(time_trials(plan, slot, compiled, block, fmin(seconds, left), &each, &first), done);
    sum->of[kind].found += each;
    sum->of[kind].expected += expected;
    sum->first += first;
done:
    free(block);
    plan->backend->slot_close(slot);
    caucus_compiled_free(compiled);
    return status;
}

/* Of the whole run. */
static double seconds_of(const caucus_plan *plan, const estimate *sum)
{
    const double n_configs = (double)plan->layout.n_configs;
    double trial = 0.0; /* one of every configuration */
    for (unsigned kind = 0; kind < CAUCUS_WORKS; kind++) {
        trial += plan->work[kind].nanoseconds * seconds_per_nanosecond(plan, sum, kind);
    }
    const double compiling = sum->compiling / sum->n * n_configs / fmin(plan->info.threads, n_configs);
    return (trial * (double)plan->layout.n_trials + n_configs * sum->first / sum->n) / plan_overlap(plan) + compiling;
}

caucus_status caucus_plan_expect(caucus_plan *plan, double seconds, double *expected)
{
    estimate sum = {.end = HUGE_VAL};
    TRY(time_config(plan, plan->slowest, seconds, &sum));
    *expected = seconds_of(plan, &sum);
    return CAUCUS_OK;
}

/* The slowest configuration of each kind, kinds whose trials are quick first; then some others. */
static uint32_t choose_samples(const caucus_plan *plan, uint64_t samples[CAUCUS_WORKS + 3])
{
    const uint64_t n_configs = plan->layout.n_configs;
    const uint64_t others[3] = {0, (n_configs - 1) / 2, n_configs - 1};
    uint32_t n = 0;
    for (unsigned kind = 0; kind < CAUCUS_WORKS; kind++) {
        if (plan->work[kind].nanoseconds > 0.0) {
            samples[n++] = kind;
        }
    }
    for (uint32_t i = 1; i < n; i++) { /* a few: in order by insertion */
        const uint64_t kind = samples[i];
        uint32_t at = i;
        for (; at > 0 && plan->work[samples[at - 1]].most > plan->work[kind].most; at--) {
            samples[at] = samples[at - 1];
        }
        samples[at] = kind;
    }
    for (uint32_t i = 0; i < n; i++) {
        samples[i] = plan->work[samples[i]].slowest;
    }
    for (int j = 0; j < 3; j++) {
        bool again = false;
        for (uint32_t i = 0; i < n; i++) {
            again = again || samples[i] == others[j];
        }
        if (!again) {
            samples[n++] = others[j];
        }
    }
    return n;
}

caucus_status caucus_plan_estimate(caucus_plan *plan)
{
    uint64_t samples[CAUCUS_WORKS + 3];
    const uint32_t n = choose_samples(plan, samples);
    estimate sum = {.end = caucus_clock_seconds() + ESTIMATE_SECONDS};
    for (uint32_t i = 0; i < n && (i == 0 || caucus_clock_seconds() < sum.end); i++) {
        TRY(time_config(plan, samples[i], SAMPLE_SECONDS, &sum));
    }
    caucus_plan_describe_memory(plan);
    plan->info.working_bytes += sum.table_bytes / sum.n;
    plan->info.expected_seconds = seconds_of(plan, &sum);
    return CAUCUS_OK;
}
