/* The last step of trials: what every collective could have guaranteed, from the members whose cells obey. A kernel of
 * its own, since it needs limits of counts that are not whole, which are computed each time. */
#include "kernels/lanes.h"
#include "trial/bounds.h"

static __global__ void __launch_bounds__(CAUCUS_LANE_GROUP, 2)
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
    int error = caucus_keep_launch(arguments, stream);
    if (error == cudaSuccess && arguments->limits) {
        error = caucus_limits_launch(arguments, stream);
    }
    if (error != cudaSuccess) {
        return error;
    }
    CAUCUS_LAUNCH(conclude_kernel, arguments->n_lane_groups, CAUCUS_LANE_GROUP, 0, stream, *arguments);
    return cudaGetLastError();
}

int caucus_bounds_resident(int *groups)
{
    const int error = caucus_keep_resident(groups);
    return error == cudaSuccess ? caucus_lanes_resident(conclude_kernel, groups) : error;
}
