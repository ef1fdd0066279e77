/* Timing of device work by events: the best of some repeats, after one that is not counted; and of host work. */
#ifndef CAUCUS_BENCH_TIMING_H
#define CAUCUS_BENCH_TIMING_H

#include "limits.h"

#include <cuda_runtime.h>
#include <stdio.h>

#define LIMITS_TRY(call)                                                                                               \
    do {                                                                                                               \
        cudaError_t limits_error = (call);                                                                             \
        if (limits_error != cudaSuccess) {                                                                             \
            fprintf(stderr, "device_limits: %s: %s\n", #call, cudaGetErrorString(limits_error));                       \
            return 1;                                                                                                  \
        }                                                                                                              \
    } while (0)

/* Seconds on a clock that only goes forward. */
double limits_clock(void);

typedef int (*limits_work)(void *argument, cudaStream_t stream);

/* Seconds of the fastest of LIMITS_REPEATS; work returns 0 or 1, and so does this. */
int limits_time(limits_work work, void *argument, double *seconds);

#endif
