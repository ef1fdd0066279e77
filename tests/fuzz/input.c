#include "fuzz/input.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void give_up(const char *what)
{
    perror(what);
    abort();
}

FILE *fuzz_nowhere(void)
{
    static FILE *to;
    if (to == NULL && (to = fopen("/dev/null", "we")) == NULL) {
        give_up("/dev/null");
    }
    return to;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

static void remove_folder(void)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void)
{
    if (folder[0] == '\0') {
        snprintf(folder, sizeof folder, "/tmp/caucus-fuzz-%ld", (long)getpid());
        if (mkdir(folder, 0700) < 0) {
            give_up(folder);
        }
        atexit(remove_folder);
    }
    return folder;
}

const char *fuzz_file(const char *name, const void *data, size_t size)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
    FILE *to = fopen(path, "we");
    if (to == NULL || (size > 0 && fwrite(data, 1, size, to) != size) || fclose(to) != 0) {
        give_up(path);
    }
    return path;
}
