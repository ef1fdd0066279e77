/* The inverse of a positive definite matrix, the same bits on every machine, which no BLAS promises. */
#ifndef CAUCUS_TRAINING_INVERT_H
#define CAUCUS_TRAINING_INVERT_H

#include "base/status.h"

/* Replace a matrix [n][n], of which the upper triangle is read, by its inverse, symmetric to the bit. CAUCUS_FAILED
 * where it is not positive definite. */
caucus_status caucus_invert(double *matrix, uint32_t n);

#endif
