#include "trial.h"

#include "crowd.h"
#include "draw.h"
#include "guarantee.h"
#include "platform.h"
#include "success.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Hands out aligned parts of one allocation; with base NULL it only measures. */
typedef struct arena {
    unsigned char *base;
    size_t used;
} arena;

static void *take(arena *a, size_t count, size_t size)
{
    void *part = a->base == NULL ? NULL : a->base + a->used;
    a->used += (count * size + 15) / 16 * 16;
    return part;
}

/* The counts that every trial starts from zero come first, so that one memset clears them. */
static size_t lay_out(const caucus_compiled *c, caucus_trial *t, arena *a)
{
    size_t L = c->n_labels;
    size_t tracked = (size_t)c->n_collectives * c->n_tracked;
    t->total = take(a, c->signals.n_positions * L, sizeof *t->total);
    t->raw = take(a, tracked * L, sizeof *t->raw);
    t->base = c->estimating ? take(a, tracked * L, sizeof *t->base) : t->raw;
    t->mass = take(a, tracked, sizeof *t->mass);
    t->base_mass = c->estimating ? take(a, tracked, sizeof *t->base_mass) : t->mass;
    t->submitted = take(a, tracked * L, sizeof *t->submitted);
    t->planned = c->noisy ? take(a, tracked * L, sizeof *t->planned) : t->submitted;
    t->crossed = take(a, c->n_crossed, sizeof *t->crossed);
    size_t cleared = a->used;
    t->n_members = take(a, c->n_collectives, sizeof *t->n_members);
    t->n_estimators = take(a, c->n_collectives, sizeof *t->n_estimators);
    t->good = take(a, tracked, sizeof *t->good);
    t->leader = take(a, c->signals.n_positions, sizeof *t->leader);
    t->tied = take(a, c->signals.n_positions, sizeof *t->tied);
    t->success = take(a, c->n_collectives, sizeof *t->success);
    t->classes = take(a, 2 * (size_t)c->most_classes, sizeof *t->classes);
    t->estimators = take(a, 2 * (size_t)c->most_classes, sizeof *t->estimators);
    t->urn = take(a, 2 * (size_t)c->most_classes, sizeof *t->urn);
    t->masked = take(a, 2 * (size_t)c->most_classes, sizeof *t->masked);
    t->acting = take(a, c->most_signal_cells * L, sizeof *t->acting);
    t->wins = take(a, c->signals.n_union, sizeof *t->wins);
    t->patterns = take(a, caucus_success_space(c), sizeof *t->patterns);
    t->flips = take(a, caucus_platform_flips(c), caucus_platform_flip_size());
    t->bound_scratch = take(a, c->bound_scratch, 1);
    t->views = take(a, caucus_guarantee_space(c), 1);
    return cleared;
}

caucus_status caucus_trial_open(const caucus_compiled *compiled, caucus_trial **out)
{
    caucus_trial *trial = NULL;
    TRY(caucus_alloc(1, sizeof *trial, "a trial", &trial));
    arena measure = {0};
    trial->cleared_bytes = lay_out(compiled, trial, &measure);
    trial->memory_bytes = measure.used;
    caucus_status status = caucus_alloc(measure.used, 1, "a trial's counts", &trial->memory);
    if (status == CAUCUS_OK) {
        arena real = {trial->memory, 0};
        lay_out(compiled, trial, &real);
        trial->compiled = compiled;
        status = compiled->crowd == NULL ? CAUCUS_OK : caucus_crowd_space_open(compiled, &trial->crowd);
    }
    if (status != CAUCUS_OK) {
        caucus_trial_close(trial);
        return status;
    }
    *out = trial;
    return CAUCUS_OK;
}

void caucus_trial_close(caucus_trial *trial)
{
    if (trial == NULL) {
        return;
    }
    caucus_crowd_space_close(trial->crowd);
    free(trial->memory);
    free(trial);
}

static void report_success(const caucus_trial *trial, caucus_trial_result *result)
{
    const caucus_compiled *compiled = trial->compiled;
    double test = (double)compiled->config->test;
    double global = 0.0;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        result->success_count[m] = (uint32_t)trial->success[m];
        global += compiled->global_weights[m] * ((double)trial->success[m] / test);
    }
    *result->global_success = (float)global;
    *result->joint_success = (float)((double)trial->joint / test);
    *result->accuracy = compiled->config->accuracy ? (float)((double)trial->correct / test) : NAN;
    *result->suboptimality = (float)trial->spent;
}

void caucus_trial_run(caucus_trial *trial, uint32_t number, caucus_trial_result *result)
{
    const caucus_compiled *compiled = trial->compiled;
    trial->source = (caucus_source){compiled->seed, number, compiled->index};
    memset(trial->memory, 0, trial->cleared_bytes);
    if (compiled->crowd != NULL) {
        caucus_crowd_draw(trial);
    } else {
        caucus_draw_groups(trial);
    }
    caucus_platform_train(trial);
    if (compiled->crowd != NULL) {
        caucus_crowd_test(trial);
    } else {
        caucus_success_test(trial);
    }
    report_success(trial, result);
    caucus_guarantees_evaluate(trial, result);
}
