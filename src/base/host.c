#include "base/host.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, TEXT_BYTES = 16384 };

/* The start of a file, with a NUL behind it; false when it cannot be read. Allocates nothing, so that what is told of
 * the machine does not depend on how much of its memory is left. */
static bool read_below(const char *root, const char *path, char text[TEXT_BYTES])
{
    char whole[PATH_BYTES];
    size_t n = 0;
    if (snprintf(whole, sizeof whole, "%s%s", root, path) >= PATH_BYTES) {
        return false;
    }
    const int file = open(whole, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    for (ssize_t got = 1; got != 0 && n<TEXT_BYTES - 1; n += got> 0 ? (size_t)got : 0) {
        got = read(file, text + n, TEXT_BYTES - 1 - n);
        if (got < 0 && errno != EINTR) {
            close(file);
            return false;
        }
    }
    text[n] = '\0';
    close(file);
    return true;
}

/* The next line; NULL at the end. */
static char *next_line(char **text)
{
    char *line = *text;
    if (*line == '\0') {
        return NULL;
    }
    *text += strcspn(line, "\n");
    if (**text == '\n') {
        *(*text)++ = '\0';
    }
    return line;
}

/* The text behind "key", blanks and a colon, in the first line that begins so. */
static bool find_value(const char *root, const char *path, const char *key, char *value, size_t size)
{
    char text[TEXT_BYTES];
    if (!read_below(root, path, text)) {
        return false;
    }
    const size_t key_length = strlen(key);
    char *rest = text;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest)) {
        char *behind = strncmp(line, key, key_length) == 0 ? line + key_length : NULL;
        if (behind != NULL && behind[strspn(behind, " \t")] == ':') {
            behind += strspn(behind, " \t") + 1;
            snprintf(value, size, "%s", behind + strspn(behind, " \t"));
            return true;
        }
    }
    return false;
}

/* A number in decimal at the start of a text. */
static bool read_number(const char *text, uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return end != text && errno == 0;
}

static uint64_t meminfo(const char *root, const char *key)
{
    char value[CAUCUS_HOST_TEXT];
    uint64_t kibibytes = 0;
    if (!find_value(root, "/proc/meminfo", key, value, sizeof value) || !read_number(value, &kibibytes)) {
        return 0;
    }
    return kibibytes * 1024;
}

/* False where the file is absent or says "max". */
static bool read_bytes(const char *root, const char *folder, const char *name, uint64_t *bytes)
{
    char path[PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_BYTES) {
        return false;
    }
    char text[TEXT_BYTES];
    return read_below(root, path, text) && read_number(text, bytes);
}

static void apply_limit(const char *root, const char *folder, bool version_2, caucus_host *host)
{
    uint64_t limit = 0;
    uint64_t used = 0;
    const char *limit_name = version_2 ? "memory.max" : "memory.limit_in_bytes";
    const char *used_name = version_2 ? "memory.current" : "memory.usage_in_bytes";
    /* Version 1 writes "no limit" as a number larger than any memory. */
    if (!read_bytes(root, folder, limit_name, &limit) || limit == 0) {
        return;
    }
    if (host->memory_total == 0 || limit < host->memory_total) {
        host->memory_total = limit;
    }
    if (read_bytes(root, folder, used_name, &used)) {
        uint64_t left = limit > used ? limit - used : 0;
        if (left < host->memory_free) {
            host->memory_free = left;
        }
    }
}

/* A cgroup is limited by its ancestors too. In a container the path that /proc shows may not exist below /sys, and the
 * container's own limit is then at the mount point, where this walk ends. */
static void apply_limits(const char *root, const char *mount, const char *group, bool version_2, caucus_host *host)
{
    char folder[PATH_BYTES];
    if (snprintf(folder, sizeof folder, "%s%s", mount, group) >= PATH_BYTES) {
        return;
    }
    size_t mount_length = strlen(mount);
    for (;;) {
        apply_limit(root, folder, version_2, host);
        char *slash = strrchr(folder, '/');
        if (slash == NULL || (size_t)(slash - folder) < mount_length) {
            return;
        }
        *slash = '\0';
    }
}

static void apply_cgroups(const char *root, caucus_host *host)
{
    char text[TEXT_BYTES];
    if (!read_below(root, "/proc/self/cgroup", text)) {
        return;
    }
    char *rest = text;
    /* number:controllers:path; version 2 has no controllers */
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest)) {
        const char *controllers = strchr(line, ':');
        const char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (path == NULL) {
            continue;
        }
        size_t length = (size_t)(path - controllers - 1);
        if (length == 0) {
            apply_limits(root, "/sys/fs/cgroup", path + 1, true, host);
        } else if (length == strlen("memory") && strncmp(controllers + 1, "memory", length) == 0) {
            apply_limits(root, "/sys/fs/cgroup/memory", path + 1, false, host);
        }
    }
}

static unsigned usable_cores(void)
{
    /* The kernel's mask may be wider than cpu_set_t: ask with room to spare. */
    enum { SETS = 64 };
    cpu_set_t set[SETS];
    unsigned cores = 0;
    if (sched_getaffinity(0, sizeof set, set) == 0) {
        cores = (unsigned)CPU_COUNT_S(sizeof set, set);
    }
    if (cores == 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        cores = online > 0 ? (unsigned)online : 1;
    }
    return cores;
}

void caucus_host_describe(const char *root, caucus_host *host)
{
    memset(host, 0, sizeof *host);
    if (!find_value(root, "/proc/cpuinfo", "model name", host->model, sizeof host->model) || host->model[0] == '\0') {
        snprintf(host->model, sizeof host->model, "processor of unknown model");
    }
    host->cores = usable_cores();
    host->memory_total = meminfo(root, "MemTotal");
    host->memory_free = meminfo(root, "MemAvailable");
    apply_cgroups(root, host);
}

static caucus_host this_host;

static void describe_this_host(void)
{
    caucus_host_describe("", &this_host);
}

const caucus_host *caucus_host_this(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, describe_this_host);
    return &this_host;
}

uint64_t caucus_host_allowance(uint64_t allowed, const char **who)
{
    *who = allowed > 0 ? "--memory allows" : "this machine has";
    return allowed > 0 ? allowed : caucus_host_this()->memory_total;
}
