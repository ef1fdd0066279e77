/* From a thread to its trial. */
#ifndef CAUCUS_KERNELS_LANES_H
#define CAUCUS_KERNELS_LANES_H

#include "kernels/launch.h"
#include "kernels/steps.h"
#include "trial/trial.h"

/* Lay out the arrays that the trials of this thread block share, in shared memory. All threads must call it. False for
 * threads behind the last trial. number: of the trial in its configuration; row: in the output. */
static __device__ bool caucus_lane_open(const caucus_trials_arguments *arguments, caucus_trial *trial, uint32_t *number,
                                        uint32_t *row)
{
    const caucus_trials_order *order = arguments->d_order;
    const uint32_t index = blockIdx.x * CAUCUS_LANE_GROUP + threadIdx.x;
    if (blockIdx.x * CAUCUS_LANE_GROUP >= order->n_trials) {
        return false; /* the whole block: none of its threads waits for it below */
    }
    if (threadIdx.x == 0) {
        caucus_trial_lay_out(order->compiled, arguments->d_workspace + blockIdx.x * arguments->lane_group_bytes, trial);
    }
    __syncthreads();
    *number = order->first_trial + index;
    *row = order->first_row + index;
    return index < order->n_trials;
}

/* Raise *groups to the groups of a kernel that a multiprocessor of the current device holds at a time. */
static inline cudaError_t caucus_lanes_resident(void (*kernel)(caucus_trials_arguments), int *groups)
{
    int resident = 0;
    const cudaError_t error = cudaOccupancyMaxActiveBlocksPerMultiprocessor(&resident, kernel, CAUCUS_LANE_GROUP, 0);
    *groups = resident > *groups ? resident : *groups;
    return error;
}

#endif
