/* From what bounds keep to the bounds, for all lanes of a group at a time: the numbers of trial/bounds.h. */
#ifndef CAUCUS_LOCKSTEP_CONCLUDE_H
#define CAUCUS_LOCKSTEP_CONCLUDE_H

#include "trial/bounds.h"
#include "trial/lockstep_limits.h"

/* The place of a kept number's limit in the table of the last step, or -1: see caucus_transfer_value_real. */
CAUCUS_LOCKSTEP_LOOP void caucus_lockstep_last_places(const caucus_transfer *last, const double *restrict kept,
                                                      int32_t *restrict places)
{
    const bool whole = last->inequality >= CAUCUS_HYPERGEOMETRIC ||
                       (last->inequality == CAUCUS_CLOPPER_PEARSON && last->level_from <= CAUCUS_DEEPEST_LEVEL);
    const double up = whole && last->side == CAUCUS_UPPER ? 1 : 0;
    const double part = whole ? 1 : 0; /* of a person that has no place of its own */
    const double most = last->k_from;
    CAUCUS_EACH_LANE (i) {
        const double nearest = floor(kept[i] + 0.5);
        const double count = fabs(kept[i] - nearest) <= 1e-6 ? nearest : kept[i];
        const double least = count > 0 ? count : 0;
        const double held = least < most ? least : most;
        const double down = floor(held);
        const double place = held - down > part ? -1 : down + (held > down ? up : 0);
        places[i] = (int32_t)(kept[i] == kept[i] ? place : -1);
    }
}

typedef float caucus_lane_floats[CAUCUS_LANES] __attribute__((aligned(64)));

/* As caucus_round_down. */
CAUCUS_LOCKSTEP_LOOP void caucus_lockstep_round_down(const double *restrict values, float *restrict rounded)
{
    CAUCUS_EACH_LANE (i) {
        const double x = values[i];
        const float near = (float)x;
        uint32_t bits;
        memcpy(&bits, &near, sizeof bits);
        const uint32_t below = near > 0.0f ? bits - 1 : near < 0.0f ? bits + 1 : 0x80000001u;
        bits = (double)near > x ? below : bits;
        bits = x != x ? 0x7fc00000u : bits;
        memcpy(&rounded[i], &bits, sizeof bits);
    }
}

/* As caucus_bound_conclude, for the first n lanes. */
static inline void caucus_lockstep_last_step(const caucus_bound *bound, const double *restrict kept, uint32_t n,
                                             uint64_t n_own, uint64_t n_base, double *restrict values)
{
    const caucus_transfer *last = &bound->last;
    const double k_to = last->k_to;
    int32_t places[CAUCUS_LANES];
    const bool tabled = bound->applies && bound->kind.family != CAUCUS_LINEAR && !bound->piloted && !bound->weighed &&
                        last->inequality > CAUCUS_HOEFFDING && caucus_lockstep_is_tabled(last);
    if (tabled) {
        caucus_lockstep_last_places(last, kept, places);
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t entry = tabled && places[i] >= 0 ? caucus_load_word(&last->memo->entries[places[i]]) : 0;
        values[i] = entry != 0 ? caucus_double_of(~entry) / k_to : caucus_bound_conclude(bound, kept[i], n_own, n_base);
    }
}

/* As caucus_guarantee_value; nothing is expected anew in each trial. */
static inline void caucus_lockstep_values(const caucus_trial *all, uint32_t n, uint32_t m, uint32_t i, uint32_t sharing,
                                          bool upper, double *restrict values)
{
    const caucus_compiled *compiled = all->compiled;
    const uint32_t r = upper ? compiled->method_upper[i] : compiled->method_reckoning[i];
    const uint32_t knowledge = compiled->config->bounds.methods[i].knowledge;
    const caucus_bound *bound = r != CAUCUS_NOWHERE ? caucus_guarantee_bound(compiled, m, r, sharing) : NULL;
    if (bound == NULL) {
        const double value = r != CAUCUS_NOWHERE ? caucus_guarantee_value(all, m, r, knowledge, sharing) : NAN;
        CAUCUS_EACH_LANE (lane) {
            values[lane] = value;
        }
        return;
    }
    const uint64_t n_own = all->n_members[CAUCUS_ROW(m)];
    const uint64_t n_base = n_own - all->n_estimators[CAUCUS_ROW(m)];
    const double *kept = all->kept + CAUCUS_ROW(caucus_guarantee_kept(compiled, m, r, sharing) + knowledge);
    caucus_lockstep_last_step(bound, kept, n, n_own, n_base, values);
}

/* As caucus_guarantees_conclude_upper. */
static inline void caucus_lockstep_conclude_upper(const caucus_trial *lanes, uint32_t n, uint32_t i,
                                                  const caucus_row *results)
{
    const caucus_compiled *compiled = lanes[0].compiled;
    const uint32_t M = compiled->n_collectives;
    const uint32_t n_methods = compiled->config->bounds.n_methods;
    caucus_lane_doubles values;
    caucus_goals_upper goals[CAUCUS_LANES];
    for (uint32_t lane = 0; lane < n; lane++) {
        goals[lane] = caucus_goals_upper_none();
    }
    for (uint32_t evaluation = 0; evaluation < (M > 1 ? 2 * M : M); evaluation++) {
        const uint32_t m = M > 1 ? evaluation / 2 : evaluation;
        const uint32_t sharing = M > 1 ? evaluation % 2 : 0;
        caucus_lockstep_values(&lanes[0], n, m, i, sharing, true, values);
        for (uint32_t lane = 0; sharing == 0 && lane < n; lane++) {
            results[lane].upper_bound[(size_t)m * n_methods + i] = caucus_round_up(values[lane]);
        }
        for (uint32_t lane = 0; (sharing == 1 || M == 1) && lane < n; lane++) {
            caucus_goals_upper_add(&goals[lane], compiled->global_weights[m], values[lane]);
        }
    }
    for (uint32_t lane = 0; lane < n; lane++) {
        caucus_goals_upper_report(&goals[lane], &results[lane], i);
    }
}

/* As caucus_guarantees_conclude, for the first n lanes; results: [lane]. */
static inline void caucus_lockstep_conclude(const caucus_trial *lanes, uint32_t n, const caucus_row *results)
{
    const caucus_compiled *compiled = lanes[0].compiled;
    const uint32_t M = compiled->n_collectives;
    const uint32_t n_methods = compiled->config->bounds.n_methods;
    for (uint32_t i = 0; i < n_methods; i++) {
        caucus_lane_doubles global, missing, values;
        caucus_lane_floats rounded, joint;
        memset(values, 0, sizeof values); /* lanes without a trial */
        memset(global, 0, sizeof global);
        memset(missing, 0, sizeof missing);
        for (uint32_t evaluation = 0; evaluation < (M > 1 ? 2 * M : M); evaluation++) {
            const uint32_t m = M > 1 ? evaluation / 2 : evaluation;
            const uint32_t sharing = M > 1 ? evaluation % 2 : 0;
            caucus_lockstep_values(&lanes[0], n, m, i, sharing, false, values);
            if (sharing == 0) {
                caucus_lockstep_round_down(values, rounded);
            }
            for (uint32_t lane = 0; sharing == 0 && lane < n; lane++) {
                results[lane].lower_bound[(size_t)m * n_methods + i] = rounded[lane];
            }
            const double weight = compiled->global_weights[m];
            for (uint32_t lane = 0; (sharing == 1 || M == 1) && lane < CAUCUS_LANES; lane++) {
                global[lane] += weight * values[lane];
                missing[lane] += 1.0 - values[lane];
            }
        }
        CAUCUS_EACH_LANE (lane) {
            missing[lane] = 1.0 - missing[lane];
        }
        caucus_lockstep_round_down(global, rounded);
        caucus_lockstep_round_down(missing, joint);
        for (uint32_t lane = 0; lane < n; lane++) {
            results[lane].global_bound[i] = rounded[lane];
            results[lane].joint_bound[i] = joint[lane];
        }
        if (compiled->config->bounds.upper) {
            caucus_lockstep_conclude_upper(lanes, n, i, results);
        }
    }
}

#endif
