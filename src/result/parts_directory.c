#include "result/parts_directory.h"

#include "base/claim.h"
#include "base/text.h"
#include "base/writer_mark.h"
#include "hdf5/sealed.h"
#include "result/parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* What a folder that need not be there holds: 0 or errno. */
static int list_directory(const char *directory, struct dirent ***names, int *n)
{
    *names = NULL;
    *n = scandir(directory, names, NULL, alphasort);
    if (*n >= 0) {
        return 0;
    }
    *n = 0;
    return errno != ENOENT ? errno : 0;
}

caucus_status caucus_parts_list(const char *output, struct dirent ***names, int *n)
{
    char *directory = NULL;
    TRY(caucus_parts_path(output, NULL, &directory));
    const int why = list_directory(directory, names, n);
    caucus_status status =
        why == 0 ? CAUCUS_OK : caucus_fail(CAUCUS_FAILED, "cannot list %s: %s", directory, strerror(why));
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

caucus_status caucus_parts_count(const char *output, uint64_t *n_segments)
{
    struct dirent **names = NULL;
    int n = 0;
    TRY(caucus_parts_list(output, &names, &n));
    *n_segments = 0;
    for (int i = 0; i < n; i++) {
        *n_segments += caucus_parts_is_segment(names[i]->d_name, ".h5", NULL);
    }
    caucus_parts_free_list(names, n);
    return CAUCUS_OK;
}

caucus_status caucus_parts_block_trials(const char *output, uint32_t *block_trials)
{
    struct dirent **names = NULL;
    int n = 0;
    TRY(caucus_parts_list(output, &names, &n));
    caucus_status status = CAUCUS_OK;
    *block_trials = 0;
    for (int i = 0; i < n && status == CAUCUS_OK && *block_trials == 0; i++) {
        if (!caucus_parts_is_segment(names[i]->d_name, ".h5", NULL)) {
            continue;
        }
        char *path = NULL;
        caucus_segment *segment = NULL;
        TRY_GOTO(caucus_parts_path(output, names[i]->d_name, &path), done);
        status = caucus_image_verify(path);
        if (status == CAUCUS_INVALID) { /* the store will say so */
            status = CAUCUS_OK;
        } else if (status == CAUCUS_OK) {
            status = caucus_segment_open(path, &segment);
        }
        if (segment != NULL) {
            *block_trials = segment->identity.block_trials;
            caucus_segment_close(segment);
        }
        free(path);
    }
done:
    caucus_parts_free_list(names, n);
    return status;
}

/* NULL, or why DIRECTORY/NAME is still there. */
static const char *clear_part(const char *directory, const char *name)
{
    if (!caucus_parts_is_ours(name)) {
        return "it holds other files";
    }
    char *path = caucus_text_format("%s/%s", directory, name);
    const char *why = path != NULL && unlink(path) == 0 ? NULL : strerror(errno);
    free(path);
    return why;
}

const char *caucus_parts_clear(const char *output)
{
    char *directory = caucus_text_format("%s.parts", output);
    if (directory == NULL) {
        return strerror(ENOMEM);
    }
    struct dirent **names = NULL;
    int n = 0;
    const int error = list_directory(directory, &names, &n);
    const char *why = error != 0 ? strerror(error) : NULL;
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, CAUCUS_WRITER_MARK) != 0) {
            const char *left = clear_part(directory, name);
            why = left != NULL ? left : why;
        }
    }
    caucus_parts_free_list(names, n);
    free(directory);
    return why;
}

caucus_status caucus_parts_set_aside(const char *path, bool repair, caucus_notices *notices)
{
    char *aside = caucus_text_format("%s.damaged", path);
    char *why = caucus_text_copy(caucus_error_message());
    caucus_status status = CAUCUS_OK;
    if (aside == NULL || why == NULL) {
        status = caucus_fail_memory(strlen(path), "a path");
    } else if (repair && rename(path, aside) < 0) {
        status = caucus_fail(CAUCUS_FAILED, "cannot rename the damaged %s: %s", path, strerror(errno));
    } else {
        status = caucus_notices_add(notices, "%s; its blocks %s", why,
                                    repair ? "are computed again, and it is kept with the ending .damaged until the "
                                             "result is complete"
                                           : "are left out");
    }
    free(why);
    free(aside);
    return status;
}
