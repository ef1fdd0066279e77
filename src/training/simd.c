/* The instruction set that this processor trains with, and what needs to know its width. */
#include "training/simd.h"

#include "training/forward.h"

#include <stdlib.h>

const caucus_training_flavour *caucus_training_flavour_here(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        return &caucus_training_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return &caucus_training_avx2;
    }
#endif
    return &caucus_training_pairs;
}

size_t caucus_training_space(const caucus_training *training)
{
    return caucus_training_flavour_here()->space(training);
}

size_t caucus_training_team_space(const caucus_training *training)
{
    caucus_fit fit; /* of width 1 here, as on a device */
    caucus_fit_memory memory = {0};
    caucus_fit_lay_out(training, true, &memory, &fit);
    return memory.far_used;
}

uint32_t caucus_training_width(void)
{
    return caucus_training_flavour_here()->width;
}

void caucus_training_run(const caucus_training *training, caucus_trainee *trainees, uint32_t n, void *space)
{
    caucus_training_flavour_here()->run(training, trainees, n, space);
}

caucus_status caucus_training_probabilities(const caucus_training *training, const double *parameters,
                                            double *probabilities)
{
    caucus_fit fit; /* of width 1 here */
    void *space = NULL;
    TRY(caucus_alloc(caucus_fit_place(training, NULL, &fit), 1, "scores of cells", &space));
    caucus_fit_place(training, space, &fit);
    const caucus_mask wild = caucus_prepare_scores(&fit, parameters);
    for (uint32_t cell = 0; cell < training->design.n_cells; cell++) {
        double *row = probabilities + (size_t)cell * training->n_labels;
        caucus_cell_scores(&fit, parameters, cell, wild, 0, row);
        const caucus_softmax softmax = caucus_softmax_of(row, training->n_labels);
        for (uint32_t y = 0; y < training->n_labels; y++) {
            row[y] /= softmax.sum;
        }
    }
    free(space);
    return CAUCUS_OK;
}
