/* Operations on vectors of the solver, on this processor. */
#ifndef CAUCUS_DENSE_VECTORS_H
#define CAUCUS_DENSE_VECTORS_H

#include "dense/operations.h"

void caucus_vectors_dots(const double *x, const double *y, size_t n, uint32_t width, double *products);
void caucus_vectors_add(const double *factors, const double *x, size_t n, uint32_t width, double *y);
void caucus_vectors_largest(const double *x, size_t n, uint32_t width, double *values);
void caucus_vectors_penalise(const double *weights, size_t n, uint32_t n_outputs, uint32_t width, double penalty,
                             double share, double *gradient);
void caucus_vectors_apply(const double *matrix, uint32_t n, const double *x, size_t stride, uint32_t width, double *y);

#endif
