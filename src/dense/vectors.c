#include "dense/vectors.h"

#include "dense/blas.h"
#include "dense/lanes.h"

#include <math.h>
#include <string.h>

void caucus_vectors_get(void *session, const double *vector, size_t n, double *numbers)
{
    (void)session;
    memcpy(numbers, vector, n * sizeof *vector);
}

void caucus_vectors_clear(void *session, size_t n, double *vector)
{
    (void)session;
    memset(vector, 0, n * sizeof *vector);
}

void caucus_vectors_keep(void *session, size_t n, uint32_t width, const uint32_t *kept, uint32_t n_kept, double *vector)
{
    (void)session;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < n_kept; j++) {
            vector[i * n_kept + j] = vector[i * width + kept[j]];
        }
    }
}

CAUCUS_CLONES void caucus_vectors_dots(void *session, const double *restrict x, const double *restrict y, size_t n,
                                       uint32_t width, double *restrict products)
{
    (void)session;
    for (uint32_t b = 0; b < width; b++) {
        products[b] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            products[b] += x[i * width + b] * y[i * width + b];
        }
    }
}

CAUCUS_CLONES void caucus_vectors_largest(void *session, const double *restrict x, size_t n, uint32_t width,
                                          double *restrict values)
{
    (void)session;
    for (uint32_t b = 0; b < width; b++) {
        values[b] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            const double size = fabs(x[i * width + b]);
            values[b] = size <= values[b] ? values[b] : size; /* NaN stays */
        }
    }
}

CAUCUS_CLONES void caucus_vectors_add(void *session, const double *restrict factors, const double *restrict x,
                                      const double *y, size_t n, uint32_t width, double *z)
{
    (void)session;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            z[i * width + b] = y[i * width + b] + factors[b] * x[i * width + b];
        }
    }
}

CAUCUS_CLONES void caucus_vectors_scale(void *session, const double *restrict factors, const double *x, size_t n,
                                        uint32_t width, double *y)
{
    (void)session;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            y[i * width + b] = factors[b] * x[i * width + b];
        }
    }
}

void caucus_vectors_spread(void *session, const double *one, size_t n, uint32_t width, double *x)
{
    (void)session;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            x[i * width + b] = one[i];
        }
    }
}

CAUCUS_CLONES void caucus_vectors_move(void *session, const double *restrict taken, const double *restrict to, size_t n,
                                       uint32_t width, double *restrict from, double *restrict moved)
{
    (void)session;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            const size_t at = i * width + b;
            const bool go = taken[b] != 0;
            moved[at] = go ? to[at] - from[at] : 0;
            from[at] = go ? to[at] : from[at];
        }
    }
}

void caucus_vectors_scatter(void *session, const uint32_t *places, const double *x, size_t n, uint32_t width,
                            uint32_t batch, double *y)
{
    (void)session;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            if (places[b] != UINT32_MAX) {
                y[i * batch + places[b]] = x[i * width + b];
            }
        }
    }
}

void caucus_vectors_penalise(void *session, const double *weights, size_t n, uint32_t n_outputs, uint32_t width,
                             double penalty, double share, double *gradient)
{
    const size_t row = (size_t)n_outputs * width;
    (void)session;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            double sum = 0;
            for (uint32_t k = 0; share != 0 && k < n_outputs; k++) {
                sum += weights[i * row + k * width + b];
            }
            for (uint32_t k = 0; k < n_outputs; k++) {
                gradient[i * row + k * width + b] += penalty * (weights[i * row + k * width + b] - share * sum);
            }
        }
    }
}

void caucus_vectors_apply(void *session, const double *matrix, uint32_t n, const double *x, size_t stride,
                          uint32_t width, double *y)
{
    const caucus_blas *blas = NULL;
    (void)session;
    if (caucus_blas_open(&blas) == CAUCUS_OK) { /* who has operations has opened it */
        blas->dgemm(CAUCUS_BLAS_ROWS, CAUCUS_BLAS_PLAIN, CAUCUS_BLAS_PLAIN, (int)n, (int)width, (int)n, 1, matrix,
                    (int)n, x, (int)stride, 0, y, (int)stride);
    }
}
