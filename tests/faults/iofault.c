/* LD_PRELOAD: fails, delays or ends the process at the k-th matching call of the file system.
 *
 * FAULT_CALLS  names with commas between them: open, read, pread, write, pwrite, fsync, ftruncate, close, rename,
 *              renameat2, link, unlink, mkdir, flock
 * FAULT_PATH   only calls whose path, or whose descriptor's path, contains this
 * FAULT_MODE   once (default): the FAULT_AT-th call fails; from: all from there on; every: those that FAULT_AT divides;
 *              kill: the process ends there; sleep: it waits FAULT_SLEEP seconds there; short: reads and writes do half
 * FAULT_ERRNO  the number of the failure (default: ENOSPC) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long n_calls;
static _Thread_local bool busy;

static bool is_listed(const char *call)
{
    const char *list = getenv("FAULT_CALLS");
    const size_t length = strlen(call);
    for (const char *at = list; at != NULL && *at != '\0'; at += strcspn(at, ",") + (strchr(at, ',') != NULL)) {
        if (strcspn(at, ",") == length && strncmp(at, call, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool path_matches(const char *path, int descriptor)
{
    const char *wanted = getenv("FAULT_PATH");
    char link[64];
    char found[PATH_MAX];
    if (wanted == NULL) {
        return true;
    }
    if (path == NULL) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        busy = true;
        ssize_t length = readlink(link, found, sizeof found - 1);
        busy = false;
        found[length > 0 ? length : 0] = '\0';
        path = found;
    }
    return strstr(path, wanted) != NULL;
}

static long number(const char *name, long fallback)
{
    const char *text = getenv(name);
    return text != NULL ? atol(text) : fallback;
}

static bool mode_is(const char *mode)
{
    const char *chosen = getenv("FAULT_MODE");
    return strcmp(chosen != NULL ? chosen : "once", mode) == 0;
}

/* Whether this call is to fail; delays and ends here. */
static bool hit(const char *call, const char *path, int descriptor)
{
    if (busy || !is_listed(call) || !path_matches(path, descriptor)) {
        return false;
    }
    const long at = number("FAULT_AT", 1);
    const long n = ++n_calls;
    if (mode_is("kill") && n == at) {
        kill(getpid(), SIGKILL);
    }
    if (mode_is("sleep") && n == at) {
        sleep((unsigned)number("FAULT_SLEEP", 1));
    }
    errno = (int)number("FAULT_ERRNO", ENOSPC);
    return (mode_is("once") && n == at) || (mode_is("from") && n >= at) || (mode_is("every") && n % at == 0);
}

static size_t shorten(const char *call, int descriptor, size_t n)
{
    return mode_is("short") && n > 1 && is_listed(call) && path_matches(NULL, descriptor) ? (n + 1) / 2 : n;
}

/* The next definition of a function of the C library. */
#define REAL(type, name, ...)                                                                                          \
    static type (*real)(__VA_ARGS__);                                                                                  \
    if (real == NULL) {                                                                                                \
        void *symbol = dlsym(RTLD_NEXT, name);                                                                         \
        memcpy(&real, &symbol, sizeof real);                                                                           \
    }

ssize_t read(int descriptor, void *bytes, size_t n)
{
    REAL(ssize_t, "read", int, void *, size_t)
    return hit("read", NULL, descriptor) ? -1 : real(descriptor, bytes, shorten("read", descriptor, n));
}

ssize_t write(int descriptor, const void *bytes, size_t n)
{
    REAL(ssize_t, "write", int, const void *, size_t)
    return hit("write", NULL, descriptor) ? -1 : real(descriptor, bytes, shorten("write", descriptor, n));
}

ssize_t pread64(int descriptor, void *bytes, size_t n, off64_t at)
{
    REAL(ssize_t, "pread64", int, void *, size_t, off64_t)
    return hit("pread", NULL, descriptor) ? -1 : real(descriptor, bytes, shorten("pread", descriptor, n), at);
}

ssize_t pread(int descriptor, void *bytes, size_t n, off_t at)
{
    return pread64(descriptor, bytes, n, at);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t n, off64_t at)
{
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t)
    return hit("pwrite", NULL, descriptor) ? -1 : real(descriptor, bytes, shorten("pwrite", descriptor, n), at);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t n, off_t at)
{
    return pwrite64(descriptor, bytes, n, at);
}

int fsync(int descriptor)
{
    REAL(int, "fsync", int)
    return hit("fsync", NULL, descriptor) ? -1 : real(descriptor);
}

int ftruncate64(int descriptor, off64_t length)
{
    REAL(int, "ftruncate64", int, off64_t)
    return hit("ftruncate", NULL, descriptor) ? -1 : real(descriptor, length);
}

int ftruncate(int descriptor, off_t length)
{
    return ftruncate64(descriptor, length);
}

/* The descriptor is closed all the same, as on Linux. */
int close(int descriptor)
{
    REAL(int, "close", int)
    const bool fails = hit("close", NULL, descriptor);
    const int error = errno;
    const int closed = real(descriptor);
    errno = fails ? error : errno;
    return fails ? -1 : closed;
}

int flock(int descriptor, int operation)
{
    REAL(int, "flock", int, int)
    return hit("flock", NULL, descriptor) ? -1 : real(descriptor, operation);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(int, "mkdir", const char *, mode_t)
    return hit("mkdir", path, -1) ? -1 : real(path, mode);
}

int unlink(const char *path)
{
    REAL(int, "unlink", const char *)
    return hit("unlink", path, -1) ? -1 : real(path);
}

int rename(const char *from, const char *to)
{
    REAL(int, "rename", const char *, const char *)
    return hit("rename", to, -1) ? -1 : real(from, to);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to)
{
    REAL(int, "renameat", int, const char *, int, const char *)
    return hit("rename", to, -1) ? -1 : real(from_directory, from, to_directory, to);
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags)
{
    REAL(int, "renameat2", int, const char *, int, const char *, unsigned)
    return hit("renameat2", to, -1) ? -1 : real(from_directory, from, to_directory, to, flags);
}

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags)
{
    REAL(int, "linkat", int, const char *, int, const char *, int)
    return hit("link", to, -1) ? -1 : real(from_directory, from, to_directory, to, flags);
}

static mode_t mode_of(int flags, va_list arguments)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

int open64(const char *path, int flags, ...)
{
    REAL(int, "open64", const char *, int, ...)
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return hit("open", path, -1) ? -1 : real(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    REAL(int, "open", const char *, int, ...)
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return hit("open", path, -1) ? -1 : real(path, flags, mode);
}
