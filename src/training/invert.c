#include "training/invert.h"

#include <math.h>
#include <stdlib.h>

/* Cholesky, then the factor's inverse times its transpose. Inner
 * loops run along rows, so that compilers vectorise them without changing the order of any sum. */
caucus_status caucus_invert(double *matrix, uint32_t n)
{
    double *inverse = NULL; /* of the lower factor, transposed: upper triangle */
    TRY(caucus_alloc((size_t)n * n, sizeof *inverse, "a preconditioner", &inverse));
    for (uint32_t k = 0; k < n; k++) { /* the upper factor takes the upper triangle's place, row by row */
        double *row = matrix + (size_t)k * n;
        if (!(row[k] > 0.0)) {
            free(inverse);
            return caucus_fail(CAUCUS_FAILED,
                               "a classifier's Hessian is not positive definite at parameter %u of %u; "
                               "raise the penalty",
                               k, n);
        }
        const double pivot = sqrt(row[k]);
        for (uint32_t j = k; j < n; j++) {
            row[j] /= pivot;
        }
        for (uint32_t i = k + 1; i < n; i++) {
            double *below = matrix + (size_t)i * n;
            const double factor = row[i];
            for (uint32_t j = i; factor != 0.0 && j < n; j++) {
                below[j] -= factor * row[j];
            }
        }
    }
    for (uint32_t k = n; k-- > 0;) { /* inverse of the upper factor, from its last row up */
        const double *row = matrix + (size_t)k * n;
        double *out = inverse + (size_t)k * n;
        out[k] = 1.0;
        for (uint32_t i = k + 1; i < n; i++) {
            const double *solved = inverse + (size_t)i * n;
            for (uint32_t j = i; j < n; j++) {
                out[j] -= row[i] * solved[j];
            }
        }
        for (uint32_t j = k; j < n; j++) {
            out[j] /= row[k];
        }
    }
    for (uint32_t i = 0; i < n; i++) { /* the product, whose symmetry makes (i, j) and (j, i) the same bits */
        for (uint32_t j = i; j < n; j++) {
            double sum = 0.0;
            for (uint32_t k = j; k < n; k++) {
                sum += inverse[(size_t)i * n + k] * inverse[(size_t)j * n + k];
            }
            matrix[(size_t)i * n + j] = sum;
            matrix[(size_t)j * n + i] = sum;
        }
    }
    free(inverse);
    return CAUCUS_OK;
}
