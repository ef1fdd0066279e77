/* What a plan takes of the machine's memory, and whether that is there. */
#include "base/host.h"
#include "result/store.h"
#include "run/plan.h"

/* Beside the numbers of a configuration: its values on an axis, as number or word. */
enum { AXIS_BYTES = 24 };

static uint64_t configuration_bytes(const caucus_plan *plan)
{
    const caucus_layout *layout = &plan->layout;
    const uint64_t numbers = sizeof *plan->consumers + sizeof *plan->test + sizeof *plan->n_present +
                             layout->n_collectives * sizeof *plan->sizes;
    return layout->n_configs * (numbers + plan->experiment->n_axes * (uint64_t)AXIS_BYTES);
}

/* The population's rows, and the tables of the configurations that are computed at a time. */
static uint64_t rows_bytes(const caucus_plan *plan)
{
    const uint64_t at_a_time =
        plan->layout.n_configs < plan->info.threads ? plan->layout.n_configs : plan->info.threads;
    return plan->row_bytes + at_a_time * plan->row_table_bytes;
}

void caucus_plan_describe_memory(caucus_plan *plan)
{
    caucus_plan_info *info = &plan->info;
    info->slots = caucus_plan_workers(plan);
    info->device_bytes = 0;
    info->device_free_bytes = 0;
    info->working_bytes = caucus_plan_blocks(plan) * caucus_layout_block_bytes(&plan->layout) +
                          caucus_store_bytes(&plan->layout, info->threads) + configuration_bytes(plan) +
                          rows_bytes(plan);
    if (plan->quotas == NULL) { /* what a device's slots have on the host is planned */
        info->working_bytes += info->threads * plan->workspace_bytes;
    }
    for (unsigned i = 0; i < plan->device.n_parts; i++) {
        info->device_bytes += plan->n_slots * caucus_quota_device_bytes(&plan->quotas[i]);
        info->device_free_bytes += plan->device.parts[i].memory_free;
        info->working_bytes += plan->n_slots * caucus_quota_host_bytes(&plan->quotas[i]);
    }
    info->launch_trials = plan->device.n_parts > 0 ? plan->quotas[0].launch_trials : 0;
    info->resident_trials = plan->device.n_parts > 0 ? (uint64_t)plan->quotas[0].n_lane_groups * CAUCUS_LANE_GROUP : 0;
}

uint64_t caucus_plan_memory_limit(const caucus_plan *plan)
{
    const char *who = NULL;
    return caucus_host_allowance(plan->memory, &who);
}

caucus_status caucus_plan_check_workspaces(const caucus_plan *plan)
{
    const char *who = NULL;
    const double limit = (double)caucus_host_allowance(plan->memory, &who); /* 0: unknown */
    const double bytes = (double)plan->info.threads * (double)plan->workspace_bytes;
    const double rows = (double)rows_bytes(plan);
    if (plan->row_bytes > 0 && limit > 0 && rows + (plan->quotas == NULL ? bytes : 0) > limit) {
        return caucus_fail(
            CAUCUS_INVALID,
            "people with real-valued features take %.3g GB (%.3g GB of it as they were read, the rest for "
            "what %u threads train on) and workspaces %.3g GB, %s %.3g GB; use fewer --threads, rows, "
            "columns or collectives, precision: single, or a smaller batch",
            rows / 1e9, (double)plan->row_bytes / 1e9, plan->info.threads, bytes / 1e9, who, limit / 1e9);
    }
    if (plan->quotas == NULL && limit > 0 && bytes > limit) {
        return caucus_fail(CAUCUS_INVALID,
                           "workspaces of %u threads take %.3g GB, %s %.3g GB; use fewer --threads, or a smaller "
                           "population or classifier",
                           plan->info.threads, bytes / 1e9, who, limit / 1e9);
    }
    return CAUCUS_OK;
}

caucus_status caucus_plan_check_memory(const caucus_plan *plan)
{
    const char *who = NULL;
    const uint64_t limit = caucus_host_allowance(plan->memory, &who);
    const caucus_layout *layout = &plan->layout;
    if (limit == 0 || plan->info.working_bytes <= limit) {
        return CAUCUS_OK;
    }
    return caucus_fail(CAUCUS_INVALID,
                       "the run takes %.3g GB of memory (%.3g GB of it for %llu blocks and their trials), %s %.3g GB; "
                       "use larger blocks (--block), fewer --threads, or output: {trials: false}",
                       (double)plan->info.working_bytes / 1e9,
                       (double)caucus_store_bytes(layout, plan->info.threads) / 1e9,
                       (unsigned long long)(layout->n_configs * layout->n_blocks), who, (double)limit / 1e9);
}
