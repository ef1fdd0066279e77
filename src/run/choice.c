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

caucus_status caucus_plan_choose(caucus_plan *plan, uint32_t asked)
{
    double cpu = 0.0;
    double device = 0.0;
    plan->choosing = false;
    if (plan->refusal[0] != '\0') {
        say(plan, "%s", plan->refusal);
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
