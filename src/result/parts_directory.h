/* The names of files in OUTPUT.parts. */
#ifndef CAUCUS_PARTS_NAMES_H
#define CAUCUS_PARTS_NAMES_H

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

#endif
