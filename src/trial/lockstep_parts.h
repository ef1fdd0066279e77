/* What leads are sums of, for all lanes of a group at a time: the terms of bound/margin.h. Where limits are dear,
 * numbers on either side of them are taken until tables of limits are full. */
#ifndef CAUCUS_LOCKSTEP_PARTS_H
#define CAUCUS_LOCKSTEP_PARTS_H

#include "trial/bounds.h"
#include "trial/lockstep_limits.h"

enum { CAUCUS_LOCKSTEP_TIERS = 2 }; /* outward and inward, or exact alone */

/* What a count lies between in all lanes. */
typedef struct caucus_lockstep_range {
    caucus_count least, most;
} caucus_lockstep_range;

/* Where steps write what they need in between. */
typedef struct caucus_lockstep_scratch {
    caucus_count *others;          /* [cell][label][lane] handed in by the other collectives */
    caucus_count *pooled;          /* [cell][label][lane] raw data of all collectives but the estimators */
    double *leads;                 /* [cell][lane] */
    double *fixed;                 /* [tier][cell][pair][lane] own and base parts of leads */
    double *predicted;             /* [other][tier][cell][pair][lane] */
    caucus_lockstep_range *ranges; /* [cell][label][own, base] */
    uint32_t *open;                /* [pair] numbers of pairs that are left open */
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
    const size_t others = compiled->crossing ? compiled->n_collectives - 1 : 0;
    const size_t counts = CAUCUS_ROW(k * compiled->n_labels) * sizeof(caucus_count);
    const size_t leads = CAUCUS_ROW(k) * sizeof(double);
    const size_t parts = CAUCUS_ROW(CAUCUS_LOCKSTEP_TIERS * k * compiled->n_labels) * sizeof(double);
    const size_t ranges = 2 * k * compiled->n_labels * sizeof(caucus_lockstep_range);
    const size_t before = 2 * counts + leads + (1 + others) * parts;
    if (memory != NULL) {
        scratch->others = (caucus_count *)(void *)memory;
        scratch->pooled = (caucus_count *)(void *)(memory + counts);
        scratch->leads = (double *)(void *)(memory + 2 * counts);
        scratch->fixed = (double *)(void *)(memory + 2 * counts + leads);
        scratch->predicted = (double *)(void *)(memory + 2 * counts + leads + parts);
        scratch->ranges = (caucus_lockstep_range *)(void *)(memory + before);
        scratch->open = (uint32_t *)(void *)(memory + before + ranges);
    }
    return before + ranges + compiled->n_labels * sizeof(uint32_t);
}

/* Trials until tables of limits are taken to be full: from then on every limit is looked up. Before, those are spared
 * that cheap numbers make superfluous. */
enum { CAUCUS_LOCKSTEP_WARMING = 256 };

/* One collective's counts, all lanes of them. */
typedef struct caucus_lockstep_view {
    caucus_trial *lanes;
    uint32_t m;
    uint32_t n_lanes; /* that have a trial */
    bool warm;        /* tables of limits are full */
    bool exact;       /* all limits of the bound at hand are exact at once */
    bool ranged;      /* ranges have been found */
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

static inline void caucus_lockstep_open(caucus_trial *lanes, uint32_t n, uint32_t m, caucus_lockstep_scratch scratch,
                                        caucus_lockstep_view *view)
{
    const caucus_trial *all = &lanes[0];
    const caucus_compiled *compiled = all->compiled;
    double members = 0;
    for (uint32_t j = 0; j < compiled->n_collectives; j++) {
        members += (double)all->n_members[CAUCUS_ROW(j)];
    }
    view->lanes = lanes;
    view->m = m;
    view->n_lanes = n;
    view->warm = all->number[CAUCUS_ROW(0)] >= CAUCUS_LOCKSTEP_WARMING;
    view->exact = false;
    view->ranged = false;
    view->n_own = (double)all->n_members[CAUCUS_ROW(m)];
    view->n_base = view->n_own - (double)all->n_estimators[CAUCUS_ROW(m)];
    view->n_others = members - view->n_own;
    view->n_pooled = members - (double)all->n_estimators[CAUCUS_ROW(m)];
    view->scratch = scratch;
    memset(view->gathered, 0, sizeof view->gathered);
    if (compiled->strategies[m] != CAUCUS_ERASE && compiled->n_collectives > 1) {
        caucus_lockstep_add_others(view);
    }
}

/* A lane's own view of the counts, for what goes lane by lane. */
static inline const caucus_bound_view *caucus_lockstep_lane(caucus_lockstep_view *view, uint32_t lane)
{
    if (!view->gathered[lane]) {
        view->own[lane] = caucus_guarantee_view(&view->lanes[lane], view->m);
        view->gathered[lane] = true;
    }
    return &view->own[lane];
}

static inline bool caucus_lockstep_has_table(const caucus_transfer *lower, const caucus_transfer *upper)
{
    return caucus_lockstep_is_tabled(lower) && caucus_lockstep_is_tabled(upper);
}

/* Whether all limits of a margin can be looked up. */
static inline bool caucus_lockstep_has_tables(const caucus_margin *margin)
{
    bool has = !margin->joint && caucus_lockstep_has_table(&margin->base.lower, &margin->base.upper) &&
               (margin->own_exact || caucus_lockstep_has_table(&margin->own_lower, &margin->own_upper)) &&
               (!margin->pooled || caucus_lockstep_has_table(&margin->pool.lower, &margin->pool.upper));
    for (uint32_t j = 0; j < margin->n_others; j++) {
        const caucus_margin_other *other = &margin->others[j];
        has = has && (other->by_data || caucus_lockstep_has_table(&other->lower, &other->upper));
    }
    return has;
}

/* ---- pairs of labels -------------------------------------------------------------------------------------------- */

/* Lanes without a strategy's good label in common have one pair, of that label and the target: see caucus_margin_at. */
static inline uint32_t caucus_lockstep_pairs(const caucus_margin *margin)
{
    return margin->pairs == CAUCUS_PAIRS_TARGET ? 1 : margin->n_labels;
}

/* Which label a pair lets lead which; n_labels: that of each lane. Whose strategy does not adapt marks with its target.
 */
typedef struct caucus_lockstep_pair {
    uint32_t a, b;
    const uint32_t *good; /* [lane] */
} caucus_lockstep_pair;

static inline bool caucus_lockstep_pair_of(const caucus_lockstep_view *view, const caucus_bound *bound, uint32_t cell,
                                           uint32_t number, caucus_lockstep_pair *pair)
{
    const caucus_margin *margin = &bound->margin;
    pair->good = view->lanes[0].good + CAUCUS_ROW(caucus_lockstep_tracked(view, view->m, cell));
    if (margin->pairs == CAUCUS_PAIRS_TARGET) {
        pair->a = margin->n_labels;
        pair->b = margin->target;
        return true;
    }
    const bool target_first = (margin->pairs == CAUCUS_PAIRS_GOOD) == (bound->kind.side == CAUCUS_LOWER);
    pair->a = target_first ? margin->target : number;
    pair->b = target_first ? number : margin->target;
    return number != margin->target;
}

/* The counts of a label, or of each lane's. labels: [label][lane] */
static inline const caucus_count *caucus_lockstep_row(const caucus_lockstep_pair *pair, uint32_t label,
                                                      uint32_t n_labels, const caucus_count *labels,
                                                      caucus_count *restrict chosen)
{
    if (label < n_labels) {
        return labels + CAUCUS_ROW(label);
    }
    CAUCUS_EACH_LANE (i) {
        chosen[i] = labels[CAUCUS_ROW(pair->good[i]) + i];
    }
    return chosen;
}

/* ---- parts of a lead --------------------------------------------------------------------------------------------- */

/* Limits at a cell that the next pair has too, whose kept label is the same. */
typedef struct caucus_lockstep_side {
    bool known;
    uint32_t label;
    caucus_lane_doubles own, base, pool;
} caucus_lockstep_side;

typedef struct caucus_lockstep_sides {
    caucus_lockstep_side a, b;
} caucus_lockstep_sides;

/* What a level of knowledge knows of a cell, at a precision. */
typedef struct caucus_lockstep_sight {
    const caucus_bound *bound;
    uint32_t cell;
    bool full;
    caucus_precision precision;
} caucus_lockstep_sight;

/* The limits of one label of a pair. */
static inline void caucus_lockstep_see(const caucus_lockstep_view *view, const caucus_lockstep_sight *sight,
                                       const caucus_lockstep_pair *pair, bool of_a, caucus_lockstep_side *side)
{
    const caucus_margin *margin = &sight->bound->margin;
    const uint32_t L = margin->n_labels;
    const uint32_t label = of_a ? pair->a : pair->b;
    const caucus_trial *all = &view->lanes[0];
    caucus_lane_counts chosen;
    if (side->known && side->label == label && label < L) {
        return;
    }
    side->known = true;
    side->label = label;
    if (!margin->own_exact) {
        const caucus_count *own = caucus_lockstep_cell(view, all->planned, sight->cell);
        const bool always = margin->own_rivals || label == L;
        if (always || margin->pairs == CAUCUS_PAIRS_ANY || label == margin->target) {
            caucus_lockstep_limit(of_a ? &margin->own_lower : &margin->own_upper, sight->precision, view->warm,
                                  caucus_lockstep_row(pair, label, L, own, chosen), view->n_own, side->own);
        }
        CAUCUS_EACH_LANE (i) {
            side->own[i] = always || pair->good[i] == label ? side->own[i] : 0;
        }
    }
    if (margin->rest_size > 0 && !margin->joint) {
        caucus_lockstep_limit(
            of_a ? &margin->base.lower : &margin->base.upper, sight->precision, view->warm,
            caucus_lockstep_row(pair, label, L, caucus_lockstep_cell(view, all->base, sight->cell), chosen),
            view->n_base, side->base);
    }
    if (margin->rest_size > 0 && !margin->joint && sight->full) {
        const caucus_count *pooled = view->scratch.pooled + CAUCUS_ROW((size_t)sight->cell * L);
        caucus_lockstep_limit(of_a ? &margin->pool.lower : &margin->pool.upper, sight->precision, view->warm,
                              caucus_lockstep_row(pair, label, L, pooled, chosen), view->n_pooled, side->pool);
    }
}

/* What the collective itself hands in, exactly. */
static inline void caucus_lockstep_own(const caucus_lockstep_view *view, const caucus_lockstep_sight *sight,
                                       const caucus_lockstep_pair *pair, double *restrict sum)
{
    const caucus_margin *margin = &sight->bound->margin;
    const caucus_count *labels = caucus_lockstep_cell(view, view->lanes[0].planned, sight->cell);
    caucus_lane_counts chosen;
    const caucus_count *restrict of_a = caucus_lockstep_row(pair, pair->a, margin->n_labels, labels, chosen);
    const caucus_count *restrict of_b = labels + CAUCUS_ROW(pair->b);
    CAUCUS_EACH_LANE (i) {
        sum[i] = caucus_rescale(margin->own_size, (double)of_a[i] - (double)of_b[i], view->n_own);
    }
}

static inline double *caucus_lockstep_part(const caucus_bound *bound, double *parts, uint32_t tier, uint32_t cell,
                                           uint32_t pair)
{
    const caucus_margin *margin = &bound->margin;
    return parts + CAUCUS_ROW(((size_t)tier * margin->n_cells + cell) * margin->n_labels + pair);
}

static inline double *caucus_lockstep_predicted(const caucus_lockstep_view *view, const caucus_bound *bound, uint32_t j)
{
    const caucus_margin *margin = &bound->margin;
    return view->scratch.predicted + CAUCUS_ROW((size_t)j * CAUCUS_LOCKSTEP_TIERS * margin->n_cells * margin->n_labels);
}

/* Take off what the second label of a pair leads the first by at most among the rest, each time for one number of both.
 */
static inline void caucus_lockstep_lead(const caucus_lockstep_view *view, const caucus_lockstep_sight *sight,
                                        const caucus_lockstep_pair *pair, double *restrict fixed)
{
    const caucus_margin *margin = &sight->bound->margin;
    const uint32_t L = margin->n_labels;
    caucus_lane_doubles least;
    CAUCUS_EACH_LANE (i) {
        least[i] = INFINITY;
    }
    for (int pool = 0; pool < (sight->full ? 2 : 1); pool++) {
        const caucus_lead_transfer *lead = pool != 0 ? &margin->pool.lead : &margin->base.lead;
        const caucus_count *labels = pool != 0 ? view->scratch.pooled + CAUCUS_ROW((size_t)sight->cell * L)
                                               : caucus_lockstep_cell(view, view->lanes[0].base, sight->cell);
        caucus_lane_counts chosen;
        caucus_lane_doubles leads;
        memset(leads, 0, sizeof leads);
        const caucus_count *of_a = caucus_lockstep_row(pair, pair->a, L, labels, chosen);
        const caucus_count *of_b = labels + CAUCUS_ROW(pair->b);
        if (sight->precision == CAUCUS_OUTWARD) {
            caucus_lockstep_lead_above(lead, of_a, of_b, leads);
        } else {
            caucus_lockstep_lead_below(lead, of_a, of_b, leads);
        }
        CAUCUS_EACH_LANE (i) {
            least[i] = leads[i] < least[i] ? leads[i] : least[i];
        }
    }
    CAUCUS_EACH_LANE (i) {
        fixed[i] -= least[i];
    }
}

/* Own and base. */
static inline void caucus_lockstep_fix(const caucus_lockstep_view *view, const caucus_lockstep_sight *sight,
                                       const caucus_lockstep_pair *pair, caucus_lockstep_sides *sides,
                                       double *restrict fixed)
{
    const caucus_margin *margin = &sight->bound->margin;
    caucus_lockstep_see(view, sight, pair, true, &sides->a);
    caucus_lockstep_see(view, sight, pair, false, &sides->b);
    const caucus_lockstep_side *restrict a = &sides->a;
    const caucus_lockstep_side *restrict b = &sides->b;
    if (margin->own_exact) {
        caucus_lockstep_own(view, sight, pair, fixed);
    } else {
        CAUCUS_EACH_LANE (i) {
            fixed[i] = a->own[i] - b->own[i];
        }
    }
    if (margin->rest_size > 0 && margin->joint) {
        caucus_lockstep_lead(view, sight, pair, fixed);
    }
    if (!(margin->rest_size > 0) || margin->joint) {
        return;
    }
    CAUCUS_EACH_LANE (i) {
        const double base = a->base[i] - b->base[i];
        const double pool = sight->full ? a->pool[i] - b->pool[i] : base;
        fixed[i] += pool > base ? pool : base;
    }
}

/* What another collective adds whose strategy is known: limits of what is in its reach. */
static inline void caucus_lockstep_predict(const caucus_lockstep_view *view, const caucus_bound *bound, uint32_t j,
                                           uint32_t cell, const caucus_lockstep_pair *pair, caucus_precision precision,
                                           double *restrict predicted)
{
    const caucus_margin *margin = &bound->margin;
    const caucus_margin_other *other = &margin->others[j];
    const uint32_t L = margin->n_labels;
    const size_t entry = ((size_t)other->row * margin->n_cells + cell) * L;
    const caucus_count *labels =
        view->lanes[0].crossed + CAUCUS_ROW(view->lanes[0].compiled->crossed_offset[view->m] + entry);
    const uint8_t *reach = other->reach + (size_t)cell * L;
    const double within_b = reach[pair->b] != 0 ? 1 : 0;
    caucus_lane_counts chosen;
    caucus_lane_doubles limit;
    caucus_lockstep_limit(&other->lower, precision, view->warm, caucus_lockstep_row(pair, pair->a, L, labels, chosen),
                          view->n_base, predicted);
    caucus_lockstep_limit(&other->upper, precision, view->warm, labels + CAUCUS_ROW(pair->b), view->n_base, limit);
    CAUCUS_EACH_LANE (i) {
        const double for_a = reach[pair->a < L ? pair->a : pair->good[i]] != 0 ? predicted[i] : 0;
        predicted[i] = for_a - (within_b != 0 ? limit[i] : 0);
    }
}

/* Compute the parts that a level of knowledge needs and the one below did not. */
static inline void caucus_lockstep_prepare(caucus_lockstep_view *view, const caucus_bound *bound,
                                           caucus_knowledge knowledge)
{
    const caucus_margin *margin = &bound->margin;
    const bool exact = view->exact;
    const bool full = knowledge == CAUCUS_FULL && margin->pooled;
    const uint32_t n_pairs = caucus_lockstep_pairs(margin);
    if (knowledge != CAUCUS_TOTAL && knowledge != CAUCUS_STRATEGIES && !full) {
        return;
    }
    for (uint32_t lane = 0; lane < view->n_lanes && !exact && knowledge != CAUCUS_STRATEGIES; lane++) {
        caucus_margin_forget(margin, caucus_bound_known(bound, view->lanes[lane].bound_scratch), !full);
    }
    caucus_lockstep_sides sides[CAUCUS_LOCKSTEP_TIERS];
    memset(sides, 0, sizeof sides); /* lanes without a value are as good as any */
    for (uint32_t i = 0; i < margin->n_cells * n_pairs; i++) {
        const uint32_t cell = i / n_pairs;
        caucus_lockstep_pair pair;
        for (uint32_t tier = 0; i % n_pairs == 0 && tier < CAUCUS_LOCKSTEP_TIERS; tier++) {
            sides[tier].a.known = false;
            sides[tier].b.known = false;
        }
        if (!caucus_lockstep_pair_of(view, bound, cell, i % n_pairs, &pair)) {
            continue;
        }
        for (uint32_t tier = 0; tier < (exact ? 1 : CAUCUS_LOCKSTEP_TIERS); tier++) {
            const caucus_precision precision = exact ? CAUCUS_EXACT : tier == 0 ? CAUCUS_OUTWARD : CAUCUS_INWARD;
            if (knowledge != CAUCUS_STRATEGIES) {
                const caucus_lockstep_sight sight = {bound, cell, full, precision};
                caucus_lockstep_fix(view, &sight, &pair, &sides[tier],
                                    caucus_lockstep_part(bound, view->scratch.fixed, tier, cell, i % n_pairs));
                continue;
            }
            for (uint32_t j = 0; j < margin->n_others; j++) {
                double *parts = caucus_lockstep_predicted(view, bound, j);
                if (!margin->others[j].by_data) {
                    caucus_lockstep_predict(view, bound, j, cell, &pair, precision,
                                            caucus_lockstep_part(bound, parts, tier, cell, i % n_pairs));
                }
            }
        }
    }
}

#endif
