/* What a network's loss bends like at its random start, unit by unit, so that every trainee's search begins with steps
 * of the right lengths. */
#ifndef CAUCUS_TRAINING_UNIT_BLOCKS_H
#define CAUCUS_TRAINING_UNIT_BLOCKS_H

#include "training/training.h"

/* The number of columns; 1 where there are too many of them. */
uint32_t caucus_unit_blocks_size(const caucus_training *training);

/* Fill precondition with the inverse of parts of the Gauss-Newton matrix at start: J' H J of the scores' Jacobian J and
 * the softmax's Hessian H over the expected counts [cell][label] times scale, and the penalty (Schraudolph 2002). Kept
 * are a block for each hidden unit's weights, in which the constant stands beside columns that add up to it, and the
 * diagonal of the second layer. More of it says more of the start, which a search soon leaves, and takes longer. */
caucus_status caucus_unit_blocks_init(caucus_training *training, const uint64_t *expected, double scale);

#endif
