/* Where logistic regression starts in every trial, and the inverse Hessian there. */
#ifndef CAUCUS_TRAINING_PRECONDITION_H
#define CAUCUS_TRAINING_PRECONDITION_H

#include "training/training.h"

/* Size of the blocks that are inverted: of all parameters together, else of each label's, else of each alone. */
uint32_t caucus_precondition_block(const caucus_training *training);

/* Fill start and precondition, of such blocks, from the expected counts [cell][label] times scale. */
caucus_status caucus_precondition_init(caucus_training *training, const uint64_t *expected, double scale);

#endif
