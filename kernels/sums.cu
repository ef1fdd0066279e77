/* Summaries only: what a trial yields is added to the words of its configuration, which every thread shares. */
#include "../src/sums.h"

#include "lanes.h"

static __global__ void __launch_bounds__(CAUCUS_GROUP_TRIALS)
    sums_kernel(const __grid_constant__ caucus_trials_arguments arguments)
{
    const caucus_trials_order *order = arguments.d_order;
    const uint32_t index = blockIdx.x * CAUCUS_GROUP_TRIALS + threadIdx.x;
    if (index < order->n_trials) {
        const caucus_trial_result result = caucus_lane_result(&arguments, order->first_row + index);
        caucus_sums_add(&arguments.shape, order->compiled->n_collectives, order->compiled->config->test, &result,
                        arguments.d_sums);
    }
}

int caucus_sums_launch(const caucus_trials_arguments *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(sums_kernel, arguments->n_groups, CAUCUS_GROUP_TRIALS, 0, stream, *arguments);
    return cudaGetLastError();
}
