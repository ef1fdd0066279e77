#include "base/clock.h"

#include <stdio.h>
#include <time.h>

double caucus_clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double caucus_clock_thread_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const char *caucus_clock_stamp(char stamp[CAUCUS_CLOCK_BYTES])
{
    const time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    if (strftime(stamp, CAUCUS_CLOCK_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
        snprintf(stamp, CAUCUS_CLOCK_BYTES, "unknown"); /* the clock is set to a year of more than four digits */
    }
    return stamp;
}
