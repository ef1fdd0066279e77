/* Trials on a device: one thread a trial, over a replica of the configuration's tables (src/replica.h). */
#ifndef CAUCUS_KERNELS_TRIALS_H
#define CAUCUS_KERNELS_TRIALS_H

#include <cuda_runtime_api.h>

#include "../src/block.h"
#include "../src/compiled.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a launch is to do. Lies in device memory, so that one captured graph serves every block of trials. */
typedef struct caucus_trials_order {
    const caucus_compiled *compiled; /* device address */
    uint32_t first_trial;
    uint32_t n_trials;
} caucus_trials_order;

typedef struct caucus_trials_arguments {
    const caucus_trials_order *d_order;
    unsigned char *d_workspace; /* n_groups times group_bytes */
    uint64_t group_bytes;       /* at least CAUCUS_LANES times caucus_trial_bytes of the configuration */
    uint32_t n_groups;          /* of trials in flight: thread blocks */
    uint32_t n_collectives;     /* of the layout: the width of rows */
    uint32_t n_methods;
    caucus_block d_rows; /* arrays in device memory */
    uint64_t *d_sums;    /* words of the sums over trials, zero before the launch; NULL: none are kept */
} caucus_trials_arguments;

/* Compute all trials of the order into rows 0 .. n_trials - 1. 0 or a cudaError_t. */
int caucus_trials_launch(const caucus_trials_arguments *arguments, cudaStream_t stream);

/* Groups of trials that a multiprocessor of the current device holds at a time. 0 or a cudaError_t. */
int caucus_trials_resident(uint32_t *n_groups);

#ifdef __cplusplus
}
#endif
#endif
