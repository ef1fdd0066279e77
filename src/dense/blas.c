#include "dense/blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* What OpenBLAS 0.3 maps for a thread, and some more. */
enum { BUFFER_BYTES = 160 << 20 };

/* What its start may take. */
enum { START_BYTES = 4 << 20 };

caucus_status caucus_blas_reserve(void)
{
    void *memory = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return caucus_fail_memory(BUFFER_BYTES, "OpenBLAS, by addresses");
    }
    munmap(memory, BUFFER_BYTES);
    return CAUCUS_OK;
}

#ifdef CAUCUS_OPENBLAS

static pthread_once_t opened = PTHREAD_ONCE_INIT;
static caucus_blas functions;
static char reason[512]; /* empty: it is there */

static void find(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        snprintf(reason, sizeof reason, "%s lacks %s", CAUCUS_OPENBLAS, name);
    }
    memcpy(function, &found, sizeof found);
}

/* "OpenBLAS 0.3.21 NO_LAPACKE ..." without its options. */
static void describe(const char *config)
{
    const char *version = strchr(config, ' ');
    const char *end = version != NULL ? strchr(version + 1, ' ') : NULL;
    const size_t length = end != NULL ? (size_t)(end - config) : strlen(config);
    snprintf(functions.library, sizeof functions.library, "%.*s", (int)length, config);
}

/* A library that was built for a single thread hands the same memory to two that call it at once (libopenblas0-serial
 * 0.3.21 does, and products come out wrong). Its functions are called one at a time. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static caucus_blas unsafe;

static void locked_dgemm(int order, int of_a, int of_b, int m, int n, int k, double alpha, const double *a, int lda,
                         const double *b, int ldb, double beta, double *c, int ldc)
{
    pthread_mutex_lock(&one_at_a_time);
    unsafe.dgemm(order, of_a, of_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    pthread_mutex_unlock(&one_at_a_time);
}

static void locked_sgemm(int order, int of_a, int of_b, int m, int n, int k, float alpha, const float *a, int lda,
                         const float *b, int ldb, float beta, float *c, int ldc)
{
    pthread_mutex_lock(&one_at_a_time);
    unsafe.sgemm(order, of_a, of_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    pthread_mutex_unlock(&one_at_a_time);
}

static void locked_dpotrf(const char *triangle, const int *n, double *a, const int *lda, int *info)
{
    pthread_mutex_lock(&one_at_a_time);
    unsafe.dpotrf(triangle, n, a, lda, info);
    pthread_mutex_unlock(&one_at_a_time);
}

static void locked_dpotri(const char *triangle, const int *n, double *a, const int *lda, int *info)
{
    pthread_mutex_lock(&one_at_a_time);
    unsafe.dpotri(triangle, n, a, lda, info);
    pthread_mutex_unlock(&one_at_a_time);
}

static void call_one_at_a_time(void)
{
    unsafe = functions;
    functions.dgemm = locked_dgemm;
    functions.sgemm = locked_sgemm;
    functions.dpotrf = locked_dpotrf;
    functions.dpotri = locked_dpotri;
}

static void open_library(void)
{
    /* libgfortran, which it starts, does not withstand that there is no memory. */
    if (caucus_reserve(START_BYTES, "its start") != CAUCUS_OK) {
        snprintf(reason, sizeof reason, "%.400s", caucus_error_message());
        return;
    }
    void *library = dlopen(CAUCUS_OPENBLAS, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(reason, sizeof reason, "%s", dlerror());
        return;
    }
    void (*set_threads)(int) = NULL;
    int (*get_parallel)(void) = NULL;
    char *(*get_config)(void) = NULL;
    char *(*get_core)(void) = NULL;
    find(library, "cblas_dgemm", &functions.dgemm);
    find(library, "cblas_sgemm", &functions.sgemm);
    find(library, "dpotrf_", &functions.dpotrf);
    find(library, "dpotri_", &functions.dpotri);
    find(library, "openblas_set_num_threads", &set_threads);
    find(library, "openblas_get_parallel", &get_parallel);
    find(library, "openblas_get_config", &get_config);
    find(library, "openblas_get_corename", &get_core);
    if (reason[0] != '\0') {
        return;
    }
    set_threads(1); /* caucus' own threads each train trials of their own */
    if (get_parallel() == 0) {
        call_one_at_a_time();
    }
    describe(get_config());
    snprintf(functions.core, sizeof functions.core, "%s", get_core());
}

caucus_status caucus_blas_open(const caucus_blas **blas)
{
    pthread_once(&opened, open_library);
    if (reason[0] != '\0') {
        return caucus_fail(CAUCUS_FAILED,
                           "training on rows needs OpenBLAS: %s; install libopenblas0-pthread (Debian), or another "
                           "package of OpenBLAS",
                           reason);
    }
    *blas = &functions;
    return CAUCUS_OK;
}

#else

caucus_status caucus_blas_open(const caucus_blas **blas)
{
    *blas = NULL;
    return caucus_fail(CAUCUS_FAILED, "training on rows needs OpenBLAS, without which this caucus was built; install "
                                      "libopenblas-pthread-dev (Debian), then configure and build again");
}

#endif
