/* `auto`: the CPU or a CUDA device, whichever is expected to be done first. */
#ifndef CAUCUS_RUN_CHOICE_H
#define CAUCUS_RUN_CHOICE_H

#include "run/plan.h"

/* Seconds that the whole run is expected to take where the plan is now, from timing the slowest configuration for about
 * so long. */
caucus_status caucus_plan_expect(caucus_plan *plan, double seconds, double *expected);

#endif
