/* What a network's loss bends like at its start, for trainings that begin there and end not far away. */
#ifndef CAUCUS_TRAINING_GAUSS_NEWTON_H
#define CAUCUS_TRAINING_GAUSS_NEWTON_H

#include "training/training.h"

/* The number of parameters; 0 where there are too many of them, or too many cells, for the matrix to pay. */
uint32_t caucus_gauss_newton_block(const caucus_training *training);

/* Fill precondition, one block, with the inverse of the Gauss-Newton matrix at start: J' H J of the scores' Jacobian J
 * and the softmax's Hessian H over the expected counts [cell][label] times scale, and the penalty (Schraudolph
 * 2002). */
caucus_status caucus_gauss_newton_init(caucus_training *training, const uint64_t *expected, double scale);

#endif
