/* What the platform learns, for all lanes of a group at a time: the numbers of trial/platform.h. */
#ifndef CAUCUS_LOCKSTEP_PLATFORM_H
#define CAUCUS_LOCKSTEP_PLATFORM_H

#include "trial/lockstep.h"
#include "trial/platform.h"

/* As caucus_platform_learn_histogram. counts: [position][label][lane] */
static inline void caucus_lockstep_histogram(const caucus_compiled *compiled, const uint32_t *certain,
                                             const caucus_count *counts, uint32_t *leader, uint32_t *tied)
{
    const uint32_t L = compiled->n_labels;
    for (uint32_t p = 0; p < compiled->signals.n_positions; p++) {
        caucus_lane_counts most;
        caucus_lane_words best;
        caucus_lane_words tie;
        const caucus_count *row = counts + CAUCUS_ROW((size_t)p * L);
        const bool known = certain[p] != CAUCUS_NOWHERE;
        CAUCUS_EACH_LANE (i) {
            most[i] = row[i];
            best[i] = known ? certain[p] : 0;
            tie[i] = 0;
        }
        for (uint32_t y = 1; y < L && !known; y++) {
            const caucus_count *restrict next = row + CAUCUS_ROW(y);
            CAUCUS_EACH_LANE (i) {
                const bool more = next[i] > most[i];
                const bool same = next[i] == most[i];
                tie[i] = more ? 0 : tie[i] | same;
                best[i] = more ? y : best[i];
                most[i] = more ? next[i] : most[i];
            }
        }
        memcpy(leader + CAUCUS_ROW(p), best, sizeof best);
        if (tied != NULL) {
            memcpy(tied + CAUCUS_ROW(p), tie, sizeof tie);
        }
    }
}

/* As caucus_platform_learn, for the first n lanes. */
static inline void caucus_lockstep_learn(caucus_trial *lanes, uint32_t n)
{
    const caucus_trial *all = &lanes[0];
    const caucus_compiled *compiled = all->compiled;
    caucus_lockstep_histogram(compiled, compiled->certain, all->total, all->leader, all->tied);
    memset(all->spent, 0, CAUCUS_LANES * sizeof *all->spent);
    if (compiled->config->classifier == CAUCUS_WORST_CASE && compiled->n_collectives > 0) {
        for (uint32_t lane = 0; lane < n; lane++) {
            caucus_platform_hurt(&lanes[lane]);
        }
    }
    if (compiled->config->accuracy_cost) {
        caucus_lockstep_histogram(compiled, compiled->clean_certain, all->clean, all->clean_leader, NULL);
    }
}

#endif
