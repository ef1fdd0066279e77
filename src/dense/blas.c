#include "dense/blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

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

static void open_library(void)
{
    void *library = dlopen(CAUCUS_OPENBLAS, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(reason, sizeof reason, "%s", dlerror());
        return;
    }
    void (*set_threads)(int) = NULL;
    char *(*get_config)(void) = NULL;
    char *(*get_core)(void) = NULL;
    find(library, "cblas_dgemm", &functions.dgemm);
    find(library, "cblas_sgemm", &functions.sgemm);
    find(library, "dpotrf_", &functions.dpotrf);
    find(library, "dpotri_", &functions.dpotri);
    find(library, "openblas_set_num_threads", &set_threads);
    find(library, "openblas_get_config", &get_config);
    find(library, "openblas_get_corename", &get_core);
    if (reason[0] != '\0') {
        return;
    }
    set_threads(1); /* caucus' own threads each train trials of their own */
    describe(get_config());
    snprintf(functions.core, sizeof functions.core, "%s", get_core());
}

caucus_status caucus_blas_open(const caucus_blas **blas)
{
    pthread_once(&opened, open_library);
    if (reason[0] != '\0') {
        return caucus_fail(CAUCUS_FAILED,
                           "training on rows needs OpenBLAS: %s; install libopenblas0-serial (Debian), or another "
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
                                      "libopenblas-serial-dev (Debian), then configure and build again");
}

#endif
