#include "guarantee.h"

#include "bound_memo.h"
#include "draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Counts of one collective gathered over its signal cells, as a view takes them. Laid out in one part of a trial. */
typedef struct view_space {
    uint64_t *own, *base, *others, *pooled; /* [signal cell][label] */
    uint64_t *mass, *base_mass;             /* [signal cell] */
    uint32_t *good;                         /* [signal cell] */
} view_space;

size_t caucus_guarantee_space(const caucus_compiled *compiled)
{
    if (compiled->config->bounds.n_methods == 0) {
        return 0;
    }
    size_t k = compiled->most_signal_cells;
    size_t global = 2 * compiled->config->bounds.n_methods * sizeof(double);
    return (4 * k * compiled->n_labels + 2 * k) * sizeof(uint64_t) + (k + 1) / 2 * 2 * sizeof(uint32_t) + global;
}

static view_space carve(caucus_trial *trial)
{
    size_t k = trial->compiled->most_signal_cells;
    size_t cells = k * trial->compiled->n_labels;
    uint64_t *at = (uint64_t *)(void *)trial->views;
    view_space space = {.own = at,
                        .base = at + cells,
                        .others = at + 2 * cells,
                        .pooled = at + 3 * cells,
                        .mass = at + 4 * cells,
                        .base_mass = at + 4 * cells + k};
    space.good = (uint32_t *)(void *)(at + 4 * cells + 2 * k);
    return space;
}

/* Running sums of the global and joint bounds, behind the view space. */
static double *global_sums(caucus_trial *trial)
{
    return (double *)(void *)((unsigned char *)trial->views + caucus_guarantee_space(trial->compiled)) -
           2 * trial->compiled->config->bounds.n_methods;
}

static void gather_masses(const caucus_trial *trial, uint32_t m, const view_space *space)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    const uint32_t L = compiled->n_labels;
    for (uint32_t s = 0; s < signal->n_cells; s++) {
        size_t at = (size_t)m * compiled->n_tracked + signal->positions[s];
        space->good[s] = trial->good[at];
        space->mass[s] = trial->mass[at];
        space->base_mass[s] = trial->base_mass[at];
        if (compiled->strategies[m] == CAUCUS_ERASE) { /* its members stay where they are */
            space->mass[s] = 0;
            for (uint32_t y = 0; y < L; y++) {
                space->mass[s] += trial->raw[at * L + y];
            }
            space->base_mass[s] = space->mass[s];
        }
    }
}

static void gather_counts(const caucus_trial *trial, uint32_t m, const view_space *space)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    const uint32_t L = compiled->n_labels;
    for (uint32_t s = 0; s < signal->n_cells; s++) {
        size_t to = (size_t)s * L;
        size_t own = caucus_tracked_row(compiled, m, signal->positions[s]);
        memcpy(space->own + to, trial->planned + own, L * sizeof(uint64_t));
        memcpy(space->base + to, trial->base + own, L * sizeof(uint64_t));
        memset(space->others + to, 0, L * sizeof(uint64_t));
        memset(space->pooled + to, 0, L * sizeof(uint64_t));
        for (uint32_t j = 0; j < compiled->n_collectives; j++) {
            size_t from = caucus_tracked_row(compiled, j, signal->positions[s]);
            for (uint32_t y = 0; y < L; y++) {
                space->pooled[to + y] += j == m ? trial->base[from + y] : trial->raw[from + y];
                space->others[to + y] += j == m ? 0 : trial->submitted[from + y];
            }
        }
    }
}

static caucus_bound_view view_of(caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    view_space space = carve(trial);
    gather_masses(trial, m, &space);
    gather_counts(trial, m, &space);
    uint64_t members = 0;
    for (uint32_t j = 0; j < compiled->n_collectives; j++) {
        members += trial->n_members[j];
    }
    return (caucus_bound_view){.n_own = trial->n_members[m],
                               .own = space.own,
                               .mass = space.mass,
                               .n_base = trial->n_members[m] - trial->n_estimators[m],
                               .base = space.base,
                               .base_mass = space.base_mass,
                               .good = space.good,
                               .others = space.others,
                               .n_others = members - trial->n_members[m],
                               .pooled = space.pooled,
                               .n_pooled = members - trial->n_estimators[m],
                               .crossed = trial->crossed + compiled->crossed_offset[m]};
}

float caucus_round_down(double x)
{
    float rounded = (float)x;
    return (double)rounded > x ? nextafterf(rounded, -INFINITY) : rounded;
}

/* An earlier method that is the same one, or the method itself: a single collective has nobody to know anything of. */
static uint32_t first_alike(const caucus_compiled *compiled, uint32_t method)
{
    const caucus_method *methods = compiled->config->bounds.methods;
    uint32_t first = compiled->n_collectives > 1 ? method : 0;
    while (methods[first].family != methods[method].family || methods[first].inequality != methods[method].inequality) {
        first++;
    }
    return first;
}

static double evaluate(const caucus_bound *bound, double fixed, const caucus_bound_view *view, caucus_trial *trial)
{
    return bound == NULL ? fixed : caucus_bound_value(bound, view, trial->bound_scratch);
}

void caucus_guarantees_evaluate(caucus_trial *trial, caucus_trial_result *result)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t n_methods = compiled->config->bounds.n_methods;
    if (n_methods == 0) {
        return;
    }
    double *global = global_sums(trial);
    double *missing = global + n_methods; /* sum of 1 - LB */
    memset(global, 0, 2 * n_methods * sizeof *global);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const caucus_guarantee *guarantee = &compiled->guarantees[m];
        caucus_bound_view view = view_of(trial, m);
        for (uint32_t i = 0; i < n_methods; i++) {
            if (guarantee->alike[i] < i) { /* then m is the only collective */
                size_t first = guarantee->alike[i];
                result->lower_bound[i] = result->lower_bound[first];
                global[i] = global[first];
                missing[i] = missing[first];
                continue;
            }
            double alone = evaluate(guarantee->alone[i], guarantee->fixed[i], &view, trial);
            double shared = compiled->n_collectives == 1
                                ? alone
                                : evaluate(guarantee->shared[i], guarantee->fixed[i], &view, trial);
            result->lower_bound[m * n_methods + i] = caucus_round_down(alone);
            global[i] += compiled->global_weights[m] * shared;
            missing[i] += 1.0 - shared;
        }
    }
    for (uint32_t i = 0; i < n_methods; i++) {
        result->global_bound[i] = caucus_round_down(global[i]);
        result->joint_bound[i] = caucus_round_down(1.0 - missing[i]);
    }
}

static caucus_bound_setting setting_of(const caucus_compiled *compiled, uint32_t m)
{
    const caucus_config *config = compiled->config;
    return (caucus_bound_setting){.consumers = config->consumers,
                                  .test = config->test,
                                  .epsilon = config->bounds.epsilon,
                                  .slack = config->bounds.slack,
                                  .n_labels = compiled->n_labels,
                                  .n_collectives = compiled->n_collectives,
                                  .self = m,
                                  .sizes = compiled->sizes,
                                  .strategies = compiled->strategies,
                                  .targets = compiled->targets,
                                  .estimators = config->collectives[m].estimators,
                                  .n_cells = compiled->signals.of[m].n_cells,
                                  .image = compiled->signals.of[m].erased};
}

static caucus_status open_method(caucus_compiled *compiled, uint32_t m, uint32_t i, double delta, caucus_bound **bound)
{
    caucus_method method = compiled->config->bounds.methods[i];
    if (!caucus_bound_applies(method, compiled->strategies[m])) {
        return CAUCUS_OK;
    }
    TRY(caucus_bound_open(&compiled->guarantees[m].setting, method, delta, compiled->memos, bound));
    size_t scratch = caucus_bound_scratch(*bound);
    compiled->bound_scratch = scratch > compiled->bound_scratch ? scratch : compiled->bound_scratch;
    return CAUCUS_OK;
}

static caucus_status open_guarantee(caucus_compiled *compiled, uint32_t m)
{
    const caucus_bounds *bounds = &compiled->config->bounds;
    caucus_guarantee *guarantee = &compiled->guarantees[m];
    guarantee->setting = setting_of(compiled, m);
    TRY(caucus_alloc(bounds->n_methods, sizeof *guarantee->alone, "bounds", &guarantee->alone));
    TRY(caucus_alloc(bounds->n_methods, sizeof *guarantee->shared, "bounds", &guarantee->shared));
    TRY(caucus_alloc(bounds->n_methods, sizeof *guarantee->fixed, "bounds", &guarantee->fixed));
    TRY(caucus_alloc(bounds->n_methods, sizeof *guarantee->alike, "bounds", &guarantee->alike));
    for (uint32_t i = 0; i < bounds->n_methods; i++) {
        guarantee->fixed[i] = NAN;
        guarantee->alike[i] = first_alike(compiled, i);
        TRY(open_method(compiled, m, i, bounds->delta, &guarantee->alone[i]));
        if (compiled->n_collectives > 1) {
            TRY(open_method(compiled, m, i, bounds->delta / (double)compiled->n_collectives, &guarantee->shared[i]));
        }
    }
    return CAUCUS_OK;
}

/* population bounds are one number a configuration: no data enter, and no level. */
static void fix_population_bounds(caucus_trial *trial, caucus_compiled *compiled)
{
    caucus_draw_expected(trial);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        caucus_guarantee *guarantee = &compiled->guarantees[m];
        caucus_bound_view view = view_of(trial, m);
        for (uint32_t i = 0; i < compiled->config->bounds.n_methods; i++) {
            if (guarantee->alone[i] == NULL || compiled->config->bounds.methods[i].inequality != CAUCUS_POPULATION) {
                continue;
            }
            guarantee->fixed[i] = caucus_bound_value(guarantee->alone[i], &view, trial->bound_scratch);
            caucus_bound_close(guarantee->alone[i]);
            caucus_bound_close(guarantee->shared[i]);
            guarantee->alone[i] = NULL;
            guarantee->shared[i] = NULL;
        }
    }
}

caucus_status caucus_guarantees_open(caucus_compiled *compiled)
{
    TRY(caucus_alloc(compiled->n_collectives, sizeof *compiled->guarantees, "bounds", &compiled->guarantees));
    TRY(caucus_memos_open(&compiled->memos));
    bool population = false;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        TRY(open_guarantee(compiled, m));
    }
    for (uint32_t i = 0; i < compiled->config->bounds.n_methods; i++) {
        population = population || compiled->config->bounds.methods[i].inequality == CAUCUS_POPULATION;
    }
    if (population) {
        caucus_trial *trial = NULL;
        TRY(caucus_trial_open(compiled, &trial));
        fix_population_bounds(trial, compiled);
        caucus_trial_close(trial);
    }
    return CAUCUS_OK;
}

void caucus_guarantees_close(caucus_compiled *compiled)
{
    for (uint32_t m = 0; compiled->guarantees != NULL && m < compiled->n_collectives; m++) {
        caucus_guarantee *guarantee = &compiled->guarantees[m];
        for (uint32_t i = 0; i < compiled->config->bounds.n_methods; i++) {
            if (guarantee->alone != NULL) {
                caucus_bound_close(guarantee->alone[i]);
            }
            if (guarantee->shared != NULL) {
                caucus_bound_close(guarantee->shared[i]);
            }
        }
        free(guarantee->alike);
        free(guarantee->fixed);
        free(guarantee->shared);
        free(guarantee->alone);
    }
    free(compiled->guarantees);
    caucus_memos_close(compiled->memos);
}
