/* What the emulated CUDA was asked to do, counted. When the process ends, the counts go as one JSON object into the
 * file that the environment variable EMULATED_CUDA_TRACE names. */
#ifndef EMULATED_CUDA_TRACE_H
#define EMULATED_CUDA_TRACE_H

enum emulated_event_kind {
    EMULATED_ALLOCATIONS, /* of device and pinned memory that succeeded */
    EMULATED_RELEASES,
    EMULATED_KERNELS, /* run, from graphs too */
    EMULATED_GRAPHS,  /* made */
    EMULATED_REPLAYS, /* launches of graphs */
    EMULATED_UPLOADS, /* copies to a device, from graphs too */
    EMULATED_THREADS, /* of kernels */
    EMULATED_RECALLS, /* limits of bounds that were looked up */
    EMULATED_LIMITS,  /* those of them that were computed */
    EMULATED_KINDS
};

void emulated_count(emulated_event_kind kind, unsigned long long n = 1);

#endif
