/* A fuzzer without a fuzzer: every file that is named, and every file of the folders that are named, once. */
#include "fuzz/input.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int replay_file(const char *path, long size)
{
    FILE *from = fopen(path, "rbe");
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    if (from == NULL || data == NULL || fread(data, 1, (size_t)size, from) != (size_t)size) {
        perror(path);
        exit(1);
    }
    fclose(from);
    fprintf(stderr, "%s\n", path); /* the last one is the one that crashed */
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    return 1;
}

static int replay(const char *path)
{
    struct stat facts;
    struct dirent **names = NULL;
    int n_done = 0;
    if (stat(path, &facts) < 0) {
        perror(path);
        exit(1);
    }
    if (!S_ISDIR(facts.st_mode)) {
        return replay_file(path, (long)facts.st_size);
    }
    const int n = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char inside[4096];
        snprintf(inside, sizeof inside, "%s/%s", path, names[i]->d_name);
        n_done += names[i]->d_name[0] != '.' ? replay(inside) : 0;
        free(names[i]);
    }
    free(names);
    return n_done;
}

int main(int argc, char **argv)
{
    int n_done = 0;
    for (int i = 1; i < argc; i++) {
        n_done += replay(argv[i]);
    }
    printf("%d inputs\n", n_done);
    return n_done > 0 ? 0 : 1;
}
