/* Where logistic regression starts in every trial, and the inverse Hessian there. */
#ifndef CAUCUS_TRAINING_PRECONDITION_H
#define CAUCUS_TRAINING_PRECONDITION_H

#include "training/training.h"

/* Fill start, block and precondition from the expected counts [cell][label]. */
caucus_status caucus_precondition_init(caucus_training *training, const uint64_t *expected);

#endif
