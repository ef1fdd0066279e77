#include "timing.h"

#include <time.h>

void limits_print(const char *name, double value, const char *unit)
{
    printf("{\"figure\": \"%s\", \"value\": %.6g, \"unit\": \"%s\"}\n", name, value, unit);
    fflush(stdout);
}

double limits_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int limits_time(limits_work work, void *argument, double *seconds)
{
    cudaEvent_t start, stop;
    LIMITS_TRY(cudaEventCreate(&start));
    LIMITS_TRY(cudaEventCreate(&stop));
    *seconds = 1e300;
    for (int i = 0; i <= LIMITS_REPEATS; i++) {
        LIMITS_TRY(cudaEventRecord(start, 0));
        if (work(argument, 0) != 0) {
            return 1;
        }
        LIMITS_TRY(cudaEventRecord(stop, 0));
        LIMITS_TRY(cudaEventSynchronize(stop));
        float milliseconds = 0.0f;
        LIMITS_TRY(cudaEventElapsedTime(&milliseconds, start, stop));
        if (i > 0 && milliseconds * 1e-3 < *seconds) {
            *seconds = milliseconds * 1e-3;
        }
    }
    LIMITS_TRY(cudaEventDestroy(start));
    LIMITS_TRY(cudaEventDestroy(stop));
    return 0;
}
