#include "run/cpu_batch.h"

#include "trial/steps.h"

#include <stdlib.h>

enum {
    SIDES_PER_BATCH = 8,   /* trainings that end early leave room for the next ones */
    MOST_BYTES = 128 << 20 /* of a batch's workspaces: far more would only leave the caches */
};

static uint32_t batch_size(const caucus_compiled *compiled)
{
    if (compiled->training == NULL) {
        return 1;
    }
    const size_t fitting = MOST_BYTES / caucus_trial_bytes(compiled);
    const uint32_t wanted = SIDES_PER_BATCH * caucus_training_width();
    return fitting < 1 ? 1 : fitting < wanted ? (uint32_t)fitting : wanted;
}

static size_t training_space(const caucus_compiled *compiled)
{
    return (caucus_training_space(compiled->training) + 63) / 64 * 64;
}

size_t caucus_trial_batch_bytes(const caucus_compiled *compiled)
{
    const size_t space = compiled->training != NULL ? training_space(compiled) : 0;
    const size_t trials = batch_size(compiled) * caucus_trial_bytes(compiled) + space;
    return compiled->config->individuals ? trials + caucus_individuals_bytes(compiled) +
                                               batch_size(compiled) * caucus_individuals_space_bytes(compiled)
                                         : trials;
}

static caucus_status open_training(caucus_trial_batch *batch)
{
    const size_t space = training_space(batch->compiled);
    const size_t n = (size_t)batch->n_trials * caucus_teach_trainees(batch->compiled);
    TRY(caucus_alloc(n, sizeof *batch->trainees, "trainees", &batch->trainees));
    batch->training_space = aligned_alloc(64, space);
    batch->bytes += space;
    return batch->training_space != NULL ? CAUCUS_OK : caucus_fail_memory(space, "training");
}

static caucus_status open_people(caucus_trial_batch *batch)
{
    const caucus_compiled *compiled = batch->compiled;
    TRY(caucus_individuals_open(compiled, &batch->individuals));
    TRY(caucus_alloc(batch->n_trials, sizeof *batch->people, "people", &batch->people));
    for (uint32_t i = 0; i < batch->n_trials; i++) {
        TRY(caucus_individuals_space_open(batch->individuals, &batch->people[i]));
    }
    batch->bytes += caucus_individuals_bytes(compiled) + batch->n_trials * caucus_individuals_space_bytes(compiled);
    return CAUCUS_OK;
}

caucus_status caucus_trial_batch_open(const caucus_compiled *compiled, caucus_trial_batch **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_trial_batch *batch = NULL;
    TRY(caucus_alloc(1, sizeof *batch, "trials", &batch));
    batch->compiled = compiled;
    batch->n_trials = batch_size(compiled);
    TRY_GOTO(caucus_alloc(batch->n_trials, sizeof *batch->trials, "trials", &batch->trials), failed);
    TRY_GOTO(caucus_alloc(batch->n_trials, sizeof *batch->results, "results of trials", &batch->results), failed);
    for (uint32_t i = 0; i < batch->n_trials; i++) {
        TRY_GOTO(caucus_trial_open(compiled, &batch->trials[i]), failed);
        batch->bytes += batch->trials[i]->bytes;
    }
    if (compiled->training != NULL) {
        TRY_GOTO(open_training(batch), failed);
    }
    if (compiled->config->individuals) {
        TRY_GOTO(open_people(batch), failed);
    }
    *out = batch;
    return CAUCUS_OK;
failed:
    caucus_trial_batch_close(batch);
    return status;
}

void caucus_trial_batch_close(caucus_trial_batch *batch)
{
    if (batch == NULL) {
        return;
    }
    for (uint32_t i = 0; batch->people != NULL && i < batch->n_trials; i++) {
        caucus_individuals_space_close(batch->people[i]);
    }
    free(batch->people);
    caucus_individuals_close(batch->individuals);
    free(batch->training_space);
    free(batch->trainees);
    for (uint32_t i = 0; batch->trials != NULL && i < batch->n_trials; i++) {
        caucus_trial_close(batch->trials[i]);
    }
    free(batch->results);
    free(batch->trials);
    free(batch);
}

static void draw(caucus_trial_batch *batch, uint32_t i, uint32_t number)
{
    caucus_trial_begin(batch->trials[i], number);
    if (batch->people != NULL) {
        caucus_individuals_draw(batch->people[i], batch->trials[i]);
    } else {
        caucus_draw_groups(batch->trials[i]);
    }
}

static void finish(caucus_trial_batch *batch, uint32_t i)
{
    caucus_trial *trial = batch->trials[i];
    if (batch->people != NULL) {
        caucus_individuals_test(batch->people[i], trial);
    } else {
        caucus_success_test(trial);
    }
    caucus_trial_report(trial, &batch->results[i]);
    caucus_guarantees_keep(trial);
    caucus_guarantees_conclude(trial, &batch->results[i]);
}

static void teach(caucus_trial_batch *batch, uint32_t n)
{
    const uint32_t each = caucus_teach_trainees(batch->compiled);
    for (uint32_t which = 0; which < each; which++) {
        caucus_trainee *trainees = batch->trainees + (size_t)which * n;
        for (uint32_t i = 0; i < n; i++) {
            caucus_teach_trainee(batch->trials[i], 0, which, &trainees[i]);
        }
        caucus_training_run(caucus_teach_training(batch->compiled, which), trainees, n, batch->training_space);
    }
    for (uint32_t i = 0; i < n; i++) {
        bool converged = true;
        for (uint32_t which = 0; which < each; which++) {
            converged = converged && batch->trainees[(size_t)which * n + i].report.converged;
        }
        *batch->trials[i]->converged = converged ? 1 : 0;
        caucus_platform_measure(batch->trials[i]);
    }
}

void caucus_trial_batch_run(caucus_trial_batch *batch, uint32_t first, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        draw(batch, i, first + i);
    }
    if (batch->compiled->training != NULL) {
        teach(batch, n);
    } else {
        caucus_platform_learn(batch->trials[0]);
    }
    for (uint32_t i = 0; i < n; i++) {
        finish(batch, i);
    }
}
