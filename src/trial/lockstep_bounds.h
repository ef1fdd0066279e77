/* What bounds keep, for all lanes of a group at a time: the numbers of bound/value.h. Margins of collectives that do
 * not erase go in step, with a platform whose suboptimality is assumed and members who act as planned; all else goes
 * lane by lane. */
#ifndef CAUCUS_LOCKSTEP_BOUNDS_H
#define CAUCUS_LOCKSTEP_BOUNDS_H

#include "trial/bounds.h"
#include "trial/lockstep_boxes.h"
#include "trial/lockstep_leads.h"

/* Whether a bound's counting goes in step. */
static inline bool caucus_lockstep_takes(const caucus_bound *bound)
{
    return bound->applies && bound->kind.family != CAUCUS_LINEAR && !bound->setting.measured &&
           bound->rule.image == NULL && !bound->piloted && !bound->weighed && !bound->margin.own_noisy;
}

/* Members kept where a budget buys, lane by lane. */
static inline void caucus_lockstep_buy(caucus_lockstep_view *view, const caucus_bound *bound, double budget,
                                       double *kept)
{
    for (uint32_t lane = 0; lane < view->n_lanes; lane++) {
        const caucus_bound_view *own = caucus_lockstep_lane(view, lane);
        const uint64_t *mass = caucus_bound_mass(bound, own);
        double *scratch = view->lanes[lane].bound_scratch;
        for (uint32_t x = 0; x < bound->margin.n_cells; x++) {
            scratch[CAUCUS_AT(x)] = view->scratch.leads[CAUCUS_ROW(x) + lane];
        }
        kept[lane] = bound->kind.side == CAUCUS_UPPER
                         ? caucus_family_reached(&bound->margin, bound->kind.family, budget, mass, scratch)
                         : caucus_family_budget(&bound->rule, &bound->margin, budget, mass, scratch);
    }
}

/* Add members of a cell whose lead exceeds the threshold, or from above is below it. */
CAUCUS_LOCKSTEP_LOOP void caucus_lockstep_count_kept(const caucus_count *restrict mass, const double *restrict lead,
                                                     double sign, double threshold, caucus_count *restrict sum)
{
    CAUCUS_EACH_LANE (i) {
        const caucus_count counts = sign * lead[i] > sign * threshold ? 1 : 0;
        sum[i] += mass[i] & (0 - counts);
    }
}

/* Members of such cells. */
static inline void caucus_lockstep_sum(const caucus_lockstep_view *view, const caucus_bound *bound, double threshold,
                                       double *restrict kept)
{
    const caucus_trial *all = &view->lanes[0];
    const caucus_count *masses = bound->from_base ? all->base_mass : all->mass;
    const double sign = bound->kind.side == CAUCUS_LOWER ? 1 : -1;
    caucus_lane_counts sum;
    memset(sum, 0, sizeof sum);
    for (uint32_t x = 0; x < bound->margin.n_cells; x++) {
        const double *lead = view->scratch.leads + CAUCUS_ROW(x);
        const caucus_count *mass = masses + CAUCUS_ROW(caucus_lockstep_tracked(view, view->m, x));
        caucus_lockstep_count_kept(mass, lead, sign, threshold, sum);
    }
    CAUCUS_EACH_LANE (i) {
        kept[i] = (double)sum[i];
    }
}

/* As caucus_bound_kept_with. */
static inline void caucus_lockstep_kept_with(caucus_lockstep_view *view, const caucus_bound *bound,
                                             caucus_knowledge knowledge, caucus_spared spared, const double *ranks,
                                             double *kept)
{
    const caucus_margin *margin = &bound->margin;
    const bool staircase = bound->kind.family == CAUCUS_STAIRCASE;
    const double rounding = CAUCUS_TIE * margin->consumers;
    double budget = caucus_family_slack(&bound->rule, bound->setting.epsilon) * margin->consumers;
    if (knowledge == CAUCUS_TOTAL) {
        budget += margin->others_size;
    } else if (knowledge < CAUCUS_AGGREGATE) {
        budget += caucus_margin_spared(margin, spared, ranks);
    }
    const double edge = staircase ? budget : 0;
    const double threshold = bound->kind.side == CAUCUS_LOWER ? edge + rounding : edge - rounding;
    caucus_lockstep_query query = {
        .bound = bound, .knowledge = knowledge, .spared = spared, .ranks = ranks, .exact = !staircase && budget > 0};
    const caucus_lockstep_edges edges = {threshold, query.exact ? budget + rounding : threshold,
                                         1e-6 + 1e-12 * margin->consumers};
    for (query.cell = 0; query.cell < margin->n_cells; query.cell++) {
        double *lead = view->scratch.leads + CAUCUS_ROW(query.cell);
        if (margin->n_others == 0) {
            caucus_lockstep_place(view, bound, query.cell, &edges, lead);
        } else {
            caucus_lockstep_judge(view, &query, threshold, lead);
        }
    }
    if (query.exact) {
        caucus_lockstep_buy(view, bound, budget, kept);
    } else {
        caucus_lockstep_sum(view, bound, threshold, kept);
    }
}

/* As caucus_bound_at_level; best: [lane] of lower levels. */
static inline void caucus_lockstep_at_level(caucus_lockstep_view *view, const caucus_bound *bound,
                                            caucus_knowledge knowledge, double *restrict best)
{
    const caucus_margin *margin = &bound->margin;
    const bool charged = knowledge == CAUCUS_LABELS || knowledge == CAUCUS_STRATEGIES;
    const bool lower = bound->kind.side == CAUCUS_LOWER;
    double *ranks = view->lanes[0].bound_scratch + CAUCUS_ROW(6 * (uint64_t)margin->n_cells);
    uint32_t n_ranked = 0;
    caucus_spared spared;
    for (uint32_t j = 0; j < margin->n_others; j++) {
        ranks[CAUCUS_AT(j)] = CAUCUS_NO_RANK;
    }
    if (charged && bound->kind.family == CAUCUS_BUDGET) { /* the same for all lanes: they hang on targets only */
        n_ranked = caucus_margin_rank(margin, caucus_lockstep_lane(view, 0), bound->kind.side,
                                      knowledge == CAUCUS_LABELS, ranks);
    }
    spared.nested = n_ranked > CAUCUS_MOST_SUBSETS_OF;
    const uint32_t n_choices = spared.nested ? n_ranked + 1 : 1u << n_ranked;
    for (spared.set = 0; spared.set < n_choices; spared.set++) {
        caucus_lane_doubles kept;
        memset(kept, 0, sizeof kept); /* lanes without a trial */
        caucus_lockstep_kept_with(view, bound, knowledge, spared, ranks, kept);
        CAUCUS_EACH_LANE (i) {
            best[i] = (lower ? kept[i] > best[i] : kept[i] < best[i]) ? kept[i] : best[i];
        }
    }
}

/* As caucus_bound_keep. kept: [knowledge][lane] */
static inline void caucus_lockstep_keep_bound(caucus_lockstep_view *view, const caucus_bound *bound, uint32_t highest,
                                              double *kept)
{
    caucus_lane_doubles best;
    view->exact = caucus_margin_is_cheap(&bound->margin) || (view->warm && caucus_lockstep_has_tables(&bound->margin));
    CAUCUS_EACH_LANE (i) {
        best[i] = bound->kind.side == CAUCUS_LOWER ? -INFINITY : INFINITY;
    }
    for (uint32_t level = CAUCUS_TOTAL; level <= highest; level++) {
        if (level == CAUCUS_TOTAL && bound->margin.n_others == 0) {
            caucus_lockstep_find_ranges(view);
            caucus_lockstep_at_level(view, bound, CAUCUS_TOTAL, best);
        } else if (bound->margin.n_others > 0) { /* with nobody else there is nobody to know of */
            caucus_lockstep_prepare(view, bound, (caucus_knowledge)level);
            caucus_lockstep_at_level(view, bound, (caucus_knowledge)level, best);
        }
        memcpy(kept + CAUCUS_ROW(level), best, sizeof best);
    }
}

/* As caucus_guarantees_keep, for the first n lanes. */
static inline void caucus_lockstep_keep(caucus_trial *lanes, uint32_t n, caucus_lockstep_scratch scratch)
{
    const caucus_compiled *compiled = lanes[0].compiled;
    const uint32_t n_sharing = compiled->n_collectives > 1 ? 2 : 1;
    const uint32_t n_bounds = compiled->n_reckonings * n_sharing;
    for (uint32_t m = 0; n_bounds > 0 && m < compiled->n_collectives; m++) {
        caucus_lockstep_view view;
        caucus_lockstep_open(lanes, n, m, scratch, &view);
        for (uint32_t i = 0; i < CAUCUS_N_READS * n_bounds; i++) {
            const int reads = (int)(i / n_bounds);
            const uint32_t r = i / n_sharing % compiled->n_reckonings;
            const caucus_bound *bound = caucus_guarantee_bound(compiled, m, r, i % n_sharing);
            const size_t kept = caucus_guarantee_kept(compiled, m, r, i % n_sharing);
            const uint32_t highest = compiled->reckonings[r].highest;
            if (bound == NULL || caucus_guarantee_reads(compiled, r, bound) != reads) {
                continue;
            }
            if (caucus_lockstep_takes(bound) && view.n_base > 0) {
                caucus_lockstep_keep_bound(&view, bound, highest, lanes[0].kept + CAUCUS_ROW(kept));
                continue;
            }
            for (uint32_t lane = 0; lane < n; lane++) {
                const caucus_bound_view own = reads != CAUCUS_READS_TRIAL
                                                  ? caucus_guarantee_view_for(&lanes[lane], m, reads)
                                                  : *caucus_lockstep_lane(&view, lane);
                caucus_bound_keep(bound, &own, (int)highest, lanes[lane].bound_scratch,
                                  lanes[lane].kept + CAUCUS_ROW(kept));
            }
        }
    }
}

#endif
