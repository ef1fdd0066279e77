/* cuBLAS, opened when it is first asked for: devices that train on no rows need none of it. The few functions of it
 * that are used, declared here, so that the module is built where cuBLAS is not. */
#ifndef CAUCUS_KERNELS_CUBLAS_H
#define CAUCUS_KERNELS_CUBLAS_H

#include "kernels/module.h"

#include <cuda_runtime_api.h>

typedef struct cublasContext *caucus_cublas_handle;

/* cuBLAS's own numbers (cublas_api.h, library_types.h). */
enum { CAUCUS_CUBLAS_PLAIN = 0, CAUCUS_CUBLAS_TRANSPOSED = 1 };
enum { CAUCUS_CUBLAS_FLOATS = 0, CAUCUS_CUBLAS_DOUBLES = 1 };
enum { CAUCUS_CUBLAS_IN_SINGLE = 68, CAUCUS_CUBLAS_IN_DOUBLE = 70, CAUCUS_CUBLAS_IN_TF32 = 77 };
enum { CAUCUS_CUBLAS_ANY_WAY = -1 };

typedef struct caucus_cublas {
    int (*create)(caucus_cublas_handle *handle);
    int (*destroy)(caucus_cublas_handle handle);
    int (*set_stream)(caucus_cublas_handle handle, cudaStream_t stream);
    int (*set_workspace)(caucus_cublas_handle handle, void *d_workspace, size_t bytes);
    int (*property)(int which, int *value); /* 0, 1, 2: of the version */
    const char *(*status_text)(int status);

    /* Matrices are column by column. */
    int (*gemm)(caucus_cublas_handle handle, int of_a, int of_b, int m, int n, int k, const void *alpha, const void *a,
                int type_a, int lda, const void *b, int type_b, int ldb, const void *beta, void *c, int type_c, int ldc,
                int computed, int way);
} caucus_cublas;

/* The functions, opened once for the process; NULL where there is no library, with the reason in fault. */
const caucus_cublas *caucus_cublas_open(caucus_cuda_fault *fault);

/* Tell of a status of cuBLAS that is not 0; returns CAUCUS_CUDA_CUBLAS. */
int caucus_cublas_fail(caucus_cuda_fault *fault, const caucus_cublas *cublas, int status, const char *at);

#endif
