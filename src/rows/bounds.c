#include "rows/bounds.h"

#include "bound/value.h"
#include "math/portable_math.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A tally is [collective][estimating][acting][place][label]: place 0 counts all, place 1 + p those whose own row is the
 * point of collective p. */
enum { PARTS = 4, MOST_COLLECTIVES = 32 };

typedef struct reckoning { /* methods that differ in knowledge alone */
    caucus_bound_kind kind;
    caucus_knowledge highest;
} reckoning;

struct caucus_row_bounds {
    uint32_t n_collectives, n_labels;
    uint32_t n_reckonings;
    reckoning *reckonings;
    uint32_t *lower, *upper;        /* [method] its reckoning; UINT32_MAX: none */
    caucus_bound_setting *settings; /* [collective] */
    uint64_t *sizes;
    caucus_strategy *strategies;
    uint32_t *targets;
    uint8_t *reach;             /* [collective][other] */
    bool *same;                 /* [collective][other] their points are one */
    uint32_t **own_point;       /* [collective][member row] bits of the points that its own row is; NULL: of none */
    caucus_bound **bounds;      /* [collective][reckoning][sharing] */
    uint64_t *expected;         /* a tally of the population */
    uint32_t *expected_varying; /* [group] */
    size_t scratch;
};

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static uint32_t find_reckoning(caucus_row_bounds *b, caucus_method method, caucus_side side)
{
    uint32_t r = 0;
    while (r < b->n_reckonings &&
           (b->reckonings[r].kind.family != method.family || b->reckonings[r].kind.inequality != method.inequality ||
            b->reckonings[r].kind.side != side)) {
        r++;
    }
    if (r == b->n_reckonings) {
        b->reckonings[r].kind = (caucus_bound_kind){method.family, method.inequality, side};
        b->n_reckonings++;
    }
    b->reckonings[r].highest =
        method.knowledge > b->reckonings[r].highest ? method.knowledge : b->reckonings[r].highest;
    return r;
}

static caucus_status list_reckonings(const caucus_bounds *asked, caucus_row_bounds *b)
{
    TRY(caucus_alloc(2 * (size_t)asked->n_methods, sizeof *b->reckonings, "bounds", &b->reckonings));
    TRY(caucus_alloc(asked->n_methods, sizeof *b->lower, "bounds", &b->lower));
    TRY(caucus_alloc(asked->n_methods, sizeof *b->upper, "bounds", &b->upper));
    for (uint32_t i = 0; i < asked->n_methods; i++) {
        const bool from_above = asked->upper && asked->methods[i].family != CAUCUS_LINEAR;
        b->lower[i] = find_reckoning(b, asked->methods[i], CAUCUS_LOWER);
        b->upper[i] = from_above ? find_reckoning(b, asked->methods[i], CAUCUS_UPPER) : UINT32_MAX;
    }
    return CAUCUS_OK;
}

/* The point of each collective, and which own rows and other points are it. */
static caucus_status find_points(const caucus_rows *rows, caucus_row_bounds *b)
{
    caucus_status status = CAUCUS_OK;
    const uint32_t M = b->n_collectives;
    const size_t stride = rows->stride;
    double *points = NULL; /* [collective][stride] and a row */
    TRY_GOTO(caucus_alloc((M + (size_t)1) * stride, sizeof *points, "points", &points), done);
    double *row = points + M * stride;
    caucus_row_get(rows->table, 0, row);
    for (uint32_t m = 0; m < M; m++) {
        caucus_rows_change(rows->config->collectives[m].map, row, rows->table->n_columns, points + m * stride);
    }
    for (uint32_t m = 0; m < M; m++) {
        const caucus_row_group *group = &rows->members[m].group;
        TRY_GOTO(caucus_alloc(group->n, sizeof **b->own_point, "points", &b->own_point[m]), done);
        for (uint32_t j = 0; j < M; j++) {
            b->same[m * M + j] = memcmp(points + m * stride, points + j * stride, stride * sizeof *points) == 0;
            b->reach[m * M + j] = b->same[m * M + j] ? CAUCUS_REACH_SIGNAL : 0;
        }
        for (uint32_t i = 0; i < group->n; i++) {
            caucus_row_get(rows->table, group->rows[i], row);
            for (uint32_t j = 0; j < M; j++) {
                const bool own = memcmp(row, points + j * stride, stride * sizeof *row) == 0;
                b->own_point[m][i] |= own ? 1u << j : 0;
            }
        }
    }
done:
    free(points);
    return status;
}

static caucus_bound_setting setting_of(const caucus_rows *rows, const caucus_row_bounds *b, uint32_t m)
{
    const caucus_config *config = rows->config;
    const caucus_bounds *asked = &config->bounds;
    const caucus_assumed_noise noise = {.any = true, .act = asked->compliance, .abstain = 1 - asked->compliance};
    return (caucus_bound_setting){.consumers = config->consumers,
                                  .test = config->test,
                                  .epsilon = asked->epsilon,
                                  .measured = asked->measured,
                                  .slack = asked->slack,
                                  .without_replacement = config->without_replacement,
                                  .n_labels = b->n_labels,
                                  .n_collectives = b->n_collectives,
                                  .self = m,
                                  .sizes = b->sizes,
                                  .strategies = b->strategies,
                                  .targets = b->targets,
                                  .reach = b->reach + (size_t)m * b->n_collectives,
                                  .noise = asked->noisy ? noise : (caucus_assumed_noise){0},
                                  .estimators = config->collectives[m].estimators,
                                  .n_cells = 1};
}

static caucus_status open_settings(const caucus_rows *rows, caucus_row_bounds *b)
{
    for (uint32_t m = 0; m < b->n_collectives; m++) {
        b->sizes[m] = rows->config->collectives[m].size;
        b->strategies[m] = rows->config->collectives[m].strategy;
        b->targets[m] = rows->config->collectives[m].target;
    }
    for (uint32_t i = 0; i < b->n_collectives * b->n_reckonings * 2; i++) {
        const uint32_t m = i / 2 / b->n_reckonings;
        const uint32_t r = i / 2 % b->n_reckonings;
        const bool sharing = i % 2 != 0;
        b->settings[m] = setting_of(rows, b, m);
        if (sharing && (b->n_collectives == 1 || b->reckonings[r].kind.side == CAUCUS_UPPER)) {
            continue;
        }
        const double delta = rows->config->bounds.delta / (sharing ? b->n_collectives : 1);
        TRY(caucus_bound_open(&b->settings[m], b->reckonings[r].kind, delta, NULL, &b->bounds[i]));
        const size_t scratch = caucus_bound_scratch(b->bounds[i]);
        b->scratch = scratch > b->scratch ? scratch : b->scratch;
    }
    return CAUCUS_OK;
}

static uint64_t *tally_at(const caucus_row_bounds *b, uint64_t *tally, uint32_t m, bool estimating, bool acting,
                          uint32_t place)
{
    const size_t part = (size_t)m * PARTS + (estimating ? 2 : 0) + (acting ? 1 : 0);
    return tally + (part * (b->n_collectives + 1) + place) * b->n_labels;
}

/* As many members in each part as are expected, in millionths of a person where there are few enough: for population
 * bounds any weights do. */
static void expect_tally(const caucus_rows *rows, caucus_row_bounds *b)
{
    for (uint32_t m = 0; m < b->n_collectives; m++) {
        const caucus_collective *collective = &rows->config->collectives[m];
        const caucus_row_members *members = &rows->members[m];
        const double scale = rows->config->consumers < UINT32_MAX ? 1e6 : 1;
        const double each = scale / (double)caucus_row_group_weight(&members->group);
        for (int part = 0; part < PARTS; part++) {
            const bool estimating = part / 2 != 0;
            const bool acting = part % 2 != 0;
            const double people =
                (double)(estimating ? collective->estimators : collective->size - collective->estimators) *
                (acting ? collective->compliance : 1 - collective->compliance);
            for (uint32_t i = 0; i < members->group.n; i++) {
                const uint32_t r = members->group.rows[i];
                const uint64_t n =
                    (uint64_t)llround(each * people * (double)caucus_row_group_weight_of(&members->group, i));
                for (uint32_t place = 0; place <= b->n_collectives; place++) {
                    if (place == 0 || (b->own_point[m][i] >> (place - 1) & 1u) != 0) {
                        tally_at(b, b->expected, m, estimating, acting, place)[rows->table->labels[r]] += n;
                    }
                }
            }
        }
    }
}

static caucus_status alloc_all(const caucus_rows *rows, caucus_row_bounds *b)
{
    const size_t M = b->n_collectives;
    TRY(caucus_alloc(M, sizeof *b->settings, "bounds", &b->settings));
    TRY(caucus_alloc(M, sizeof *b->sizes, "bounds", &b->sizes));
    TRY(caucus_alloc(M, sizeof *b->strategies, "bounds", &b->strategies));
    TRY(caucus_alloc(M, sizeof *b->targets, "bounds", &b->targets));
    TRY(caucus_alloc(M * M, sizeof *b->reach, "bounds", &b->reach));
    TRY(caucus_alloc(M * M, sizeof *b->same, "bounds", &b->same));
    TRY(caucus_alloc(M, sizeof *b->own_point, "bounds", &b->own_point));
    TRY(caucus_alloc(M * b->n_reckonings * 2, sizeof *b->bounds, "bounds", &b->bounds));
    TRY(caucus_alloc(caucus_row_bounds_words(b), sizeof *b->expected, "bounds", &b->expected));
    return caucus_alloc(rows->n_groups, sizeof *b->expected_varying, "bounds", &b->expected_varying);
}

caucus_status caucus_row_bounds_open(const caucus_rows *rows, caucus_row_bounds **made)
{
    const caucus_config *config = rows->config;
    caucus_status status = CAUCUS_OK;
    caucus_row_bounds *b = NULL;
    *made = NULL;
    if (config->bounds.n_methods == 0) {
        return CAUCUS_OK;
    }
    if (rows->n_collectives > MOST_COLLECTIVES) {
        return caucus_fail(CAUCUS_INVALID,
                           "bounds on rows are for at most %d collectives, and there are %u: leave bounds out",
                           (int)MOST_COLLECTIVES, rows->n_collectives);
    }
    TRY(caucus_alloc(1, sizeof *b, "bounds", &b));
    b->n_collectives = rows->n_collectives;
    b->n_labels = config->population->n_labels;
    TRY_GOTO(list_reckonings(&config->bounds, b), failed);
    TRY_GOTO(alloc_all(rows, b), failed);
    TRY_GOTO(find_points(rows, b), failed);
    TRY_GOTO(open_settings(rows, b), failed);
    expect_tally(rows, b);
    for (uint32_t g = 0; g < rows->n_groups; g++) {
        b->expected_varying[g] = rows->expected_varying[g];
    }
    *made = b;
    return CAUCUS_OK;
failed:
    caucus_row_bounds_close(b);
    return status;
}

void caucus_row_bounds_close(caucus_row_bounds *b)
{
    if (b == NULL) {
        return;
    }
    for (uint32_t i = 0; b->bounds != NULL && i < b->n_collectives * b->n_reckonings * 2; i++) {
        caucus_bound_close(b->bounds[i]);
    }
    for (uint32_t m = 0; b->own_point != NULL && m < b->n_collectives; m++) {
        free(b->own_point[m]);
    }
    free(b->expected_varying);
    free(b->expected);
    free(b->bounds);
    free(b->own_point);
    free(b->same);
    free(b->reach);
    free(b->targets);
    free(b->strategies);
    free(b->sizes);
    free(b->settings);
    free(b->upper);
    free(b->lower);
    free(b->reckonings);
    free(b);
}

/* ---- a trial ----------------------------------------------------------------------------------------------------- */

size_t caucus_row_bounds_words(const caucus_row_bounds *b)
{
    return (size_t)b->n_collectives * PARTS * (b->n_collectives + 1) * b->n_labels;
}

/* Values that a trial's bounds are concluded from, and words of a view. */
static size_t n_values(const caucus_row_bounds *b)
{
    return (size_t)b->n_collectives * b->n_reckonings * 2 * CAUCUS_N_KNOWLEDGE;
}

size_t caucus_row_bounds_scratch(const caucus_row_bounds *b)
{
    return b->scratch + n_values(b) + ((size_t)5 + b->n_collectives) * b->n_labels;
}

void caucus_row_bounds_tally(const caucus_rows *rows, uint32_t m, bool estimating, bool acting, const uint64_t *counts,
                             uint64_t *tally)
{
    const caucus_row_bounds *b = rows->bounds;
    const caucus_row_group *group = &rows->members[m].group;
    for (uint32_t i = 0; i < group->n; i++) {
        const uint32_t y = rows->table->labels[group->rows[i]];
        tally_at(b, tally, m, estimating, acting, 0)[y] += counts[i];
        for (uint32_t p = 0; counts[i] > 0 && b->own_point[m][i] != 0 && p < b->n_collectives; p++) {
            if ((b->own_point[m][i] >> p & 1u) != 0) {
                tally_at(b, tally, m, estimating, acting, 1 + p)[y] += counts[i];
            }
        }
    }
}

/* People of a collective at a place with a label; base: without estimators; acting: only those who act. */
static uint64_t sum_of(const caucus_row_bounds *b, const uint64_t *tally, uint32_t j, bool base, bool acting,
                       uint32_t place, uint32_t y)
{
    uint64_t sum = 0;
    for (int part = 0; part < PARTS; part++) {
        if ((part / 2 == 0 || !base) && (part % 2 != 0 || !acting)) {
            sum += tally_at(b, (uint64_t *)tally, j, part / 2 != 0, part % 2 != 0, place)[y];
        }
    }
    return sum;
}

static uint64_t everybody(const caucus_row_bounds *b, const uint64_t *tally, uint32_t j, bool base, bool acting)
{
    uint64_t sum = 0;
    for (uint32_t y = 0; y < b->n_labels; y++) {
        sum += sum_of(b, tally, j, base, acting, 0, y);
    }
    return sum;
}

/* What collective j, following its plan, hands in with label y at the point of m: everybody's, or of those who act.
 * label: that its members agree on. */
static uint64_t planned(const caucus_row_bounds *b, const uint64_t *tally, uint32_t j, uint32_t m, bool base,
                        bool acting, uint32_t y, uint32_t label)
{
    const bool same = b->same[j * b->n_collectives + m];
    if (!caucus_strategy_asks_label(b->strategies[j])) {
        return same && y == label ? everybody(b, tally, j, base, acting) : 0;
    }
    const uint64_t stays =
        caucus_strategy_stays(b->strategies[j]) && y != b->targets[j] ? sum_of(b, tally, j, base, acting, 1 + m, y) : 0;
    return stays + (same && y == b->targets[j] ? sum_of(b, tally, j, base, acting, 0, y) : 0);
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
    a->raw[y] = sum_of(b, tally, m, false, false, 1 + m, y);
    a->base[y] = sum_of(b, tally, m, true, false, 1 + m, y);
    a->others[y] = 0;
    a->pooled[y] = 0;
    for (uint32_t j = 0; j < b->n_collectives; j++) {
        const uint64_t raw = sum_of(b, tally, j, false, false, 1 + m, y);
        const uint64_t idle = raw - sum_of(b, tally, j, false, true, 1 + m, y);
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
                n = same && y == b->targets[j] ? everybody(b, tally, m, true, false) : 0;
            } else if (y == b->targets[j]) {
                n = same ? sum_of(b, tally, m, true, false, 0, y) : 0;
            } else if (caucus_strategy_stays(b->strategies[j])) {
                n = sum_of(b, tally, m, true, false, 1 + m, y);
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
        n_all += everybody(b, tally, j, false, false);
    }
    a->good = label_of(rows, m, varying);
    for (uint32_t y = 0; y < b->n_labels; y++) {
        fill_label(rows, tally, m, y, varying, a);
    }
    fill_crossed(rows, tally, m, a);
    a->mass = everybody(b, tally, m, false, false);
    a->base_mass = everybody(b, tally, m, true, false);
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

/* Lower bounds of a method, and those on all collectives together. */
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
        if (result->upper_bound != NULL) {
            result->upper_bound[(size_t)m * n_methods + i] = caucus_round_up(
                b->upper[i] != UINT32_MAX ? values_at(b, values, m, b->upper[i], false)[knowledge] : NAN);
        }
    }
    result->global_bound[i] = caucus_round_down(global);
    result->joint_bound[i] = caucus_round_down(1 - missing);
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
