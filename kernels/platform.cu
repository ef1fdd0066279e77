/* The third step of trials: learn, or measure what teach.cu has trained; test the platform, report success. */
#include "kernels/lanes.h"
#include "trial/platform.h"
#include "trial/steps.h"

static __global__ void __launch_bounds__(CAUCUS_GROUP_TRIALS, 2)
    platform_kernel(const __grid_constant__ caucus_trials_arguments arguments)
{
    __shared__ caucus_trial trial;
    uint32_t number;
    uint32_t row;
    if (caucus_lane_open(&arguments, &trial, &number, &row)) {
        const caucus_trial_result result = caucus_lane_result(&arguments, row);
        if (trial.compiled->training != NULL) {
            caucus_platform_measure(&trial);
        } else {
            caucus_platform_learn(&trial);
        }
        caucus_success_test(&trial);
        caucus_trial_report(&trial, &result);
        for (uint32_t m = trial.compiled->n_collectives; m < arguments.shape.n_collectives; m++) {
            result.success_count[m] = UINT32_MAX; /* collectives that this configuration does not have */
        }
    }
}

int caucus_platform_launch(const caucus_trials_arguments *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(platform_kernel, arguments->n_groups, CAUCUS_GROUP_TRIALS, 0, stream, *arguments);
    return cudaGetLastError();
}
