#include "run/cpu_batch.h"

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

size_t caucus_trial_batch_bytes(const caucus_compiled *compiled)
{
    const caucus_lanes *lanes = caucus_lanes_for(compiled);
    const size_t space = compiled->training != NULL ? training_space(compiled) : 0;
    return count_groups(compiled, lanes) * lanes->bytes(compiled) + space;
}

uint32_t caucus_trial_batch_trials(const caucus_compiled *compiled)
{
    const caucus_lanes *lanes = caucus_lanes_for(compiled);
    return count_groups(compiled, lanes) * lanes->n_lanes;
}

static caucus_status open_training(caucus_trial_batch *batch)
{
    const size_t space = training_space(batch->compiled);
    const size_t n = (size_t)batch->n_trials * caucus_teaching_trainees(batch->compiled);
    TRY(caucus_alloc(n, sizeof *batch->trainees, "trainees", &batch->trainees));
    batch->training_space = aligned_alloc(64, space);
    batch->bytes += space;
    return batch->training_space != NULL ? CAUCUS_OK : caucus_fail_memory(space, "training");
}

caucus_status caucus_trial_batch_open(const caucus_compiled *compiled, const caucus_lanes *lanes,
                                      caucus_trial_batch **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_trial_batch *batch = NULL;
    TRY(caucus_alloc(1, sizeof *batch, "trials", &batch));
    batch->compiled = compiled;
    batch->lanes = lanes != NULL ? lanes : caucus_lanes_for(compiled);
    batch->n_groups = count_groups(compiled, batch->lanes);
    batch->n_trials = batch->n_groups * batch->lanes->n_lanes;
    TRY_GOTO(caucus_alloc(batch->n_groups, sizeof(caucus_trial_group *), "trials", &batch->groups), failed);
    TRY_GOTO(caucus_alloc(batch->n_trials, sizeof *batch->results, "results of trials", &batch->results), failed);
    for (uint32_t g = 0; g < batch->n_groups; g++) {
        TRY_GOTO(batch->lanes->open(compiled, &batch->groups[g]), failed);
        batch->bytes += batch->lanes->bytes(compiled);
    }
    if (compiled->training != NULL) {
        TRY_GOTO(open_training(batch), failed);
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
    free(batch->training_space);
    free(batch->trainees);
    for (uint32_t g = 0; batch->groups != NULL && g < batch->n_groups; g++) {
        batch->lanes->close(batch->groups[g]);
    }
    free(batch->results);
    free(batch->groups);
    free(batch);
}

static void teach(caucus_trial_batch *batch, uint32_t n)
{
    const uint32_t each = caucus_teaching_trainees(batch->compiled);
    const uint32_t n_lanes = batch->lanes->n_lanes;
    for (uint32_t which = 0; which < each; which++) {
        caucus_trainee *trainees = batch->trainees + (size_t)which * n;
        for (uint32_t i = 0; i < n; i++) {
            batch->lanes->trainee(batch->groups[i / n_lanes], i % n_lanes, which, &trainees[i]);
        }
        caucus_training_run(caucus_teaching_training(batch->compiled, which), trainees, n, batch->training_space);
    }
    for (uint32_t i = 0; i < n; i++) {
        bool converged = true;
        for (uint32_t which = 0; which < each; which++) {
            converged = converged && batch->trainees[(size_t)which * n + i].report.converged;
        }
        batch->lanes->measure(batch->groups[i / n_lanes], i % n_lanes, converged);
    }
}

void caucus_trial_batch_run(caucus_trial_batch *batch, uint32_t first, uint32_t n)
{
    const caucus_lanes *lanes = batch->lanes;
    for (uint32_t done = 0; done < n; done += lanes->n_lanes) {
        const uint32_t left = n - done < lanes->n_lanes ? n - done : lanes->n_lanes;
        lanes->draw(batch->groups[done / lanes->n_lanes], first + done, left);
    }
    if (batch->compiled->training != NULL) {
        teach(batch, n);
    } else {
        lanes->learn(batch->groups[0], n);
    }
    for (uint32_t done = 0; done < n; done += lanes->n_lanes) {
        const uint32_t left = n - done < lanes->n_lanes ? n - done : lanes->n_lanes;
        lanes->finish(batch->groups[done / lanes->n_lanes], left, batch->results + done);
    }
}
