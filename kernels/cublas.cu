#include "kernels/cublas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if __has_include(<cublas_api.h>)
#include <cublas_api.h>
static_assert((int)CUBLAS_OP_N == (int)CAUCUS_CUBLAS_PLAIN && (int)CUBLAS_OP_T == (int)CAUCUS_CUBLAS_TRANSPOSED,
              "as cuBLAS has them");
static_assert((int)CUDA_R_32F == (int)CAUCUS_CUBLAS_FLOATS && (int)CUDA_R_64F == (int)CAUCUS_CUBLAS_DOUBLES,
              "as cuBLAS has them");
static_assert((int)CUBLAS_COMPUTE_32F == (int)CAUCUS_CUBLAS_IN_SINGLE &&
                  (int)CUBLAS_COMPUTE_64F == (int)CAUCUS_CUBLAS_IN_DOUBLE &&
                  (int)CUBLAS_COMPUTE_32F_FAST_TF32 == (int)CAUCUS_CUBLAS_IN_TF32,
              "as cuBLAS has them");
static_assert((int)CUBLAS_GEMM_DEFAULT == (int)CAUCUS_CUBLAS_ANY_WAY, "as cuBLAS has them");
#endif

/* The library of the toolkit that this was built with: by its name, which the loader looks for, or in the toolkit's
 * folder. Tests bring one of their own. */
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#ifndef CAUCUS_CUBLAS_MAJOR
#define CAUCUS_CUBLAS_MAJOR 13
#endif
static const char *const names[] = {
#ifdef CAUCUS_CUBLAS_FILE
    CAUCUS_CUBLAS_FILE,
#else
    "libcublas.so." TEXT(CAUCUS_CUBLAS_MAJOR),
#ifdef CAUCUS_CUBLAS_FOLDER
    CAUCUS_CUBLAS_FOLDER "/libcublas.so." TEXT(CAUCUS_CUBLAS_MAJOR),
#endif
#endif
};
static const char variable[] = "CAUCUS_CUBLAS";

static pthread_once_t once = PTHREAD_ONCE_INIT;
static caucus_cublas functions;
static char reason[CAUCUS_CUDA_TEXT]; /* empty: it is there */

static void find(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);
    if (found == NULL && reason[0] == '\0') {
        snprintf(reason, sizeof reason, "cuBLAS lacks %s; use that of CUDA %d", name, CAUCUS_CUBLAS_MAJOR);
    }
    memcpy(function, &found, sizeof found);
}

static void *open_first(void)
{
    const char *asked = secure_getenv(variable);
    if (asked != NULL && asked[0] != '\0') {
        return dlopen(asked, RTLD_NOW | RTLD_LOCAL);
    }
    void *library = NULL;
    for (size_t i = 0; library == NULL && i < sizeof names / sizeof names[0]; i++) {
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    }
    return library;
}

static void open_library(void)
{
    void *library = open_first();
    if (library == NULL) {
        snprintf(reason, sizeof reason, "no cuBLAS: %.120s; install that of CUDA %d, or name its file in %s", dlerror(),
                 CAUCUS_CUBLAS_MAJOR, variable);
        return;
    }
    find(library, "cublasCreate_v2", &functions.create);
    find(library, "cublasDestroy_v2", &functions.destroy);
    find(library, "cublasSetStream_v2", &functions.set_stream);
    find(library, "cublasSetWorkspace_v2", &functions.set_workspace);
    find(library, "cublasGetProperty", &functions.property);
    find(library, "cublasGetStatusString", &functions.status_text);
    find(library, "cublasGemmEx", &functions.gemm);
}

const caucus_cublas *caucus_cublas_open(caucus_cuda_fault *fault)
{
    (void)pthread_once(&once, open_library);
    if (reason[0] != '\0') {
        fault->error = CAUCUS_CUDA_NO_CUBLAS;
        snprintf(fault->at, sizeof fault->at, "%s", reason);
        return NULL;
    }
    return &functions;
}

int caucus_cublas_fail(caucus_cuda_fault *fault, const caucus_cublas *cublas, int status, const char *at)
{
    fault->error = CAUCUS_CUDA_CUBLAS;
    snprintf(fault->at, sizeof fault->at, "%s, where cuBLAS says %s", at, cublas->status_text(status));
    return CAUCUS_CUDA_CUBLAS;
}
