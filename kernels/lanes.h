/* From a thread to its trial. */
#ifndef CAUCUS_KERNELS_LANES_H
#define CAUCUS_KERNELS_LANES_H

#include "kernels/launch.h"
#include "kernels/steps.h"
#include "trial/trial.h"

static_assert(CAUCUS_GROUP_TRIALS == 128, "as CAUCUS_LANES in math/shared.h");

/* Lay out the arrays that the trials of this thread block share, in shared memory. All threads must call it. False for
 * threads behind the last trial. number: of the trial in its configuration; row: in the output. */
static __device__ bool caucus_lane_open(const caucus_trials_arguments *arguments, caucus_trial *trial, uint32_t *number,
                                        uint32_t *row)
{
    const caucus_trials_order *order = arguments->d_order;
    const uint32_t index = blockIdx.x * CAUCUS_GROUP_TRIALS + threadIdx.x;
    if (blockIdx.x * CAUCUS_GROUP_TRIALS >= order->n_trials) {
        return false; /* the whole block: none of its threads waits for it below */
    }
    if (threadIdx.x == 0) {
        caucus_trial_lay_out(order->compiled, arguments->d_workspace + blockIdx.x * arguments->group_bytes, trial);
    }
    __syncthreads();
    *number = order->first_trial + index;
    *row = order->first_row + index;
    return index < order->n_trials;
}

/* Element n of an array that may be absent. */
static __device__ float *caucus_lane_element(float *array, size_t n)
{
    return array != NULL ? array + n : NULL;
}

/* The rows that a thread's trial fills. */
static __device__ caucus_trial_result caucus_lane_result(const caucus_trials_arguments *arguments, uint32_t row)
{
    const caucus_block *rows = &arguments->d_rows;
    const size_t collectives = (size_t)row * arguments->shape.n_collectives;
    const size_t methods = (size_t)row * arguments->shape.n_methods;
    caucus_trial_result result;
    result.success_count = rows->success_count + collectives;
    result.lower_bound = caucus_lane_element(rows->lower_bound, collectives * arguments->shape.n_methods);
    result.global_success = rows->global_success + row;
    result.joint_success = rows->joint_success + row;
    result.accuracy = rows->accuracy + row;
    result.suboptimality = rows->suboptimality + row;
    result.global_bound = caucus_lane_element(rows->global_bound, methods);
    result.joint_bound = caucus_lane_element(rows->joint_bound, methods);
    result.converged = caucus_lane_element(rows->converged, row);
    result.accuracy_cost = caucus_lane_element(rows->accuracy_cost, row);
    return result;
}

#endif
