#include "run/cpu_batch.h"

#include "trial/steps.h"

#include <stdlib.h>

enum {
    SIDES_PER_BATCH = 8,   /* trainings that end early leave room for the next ones */
    MOST_BYTES = 128 << 20 /* of a batch's workspaces: far more would only leave the caches */
};

/* Groups so that enough is trained side by side. */
static uint32_t count_groups(const caucus_compiled *compiled, const caucus_lanes *lanes)
{
    if (compiled->training == NULL) {
        return 1;
    }
    const size_t fitting = MOST_BYTES / lanes->bytes(compiled);
    const uint32_t wanted = SIDES_PER_BATCH * caucus_training_width() / lanes->n_lanes;
    return fitting < 1 || wanted < 1 ? 1 : fitting < wanted ? (uint32_t)fitting : wanted;
}

static size_t training_space(const caucus_compiled *compiled)
{
    return (caucus_training_space(compiled->training) + 63) / 64 * 64;
}

size_t caucus_trial_batch_bytes(const caucus_compiled *compiled, uint64_t n_trials)
{
    const caucus_lanes *lanes = caucus_lanes_for(compiled, n_trials);
    const size_t space = compiled->training != NULL ? training_space(compiled) : 0;
    const size_t people = compiled->config->individuals
                              ? caucus_individuals_bytes(compiled) +
                                    count_groups(compiled, lanes) * caucus_individuals_space_bytes(compiled)
                              : 0;
    return count_groups(compiled, lanes) * lanes->bytes(compiled) + space + people;
}

uint32_t caucus_trial_batch_trials(const caucus_compiled *compiled, uint64_t n_trials)
{
    const caucus_lanes *lanes = caucus_lanes_for(compiled, n_trials);
    return count_groups(compiled, lanes) * lanes->n_lanes;
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

/* Trials that are drawn person by person are one a group. */
static caucus_status open_people(caucus_trial_batch *batch)
{
    const caucus_compiled *compiled = batch->compiled;
    TRY(caucus_individuals_open(compiled, &batch->individuals));
    TRY(caucus_alloc(batch->n_groups, sizeof(caucus_individuals_space *), "people", &batch->people));
    for (uint32_t i = 0; i < batch->n_groups; i++) {
        TRY(caucus_individuals_space_open(batch->individuals, &batch->people[i]));
    }
    batch->bytes += caucus_individuals_bytes(compiled) + batch->n_groups * caucus_individuals_space_bytes(compiled);
    return CAUCUS_OK;
}

static caucus_status lay_out_groups(caucus_trial_batch *batch, caucus_workspace *workspace)
{
    const size_t each = batch->lanes->bytes(batch->compiled);
    const size_t bytes = batch->n_groups * each;
    if (workspace->size < bytes) {
        free(workspace->bytes);
        *workspace = (caucus_workspace){.bytes = aligned_alloc(64, bytes)};
        if (workspace->bytes == NULL) {
            return caucus_fail_memory(bytes, "trials' counts");
        }
        caucus_prefer_large_pages(workspace->bytes, bytes);
        workspace->size = bytes;
    }
    for (uint32_t g = 0; g < batch->n_groups; g++) {
        batch->groups[g] = batch->lanes->lay_out(batch->compiled, workspace->bytes + g * each);
    }
    batch->bytes += bytes;
    return CAUCUS_OK;
}

caucus_status caucus_trial_batch_open(const caucus_compiled *compiled, const caucus_lanes *lanes,
                                      caucus_workspace *workspace, caucus_trial_batch **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_trial_batch *batch = NULL;
    TRY(caucus_alloc(1, sizeof *batch, "trials", &batch));
    batch->compiled = compiled;
    batch->lanes = lanes != NULL ? lanes : caucus_lanes_for(compiled, UINT64_MAX);
    batch->n_groups = count_groups(compiled, batch->lanes);
    batch->n_trials = batch->n_groups * batch->lanes->n_lanes;
    TRY_GOTO(caucus_alloc(batch->n_groups, sizeof(caucus_trial_group *), "trials", &batch->groups), failed);
    TRY_GOTO(caucus_alloc(batch->n_trials, sizeof *batch->results, "results of trials", &batch->results), failed);
    TRY_GOTO(lay_out_groups(batch, workspace != NULL ? workspace : &batch->own), failed);
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
    for (uint32_t i = 0; batch->people != NULL && i < batch->n_groups; i++) {
        caucus_individuals_space_close(batch->people[i]);
    }
    free(batch->people);
    caucus_individuals_close(batch->individuals);
    free(batch->training_space);
    free(batch->trainees);
    free(batch->own.bytes);
    free(batch->results);
    free(batch->groups);
    free(batch);
}

static void teach(caucus_trial_batch *batch, uint32_t n)
{
    const uint32_t each = caucus_teach_trainees(batch->compiled);
    const uint32_t n_lanes = batch->lanes->n_lanes;
    for (uint32_t which = 0; which < each; which++) {
        caucus_trainee *trainees = batch->trainees + (size_t)which * n;
        for (uint32_t i = 0; i < n; i++) {
            batch->lanes->trainee(batch->groups[i / n_lanes], i % n_lanes, which, &trainees[i]);
        }
        caucus_training_run(caucus_teach_training(batch->compiled, which), trainees, n, batch->training_space);
    }
    for (uint32_t i = 0; i < n; i++) {
        bool converged = true;
        for (uint32_t which = 0; which < each; which++) {
            converged = converged && batch->trainees[(size_t)which * n + i].report.converged;
        }
        batch->lanes->measure(batch->groups[i / n_lanes], i % n_lanes, converged);
    }
}

static void draw(const caucus_trial_batch *batch, uint32_t g, uint32_t first, uint32_t n)
{
    if (batch->people != NULL) {
        caucus_trial *trial = batch->lanes->trial(batch->groups[g], 0);
        caucus_trial_begin(trial, first);
        caucus_individuals_draw(batch->people[g], trial);
    } else {
        batch->lanes->draw(batch->groups[g], first, n);
    }
}

static void finish(const caucus_trial_batch *batch, uint32_t g, uint32_t n, const caucus_row *results)
{
    if (batch->people != NULL) {
        caucus_individuals_test(batch->people[g], batch->lanes->trial(batch->groups[g], 0));
    } else {
        batch->lanes->test(batch->groups[g]);
    }
    batch->lanes->finish(batch->groups[g], n, results);
}

void caucus_trial_batch_run(caucus_trial_batch *batch, uint32_t first, uint32_t n)
{
    const uint32_t n_lanes = batch->lanes->n_lanes;
    for (uint32_t done = 0; done < n; done += n_lanes) {
        draw(batch, done / n_lanes, first + done, n - done < n_lanes ? n - done : n_lanes);
    }
    if (batch->compiled->training != NULL) {
        teach(batch, n);
    } else {
        batch->lanes->learn(batch->groups[0], n);
    }
    for (uint32_t done = 0; done < n; done += n_lanes) {
        finish(batch, done / n_lanes, n - done < n_lanes ? n - done : n_lanes, batch->results + done);
    }
}
