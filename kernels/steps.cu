#include "kernels/steps.h"

int caucus_trials_launch(const caucus_trials_arguments *arguments, cudaStream_t stream)
{
    int error = caucus_draw_launch(arguments, stream);
    if (error == cudaSuccess && arguments->n_teams > 0) {
        error = caucus_teach_launch(arguments, stream);
    }
    if (error == cudaSuccess) {
        error = caucus_platform_launch(arguments, stream);
    }
    if (error == cudaSuccess && arguments->shape.n_methods > 0) {
        error = caucus_bounds_launch(arguments, stream);
    }
    if (error == cudaSuccess && arguments->d_sums != NULL) {
        error = caucus_sums_launch(arguments, stream);
    }
    return error;
}

int caucus_trials_resident(int *groups)
{
    *groups = 0;
    int error = caucus_draw_resident(groups);
    if (error == cudaSuccess) {
        error = caucus_platform_resident(groups);
    }
    return error == cudaSuccess ? caucus_bounds_resident(groups) : error;
}
