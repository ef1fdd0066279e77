/* What goes to and from a session on a device, and what its operations share (kernels/dense_transfer.cu). */
#ifndef CAUCUS_KERNELS_DENSE_TRANSFER_H
#define CAUCUS_KERNELS_DENSE_TRANSFER_H

#include "kernels/dense.h"

/* Whether products are of floats; the size of a number of them, and where number i of an array of them lies. */
bool caucus_dense_is_single(const caucus_dense_session *s);
size_t caucus_dense_real_bytes(const caucus_dense_session *s);
void *caucus_dense_real_at(const caucus_dense_session *s, void *base, size_t i);
/* For a launch, all else 0; and what comes after one: whether it was one. */
caucus_dense_arguments caucus_dense_arguments_for(size_t n, uint32_t width, const void *from, void *to);
void caucus_dense_launched(caucus_dense_session *s, const char *at);
/* To and from the device, and wait: the host's memory may change as soon as they return. */
void caucus_dense_send(caucus_dense_session *s, const void *from, size_t bytes, void *d_to, const char *at);
void caucus_dense_fetch(caucus_dense_session *s, const void *d_from, size_t bytes, void *to, const char *at);
/* As dense/operations.h has them. */
void caucus_dense_get(void *session, const double *vector, size_t n, double *numbers);
void caucus_dense_put(void *session, const double *numbers, size_t n, double *vector);
void caucus_dense_clear(void *session, size_t n, double *vector);
/* A number for each trial, on its way in the stream: where it will lie until the stream was waited for. */
const double *caucus_dense_send_factors(caucus_dense_session *s, const double *factors, uint32_t width);
const uint32_t *caucus_dense_send_places(caucus_dense_session *s, const uint32_t *places, uint32_t n);
/* Memory of the session, zero; false when there is none, which its fault then tells. */
bool caucus_dense_grow(caucus_dense_session *s, size_t bytes, void **d_memory);
/* As dense/operations.h has them. */
void caucus_dense_take(void *session, const caucus_dense_people *people, uint32_t width);
void caucus_dense_leave(void *session);
void caucus_dense_keep_people(void *session, uint32_t width, const uint32_t *kept, uint32_t n_kept);
void caucus_dense_keep(void *session, size_t n, uint32_t width, const uint32_t *kept, uint32_t n_kept, double *vector);
/* Likewise, of vectors of the search (kernels/dense_search.cu). */
void caucus_dense_vectors_dots(void *session, const double *x, const double *y, size_t n, uint32_t width,
                               double *products);
void caucus_dense_vectors_largest(void *session, const double *x, size_t n, uint32_t width, double *values);
void caucus_dense_vectors_add(void *session, const double *factors, const double *x, const double *y, size_t n,
                              uint32_t width, double *z);
void caucus_dense_vectors_scale(void *session, const double *factors, const double *x, size_t n, uint32_t width,
                                double *y);
void caucus_dense_vectors_spread(void *session, const double *one, size_t n, uint32_t width, double *x);
void caucus_dense_vectors_move(void *session, const double *taken, const double *to, size_t n, uint32_t width,
                               double *from, double *moved);
void caucus_dense_vectors_scatter(void *session, const uint32_t *places, const double *x, size_t n, uint32_t width,
                                  uint32_t batch, double *y);
void caucus_dense_vectors_penalise(void *session, const double *weights, size_t n, uint32_t n_outputs, uint32_t width,
                                   double penalty, double share, double *gradient);

#endif
