/* The code that CPU and GPU share, as the device compiler sees it: built, not run, wherever nvcc is found. */
#include "bound_family.h"
#include "multinomial.h"
#include "sums.h"

static __global__ void draw_kernel(caucus_place place, uint64_t n, const uint64_t *weights, const caucus_chances *chances,
                                   uint32_t n_classes, uint64_t *d_replaced, uint64_t *d_kept)
{
    place.source.trial = blockIdx.x * blockDim.x + threadIdx.x;
    caucus_multinomial(place, n, chances, weights, n_classes, d_replaced);
    caucus_multivariate_hypergeometric(place, n, weights, n_classes, d_kept);
}

static __global__ void bound_kernel(caucus_family_rule rule, caucus_margin margin, caucus_bound_view view,
                                    double *d_scratch, double *d_kept)
{
    d_kept[0] = caucus_family_staircase(&rule, &margin, &view, d_scratch);
    d_kept[1] = caucus_family_budget(&rule, &margin, &view, view.mass, d_scratch);
    d_kept[2] = caucus_family_linear(&margin, &view, rule.threshold);
}

static __global__ void sums_kernel(caucus_shape shape, uint32_t test, const caucus_trial_result *d_rows, uint64_t *d_words)
{
    caucus_sums_add(&shape, shape.n_collectives, test, &d_rows[blockIdx.x * blockDim.x + threadIdx.x], d_words);
}

void *shared_code_kernels[] = {(void *)draw_kernel, (void *)bound_kernel, (void *)sums_kernel};
