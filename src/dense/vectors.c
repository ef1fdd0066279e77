#include "dense/vectors.h"

#include "dense/blas.h"
#include "dense/lanes.h"

#include <math.h>

CAUCUS_CLONES void caucus_vectors_dots(const double *restrict x, const double *restrict y, size_t n, uint32_t width,
                                       double *restrict products)
{
    for (uint32_t b = 0; b < width; b++) {
        products[b] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            products[b] += x[i * width + b] * y[i * width + b];
        }
    }
}

CAUCUS_CLONES void caucus_vectors_add(const double *restrict factors, const double *restrict x, size_t n,
                                      uint32_t width, double *restrict y)
{
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            y[i * width + b] += factors[b] * x[i * width + b];
        }
    }
}

CAUCUS_CLONES void caucus_vectors_largest(const double *restrict x, size_t n, uint32_t width, double *restrict values)
{
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

void caucus_vectors_penalise(const double *weights, size_t n, uint32_t n_outputs, uint32_t width, double penalty,
                             double share, double *gradient)
{
    const size_t row = (size_t)n_outputs * width;
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

void caucus_vectors_apply(const double *matrix, uint32_t n, const double *x, size_t stride, uint32_t width, double *y)
{
    const caucus_blas *blas = NULL;
    if (caucus_blas_open(&blas) == CAUCUS_OK) { /* who has operations has opened it */
        blas->dgemm(CAUCUS_BLAS_ROWS, CAUCUS_BLAS_PLAIN, CAUCUS_BLAS_PLAIN, (int)n, (int)width, (int)n, 1, matrix,
                    (int)n, x, (int)stride, 0, y, (int)stride);
    }
}
