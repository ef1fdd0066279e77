/* What bounds keep, for all lanes of a group at a time: the numbers of bound/value.h. A staircase, or a budget that
 * spares nobody, from below, of a collective that does not erase and whose members all act, goes in step; all else goes
 * lane by lane. */
#ifndef CAUCUS_LOCKSTEP_BOUNDS_H
#define CAUCUS_LOCKSTEP_BOUNDS_H

#include "trial/bounds.h"
#include "trial/lockstep_limits.h"

/* Where steps write what they need in between. */
typedef struct caucus_lockstep_scratch {
    caucus_count *others; /* [cell][label][lane] handed in by the other collectives */
    caucus_count *pooled; /* [cell][label][lane] raw data of all collectives but the estimators */
    double *leads;        /* [knowledge][cell][lane] */
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
    const size_t leads = CAUCUS_ROW(CAUCUS_N_KNOWLEDGE * k) * sizeof(double);
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

/* ---- leads ------------------------------------------------------------------------------------------------------ */

typedef struct caucus_lockstep_query {
    const caucus_bound *bound;
    uint32_t cell;
    uint32_t label; /* that the good one is to lead */
    int highest;    /* knowledge */
    caucus_precision precision;
    const uint32_t *open; /* lanes that matter where limits are dear; NULL: all */
} caucus_lockstep_query;

/* Leads of the good label over one other at a cell, by knowledge. */
typedef caucus_lane_doubles caucus_lockstep_levels[CAUCUS_N_KNOWLEDGE];

static inline const uint32_t *caucus_lockstep_labels(const caucus_lockstep_view *view, uint32_t cell)
{
    return view->lanes[0].good + CAUCUS_ROW(caucus_lockstep_tracked(view, view->m, cell));
}

/* A limit of the good label's counts. labels: [label][lane] */
static inline void caucus_lockstep_for(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                       const caucus_transfer *lower, const caucus_count *labels, double total,
                                       double *restrict to)
{
    caucus_lane_counts chosen;
    const uint32_t *good = caucus_lockstep_labels(view, query->cell);
    caucus_lockstep_limit(lower, query->precision, caucus_lockstep_good(labels, good, view->one_good, chosen), total,
                          query->open, to);
}

/* The same, less one of the other label's. */
static inline void caucus_lockstep_difference(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                              const caucus_transfer *lower, const caucus_transfer *upper,
                                              const caucus_count *labels, double total, double *restrict to)
{
    caucus_lane_doubles against;
    caucus_lockstep_for(view, query, lower, labels, total, to);
    caucus_lockstep_limit(upper, query->precision, labels + CAUCUS_ROW(query->label), total, query->open, against);
    CAUCUS_EACH_LANE (i) {
        to[i] -= against[i];
    }
}

/* By so many of size do the counts of the good label lead. */
static inline void caucus_lockstep_known(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                         double size, const caucus_count *labels, double total, double *restrict to)
{
    caucus_lane_counts chosen;
    const uint32_t *good = caucus_lockstep_labels(view, query->cell);
    const caucus_count *restrict a = caucus_lockstep_good(labels, good, view->one_good, chosen);
    const caucus_count *restrict b = labels + CAUCUS_ROW(query->label);
    CAUCUS_EACH_LANE (i) {
        to[i] = caucus_rescale(size, (double)a[i] - (double)b[i], total);
    }
}

/* What the collective itself adds, and the others as far as they are known together: first is a level without them. */
static inline void caucus_lockstep_own(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                       double *restrict alone, double *restrict together)
{
    const caucus_margin *margin = &query->bound->margin;
    const caucus_count *labels = caucus_lockstep_cell(view, view->lanes[0].planned, query->cell);
    caucus_lane_doubles limit;
    memset(alone, 0, CAUCUS_LANES * sizeof *alone);
    if (margin->own_exact) {
        caucus_lockstep_known(view, query, margin->own_size, labels, view->n_own, alone);
    }
    memcpy(together, alone, CAUCUS_LANES * sizeof *together);
    if (query->highest >= CAUCUS_AGGREGATE && margin->others_size > 0) {
        caucus_lockstep_known(view, query, margin->others_size,
                              view->scratch.others + CAUCUS_ROW((size_t)query->cell * margin->n_labels), view->n_others,
                              limit);
        CAUCUS_EACH_LANE (i) {
            together[i] += limit[i];
        }
    }
    if (!margin->own_exact) {
        caucus_lockstep_for(view, query, &margin->own_lower, labels, view->n_own, limit);
        CAUCUS_EACH_LANE (i) {
            alone[i] += limit[i];
            together[i] += limit[i];
        }
    }
    if (!margin->own_exact && margin->own_rivals) {
        caucus_lockstep_limit(&margin->own_upper, query->precision, labels + CAUCUS_ROW(query->label), view->n_own,
                              query->open, limit);
        CAUCUS_EACH_LANE (i) {
            alone[i] -= limit[i];
            together[i] -= limit[i];
        }
    }
}

/* What another collective adds at least, by its strategy: limits of what it would do with this one's data. */
static inline void caucus_lockstep_acting(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                          const caucus_margin_other *other, double threat, double *restrict sum)
{
    const caucus_compiled *compiled = view->lanes[0].compiled;
    const caucus_margin *margin = &query->bound->margin;
    const uint32_t L = margin->n_labels;
    const size_t entry = (size_t)query->cell * L;
    const uint32_t *restrict good = caucus_lockstep_labels(view, query->cell);
    const caucus_count *labels = view->lanes[0].crossed + CAUCUS_ROW(compiled->crossed_offset[view->m] +
                                                                     (size_t)other->row * margin->n_cells * L + entry);
    caucus_lane_doubles limit;
    caucus_lane_doubles against;
    memset(against, 0, sizeof against);
    caucus_lockstep_for(view, query, &other->lower, labels, view->n_base, limit);
    if (other->reach[entry + query->label] != 0) {
        caucus_lockstep_limit(&other->upper, query->precision, labels + CAUCUS_ROW(query->label), view->n_base,
                              query->open, against);
    }
    CAUCUS_EACH_LANE (i) {
        const double adds = (other->reach[entry + good[i]] != 0 ? limit[i] : 0) - against[i];
        sum[i] += adds > threat ? adds : threat;
    }
}

/* The other collectives one by one. */
static inline void caucus_lockstep_others(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                          double *restrict named, double *restrict acting)
{
    const caucus_margin *margin = &query->bound->margin;
    for (uint32_t j = 0; j < margin->n_others; j++) {
        const caucus_margin_other *other = &margin->others[j];
        const double by_label = other->can[query->label] != 0 ? -other->size : 0;
        const double by_reach =
            other->reach[(size_t)query->cell * margin->n_labels + query->label] != 0 ? -other->size : 0;
        CAUCUS_EACH_LANE (i) {
            named[i] += by_label;
        }
        if (query->highest >= CAUCUS_STRATEGIES && !other->by_data) {
            caucus_lockstep_acting(view, query, other, by_reach, acting);
        } else {
            CAUCUS_EACH_LANE (i) {
                acting[i] += by_reach;
            }
        }
    }
}

/* As caucus_margin_lead, at every level up to the highest. */
static inline void caucus_lockstep_lead(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                        caucus_lockstep_levels leads)
{
    const caucus_margin *margin = &query->bound->margin;
    caucus_lane_doubles base;
    caucus_lane_doubles pool;
    caucus_lockstep_own(view, query, leads[CAUCUS_TOTAL], leads[CAUCUS_AGGREGATE]);
    memcpy(leads[CAUCUS_FULL], leads[CAUCUS_AGGREGATE], sizeof *leads);
    memcpy(leads[CAUCUS_LABELS], leads[CAUCUS_TOTAL], sizeof *leads);
    memcpy(leads[CAUCUS_STRATEGIES], leads[CAUCUS_TOTAL], sizeof *leads);
    if (query->highest >= CAUCUS_LABELS) {
        caucus_lockstep_others(view, query, leads[CAUCUS_LABELS], leads[CAUCUS_STRATEGIES]);
    }
    if (!(margin->rest_size > 0)) {
        return;
    }
    caucus_lockstep_difference(view, query, &margin->base.lower, &margin->base.upper,
                               caucus_lockstep_cell(view, view->lanes[0].base, query->cell), view->n_base, base);
    for (int level = CAUCUS_TOTAL; level <= query->highest; level++) {
        if (level == CAUCUS_FULL && margin->pooled) {
            caucus_lockstep_difference(view, query, &margin->pool.lower, &margin->pool.upper,
                                       view->scratch.pooled + CAUCUS_ROW((size_t)query->cell * margin->n_labels),
                                       view->n_pooled, pool);
            CAUCUS_EACH_LANE (i) {
                base[i] = pool[i] > base[i] ? pool[i] : base[i];
            }
        }
        CAUCUS_EACH_LANE (i) {
            leads[level][i] += base[i];
        }
    }
}

/* As caucus_margin_at: the least lead over the labels that matter. to: a row of view->scratch.leads for each level. */
static inline void caucus_lockstep_cell_leads(const caucus_lockstep_view *view, caucus_lockstep_query *query,
                                              size_t stride, double *to)
{
    const caucus_margin *margin = &query->bound->margin;
    const uint32_t *restrict good = caucus_lockstep_labels(view, query->cell);
    for (int level = CAUCUS_TOTAL; level <= query->highest; level++) {
        CAUCUS_EACH_LANE (i) {
            to[CAUCUS_ROW(level * stride) + i] = INFINITY;
        }
    }
    for (query->label = 0; query->label < margin->n_labels; query->label++) {
        const bool matters = margin->pairs == CAUCUS_PAIRS_GOOD ? !view->one_good || query->label != good[0]
                                                                : query->label == margin->target;
        caucus_lockstep_levels leads;
        if (!matters) {
            continue;
        }
        caucus_lockstep_lead(view, query, leads);
        for (int level = CAUCUS_TOTAL; level <= query->highest; level++) {
            double *restrict least = to + CAUCUS_ROW(level * stride);
            const double *restrict lead = leads[level];
            CAUCUS_EACH_LANE (i) {
                least[i] = good[i] != query->label && lead[i] < least[i] ? lead[i] : least[i];
            }
        }
    }
}

/* ---- where limits are dear -------------------------------------------------------------------------------------- */

/* Lane's own view of the counts, for what goes lane by lane. */
static inline const caucus_bound_view *caucus_lockstep_lane(caucus_lockstep_view *view, uint32_t lane)
{
    const caucus_trial *trial = &view->lanes[lane];
    if (!view->gathered[lane]) {
        view->own[lane] = caucus_guarantee_view(trial, view->m);
        view->gathered[lane] = true;
    }
    return &view->own[lane];
}

/* What a level's leads are compared with, in people. */
typedef struct caucus_lockstep_threshold {
    double budget;
    double lead;
    bool exact; /* leads are needed themselves */
} caucus_lockstep_threshold;

static inline caucus_lockstep_threshold caucus_lockstep_threshold_of(const caucus_bound *bound, int level)
{
    const caucus_margin *margin = &bound->margin;
    const bool staircase = bound->kind.family == CAUCUS_STAIRCASE;
    caucus_lockstep_threshold threshold;
    threshold.budget = caucus_family_slack(&bound->rule, bound->setting.epsilon) * margin->consumers;
    if (level == CAUCUS_TOTAL) {
        threshold.budget += margin->others_size;
    }
    threshold.lead = (staircase ? threshold.budget : 0) + CAUCUS_TIE * margin->consumers;
    threshold.exact = !staircase && threshold.budget > 0;
    return threshold;
}

/* Take over rough leads that tell on which side of the threshold the lead is: too large ones when they are outward, too
 * small ones when they are inward. open: [lane] a bit for each level that is not told. Whether there is any. */
static inline bool caucus_lockstep_tell(const caucus_lockstep_query *query, size_t stride, caucus_lane_doubles *rough,
                                        double *leads, uint32_t *restrict open)
{
    const double rounding = 1e-6 + 1e-12 * query->bound->margin.consumers;
    const bool outward = query->precision == CAUCUS_OUTWARD;
    uint32_t any = 0;
    for (int level = CAUCUS_TOTAL; level <= query->highest; level++) {
        const caucus_lockstep_threshold threshold = caucus_lockstep_threshold_of(query->bound, level);
        const double above = threshold.lead + rounding;
        const double below = threshold.lead - rounding;
        const uint32_t bit = 1u << level;
        double *restrict lead = leads + CAUCUS_ROW(level * stride);
        CAUCUS_EACH_LANE (i) {
            const bool told = outward ? rough[level][i] > above : rough[level][i] < below;
            const bool taken = told && (open[i] & bit) != 0;
            lead[i] = taken ? rough[level][i] : lead[i];
            open[i] &= taken ? ~bit : ~0u;
            any |= open[i];
        }
    }
    return any != 0;
}

/* Exact leads of a cell where they are still open. */
static inline void caucus_lockstep_close(const caucus_lockstep_view *view, caucus_lockstep_query *query, size_t stride,
                                         const uint32_t *restrict open, double *leads)
{
    caucus_lockstep_levels exact;
    query->precision = CAUCUS_EXACT;
    query->open = open;
    caucus_lockstep_cell_leads(view, query, 1, exact[0]);
    query->open = NULL;
    for (int level = CAUCUS_TOTAL; level <= query->highest; level++) {
        double *restrict lead = leads + CAUCUS_ROW(level * stride);
        const uint32_t bit = 1u << level;
        CAUCUS_EACH_LANE (i) {
            lead[i] = (open[i] & bit) != 0 ? exact[level][i] : lead[i];
        }
    }
}

/* As caucus_margin_judge, at every level. leads: of the cell, levels `stride` rows apart. */
static inline void caucus_lockstep_judge(const caucus_lockstep_view *view, caucus_lockstep_query *query, size_t stride,
                                         double *leads)
{
    caucus_lockstep_levels rough;
    caucus_lane_words open;
    uint32_t exact = 0;
    if (caucus_margin_is_cheap(&query->bound->margin)) {
        query->precision = CAUCUS_EXACT;
        caucus_lockstep_cell_leads(view, query, stride, leads);
        return;
    }
    for (int level = CAUCUS_TOTAL; level <= query->highest; level++) {
        exact |= caucus_lockstep_threshold_of(query->bound, level).exact ? 1u << level : 0;
    }
    const uint32_t rest = ((2u << query->highest) - 1) & ~exact;
    CAUCUS_EACH_LANE (i) {
        open[i] = rest;
    }
    for (int precision = CAUCUS_OUTWARD; rest != 0 && precision <= CAUCUS_INWARD; precision++) {
        query->precision = (caucus_precision)precision;
        caucus_lockstep_cell_leads(view, query, 1, rough[0]);
        if (!caucus_lockstep_tell(query, stride, rough, leads, open)) {
            break;
        }
    }
    uint32_t any = exact;
    CAUCUS_EACH_LANE (i) {
        open[i] |= exact;
        any |= open[i];
    }
    if (any != 0) {
        caucus_lockstep_close(view, query, stride, open, leads);
    }
}

/* ---- bounds ----------------------------------------------------------------------------------------------------- */

/* Whether a bound's counting goes in step. */
static inline bool caucus_lockstep_takes(const caucus_bound *bound)
{
    return bound->applies && bound->kind.family != CAUCUS_LINEAR && bound->kind.side == CAUCUS_LOWER &&
           !bound->setting.measured && !bound->margin.joint && !bound->margin.own_noisy && bound->rule.image == NULL;
}

/* Members kept at one level by a budget above 0, lane by lane. */
static inline void caucus_lockstep_buy(caucus_lockstep_view *view, const caucus_bound *bound, double budget,
                                       const double *leads, double *kept)
{
    for (uint32_t lane = 0; lane < view->n_lanes; lane++) {
        double *scratch = view->lanes[lane].bound_scratch;
        for (uint32_t x = 0; x < bound->margin.n_cells; x++) {
            scratch[CAUCUS_AT(x)] = leads[CAUCUS_ROW(x) + lane];
        }
        kept[lane] = caucus_family_budget(&bound->rule, &bound->margin, budget,
                                          caucus_bound_mass(bound, caucus_lockstep_lane(view, lane)), scratch);
    }
}

/* Members of the cells whose leads exceed the threshold. leads: [cell][lane] */
static inline void caucus_lockstep_sum(const caucus_lockstep_view *view, const caucus_bound *bound, double threshold,
                                       const double *leads, double *restrict kept)
{
    const caucus_trial *all = &view->lanes[0];
    const caucus_count *masses = bound->from_base ? all->base_mass : all->mass;
    caucus_lane_counts sum;
    memset(sum, 0, sizeof sum);
    for (uint32_t x = 0; x < bound->margin.n_cells; x++) {
        const caucus_count *restrict mass = masses + CAUCUS_ROW(caucus_lockstep_tracked(view, view->m, x));
        const double *restrict lead = leads + CAUCUS_ROW(x);
        CAUCUS_EACH_LANE (i) {
            sum[i] += lead[i] > threshold ? mass[i] : 0;
        }
    }
    CAUCUS_EACH_LANE (i) {
        kept[i] = (double)sum[i];
    }
}

/* One level by itself, lane by lane: where a budget may spare some of the others. */
static inline void caucus_lockstep_spare(caucus_lockstep_view *view, const caucus_bound *bound, int level, double *kept)
{
    for (uint32_t lane = 0; lane < view->n_lanes; lane++) {
        const caucus_bound_view *own = caucus_lockstep_lane(view, lane);
        const uint64_t *mass = caucus_bound_mass(bound, own);
        uint64_t everybody = 0;
        for (uint32_t x = 0; x < bound->margin.n_cells; x++) {
            everybody += mass[CAUCUS_AT(x)];
        }
        kept[lane] = caucus_bound_at_level(bound, own, (caucus_knowledge)level, (double)everybody,
                                           view->lanes[lane].bound_scratch)
                         .kept;
    }
}

/* As caucus_bound_keep. kept: [knowledge][lane] */
static inline void caucus_lockstep_keep_bound(caucus_lockstep_view *view, const caucus_bound *bound, int highest,
                                              double *kept)
{
    const caucus_margin *margin = &bound->margin;
    const int last = margin->n_others > 0 ? highest : CAUCUS_TOTAL; /* there is nobody else to know of */
    caucus_lockstep_query query = {.bound = bound, .highest = last};
    for (query.cell = 0; query.cell < margin->n_cells; query.cell++) {
        caucus_lockstep_judge(view, &query, margin->n_cells, view->scratch.leads + CAUCUS_ROW(query.cell));
    }
    for (int level = CAUCUS_TOTAL; level <= highest; level++) {
        const caucus_lockstep_threshold threshold = caucus_lockstep_threshold_of(bound, level);
        const double *leads = view->scratch.leads + CAUCUS_ROW((size_t)level * margin->n_cells);
        double *restrict row = kept + CAUCUS_ROW(level);
        const bool charged = level == CAUCUS_LABELS || level == CAUCUS_STRATEGIES;
        if (level > last) {
            memcpy(row, kept + CAUCUS_ROW(last), CAUCUS_LANES * sizeof *row);
            continue;
        }
        if (charged && bound->kind.family == CAUCUS_BUDGET) {
            caucus_lockstep_spare(view, bound, level, row);
        } else if (threshold.exact) {
            caucus_lockstep_buy(view, bound, threshold.budget, leads, row);
        } else {
            caucus_lockstep_sum(view, bound, threshold.lead, leads, row);
        }
        for (uint32_t i = 0; level > CAUCUS_TOTAL && i < CAUCUS_LANES; i++) {
            const double before = kept[CAUCUS_ROW(level - 1) + i];
            row[i] = row[i] > before ? row[i] : before;
        }
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
    for (uint32_t m = 0; compiled->n_reckonings > 0 && m < compiled->n_collectives; m++) {
        caucus_lockstep_view view;
        caucus_lockstep_open(lanes, n, m, scratch, &view);
        /* what reads expected counts comes last, since these are written over the lanes' own views */
        for (uint32_t i = 0; i < 2 * compiled->n_reckonings * n_sharing; i++) {
            const bool expecting = i >= compiled->n_reckonings * n_sharing;
            const uint32_t r = i / n_sharing % compiled->n_reckonings;
            const uint32_t sharing = i % n_sharing;
            const caucus_bound *bound = caucus_guarantee_bound(compiled, m, r, sharing);
            const int highest = (int)compiled->reckonings[r].highest;
            const size_t kept = CAUCUS_ROW(caucus_guarantee_kept(compiled, m, r, sharing));
            if (bound == NULL || caucus_guarantee_expects(compiled, r) != expecting) {
                continue;
            }
            if (caucus_lockstep_takes(bound) && view.n_base > 0) {
                caucus_lockstep_keep_bound(&view, bound, highest, lanes[0].kept + kept);
                continue;
            }
            for (uint32_t lane = 0; lane < n; lane++) {
                const caucus_bound_view own =
                    expecting ? caucus_guarantee_expected_view(&lanes[lane], m) : *caucus_lockstep_lane(&view, lane);
                caucus_bound_keep(bound, &own, highest, lanes[lane].bound_scratch, lanes[lane].kept + kept);
            }
        }
    }
}

#endif
