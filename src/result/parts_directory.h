/* The names of files in OUTPUT.parts. */
#ifndef CAUCUS_RESULT_PARTS_DIRECTORY_H
#define CAUCUS_RESULT_PARTS_DIRECTORY_H

#include "base/notices.h"
#include "base/status.h"

#include <dirent.h>

enum { CAUCUS_SEGMENT_DIGITS = 8 }; /* at least */

/* segment-NNNNNNNN, or a longer number, with the given ending; number may be NULL. */
bool caucus_parts_is_segment(const char *name, const char *ending, uint64_t *number);

bool caucus_parts_is_temporary(const char *name);
bool caucus_parts_is_ours(const char *name);

/* All names in OUTPUT.parts, sorted; none when there is no such directory. */
caucus_status caucus_parts_list(const char *output, struct dirent ***names, int *n);
void caucus_parts_free_list(struct dirent **names, int n);

/* Notice the damaged segment that the last error is about and, with repair, put it out of the way, so that its blocks
 * are computed again. */
caucus_status caucus_parts_set_aside(const char *path, bool repair, caucus_notices *notices);

#endif
