/* LD_PRELOAD: the MEM_AT-th allocation fails, with MEM_FROM set all from there on. MEM_COUNT names a file that gets the
 * number of allocations at the end of the process. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t n);
extern void *__libc_realloc(void *memory, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);

static atomic_long n_allocations;
static long fails_at;
static bool from_there_on;
static bool counting;

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("MEM_AT");
    fails_at = at != NULL ? atol(at) : 0;
    from_there_on = getenv("MEM_FROM") != NULL;
    counting = true;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("MEM_COUNT");
    counting = false;
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "%ld\n", (long)n_allocations);
        fclose(file);
    }
}

static bool fails(void)
{
    if (!counting) {
        return false;
    }
    const long n = ++n_allocations;
    const bool failing = fails_at > 0 && (from_there_on ? n >= fails_at : n == fails_at);
    errno = failing ? ENOMEM : errno;
    return failing;
}

void *malloc(size_t n)
{
    return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t count, size_t n)
{
    return fails() ? NULL : __libc_calloc(count, n);
}

void *realloc(void *memory, size_t n)
{
    return fails() ? NULL : __libc_realloc(memory, n);
}

void *memalign(size_t alignment, size_t n)
{
    return fails() ? NULL : __libc_memalign(alignment, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
    return memalign(alignment, n);
}

int posix_memalign(void **memory, size_t alignment, size_t n)
{
    void *taken = memalign(alignment, n);
    if (taken == NULL) {
        return ENOMEM;
    }
    *memory = taken;
    return 0;
}
