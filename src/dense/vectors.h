/* Operations on vectors of the solver, on this processor (dense/operations.h). They need no session. */
#ifndef CAUCUS_DENSE_VECTORS_H
#define CAUCUS_DENSE_VECTORS_H

#include "dense/operations.h"

void caucus_vectors_get(void *session, const double *vector, size_t n, double *numbers);
void caucus_vectors_clear(void *session, size_t n, double *vector);
void caucus_vectors_keep(void *session, size_t n, uint32_t width, const uint32_t *kept, uint32_t n_kept,
                         double *vector);
void caucus_vectors_dots(void *session, const double *x, const double *y, size_t n, uint32_t width, double *products);
void caucus_vectors_largest(void *session, const double *x, size_t n, uint32_t width, double *values);
void caucus_vectors_add(void *session, const double *factors, const double *x, const double *y, size_t n,
                        uint32_t width, double *z);
void caucus_vectors_scale(void *session, const double *factors, const double *x, size_t n, uint32_t width, double *y);
void caucus_vectors_spread(void *session, const double *one, size_t n, uint32_t width, double *x);
void caucus_vectors_move(void *session, const double *taken, const double *to, size_t n, uint32_t width, double *from,
                         double *moved);
void caucus_vectors_scatter(void *session, const uint32_t *places, const double *x, size_t n, uint32_t width,
                            uint32_t batch, double *y);
void caucus_vectors_penalise(void *session, const double *weights, size_t n, uint32_t n_outputs, uint32_t width,
                             double penalty, double share, double *gradient);
void caucus_vectors_apply(void *session, const double *matrix, uint32_t n, const double *x, size_t stride,
                          uint32_t width, double *y);

#endif
