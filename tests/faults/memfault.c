/* LD_PRELOAD: the MEM_AT-th allocation fails, with MEM_FROM set all from there on. MEM_COUNT names a file that gets the
 * number of allocations at the end of the process. MEM_OUTSIDE is a part of the names of libraries: allocations made
 * while one of them is on the stack are not counted, and do not fail. */
#define _GNU_SOURCE
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t n);
extern void *__libc_realloc(void *memory, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);

static atomic_long n_allocations;
static long fails_at;
static bool from_there_on;
static bool counting;
enum { MOST_LIBRARIES = 8 };
static struct {
    uintptr_t from, to; /* addresses of its code */
} libraries[MOST_LIBRARIES];
static int n_libraries;
static _Thread_local bool looking;

static int find_library(struct dl_phdr_info *info, size_t size, void *name)
{
    (void)size;
    if (strstr(info->dlpi_name, name) == NULL) {
        return 0;
    }
    for (int i = 0; i < info->dlpi_phnum && n_libraries < MOST_LIBRARIES; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) != 0) {
            libraries[n_libraries].from = info->dlpi_addr + segment->p_vaddr;
            libraries[n_libraries].to = libraries[n_libraries].from + segment->p_memsz;
            n_libraries++;
        }
    }
    return 0;
}

static bool is_outside(void)
{
    enum { FRAMES = 64 };
    void *frames[FRAMES];
    if (n_libraries == 0) {
        return true;
    }
    looking = true; /* looking at the stack may allocate */
    const int n = backtrace(frames, FRAMES);
    looking = false;
    for (int i = 0; i < n * n_libraries; i++) {
        const uintptr_t at = (uintptr_t)frames[i / n_libraries];
        if (at >= libraries[i % n_libraries].from && at < libraries[i % n_libraries].to) {
            return false;
        }
    }
    return true;
}

__attribute__((constructor)) static void begin(void)
{
    void *frame;
    char *outside = getenv("MEM_OUTSIDE");
    if (outside != NULL) {
        backtrace(&frame, 1); /* loads what it needs */
        dl_iterate_phdr(find_library, outside);
    }
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
    if (!counting || looking || !is_outside()) {
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
