/* Leads at cells where nobody else is there, for all lanes of a group at a time. A lead rises with the counts of one
 * label and falls with those of the other. So what it is at the corners of the box that holds all lanes' counts mostly
 * tells on which side of a threshold all of them are, and only pairs of labels that are left open are looked at lane by
 * lane. */
#ifndef CAUCUS_LOCKSTEP_BOXES_H
#define CAUCUS_LOCKSTEP_BOXES_H

#include "trial/lockstep_parts.h"

/* What leads are compared with: at most `low`, above `high`, or in between, where the number itself is needed. */
typedef struct caucus_lockstep_edges {
    double low;
    double high;
    double rounding; /* a corner must be so far off an edge: far more than the rounding of limits */
} caucus_lockstep_edges;

/* Whether of a cell's pairs the one with the least lead decides, or the one with the most. */
static inline bool caucus_lockstep_takes_least(const caucus_bound *bound)
{
    return bound->kind.side == CAUCUS_LOWER || bound->margin.pairs == CAUCUS_PAIRS_ANY;
}

static inline caucus_lockstep_range caucus_lockstep_range_of(const caucus_lockstep_view *view,
                                                             const caucus_count *restrict row)
{
    caucus_lockstep_range range = {row[0], row[0]};
    for (uint32_t i = 1; i < view->n_lanes; i++) { /* others hold whatever they held before */
        range.least = row[i] < range.least ? row[i] : range.least;
        range.most = row[i] > range.most ? row[i] : range.most;
    }
    return range;
}

static inline void caucus_lockstep_find_ranges(caucus_lockstep_view *view)
{
    const caucus_compiled *compiled = view->lanes[0].compiled;
    const uint32_t L = compiled->n_labels;
    for (uint32_t i = 0; !view->ranged && i < compiled->signals.of[view->m].n_cells * L; i++) {
        const caucus_trial *all = &view->lanes[0];
        const size_t label = CAUCUS_ROW(i % L);
        view->scratch.ranges[2 * i] =
            caucus_lockstep_range_of(view, caucus_lockstep_cell(view, all->planned, i / L) + label);
        view->scratch.ranges[2 * i + 1] =
            caucus_lockstep_range_of(view, caucus_lockstep_cell(view, all->base, i / L) + label);
    }
    view->ranged = true;
}

/* A limit of a count at a corner, or a number that lies beyond it. */
static inline double caucus_lockstep_corner_limit(const caucus_lockstep_view *view, const caucus_transfer *transfer,
                                                  caucus_precision precision, caucus_count count, double total)
{
    if (precision != CAUCUS_EXACT) {
        return caucus_transfer_rough(transfer, count, precision);
    }
    return view->warm && transfer->memo != NULL ? caucus_transfer_recall(transfer, count)
                                                : caucus_transfer_value(transfer, count, total);
}

/* The good label at a cell, or n_labels where it is not the same in all lanes. */
static inline uint32_t caucus_lockstep_common_good(const caucus_lockstep_view *view, uint32_t cell)
{
    const uint32_t *good = view->lanes[0].good + CAUCUS_ROW(caucus_lockstep_tracked(view, view->m, cell));
    bool same = true;
    for (uint32_t i = 1; i < view->n_lanes; i++) {
        same = same && good[i] == good[0];
    }
    return same ? good[0] : view->lanes[0].compiled->n_labels;
}

/* The least (lowest) or the most that a pair's lead is in any lane, or a number beyond it. good: the lanes' good label.
 */
static inline double caucus_lockstep_corner(const caucus_lockstep_view *view, const caucus_bound *bound, uint32_t cell,
                                            const caucus_lockstep_pair *pair, uint32_t good, bool lowest)
{
    const caucus_margin *margin = &bound->margin;
    const caucus_precision precision = view->exact ? CAUCUS_EXACT : lowest ? CAUCUS_OUTWARD : CAUCUS_INWARD;
    const caucus_lockstep_range *a = &view->scratch.ranges[2 * (cell * margin->n_labels + pair->a)];
    const caucus_lockstep_range *b = &view->scratch.ranges[2 * (cell * margin->n_labels + pair->b)];
    const caucus_count own_a = lowest ? a[0].least : a[0].most;
    const caucus_count own_b = lowest ? b[0].most : b[0].least;
    const caucus_count base_a = lowest ? a[1].least : a[1].most;
    const caucus_count base_b = lowest ? b[1].most : b[1].least;
    double lead = 0;
    if (margin->own_exact) {
        lead = caucus_rescale(margin->own_size, (double)own_a - (double)own_b, view->n_own);
    } else { /* other labels have no limit */
        lead += margin->own_rivals || pair->a == good
                    ? caucus_lockstep_corner_limit(view, &margin->own_lower, precision, own_a, view->n_own)
                    : 0;
        lead -= margin->own_rivals || pair->b == good
                    ? caucus_lockstep_corner_limit(view, &margin->own_upper, precision, own_b, view->n_own)
                    : 0;
    }
    if (!(margin->rest_size > 0)) {
        return lead;
    }
    if (margin->joint) {
        const double s = (double)base_b - (double)base_a;
        return lead -
               caucus_lead_transfer_between(&margin->base.lead, s, (double)a[1].most + (double)b[1].most, precision);
    }
    return lead + caucus_lockstep_corner_limit(view, &margin->base.lower, precision, base_a, view->n_base) -
           caucus_lockstep_corner_limit(view, &margin->base.upper, precision, base_b, view->n_base);
}

/* Pairs of labels at a cell that corners leave open: their numbers in open. 0: all lanes are on the same side of both
 * edges, and *value is a number there. */
static inline uint32_t caucus_lockstep_open_pairs(const caucus_lockstep_view *view, const caucus_bound *bound,
                                                  uint32_t cell, const caucus_lockstep_edges *edges, uint32_t *open,
                                                  double *value)
{
    const caucus_margin *margin = &bound->margin;
    const bool least = caucus_lockstep_takes_least(bound);
    const uint32_t good = caucus_lockstep_common_good(view, cell);
    uint32_t n_open = 0;
    *value = least ? INFINITY : -INFINITY;
    for (uint32_t number = 0; number < caucus_lockstep_pairs(margin); number++) {
        caucus_lockstep_pair pair;
        if (!caucus_lockstep_pair_of(view, bound, cell, number, &pair)) {
            continue;
        }
        pair.a = pair.a < margin->n_labels ? pair.a : good;
        const bool common = good < margin->n_labels;
        const bool above =
            common && caucus_lockstep_corner(view, bound, cell, &pair, good, true) > edges->high + edges->rounding;
        const bool below = common && !above &&
                           caucus_lockstep_corner(view, bound, cell, &pair, good, false) < edges->low - edges->rounding;
        if (least ? below : above) { /* this pair alone decides */
            *value = below ? -INFINITY : INFINITY;
            return 0;
        }
        if (!above && !below) {
            open[n_open++] = number;
        }
    }
    return n_open;
}

/* The exact lead of a pair in one lane. */
static inline double caucus_lockstep_lead_in(const caucus_lockstep_view *view, const caucus_bound *bound, uint32_t cell,
                                             const caucus_lockstep_pair *pair, uint32_t lane)
{
    const caucus_margin *margin = &bound->margin;
    const caucus_trial *all = &view->lanes[0];
    const caucus_count *own = caucus_lockstep_cell(view, all->planned, cell) + lane;
    const caucus_count *base = caucus_lockstep_cell(view, all->base, cell) + lane;
    const uint32_t label_a = pair->a < margin->n_labels ? pair->a : pair->good[lane];
    const size_t a = CAUCUS_ROW(label_a);
    const size_t b = CAUCUS_ROW(pair->b);
    double lead = 0;
    if (margin->own_exact) {
        lead = caucus_rescale(margin->own_size, (double)own[a] - (double)own[b], view->n_own);
    } else {
        const double for_a = margin->own_rivals || pair->good[lane] == label_a
                                 ? caucus_transfer_value(&margin->own_lower, own[a], view->n_own)
                                 : 0;
        const double for_b = margin->own_rivals || pair->good[lane] == pair->b
                                 ? caucus_transfer_value(&margin->own_upper, own[b], view->n_own)
                                 : 0;
        lead = for_a - for_b;
    }
    if (!(margin->rest_size > 0)) {
        return lead;
    }
    if (margin->joint) {
        return lead - caucus_lead_transfer_value(&margin->base.lead, base[a], base[b]);
    }
    return lead + (caucus_transfer_value(&margin->base.lower, base[a], view->n_base) -
                   caucus_transfer_value(&margin->base.upper, base[b], view->n_base));
}

/* The least (or most) of the leads of the open pairs, at a precision, for all lanes. */
static inline void caucus_lockstep_best(const caucus_lockstep_view *view, const caucus_bound *bound, uint32_t cell,
                                        caucus_precision precision, const uint32_t *open, uint32_t n_open,
                                        double *restrict best)
{
    const bool least = caucus_lockstep_takes_least(bound);
    const caucus_lockstep_sight sight = {bound, cell, false, precision};
    caucus_lockstep_sides sides;
    sides.a.known = false;
    sides.b.known = false;
    for (uint32_t at = 0; at < n_open; at++) {
        caucus_lockstep_pair pair;
        caucus_lane_doubles lead;
        (void)caucus_lockstep_pair_of(view, bound, cell, open[at], &pair);
        caucus_lockstep_fix(view, &sight, &pair, &sides, at == 0 ? best : lead);
        for (uint32_t i = 0; at > 0 && i < CAUCUS_LANES; i++) {
            best[i] = (least ? lead[i] < best[i] : lead[i] > best[i]) ? lead[i] : best[i];
        }
    }
}

/* Ask the memory for the limits of two labels that are remembered for these lanes: they lie far apart. */
static inline void caucus_lockstep_fetch(const caucus_lockstep_view *view, const caucus_bound *bound, uint32_t cell,
                                         uint32_t number, const uint32_t *lanes, uint32_t n)
{
    const caucus_lead_transfer *lead = &bound->margin.base.lead;
    caucus_lockstep_pair pair;
    (void)caucus_lockstep_pair_of(view, bound, cell, number, &pair);
    for (uint32_t i = 0; bound->margin.joint && lead->memo != NULL && i < n; i++) {
        const caucus_count *base = caucus_lockstep_cell(view, view->lanes[0].base, cell) + lanes[i];
        const uint32_t a = pair.a < bound->margin.n_labels ? pair.a : pair.good[lanes[i]];
        __builtin_prefetch(caucus_lead_transfer_entry(lead, base[CAUCUS_ROW(a)], base[CAUCUS_ROW(pair.b)]));
    }
}

/* Exact leads of the lanes that numbers on either side leave open. */
static inline void caucus_lockstep_settle(const caucus_lockstep_view *view, const caucus_bound *bound, uint32_t cell,
                                          const caucus_lockstep_edges *edges, const uint32_t *open, uint32_t n_open,
                                          double *restrict lead)
{
    const bool least = caucus_lockstep_takes_least(bound);
    caucus_lane_doubles inward;
    caucus_lane_words lanes; /* that are open */
    uint32_t n = 0;
    caucus_lockstep_best(view, bound, cell, CAUCUS_INWARD, open, n_open, inward);
    for (uint32_t lane = 0; lane < view->n_lanes; lane++) {
        const bool above = lead[lane] > edges->high + edges->rounding;
        const bool below = inward[lane] < edges->low - edges->rounding;
        lead[lane] = above ? lead[lane] : below ? inward[lane] : least ? INFINITY : -INFINITY;
        lanes[n] = lane;
        n += above || below ? 0 : 1;
    }
    for (uint32_t at = 0; at < n_open; at++) {
        caucus_lockstep_pair pair;
        (void)caucus_lockstep_pair_of(view, bound, cell, open[at], &pair);
        caucus_lockstep_fetch(view, bound, cell, open[at], lanes, n);
        for (uint32_t i = 0; i < n; i++) {
            const double exact = caucus_lockstep_lead_in(view, bound, cell, &pair, lanes[i]);
            lead[lanes[i]] = least ? fmin(lead[lanes[i]], exact) : fmax(lead[lanes[i]], exact);
        }
    }
}

/* Numbers on the side of the edges, or between them, where the leads at a cell are. */
static inline void caucus_lockstep_place(const caucus_lockstep_view *view, const caucus_bound *bound, uint32_t cell,
                                         const caucus_lockstep_edges *edges, double *restrict lead)
{
    double value = 0;
    uint32_t *open = view->scratch.open;
    const uint32_t n_open = caucus_lockstep_open_pairs(view, bound, cell, edges, open, &value);
    if (n_open == 0) {
        CAUCUS_EACH_LANE (i) {
            lead[i] = value;
        }
        return;
    }
    caucus_lockstep_best(view, bound, cell, view->exact ? CAUCUS_EXACT : CAUCUS_OUTWARD, open, n_open, lead);
    if (!view->exact) {
        caucus_lockstep_settle(view, bound, cell, edges, open, n_open, lead);
    }
}

#endif
