#include "training/curvature.h"

void caucus_curvature_fill(const caucus_fit *fit, const uint64_t *expected, double scale, double damping,
                           caucus_bend_cell *bend, void *context)
{
    const caucus_training *training = fit->training;
    const uint32_t size = training->block;
    caucus_spread(fit, training->start);
    const caucus_mask wild = caucus_raise(fit, 2.0);
    for (uint32_t cell = 0; cell < training->design.n_cells; cell++) {
        double weight = 0.0;
        for (uint32_t y = 0; y < training->n_labels; y++) {
            weight += (double)expected[(size_t)cell * training->n_labels + y] * scale;
        }
        if (weight > 0.0) {
            bend(fit, cell, wild, weight, context);
        }
    }
    for (uint32_t i = 0; i < training->n_parameters; i++) {
        const double penalty = caucus_is_penalised(training, i) ? training->learner.penalty : 0.0;
        training->precondition[(size_t)i * size + i % size] += fmax(penalty, 0.5) + damping * training->consumers;
    }
}
