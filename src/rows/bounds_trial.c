/* A trial's bounds on rows, from those who were counted. */
#include "math/portable_math.h"
#include "rows/bounds_parts.h"
#include "trial/goals_upper.h"

#include <math.h>

/* Values that a trial's bounds are concluded from, and words of a view. */
static size_t n_values(const caucus_row_bounds *b)
{
    return (size_t)b->n_collectives * b->n_reckonings * 2 * CAUCUS_N_KNOWLEDGE;
}

size_t caucus_row_bounds_scratch(const caucus_row_bounds *b)
{
    return b->scratch + n_values(b) + ((size_t)5 + b->n_collectives) * b->n_labels;
}

/* What collective j, following its plan, hands in with label y at the point of m: everybody's, or of those who act.
 * label: that its members agree on. */
static uint64_t planned(const caucus_row_bounds *b, const uint64_t *tally, uint32_t j, uint32_t m, bool base,
                        bool acting, uint32_t y, uint32_t label)
{
    const bool same = b->same[j * b->n_collectives + m];
    if (!caucus_strategy_asks_label(b->strategies[j])) {
        return same && y == label ? caucus_row_tally_all(b, tally, j, base, acting) : 0;
    }
    const uint64_t stays = caucus_strategy_stays(b->strategies[j]) && y != b->targets[j]
                               ? caucus_row_tally_of(b, tally, j, base, acting, 1 + m, y)
                               : 0;
    return stays + (same && y == b->targets[j] ? caucus_row_tally_of(b, tally, j, base, acting, 0, y) : 0);
}

typedef struct view_arrays { /* [label], crossed [collective][label] */
    uint64_t *own, *raw, *base, *others, *pooled, *crossed;
    uint64_t mass, base_mass;
    uint32_t good;
} view_arrays;

static uint32_t label_of(const caucus_rows *rows, uint32_t j, const uint32_t *varying)
{
    const bool agrees = caucus_strategy_adapts(rows->config->collectives[j].strategy);
    const caucus_row_members *members = &rows->members[j];
    if (!agrees) {
        return rows->config->collectives[j].target;
    }
    return members->n_groups > 0 ? varying[members->first_group] : (caucus_rows_unwanted(rows, j) == 0 ? 1 : 0);
}

static void fill_label(const caucus_rows *rows, const uint64_t *tally, uint32_t m, uint32_t y, const uint32_t *varying,
                       view_arrays *a)
{
    const caucus_row_bounds *b = rows->bounds;
    a->own[y] = planned(b, tally, m, m, false, false, y, a->good);
    a->raw[y] = caucus_row_tally_of(b, tally, m, false, false, 1 + m, y);
    a->base[y] = caucus_row_tally_of(b, tally, m, true, false, 1 + m, y);
    a->others[y] = 0;
    a->pooled[y] = 0;
    for (uint32_t j = 0; j < b->n_collectives; j++) {
        const uint64_t raw = caucus_row_tally_of(b, tally, j, false, false, 1 + m, y);
        const uint64_t idle = raw - caucus_row_tally_of(b, tally, j, false, true, 1 + m, y);
        a->pooled[y] += j == m ? a->base[y] : raw;
        if (j != m) {
            a->others[y] += idle + planned(b, tally, j, m, false, true, y, label_of(rows, j, varying));
        }
    }
}

/* h_j applied to the raw data of m's base members. */
static void fill_crossed(const caucus_rows *rows, const uint64_t *tally, uint32_t m, view_arrays *a)
{
    const caucus_row_bounds *b = rows->bounds;
    for (uint32_t j = 0; j < b->n_collectives; j++) {
        const bool same = b->same[j * b->n_collectives + m];
        for (uint32_t y = 0; y < b->n_labels; y++) {
            uint64_t n = 0;
            if (!caucus_strategy_asks_label(b->strategies[j])) {
                n = same && y == b->targets[j] ? caucus_row_tally_all(b, tally, m, true, false) : 0;
            } else if (y == b->targets[j]) {
                n = same ? caucus_row_tally_of(b, tally, m, true, false, 0, y) : 0;
            } else if (caucus_strategy_stays(b->strategies[j])) {
                n = caucus_row_tally_of(b, tally, m, true, false, 1 + m, y);
            }
            a->crossed[j * b->n_labels + y] = n;
        }
    }
}

static caucus_bound_view make_view(const caucus_rows *rows, const uint64_t *tally, uint32_t m, double epsilon,
                                   const uint32_t *varying, view_arrays *a)
{
    const caucus_row_bounds *b = rows->bounds;
    uint64_t n_all = 0;
    for (uint32_t j = 0; j < b->n_collectives; j++) {
        n_all += caucus_row_tally_all(b, tally, j, false, false);
    }
    a->good = label_of(rows, m, varying);
    for (uint32_t y = 0; y < b->n_labels; y++) {
        fill_label(rows, tally, m, y, varying, a);
    }
    fill_crossed(rows, tally, m, a);
    a->mass = caucus_row_tally_all(b, tally, m, false, false);
    a->base_mass = caucus_row_tally_all(b, tally, m, true, false);
    return (caucus_bound_view){.epsilon = epsilon,
                               .n_own = a->mass,
                               .own = a->own,
                               .mass = &a->mass,
                               .raw = a->raw,
                               .n_base = a->base_mass,
                               .base = a->base,
                               .base_mass = &a->base_mass,
                               .good = &a->good,
                               .others = a->others,
                               .n_others = n_all - a->mass,
                               .pooled = a->pooled,
                               .n_pooled = n_all - (a->mass - a->base_mass),
                               .crossed = a->crossed};
}

/* Values [knowledge] of one reckoning. */
static void value_of(const caucus_rows *rows, uint32_t m, uint32_t r, bool sharing, const uint64_t *tally,
                     double epsilon, const uint32_t *varying, double *scratch, view_arrays *a, double *values)
{
    const caucus_row_bounds *b = rows->bounds;
    const bool data = b->reckonings[r].kind.inequality != CAUCUS_POPULATION;
    const size_t at = ((size_t)m * b->n_reckonings + r) * 2;
    const caucus_bound *bound = sharing && b->bounds[at + 1] != NULL ? b->bounds[at + 1] : b->bounds[at];
    const caucus_bound_view view =
        make_view(rows, data ? tally : b->expected, m, epsilon, data ? varying : b->expected_varying, a);
    caucus_bound_keep(bound, &view, (int)b->reckonings[r].highest, scratch, values);
    for (uint32_t k = 0; k <= b->reckonings[r].highest; k++) {
        values[k] = caucus_bound_conclude(bound, values[k], view.n_own, view.n_base);
    }
}

static double *values_at(const caucus_row_bounds *b, double *values, uint32_t m, uint32_t r, bool sharing)
{
    return values + (((size_t)m * b->n_reckonings + r) * 2 + (sharing ? 1 : 0)) * CAUCUS_N_KNOWLEDGE;
}

/* As caucus_guarantees_conclude_upper, from values. */
static void conclude_upper(const caucus_rows *rows, uint32_t i, double *values, const caucus_row *result)
{
    const caucus_row_bounds *b = rows->bounds;
    const uint32_t n_methods = rows->config->bounds.n_methods;
    const uint32_t knowledge = rows->config->bounds.methods[i].knowledge;
    const bool has = b->upper[i] != UINT32_MAX;
    caucus_goals_upper goals = caucus_goals_upper_none();
    for (uint32_t m = 0; m < b->n_collectives; m++) {
        const double own = has ? values_at(b, values, m, b->upper[i], false)[knowledge] : (double)NAN;
        const double shared = has ? values_at(b, values, m, b->upper[i], true)[knowledge] : (double)NAN;
        result->upper_bound[(size_t)m * n_methods + i] = caucus_round_up(own);
        caucus_goals_upper_add(&goals, rows->global_weights[m], shared);
    }
    caucus_goals_upper_report(&goals, result, i);
}

/* Bounds of a method, and those on all collectives together. */
static void conclude_method(const caucus_rows *rows, uint32_t i, double *values, const caucus_row *result)
{
    const caucus_row_bounds *b = rows->bounds;
    const uint32_t n_methods = rows->config->bounds.n_methods;
    const uint32_t knowledge = rows->config->bounds.methods[i].knowledge;
    double global = 0;
    double missing = 0;
    for (uint32_t m = 0; m < b->n_collectives; m++) {
        const double own = values_at(b, values, m, b->lower[i], false)[knowledge];
        const double shared = values_at(b, values, m, b->lower[i], true)[knowledge];
        result->lower_bound[(size_t)m * n_methods + i] = caucus_round_down(own);
        global += rows->global_weights[m] * shared;
        missing += 1 - shared;
    }
    result->global_bound[i] = caucus_round_down(global);
    result->joint_bound[i] = caucus_round_down(1 - missing);
    if (result->upper_bound != NULL) {
        conclude_upper(rows, i, values, result);
    }
}

void caucus_row_bounds_conclude(const caucus_rows *rows, const uint64_t *tally, double epsilon, const uint32_t *varying,
                                double *scratch, const caucus_row *result)
{
    const caucus_row_bounds *b = rows->bounds;
    const size_t L = b->n_labels;
    double *values = scratch + b->scratch;
    uint64_t *words = (uint64_t *)(values + n_values(b));
    view_arrays a = {.own = words,
                     .raw = words + L,
                     .base = words + 2 * L,
                     .others = words + 3 * L,
                     .pooled = words + 4 * L,
                     .crossed = words + 5 * L};
    for (uint32_t m = 0; m < b->n_collectives; m++) {
        for (uint32_t r = 0; r < b->n_reckonings; r++) {
            for (int sharing = 0; sharing < 2; sharing++) {
                value_of(rows, m, r, sharing != 0, tally, epsilon, varying, scratch, &a,
                         values_at(b, values, m, r, sharing != 0));
            }
        }
    }
    for (uint32_t i = 0; i < rows->config->bounds.n_methods; i++) {
        conclude_method(rows, i, values, result);
    }
}
