/* The fourth step of trials: the members whose cells are sure to obey, by every method. A limit that nobody has
 * computed yet is left to limits.cu: computing one takes many registers, and is hardly ever needed. */
#include "math/shared.h"

__shared__ unsigned caucus_limits_missing[CAUCUS_LANE_GROUP]; /* [lane] whether some limit of the trial was not there */

#define CAUCUS_LIMIT_MISSING (caucus_limits_missing[threadIdx.x] = 1)
#define CAUCUS_LEAD_MISSING(transfer, a, b, found) (CAUCUS_LIMIT_MISSING, 0.0)
#include "kernels/lanes.h"
#include "trial/bounds.h"

/* Expected counts are written over those of the trial, so that a second time would find others. */
static __device__ bool once_only(const caucus_compiled *compiled)
{
    bool once = false;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        once = once || compiled->guarantees[m].expected != NULL;
    }
    return once;
}

static __global__ void __launch_bounds__(CAUCUS_LANE_GROUP, 2)
    keep_kernel(const __grid_constant__ caucus_trials_arguments arguments)
{
    __shared__ caucus_trial trial;
    uint32_t number;
    uint32_t row;
    if (!caucus_lane_open(&arguments, &trial, &number, &row)) {
        return;
    }
    const bool aside = arguments.limits && once_only(trial.compiled);
    caucus_limits_missing[threadIdx.x] = aside ? 1 : 0;
    if (!aside) {
        caucus_guarantees_keep(&trial);
    }
    trial.missing[CAUCUS_AT(0)] = caucus_limits_missing[threadIdx.x];
}

int caucus_keep_launch(const caucus_trials_arguments *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(keep_kernel, arguments->n_lane_groups, CAUCUS_LANE_GROUP, 0, stream, *arguments);
    return cudaGetLastError();
}

int caucus_keep_resident(int *groups)
{
    return caucus_lanes_resident(keep_kernel, groups);
}
