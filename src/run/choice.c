#include "run/choice.h"

#include <stdarg.h>

/* Seconds that a CUDA device commonly takes until it computes: its context, its code, memory that is pinned. Work that
 * the CPU does in this time is not worth the start. */
static const double DEVICE_START = 0.5;

/* How long each side is timed. */
static const double TIMING = 0.03;

static void say(caucus_plan *plan, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(caucus_plan *plan, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(plan->device_reason, sizeof plan->device_reason, format, arguments);
    va_end(arguments);
    plan->info.device_reason = plan->device_reason;
}

/* Go back to the CPU, because of the last failure. */
static caucus_status stay(caucus_plan *plan, uint32_t asked)
{
    caucus_device cpu;
    say(plan, "%s", caucus_error_message());
    TRY(caucus_device_choose("cpu", &cpu));
    TRY(caucus_plan_use(plan, &cpu));
    return caucus_plan_cut(plan, asked);
}

static caucus_status expect_of_device(caucus_plan *plan, uint32_t asked, double *expected)
{
    caucus_device device;
    TRY(caucus_device_choose("cuda", &device));
    TRY(caucus_plan_use(plan, &device));
    TRY(caucus_plan_cut(plan, asked));
    return caucus_plan_expect(plan, TIMING, expected);
}

/* Whether some bound needs limits that are searched for. On an H200 a few in 10^5 of an experiment's bounds were then
 * not those of the CPU (docs/devices.md). */
static bool searches_limits(const caucus_plan *plan)
{
    bool searches = false;
    for (uint32_t i = 0; i < plan->layout.n_methods; i++) {
        const caucus_inequality inequality = plan->layout.methods[i].inequality;
        searches = searches || inequality >= CAUCUS_KL;
    }
    return searches;
}

/* Take a plan that is on the CPU to a device if that is worth it, and say why in device_reason; asked: trials of a
 * block, or 0. What keeps it from a device is no failure but the reason for the CPU. */
static caucus_status choose(caucus_plan *plan, uint32_t asked)
{
    double cpu = 0.0;
    double device = 0.0;
    plan->choosing = false;
    if (plan->refusal[0] != '\0') {
        say(plan, "%s", plan->refusal);
        return CAUCUS_OK;
    }
    if (searches_limits(plan)) {
        say(plan,
            "bounds by kl, clopper_pearson and the one-step inequalities are computed on the CPU unless a device is "
            "asked for");
        return CAUCUS_OK;
    }
    TRY(caucus_plan_expect(plan, TIMING, &cpu));
    if (cpu <= DEVICE_START) {
        say(plan, "it should take %.2g s, and a CUDA device alone takes about %.1f s to start", cpu, DEVICE_START);
        return CAUCUS_OK;
    }
    if (expect_of_device(plan, asked, &device) != CAUCUS_OK) {
        return stay(plan, asked);
    }
    if (device <= cpu) {
        say(plan, "it should take about %.2g s, and %.2g s on the CPU", device, cpu);
        return CAUCUS_OK;
    }
    (void)caucus_fail(CAUCUS_FAILED, "it should take about %.2g s, and %.2g s on %s", cpu, device,
                      plan->device.parts[0].name);
    return stay(plan, asked);
}

caucus_status caucus_plan_open(caucus_experiment *experiment, const caucus_plan_options *options, caucus_plan **out)
{
    caucus_plan *plan = NULL;
    TRY(caucus_plan_make(experiment, options, &plan));
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(plan->choosing ? choose(plan, options != NULL ? options->block_trials : 0) : CAUCUS_OK, failed);
    caucus_plan_tell(plan);
    TRY_GOTO(caucus_plan_check_memory(plan), failed);
    *out = plan;
    return CAUCUS_OK;
failed:
    caucus_plan_close(plan);
    return status;
}
