/* The third step of trials: learn, or measure what teach.cu has trained; test the platform, report success. */
#include "kernels/lanes.h"
#include "trial/platform.h"
#include "trial/steps.h"

static __global__ void __launch_bounds__(CAUCUS_LANE_GROUP, 2)
    platform_kernel(const __grid_constant__ caucus_trials_arguments arguments)
{
    __shared__ caucus_trial trial;
    uint32_t number;
    uint32_t row;
    if (caucus_lane_open(&arguments, &trial, &number, &row)) {
        const caucus_row result = caucus_block_row(&arguments.d_rows, &arguments.shape, row);
        if (trial.compiled->training != NULL) {
            caucus_platform_measure(&trial);
        } else {
            caucus_platform_learn(&trial);
        }
        caucus_success_test(&trial);
        caucus_trial_report(&trial, &result);
        caucus_row_blank(&result, &arguments.shape, trial.compiled->n_collectives);
    }
}

int caucus_platform_launch(const caucus_trials_arguments *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(platform_kernel, arguments->n_lane_groups, CAUCUS_LANE_GROUP, 0, stream, *arguments);
    return cudaGetLastError();
}

int caucus_platform_resident(int *groups)
{
    return caucus_lanes_resident(platform_kernel, groups);
}
