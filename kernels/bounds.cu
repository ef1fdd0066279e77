/* The fourth step of trials: what every collective could have guaranteed. In two kernels, since the second half needs
 * limits of counts that are not whole, which no table has. */
#include "kernels/lanes.h"
#include "trial/bounds.h"

static __global__ void __launch_bounds__(CAUCUS_GROUP_TRIALS, 3)
    keep_kernel(const __grid_constant__ caucus_trials_arguments arguments)
{
    __shared__ caucus_trial trial;
    uint32_t number;
    uint32_t row;
    if (caucus_lane_open(&arguments, &trial, &number, &row)) {
        caucus_guarantees_keep(&trial);
    }
}

static __global__ void __launch_bounds__(CAUCUS_GROUP_TRIALS, 2)
    conclude_kernel(const __grid_constant__ caucus_trials_arguments arguments)
{
    __shared__ caucus_trial trial;
    uint32_t number;
    uint32_t row;
    if (caucus_lane_open(&arguments, &trial, &number, &row)) {
        const caucus_row result = caucus_block_row(&arguments.d_rows, &arguments.shape, row);
        caucus_guarantees_conclude(&trial, &result);
    }
}

int caucus_bounds_launch(const caucus_trials_arguments *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(keep_kernel, arguments->n_groups, CAUCUS_GROUP_TRIALS, 0, stream, *arguments);
    CAUCUS_LAUNCH(conclude_kernel, arguments->n_groups, CAUCUS_GROUP_TRIALS, 0, stream, *arguments);
    return cudaGetLastError();
}

int caucus_bounds_resident(int *groups)
{
    const int error = caucus_lanes_resident(keep_kernel, groups);
    return error == cudaSuccess ? caucus_lanes_resident(conclude_kernel, groups) : error;
}
