#include "solve/evaluate.h"

#include "base/clock.h"
#include "base/parallel.h"
#include "compile/compile.h"
#include "trial/block.h"
#include "trial/bounds.h"

#include <math.h>
#include <stdlib.h>

/* As many as caucus_parallel_for starts. */
enum { MOST_WORKERS = 256 };

/* Chunks of trials for each thread, so that none waits long for the others. */
enum { CHUNKS_PER_WORKER = 8 };

caucus_status caucus_evaluator_open(caucus_plan *plan, const caucus_solve_options *options,
                                    const caucus_estimator *estimator, caucus_evaluator **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_evaluator *made = NULL;
    const uint64_t n_trials = plan->layout.n_trials;
    TRY(caucus_alloc(1, sizeof *made, "a search", &made));
    made->plan = plan;
    made->options = options;
    made->estimator = *estimator;
    made->n_quantities = 1 + (plan->layout.upper ? 2 : 1) * plan->layout.n_methods;
    made->n_workers = plan->info.threads < MOST_WORKERS ? plan->info.threads : MOST_WORKERS;
    made->n_workers = n_trials < made->n_workers ? (unsigned)n_trials : made->n_workers;
    made->progress.n_configs = plan->layout.n_configs;
    made->started = caucus_clock_seconds();
    TRY_GOTO(
        caucus_alloc(n_trials, made->n_quantities * sizeof *made->values, "the trials of an evaluation", &made->values),
        failed);
    TRY_GOTO(caucus_alloc(made->n_workers, sizeof *made->batches, "workspaces", &made->batches), failed);
    TRY_GOTO(caucus_alloc(made->n_workers, sizeof *made->rows, "workspaces", &made->rows), failed);
    *out = made;
    return CAUCUS_OK;
failed:
    caucus_evaluator_close(made);
    return status;
}

void caucus_evaluator_close(caucus_evaluator *evaluator)
{
    if (evaluator == NULL) {
        return;
    }
    free(evaluator->rows);
    free(evaluator->batches);
    free(evaluator->values);
    free(evaluator);
}

caucus_status caucus_evaluator_compile(const caucus_evaluator *evaluator, uint64_t config, uint32_t collective,
                                       uint64_t size, caucus_compiled **compiled)
{
    caucus_config *resolved = NULL;
    TRY(caucus_experiment_config(evaluator->plan->experiment, config, &resolved));
    resolved->collectives[collective].size = size;
    resolved->accuracy = false; /* nobody looks at it, and it costs a class for every cell */
    resolved->accuracy_cost = false;
    return caucus_compile(resolved, (uint32_t)config, compiled);
}

void caucus_evaluator_fixed(const caucus_evaluator *evaluator, const caucus_compiled *compiled, uint32_t collective,
                            caucus_estimate *estimates, bool *known)
{
    const caucus_guarantee *guarantee = &compiled->guarantees[collective];
    const uint32_t n_methods = compiled->config->bounds.n_methods;
    for (uint32_t q = 1; q < evaluator->n_quantities; q++) {
        const uint32_t i = (q - 1) % n_methods;
        const bool above = q > n_methods;
        const uint32_t r = above ? compiled->method_upper[i] : compiled->method_reckoning[i];
        const uint32_t knowledge = compiled->config->bounds.methods[i].knowledge;
        if (r == CAUCUS_NOWHERE || caucus_guarantee_bound(compiled, collective, r, 0) == NULL) {
            /* rounded as those of trials are, since both are compared with the same target */
            const double value = r == CAUCUS_NOWHERE ? NAN : guarantee->fixed[r * CAUCUS_N_KNOWLEDGE + knowledge];
            estimates[q] = caucus_estimate_exact(
                (double)(above ? caucus_round_up(value > 1 ? 1 : value) : caucus_round_down(value)));
            known[q] = true;
        }
    }
}

void caucus_evaluator_report(caucus_evaluator *evaluator, bool now)
{
    double seconds = caucus_clock_seconds() - evaluator->started;
    if (evaluator->options->progress == NULL || (!now && seconds - evaluator->reported < 0.1)) {
        return;
    }
    evaluator->reported = seconds;
    evaluator->progress.seconds = seconds;
    if (!evaluator->options->progress(&evaluator->progress, evaluator->options->user)) {
        evaluator->stopped = true;
    }
}

caucus_status caucus_evaluator_fail_stopped(void)
{
    return caucus_fail(CAUCUS_STOPPED, "stopped; nothing is written, since a search keeps no unfinished results");
}

/* One evaluation, spread over threads. */
typedef struct job {
    caucus_evaluator *evaluator;
    uint32_t collective;
    uint64_t chunk; /* trials in an item */
} job;

static void run_chunk(void *context, size_t item, unsigned worker)
{
    const job *work = context;
    caucus_evaluator *evaluator = work->evaluator;
    const uint64_t n_trials = evaluator->estimator.n_trials;
    const caucus_layout *layout = &evaluator->plan->layout;
    const uint32_t n_methods = layout->n_methods;
    caucus_trial_batch *batch = evaluator->batches[worker];
    if (evaluator->stopped) {
        return;
    }
    uint64_t end = (item + 1) * work->chunk < n_trials ? (item + 1) * work->chunk : n_trials;
    for (uint64_t first = item * work->chunk; first < end;) {
        const uint32_t n = end - first < batch->n_trials ? (uint32_t)(end - first) : batch->n_trials;
        caucus_trial_batch_run(batch, (uint32_t)first, n);
        for (uint32_t t = 0; t < n; t++) {
            const caucus_row *result = &batch->results[t];
            evaluator->unconverged += result->converged != NULL && *result->converged == 0.0f;
            evaluator->values[first + t] = result->success_count[work->collective];
            for (uint32_t i = 0; i < n_methods; i++) {
                evaluator->values[(i + 1) * n_trials + first + t] =
                    result->lower_bound[work->collective * n_methods + i];
            }
            for (uint32_t i = 0; layout->upper && i < n_methods; i++) { /* nobody succeeds more than always */
                const float bound = result->upper_bound[work->collective * n_methods + i];
                evaluator->values[(n_methods + i + 1) * n_trials + first + t] = bound > 1.0f ? 1.0 : (double)bound;
            }
        }
        first += n;
    }
    if (worker == 0) { /* the calling thread */
        caucus_evaluator_report(evaluator, false);
    }
}

static void estimate_all(caucus_evaluator *evaluator, const caucus_compiled *compiled, caucus_estimate *estimates)
{
    const caucus_estimator *estimator = &evaluator->estimator;
    estimates[0] = caucus_estimate_success(estimator, evaluator->values, (double)compiled->config->test);
    for (uint32_t q = 1; q < evaluator->n_quantities; q++) {
        estimates[q] = caucus_estimate_bound(estimator, evaluator->values + q * estimator->n_trials);
    }
}

/* A worker's workspace for trials of a configuration. */
static caucus_status open_worker(caucus_evaluator *evaluator, const caucus_compiled *compiled, unsigned worker)
{
    const caucus_shape shape = caucus_layout_shape(&evaluator->plan->layout);
    TRY(caucus_trial_batch_open(compiled, NULL, NULL, &evaluator->batches[worker]));
    caucus_trial_batch *batch = evaluator->batches[worker];
    TRY(caucus_block_alloc_rows(batch->n_trials, &shape, &evaluator->rows[worker]));
    for (uint32_t i = 0; i < batch->n_trials; i++) {
        batch->results[i] = caucus_block_row(evaluator->rows[worker], &shape, i);
    }
    return CAUCUS_OK;
}

static void close_worker(caucus_evaluator *evaluator, unsigned worker)
{
    caucus_trial_batch_close(evaluator->batches[worker]);
    free(evaluator->rows[worker]);
    evaluator->batches[worker] = NULL;
    evaluator->rows[worker] = NULL;
}

caucus_status caucus_evaluator_run(caucus_evaluator *evaluator, caucus_compiled *compiled, uint32_t collective,
                                   caucus_estimate *estimates)
{
    caucus_status status = CAUCUS_OK;
    const uint64_t n_trials = evaluator->estimator.n_trials;
    const uint64_t n_parts = (uint64_t)evaluator->n_workers * CHUNKS_PER_WORKER;
    uint64_t chunk = (n_trials + n_parts - 1) / n_parts;
    chunk = chunk < evaluator->plan->layout.block_trials ? chunk : evaluator->plan->layout.block_trials;
    for (unsigned w = 0; w < evaluator->n_workers; w++) {
        TRY_GOTO(open_worker(evaluator, compiled, w), done);
    }
    evaluator->unconverged = 0;
    job work = {.evaluator = evaluator, .collective = collective, .chunk = chunk};
    caucus_parallel_for((n_trials + chunk - 1) / chunk, evaluator->n_workers, run_chunk, &work);
    caucus_evaluator_report(evaluator, false);
    if (evaluator->stopped) {
        status = caucus_evaluator_fail_stopped();
        goto done;
    }
    evaluator->progress.sizes_tried++;
    evaluator->progress.trials_done += n_trials;
    if (compiled->training != NULL) {
        evaluator->converged = fmin(evaluator->converged, 1.0 - (double)evaluator->unconverged / (double)n_trials);
    }
    estimate_all(evaluator, compiled, estimates);
done:
    for (unsigned w = 0; w < evaluator->n_workers; w++) {
        close_worker(evaluator, w);
    }
    return status;
}
