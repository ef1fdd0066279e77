/* Text of strangers on terminals and in logs: control characters, which could move the cursor, change what stands there
 * or type for the reader, are shown as \xNN. Line ends and tabs pass. */
#ifndef CAUCUS_BASE_SHOWN_H
#define CAUCUS_BASE_SHOWN_H

#include <stdio.h>

/* Write text so. */
void caucus_shown_put(FILE *to, const char *text);

/* A stream that writes what it gets to another one so; NULL without memory. Close it with fclose, which leaves the
 * other one open. */
FILE *caucus_shown_open(FILE *to);

/* A copy for one line, in which line ends and tabs are shown as \xNN too; the caller frees it. NULL without memory. */
char *caucus_shown_copy(const char *text);

#endif
