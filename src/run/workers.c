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

size_t caucus_plan_few_blocks(const caucus_plan *plan)
{
    return 2 * (size_t)caucus_plan_workers(plan) + 2;
}

size_t caucus_plan_blocks(const caucus_plan *plan)
{
    enum { SMALL_BYTES = 1 << 20, MOST_SMALL = 64 };
    const size_t needed = caucus_plan_few_blocks(plan);
    const uint64_t fitting = SMALL_BYTES / caucus_layout_block_bytes(&plan->layout);
    const size_t small = fitting < MOST_SMALL ? (size_t)fitting : MOST_SMALL;
    return small > needed ? small : needed;
}

/* Neighbouring workers have different devices: few blocks are spread over all of them. */
const caucus_quota *caucus_plan_quota(const caucus_plan *plan, unsigned worker)
{
    return plan->quotas != NULL ? &plan->quotas[worker % caucus_plan_places(plan)] : NULL;
}
