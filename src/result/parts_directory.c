#include "result/parts_directory.h"

#include "base/claim.h"
#include "base/text.h"
#include "base/writer_mark.h"
#include "result/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Numbers with more digits may not fit 64 bits. */
enum { MOST_DIGITS = 19 };

caucus_status caucus_parts_path(const char *output, const char *name, char **path)
{
    *path = name != NULL ? caucus_text_format("%s.parts/%s", output, name) : caucus_text_format("%s.parts", output);
    return *path != NULL ? CAUCUS_OK : caucus_fail_memory(strlen(output), "a path");
}

bool caucus_parts_is_segment(const char *name, const char *ending, uint64_t *number)
{
    static const char prefix[] = "segment-";
    if (strncmp(name, prefix, sizeof prefix - 1) != 0) {
        return false;
    }
    const char *digits = name + sizeof prefix - 1;
    const size_t n = strspn(digits, "0123456789");
    if (n < CAUCUS_SEGMENT_DIGITS || n > MOST_DIGITS || strcmp(digits + n, ending) != 0) {
        return false;
    }
    if (number != NULL) {
        *number = strtoull(digits, NULL, 10);
    }
    return true;
}

bool caucus_parts_is_temporary(const char *name)
{
    return caucus_parts_is_segment(name, ".h5.tmp", NULL) || strcmp(name, "layout.h5.tmp") == 0 ||
           strcmp(name, CAUCUS_CLAIM_TEMPORARY) == 0 || strcmp(name, CAUCUS_WRITER_MARK ".stale") == 0;
}

bool caucus_parts_is_ours(const char *name)
{
    return caucus_parts_is_segment(name, ".h5", NULL) || caucus_parts_is_segment(name, ".h5.damaged", NULL) ||
           caucus_parts_is_temporary(name) || strcmp(name, "layout.h5") == 0;
}

caucus_status caucus_parts_list(const char *output, struct dirent ***names, int *n)
{
    char *directory = NULL;
    TRY(caucus_parts_path(output, NULL, &directory));
    caucus_status status = CAUCUS_OK;
    *names = NULL;
    *n = scandir(directory, names, NULL, alphasort);
    if (*n < 0) {
        *n = 0;
        if (errno != ENOENT) {
            status = caucus_fail(CAUCUS_FAILED, "cannot list %s: %s", directory, strerror(errno));
        }
    }
    free(directory);
    return status;
}

void caucus_parts_free_list(struct dirent **names, int n)
{
    for (int i = 0; i < n; i++) {
        free(names[i]);
    }
    free(names);
}
