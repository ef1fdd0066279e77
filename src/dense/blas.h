/* The BLAS and LAPACK functions that training on rows uses, from OpenBLAS. The library is opened when they are first
 * asked for: programs that train on no rows neither need it nor pay for its start. Threads may call them at once. */
#ifndef CAUCUS_DENSE_BLAS_H
#define CAUCUS_DENSE_BLAS_H

#include "base/status.h"

enum { CAUCUS_BLAS_TEXT = 128 };

/* CBLAS's numbers for row-major matrices and for transposition. */
enum { CAUCUS_BLAS_ROWS = 101, CAUCUS_BLAS_PLAIN = 111, CAUCUS_BLAS_TRANSPOSED = 112 };

typedef struct caucus_blas {
    void (*dgemm)(int order, int of_a, int of_b, int m, int n, int k, double alpha, const double *a, int lda,
                  const double *b, int ldb, double beta, double *c, int ldc);
    void (*sgemm)(int order, int of_a, int of_b, int m, int n, int k, float alpha, const float *a, int lda,
                  const float *b, int ldb, float beta, float *c, int ldc);
    void (*dpotrf)(const char *triangle, const int *n, double *a, const int *lda, int *info);
    void (*dpotri)(const char *triangle, const int *n, double *a, const int *lda, int *info);
    char library[CAUCUS_BLAS_TEXT]; /* "OpenBLAS 0.3.21" */
    char core[CAUCUS_BLAS_TEXT];    /* the processor type that it computes for; its last bits depend on it */
} caucus_blas;

/* The functions, opened once for the process and set to one thread each: CAUCUS_FAILED with what to install where there
 * is no OpenBLAS. */
caucus_status caucus_blas_open(const caucus_blas **blas);

/* To be asked once where a thread is to multiply: OpenBLAS takes addresses for each when it first does, and where there
 * are none left it asks for them for ever. CAUCUS_FAILED then. */
caucus_status caucus_blas_reserve(void);

#endif
