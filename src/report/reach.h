/* Where along the axis a goal is reached, of the values that were tried. */
#ifndef CAUCUS_REPORT_REACH_H
#define CAUCUS_REPORT_REACH_H

#include "report/chart.h"

/* Whether the axis moves a collective's own size in a panel, each value another size: places are members then. */
bool caucus_reach_in_members(const caucus_chart *chart, uint64_t panel, uint32_t collective);

typedef enum caucus_reach_kind {
    CAUCUS_REACH_UNKNOWN, /* nothing is known yet */
    CAUCUS_REACH_FROM,    /* from hit upwards, not at miss and below */
    CAUCUS_REACH_UNTIL,   /* from hit downwards, not at miss and above */
    CAUCUS_REACH_ALWAYS,  /* hit is the least that was tried */
    CAUCUS_REACH_NEVER,   /* miss is the most that was tried */
    CAUCUS_REACH_MIXED
} caucus_reach_kind;

typedef struct caucus_reach {
    caucus_reach_kind kind;
    double hit, miss; /* places next to each other: members or values of the axis; NaN where the kind has none */
} caucus_reach;

/* Of the mean for success, and of the 5 % quantile for a promise, since a collective meets one draw, not the mean. Of
 * the mean of a bound from above: where that misses the goal, reaching it is impossible. Colours do not matter. */
caucus_reach caucus_reach_find(const caucus_chart *chart, uint64_t panel, const caucus_series *series);

#endif
