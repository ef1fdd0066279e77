/* What bounds keep, for all lanes of a group at a time: the numbers of bound/value.h. Margins of collectives that do
 * not erase go in step, with a platform whose suboptimality is assumed; all else goes lane by lane. */
#ifndef CAUCUS_LOCKSTEP_BOUNDS_H
#define CAUCUS_LOCKSTEP_BOUNDS_H

#include "trial/bounds.h"
#include "trial/lockstep_limits.h"

/* Where steps write what they need in between. */
typedef struct caucus_lockstep_scratch {
    caucus_count *others; /* [cell][label][lane] handed in by the other collectives */
    caucus_count *pooled; /* [cell][label][lane] raw data of all collectives but the estimators */
    double *leads;        /* [cell][lane] */
} caucus_lockstep_scratch;

/* Bytes for them; lays them out in memory unless that is NULL. */
static inline size_t caucus_lockstep_scratch_lay_out(const caucus_compiled *compiled, unsigned char *memory,
                                                     caucus_lockstep_scratch *scratch)
{
    size_t k = 0;
    for (uint32_t m = 0; compiled->config->bounds.n_methods > 0 && m < compiled->n_collectives; m++) {
        const uint32_t n_cells = compiled->strategies[m] == CAUCUS_ERASE ? 0 : compiled->signals.of[m].n_cells;
        k = n_cells > k ? n_cells : k;
    }
    const size_t counts = CAUCUS_ROW(k * compiled->n_labels) * sizeof(caucus_count);
    const size_t leads = CAUCUS_ROW(k) * sizeof(double);
    if (memory != NULL) {
        scratch->others = (caucus_count *)(void *)memory;
        scratch->pooled = (caucus_count *)(void *)(memory + counts);
        scratch->leads = (double *)(void *)(memory + 2 * counts);
    }
    return 2 * counts + leads;
}

/* One collective's counts, all lanes of them. */
typedef struct caucus_lockstep_view {
    caucus_trial *lanes;
    uint32_t m;
    uint32_t n_lanes; /* that have a trial */
    bool one_good;    /* all lanes and cells have the same good label */
    double n_own, n_base, n_others, n_pooled;
    caucus_lockstep_scratch scratch;
    caucus_bound_view own[CAUCUS_LANES]; /* of a lane by itself, where it is gathered */
    bool gathered[CAUCUS_LANES];
} caucus_lockstep_view;

/* Position of a cell's counts among the tracked ones of collective j. */
static inline size_t caucus_lockstep_tracked(const caucus_lockstep_view *view, uint32_t j, uint32_t cell)
{
    const caucus_compiled *compiled = view->lanes[0].compiled;
    return (size_t)j * compiled->n_tracked + compiled->signals.of[view->m].positions[cell];
}

/* Counts of all labels at a cell: [label][lane] */
static inline const caucus_count *caucus_lockstep_cell(const caucus_lockstep_view *view, const caucus_count *tracked,
                                                       uint32_t cell)
{
    const uint32_t L = view->lanes[0].compiled->n_labels;
    return tracked + CAUCUS_ROW(caucus_lockstep_tracked(view, view->m, cell) * L);
}

/* Counts of the good labels: one row. */
static inline const caucus_count *caucus_lockstep_good(const caucus_count *labels, const uint32_t *restrict good,
                                                       bool one_good, caucus_count *restrict chosen)
{
    if (one_good) {
        return labels + CAUCUS_ROW(good[0]);
    }
    CAUCUS_EACH_LANE (i) {
        chosen[i] = labels[CAUCUS_ROW(good[i]) + i];
    }
    return chosen;
}

/* The other collectives' counts, added up: both at a time. */
static inline void caucus_lockstep_add_others(const caucus_lockstep_view *view)
{
    const caucus_trial *all = &view->lanes[0];
    const caucus_compiled *compiled = all->compiled;
    const uint32_t L = compiled->n_labels;
    for (uint32_t i = 0; i < compiled->signals.of[view->m].n_cells * L; i++) {
        caucus_count *restrict others = view->scratch.others + CAUCUS_ROW(i);
        caucus_count *restrict pooled = view->scratch.pooled + CAUCUS_ROW(i);
        memset(others, 0, CAUCUS_LANES * sizeof *others);
        memcpy(pooled, all->base + CAUCUS_ROW(caucus_lockstep_tracked(view, view->m, i / L) * L + i % L),
               CAUCUS_LANES * sizeof *pooled);
        for (uint32_t j = 0; j < compiled->n_collectives; j++) {
            const size_t from = CAUCUS_ROW(caucus_lockstep_tracked(view, j, i / L) * L + i % L);
            const caucus_count *restrict submitted = all->submitted + from;
            const caucus_count *restrict raw = all->raw + from;
            for (uint32_t lane = 0; j != view->m && lane < CAUCUS_LANES; lane++) {
                others[lane] += submitted[lane];
                pooled[lane] += raw[lane];
            }
        }
    }
}

/* ---- margins ---------------------------------------------------------------------------------------------------- */

typedef struct caucus_lockstep_query {
    const caucus_bound *bound;
    uint32_t cell;
    caucus_precision precision;
    const uint32_t *open; /* lanes that matter where limits are dear; NULL: all */
} caucus_lockstep_query;

/* Whose support at a cell is asked for: a label's, or with n_labels that of each lane's good label. */
typedef struct caucus_lockstep_whose {
    uint32_t label;
    const uint32_t *good; /* [lane] */
    int side;
} caucus_lockstep_whose;

static inline const caucus_count *caucus_lockstep_row(const caucus_lockstep_view *view,
                                                      const caucus_lockstep_whose *whose, const caucus_count *labels,
                                                      caucus_count *restrict chosen)
{
    const uint32_t L = view->lanes[0].compiled->n_labels;
    return whose->label < L ? labels + CAUCUS_ROW(whose->label)
                            : caucus_lockstep_good(labels, whose->good, view->one_good, chosen);
}

/* sum += weight times a limit of the counts. labels: [label][lane] */
static inline void caucus_lockstep_term(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                        const caucus_lockstep_whose *whose, const caucus_transfer *transfer,
                                        double weight, const caucus_count *labels, double total, double *restrict sum)
{
    caucus_lane_counts chosen;
    caucus_lane_doubles limit;
    caucus_lockstep_limit(transfer, query->precision, caucus_lockstep_row(view, whose, labels, chosen), total,
                          query->open, limit);
    CAUCUS_EACH_LANE (i) {
        sum[i] += weight * limit[i];
    }
}

/* sum += weight times the share of the counts. */
static inline void caucus_lockstep_share(const caucus_lockstep_view *view, const caucus_lockstep_whose *whose,
                                         double weight, const caucus_count *labels, double total, double *restrict sum)
{
    caucus_lane_counts chosen;
    const caucus_count *restrict counts = caucus_lockstep_row(view, whose, labels, chosen);
    CAUCUS_EACH_LANE (i) {
        sum[i] += weight * ((double)counts[i] / total);
    }
}

/* As caucus_margin_support. */
static inline void caucus_lockstep_support(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                           const caucus_lockstep_whose *whose, double *restrict sum)
{
    const caucus_trial *all = &view->lanes[0];
    const caucus_compiled *compiled = all->compiled;
    const caucus_margin *margin = &query->bound->margin;
    const bool lower = whose->side == CAUCUS_LOWER;
    const size_t entry = (size_t)query->cell * margin->n_labels;
    const caucus_count *own = caucus_lockstep_cell(view, all->planned, query->cell);
    memset(sum, 0, CAUCUS_LANES * sizeof *sum);
    if (margin->own_exact) {
        caucus_lockstep_share(view, whose, margin->own_weight, own, view->n_own, sum);
    } else if (lower || margin->own_rivals) {
        caucus_lockstep_term(view, query, whose, lower ? &margin->own_lower : &margin->own_upper, margin->own_weight,
                             own, view->n_own, sum);
    }
    if (margin->rest_weight > 0) {
        caucus_lockstep_term(view, query, whose, lower ? &margin->base_lower : &margin->base_upper, margin->rest_weight,
                             margin->pooled ? view->scratch.pooled + CAUCUS_ROW(entry)
                                            : caucus_lockstep_cell(view, all->base, query->cell),
                             margin->pooled ? view->n_pooled : view->n_base, sum);
    }
    for (uint32_t j = 0; j < margin->n_neighbours; j++) {
        const caucus_neighbour *neighbour = &margin->neighbours[j];
        const size_t from = (size_t)neighbour->row * margin->n_cells * margin->n_labels + entry;
        caucus_lockstep_term(view, query, whose, lower ? &neighbour->lower : &neighbour->upper, neighbour->weight,
                             all->crossed + CAUCUS_ROW(compiled->crossed_offset[view->m] + from), view->n_base, sum);
    }
    if (margin->others_exact) {
        caucus_lockstep_share(view, whose, margin->others_weight, view->scratch.others + CAUCUS_ROW(entry),
                              view->n_others, sum);
    }
    if (!lower) {
        const double loss = margin->label_loss[whose->label];
        CAUCUS_EACH_LANE (i) {
            sum[i] += loss;
        }
    }
}

/* As caucus_margin_to. */
static inline void caucus_lockstep_margin(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                          double *restrict lead)
{
    const caucus_margin *margin = &query->bound->margin;
    const uint32_t *restrict good =
        view->lanes[0].good + CAUCUS_ROW(caucus_lockstep_tracked(view, view->m, query->cell));
    caucus_lockstep_whose whose = {.label = margin->n_labels, .good = good, .side = CAUCUS_LOWER};
    caucus_lane_doubles strongest;
    caucus_lockstep_support(view, query, &whose, lead);
    CAUCUS_EACH_LANE (i) {
        strongest[i] = -INFINITY;
    }
    whose.side = CAUCUS_UPPER;
    for (whose.label = 0; whose.label < margin->n_labels; whose.label++) {
        caucus_lane_doubles support;
        if ((margin->one_rival && whose.label != margin->rival) || (view->one_good && whose.label == good[0])) {
            continue;
        }
        caucus_lockstep_support(view, query, &whose, support);
        CAUCUS_EACH_LANE (i) {
            strongest[i] = good[i] != whose.label && support[i] > strongest[i] ? support[i] : strongest[i];
        }
    }
    CAUCUS_EACH_LANE (i) {
        lead[i] -= strongest[i];
    }
}

/* As caucus_margin_judge. */
static inline void caucus_lockstep_judge(const caucus_lockstep_view *view, caucus_lockstep_query *query,
                                         double threshold, bool exact, double *restrict lead)
{
    caucus_lane_words open;
    if (exact || caucus_transfer_is_cheap(&query->bound->margin.base_lower)) {
        query->precision = CAUCUS_EXACT;
        caucus_lockstep_margin(view, query, lead);
        return;
    }
    const double above = threshold + 1e-9;
    const double below = threshold - 1e-9;
    uint32_t any = 0;
    query->precision = CAUCUS_OUTWARD;
    caucus_lockstep_margin(view, query, lead);
    CAUCUS_EACH_LANE (i) {
        open[i] = lead[i] > above ? 0 : 1;
        any |= open[i];
    }
    caucus_lane_doubles next;
    for (int precision = CAUCUS_INWARD; any != 0; precision = CAUCUS_EXACT) {
        query->precision = (caucus_precision)precision;
        query->open = open;
        caucus_lockstep_margin(view, query, next);
        query->open = NULL;
        any = 0;
        CAUCUS_EACH_LANE (i) {
            const bool told = precision == CAUCUS_EXACT || next[i] < below;
            lead[i] = open[i] != 0 ? next[i] : lead[i];
            open[i] = told ? 0 : open[i];
            any |= open[i];
        }
    }
}

/* ---- bounds ----------------------------------------------------------------------------------------------------- */

/* A lane's own view of the counts, for what goes lane by lane. */
static inline const caucus_bound_view *caucus_lockstep_lane(caucus_lockstep_view *view, uint32_t lane)
{
    if (!view->gathered[lane]) {
        view->own[lane] = caucus_guarantee_view(&view->lanes[lane], view->m);
        view->gathered[lane] = true;
    }
    return &view->own[lane];
}

/* Whether a bound's counting goes in step. */
static inline bool caucus_lockstep_takes(const caucus_bound *bound)
{
    return bound->applies && bound->method.family != CAUCUS_LINEAR && !bound->setting.measured &&
           bound->rule.image == NULL;
}

/* Members kept by a budget above 0, lane by lane. */
static inline void caucus_lockstep_buy(caucus_lockstep_view *view, const caucus_bound *bound, double budget,
                                       double *kept)
{
    for (uint32_t lane = 0; lane < view->n_lanes; lane++) {
        const caucus_bound_view *own = caucus_lockstep_lane(view, lane);
        double *scratch = view->lanes[lane].bound_scratch;
        for (uint32_t x = 0; x < bound->margin.n_cells; x++) {
            scratch[CAUCUS_AT(x)] = view->scratch.leads[CAUCUS_ROW(x) + lane];
        }
        kept[lane] = caucus_family_budget(&bound->rule, &bound->margin, budget,
                                          bound->from_base ? own->base_mass : own->mass, scratch);
    }
}

/* Members of the cells whose leads exceed the threshold. */
static inline void caucus_lockstep_sum(const caucus_lockstep_view *view, const caucus_bound *bound, double threshold,
                                       double *restrict kept)
{
    const caucus_trial *all = &view->lanes[0];
    const caucus_count *masses = bound->from_base ? all->base_mass : all->mass;
    caucus_lane_counts sum;
    memset(sum, 0, sizeof sum);
    for (uint32_t x = 0; x < bound->margin.n_cells; x++) {
        const caucus_count *restrict mass = masses + CAUCUS_ROW(caucus_lockstep_tracked(view, view->m, x));
        const double *restrict lead = view->scratch.leads + CAUCUS_ROW(x);
        CAUCUS_EACH_LANE (i) {
            sum[i] += lead[i] > threshold ? mass[i] : 0;
        }
    }
    CAUCUS_EACH_LANE (i) {
        kept[i] = (double)sum[i];
    }
}

/* As caucus_bound_kept. */
static inline void caucus_lockstep_keep_bound(caucus_lockstep_view *view, const caucus_bound *bound, double *kept)
{
    const double epsilon = bound->setting.epsilon;
    const bool staircase = bound->method.family == CAUCUS_STAIRCASE;
    const double budget = staircase ? 0 : caucus_family_means(&bound->rule, epsilon);
    const double threshold = (staircase ? caucus_family_threshold(&bound->rule, epsilon) : 0) + CAUCUS_TIE;
    caucus_lockstep_query query = {.bound = bound};
    for (query.cell = 0; query.cell < bound->margin.n_cells; query.cell++) {
        caucus_lockstep_judge(view, &query, threshold, budget > 0, view->scratch.leads + CAUCUS_ROW(query.cell));
    }
    if (budget > 0) {
        caucus_lockstep_buy(view, bound, budget, kept);
    } else {
        caucus_lockstep_sum(view, bound, threshold, kept);
    }
}

static inline void caucus_lockstep_open(caucus_trial *lanes, uint32_t n, uint32_t m, caucus_lockstep_scratch scratch,
                                        caucus_lockstep_view *view)
{
    const caucus_trial *all = &lanes[0];
    const caucus_compiled *compiled = all->compiled;
    const caucus_strategy strategy = compiled->strategies[m];
    double members = 0;
    for (uint32_t j = 0; j < compiled->n_collectives; j++) {
        members += (double)all->n_members[CAUCUS_ROW(j)];
    }
    view->lanes = lanes;
    view->m = m;
    view->n_lanes = n;
    view->one_good = !caucus_strategy_adapts(strategy);
    view->n_own = (double)all->n_members[CAUCUS_ROW(m)];
    view->n_base = view->n_own - (double)all->n_estimators[CAUCUS_ROW(m)];
    view->n_others = members - view->n_own;
    view->n_pooled = members - (double)all->n_estimators[CAUCUS_ROW(m)];
    view->scratch = scratch;
    memset(view->gathered, 0, sizeof view->gathered);
    if (strategy != CAUCUS_ERASE && compiled->n_collectives > 1) {
        caucus_lockstep_add_others(view);
    }
}

/* As caucus_guarantees_keep, for the first n lanes. */
static inline void caucus_lockstep_keep(caucus_trial *lanes, uint32_t n, caucus_lockstep_scratch scratch)
{
    const caucus_compiled *compiled = lanes[0].compiled;
    const uint32_t n_sharing = compiled->n_collectives > 1 ? 2 : 1;
    const uint32_t n_methods = compiled->config->bounds.n_methods;
    for (uint32_t m = 0; n_methods > 0 && m < compiled->n_collectives; m++) {
        caucus_lockstep_view view;
        caucus_lockstep_open(lanes, n, m, scratch, &view);
        /* what reads expected counts comes last, since these are written over the lanes' own views */
        for (uint32_t i = 0; i < 2 * n_methods * n_sharing; i++) {
            const bool expecting = i >= n_methods * n_sharing;
            const uint32_t method = i / n_sharing % n_methods;
            const caucus_bound *bound = caucus_guarantee_bound(compiled, m, method, i % n_sharing);
            const size_t kept = caucus_guarantee_kept(compiled, m, method, i % n_sharing);
            if (bound == NULL || compiled->guarantees[m].alike[method] != method ||
                caucus_guarantee_expects(compiled, method) != expecting) {
                continue;
            }
            if (caucus_lockstep_takes(bound) && view.n_base > 0) {
                caucus_lockstep_keep_bound(&view, bound, lanes[0].kept + kept);
                continue;
            }
            for (uint32_t lane = 0; lane < n; lane++) {
                const caucus_bound_view own =
                    expecting ? caucus_guarantee_expected_view(&lanes[lane], m) : *caucus_lockstep_lane(&view, lane);
                lanes[lane].kept[kept] = caucus_bound_kept(bound, &own, lanes[lane].bound_scratch);
            }
        }
    }
}

#endif
