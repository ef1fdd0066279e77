/* The same step for trials that asked for a limit which was not there: they compute it, and the next trial finds it. */
#include "kernels/lanes.h"
#include "trial/bounds.h"

static __global__ void __launch_bounds__(CAUCUS_LANE_GROUP, 2)
    limits_kernel(const __grid_constant__ caucus_trials_arguments arguments)
{
    __shared__ caucus_trial trial;
    uint32_t number;
    uint32_t row;
    if (caucus_lane_open(&arguments, &trial, &number, &row) && trial.missing[CAUCUS_AT(0)] != 0) {
        caucus_guarantees_keep(&trial);
    }
}

int caucus_limits_launch(const caucus_trials_arguments *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(limits_kernel, arguments->n_lane_groups, CAUCUS_LANE_GROUP, 0, stream, *arguments);
    return cudaGetLastError();
}
