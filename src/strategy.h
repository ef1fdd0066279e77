/* Strategies: counting what members have, choosing labels from that, and handing in (theory, "Model"). Shared by the
 * path over classes and the path over persons. */
#ifndef CAUCUS_STRATEGY_H
#define CAUCUS_STRATEGY_H

#include "trial.h"

/* Collective m has n more members with raw position and label, whose g(x) is at image; `estimating` of them choose the
 * labels. Positions may be CAUCUS_NOWHERE. */
void caucus_strategy_count(caucus_trial *trial, uint32_t m, uint32_t raw, uint32_t label, uint32_t image, uint64_t n,
                           uint64_t estimating);

/* Fill good[m] from the members' raw data (theory, "Model": t, t', yhat, ystar). */
void caucus_strategy_choose(caucus_trial *trial, uint32_t m);

/* n records (position, label) of collective m reach the platform. */
void caucus_strategy_submit(caucus_trial *trial, uint32_t m, uint32_t position, uint32_t label, uint64_t n);

/* What a complying member without misses hands in: position and label from its raw position, label, g(x), outside. */
typedef struct caucus_record {
    uint32_t position;
    uint32_t label;
    bool marked; /* g was applied, so that misses may change the position */
} caucus_record;

/* outside is read for feature_only only; good must have been chosen. */
caucus_record caucus_strategy_act(const caucus_trial *trial, uint32_t m, uint32_t raw, uint32_t label, uint32_t image,
                                  uint32_t outside);

/* Collective m's base data as collective j's strategy would hand them in. */
void caucus_strategy_cross(caucus_trial *trial, uint32_t m, uint32_t j, uint32_t raw, uint32_t label, uint32_t image,
                           uint32_t outside, uint64_t n);

#endif
