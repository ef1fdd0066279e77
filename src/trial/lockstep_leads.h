/* Leads at cells, for all lanes of a group at a time: the numbers of bound/margin.h. Lanes that numbers on either side
 * of limits leave open are looked at one by one. */
#ifndef CAUCUS_LOCKSTEP_LEADS_H
#define CAUCUS_LOCKSTEP_LEADS_H

#include "trial/lockstep_parts.h"

typedef struct caucus_lockstep_query {
    const caucus_bound *bound;
    uint32_t cell;
    caucus_knowledge knowledge;
    caucus_spared spared;
    const double *ranks; /* of lane 0, for all */
    bool exact;
} caucus_lockstep_query;

/* What other collectives add, one by one. */
static inline void caucus_lockstep_charge(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                          uint32_t tier, uint32_t number, uint32_t b, double *restrict sum)
{
    const caucus_margin *margin = &query->bound->margin;
    caucus_lead_query lead;
    memset(&lead, 0, sizeof lead);
    lead.cell = query->cell;
    lead.b = b;
    lead.knowledge = query->knowledge;
    for (uint32_t j = 0; j < margin->n_others; j++) {
        const caucus_margin_other *other = &margin->others[j];
        const double threat = caucus_margin_threat(margin, other, &lead);
        if (caucus_spared_has(query->spared, (uint32_t)query->ranks[CAUCUS_AT(j)])) {
            continue;
        }
        if (query->knowledge != CAUCUS_STRATEGIES || other->by_data) {
            CAUCUS_EACH_LANE (i) {
                sum[i] += threat;
            }
            continue;
        }
        const double *restrict predicted = caucus_lockstep_part(
            query->bound, caucus_lockstep_predicted(view, query->bound, j), tier, query->cell, number);
        CAUCUS_EACH_LANE (i) {
            sum[i] += predicted[i] > threat ? predicted[i] : threat;
        }
    }
}

/* As caucus_margin_at. */
static inline void caucus_lockstep_at(const caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                      uint32_t tier, double *restrict best)
{
    const caucus_bound *bound = query->bound;
    const caucus_margin *margin = &bound->margin;
    const bool least = bound->kind.side == CAUCUS_LOWER || margin->pairs == CAUCUS_PAIRS_ANY;
    const bool charged = query->knowledge == CAUCUS_LABELS || query->knowledge == CAUCUS_STRATEGIES;
    const bool known = query->knowledge >= CAUCUS_AGGREGATE && margin->others_size > 0;
    const caucus_count *others = view->scratch.others + CAUCUS_ROW((size_t)query->cell * margin->n_labels);
    CAUCUS_EACH_LANE (i) {
        best[i] = least ? INFINITY : -INFINITY;
    }
    for (uint32_t number = 0; number < caucus_lockstep_pairs(margin); number++) {
        caucus_lockstep_pair pair;
        caucus_lane_counts chosen;
        caucus_lane_doubles sum;
        if (!caucus_lockstep_pair_of(view, bound, query->cell, number, &pair)) {
            continue;
        }
        const double *restrict fixed = caucus_lockstep_part(bound, view->scratch.fixed, tier, query->cell, number);
        memset(sum, 0, sizeof sum);
        if (charged) {
            caucus_lockstep_charge(view, query, tier, number, pair.b, sum);
        }
        CAUCUS_EACH_LANE (i) {
            sum[i] += fixed[i];
        }
        if (known) {
            const caucus_count *restrict of_a = caucus_lockstep_row(&pair, pair.a, margin->n_labels, others, chosen);
            const caucus_count *restrict of_b = others + CAUCUS_ROW(pair.b);
            CAUCUS_EACH_LANE (i) {
                sum[i] += caucus_rescale(margin->others_size, (double)of_a[i] - (double)of_b[i], view->n_others);
            }
        }
        CAUCUS_EACH_LANE (i) {
            best[i] = (least ? sum[i] < best[i] : sum[i] > best[i]) ? sum[i] : best[i];
        }
    }
}

/* As caucus_margin_judge. */
static inline void caucus_lockstep_judge(caucus_lockstep_view *view, const caucus_lockstep_query *query,
                                         double threshold, double *restrict lead)
{
    const caucus_bound *bound = query->bound;
    const double rounding = 1e-6 + 1e-12 * bound->margin.consumers;
    caucus_lane_words open;
    caucus_lane_doubles inward;
    uint32_t any = 0;
    if (view->exact) {
        caucus_lockstep_at(view, query, 0, lead);
        return;
    }
    if (!query->exact) {
        caucus_lockstep_at(view, query, 0, lead);
    }
    CAUCUS_EACH_LANE (i) {
        open[i] = query->exact || !(lead[i] > threshold + rounding) ? 1 : 0;
        any |= open[i];
    }
    if (any != 0 && !query->exact) {
        caucus_lockstep_at(view, query, 1, inward);
        CAUCUS_EACH_LANE (i) {
            const bool told = open[i] != 0 && inward[i] < threshold - rounding;
            lead[i] = told ? inward[i] : lead[i];
            open[i] = told ? 0 : open[i];
        }
    }
    for (uint32_t lane = 0; any != 0 && lane < view->n_lanes; lane++) {
        if (open[lane] != 0) {
            caucus_lead_query one;
            memset(&one, 0, sizeof one);
            one.knowledge = query->knowledge;
            one.known = caucus_bound_known(bound, view->lanes[lane].bound_scratch);
            lead[lane] = caucus_margin_judge(&bound->margin, caucus_lockstep_lane(view, lane), query->cell,
                                             bound->kind.side, one, query->spared, query->ranks, threshold, true);
        }
    }
}

#endif
