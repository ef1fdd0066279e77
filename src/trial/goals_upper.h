/* A method's bounds from above on the success of all collectives together, from those of each: docs/bounds.md, "From
 * above". Shared with devices. */
#ifndef CAUCUS_TRIAL_GOALS_UPPER_H
#define CAUCUS_TRIAL_GOALS_UPPER_H

#include "math/portable_math.h"
#include "trial/row.h"

typedef struct caucus_goals_upper {
    double global; /* weighted sum of the collectives' */
    double joint;  /* the least of them */
    bool any;      /* some collective has one */
} caucus_goals_upper;

CAUCUS_SHARED caucus_goals_upper caucus_goals_upper_none(void)
{
    const caucus_goals_upper none = {0.0, INFINITY, false};
    return none;
}

/* value: at the level that collectives share; NaN: it has none (erase), and nothing but 1 is known. */
CAUCUS_SHARED void caucus_goals_upper_add(caucus_goals_upper *goals, double weight, double value)
{
    const bool has = value == value;
    const double most = has ? value : 1.0;
    goals->global += weight * most;
    goals->joint = most < goals->joint ? most : goals->joint;
    goals->any = goals->any || has;
}

CAUCUS_SHARED void caucus_goals_upper_report(const caucus_goals_upper *goals, const caucus_row *result, uint32_t method)
{
    result->global_upper[method] = caucus_round_up(goals->any ? goals->global : NAN);
    result->joint_upper[method] = caucus_round_up(goals->any ? goals->joint : NAN);
}

#endif
