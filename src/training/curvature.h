/* The Gauss-Newton matrix of a network's loss at the start of its trainings, or parts of it: a sum over cells. */
#ifndef CAUCUS_TRAINING_CURVATURE_H
#define CAUCUS_TRAINING_CURVATURE_H

#include "training/gradient.h"

/* Add what `weight` people of a cell bend the loss by to the training's preconditioner. wild: as caucus_raise has it.
 */
typedef void caucus_bend_cell(const caucus_fit *fit, uint32_t cell, caucus_mask wild, double weight, void *context);

/* All cells that the expected counts [cell][label] times scale have people in; then the penalty, and `damping` times
 * the people along every parameter, on the diagonal of the preconditioner's blocks. fit: of width 1. */
void caucus_curvature_fill(const caucus_fit *fit, const uint64_t *expected, double scale, double damping,
                           caucus_bend_cell *bend, void *context);

#endif
