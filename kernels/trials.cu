#include "trials.h"

#include "../src/trial_run.h"
#include "launch.h"

static __device__ caucus_trial_result row_of(const caucus_trials_arguments *arguments, uint32_t i)
{
    const caucus_block *rows = &arguments->d_rows;
    const size_t collectives = (size_t)i * arguments->n_collectives;
    const size_t methods = (size_t)i * arguments->n_methods;
    caucus_trial_result row;
    row.success_count = rows->success_count + collectives;
    row.lower_bound = rows->lower_bound + collectives * arguments->n_methods;
    row.global_success = rows->global_success + i;
    row.joint_success = rows->joint_success + i;
    row.accuracy = rows->accuracy + i;
    row.suboptimality = rows->suboptimality + i;
    row.global_bound = rows->global_bound + methods;
    row.joint_bound = rows->joint_bound + methods;
    return row;
}

/* A thread block owns one group's workspace and takes every gridDim.x-th group of trials. Its arrays are laid out once,
 * by one thread, since all its threads share them. */
static __global__ void __launch_bounds__(CAUCUS_LANES)
    trials_kernel(const __grid_constant__ caucus_trials_arguments arguments)
{
    __shared__ caucus_trial trial;
    const caucus_trials_order order = *arguments.d_order;
    if (threadIdx.x == 0) {
        caucus_trial_lay_out(order.compiled, arguments.d_workspace + blockIdx.x * arguments.group_bytes, &trial);
    }
    __syncthreads();
    for (uint32_t i = blockIdx.x * CAUCUS_LANES + threadIdx.x; i < order.n_trials; i += gridDim.x * CAUCUS_LANES) {
        caucus_trial_result row = row_of(&arguments, i);
        caucus_trial_over_classes(&trial, order.first_trial + i, &row);
    }
}

int caucus_trials_launch(const caucus_trials_arguments *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(trials_kernel, arguments->n_groups, CAUCUS_LANES, 0, stream, *arguments);
    return cudaGetLastError();
}

int caucus_trials_resident(uint32_t *n_groups)
{
    int n_blocks = 0;
    cudaError_t error = cudaOccupancyMaxActiveBlocksPerMultiprocessor(&n_blocks, trials_kernel, CAUCUS_LANES, 0);
    *n_groups = error == cudaSuccess ? (uint32_t)n_blocks : 0;
    return error;
}
