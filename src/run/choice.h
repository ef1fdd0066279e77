/* `auto`: the CPU or a CUDA device, whichever is expected to be done first. */
#ifndef CAUCUS_RUN_CHOICE_H
#define CAUCUS_RUN_CHOICE_H

#include "run/plan.h"

/* Take a plan that is on the CPU to a device if that is worth it, and say why in device_reason; asked: trials of a
 * block, or 0. What keeps it from a device is no failure but the reason for the CPU. */
caucus_status caucus_plan_choose(caucus_plan *plan, uint32_t asked);

/* Seconds that the whole run is expected to take where the plan is now, from timing the slowest configuration for about
 * so long. */
caucus_status caucus_plan_expect(caucus_plan *plan, double seconds, double *expected);

#endif
