/* The first step of trials: draw the groups, hand in their data. */
#include "kernels/lanes.h"
#include "trial/draw.h"
#include "trial/steps.h"

static __global__ void __launch_bounds__(CAUCUS_LANE_GROUP, 2)
    draw_kernel(const __grid_constant__ caucus_trials_arguments arguments)
{
    __shared__ caucus_trial trial;
    uint32_t number;
    uint32_t row;
    if (caucus_lane_open(&arguments, &trial, &number, &row)) {
        caucus_trial_begin(&trial, number);
        caucus_draw_groups(&trial);
    }
}

int caucus_draw_launch(const caucus_trials_arguments *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(draw_kernel, arguments->n_lane_groups, CAUCUS_LANE_GROUP, 0, stream, *arguments);
    return cudaGetLastError();
}

int caucus_draw_resident(int *groups)
{
    return caucus_lanes_resident(draw_kernel, groups);
}
