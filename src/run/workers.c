/* The slots of a plan, on its device parts or as threads of the CPU, and the workers that keep them busy. */
#include "run/plan.h"

unsigned caucus_plan_places(const caucus_plan *plan)
{
    return plan->quotas != NULL ? plan->device.n_parts : 1;
}

unsigned caucus_plan_workers(const caucus_plan *plan)
{
    return plan->n_slots * caucus_plan_places(plan);
}

/* Neighbouring workers have different devices: few blocks are spread over all of them. */
const caucus_quota *caucus_plan_quota(const caucus_plan *plan, unsigned worker)
{
    return plan->quotas != NULL ? &plan->quotas[worker % caucus_plan_places(plan)] : NULL;
}
