/* What a person should know though nothing failed, a line each. */
#ifndef CAUCUS_NOTICES_H
#define CAUCUS_NOTICES_H

#include "base/status.h"

typedef struct caucus_notices {
    char *text; /* lines with '\n' between them; NULL: none */
} caucus_notices;

/* Add a line, printf style. Whoever shows the text may remember how much of it was shown: it only grows. */
caucus_status caucus_notices_add(caucus_notices *notices, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* All lines; "" when there are none. */
const char *caucus_notices_text(const caucus_notices *notices);
void caucus_notices_free(caucus_notices *notices);

#endif
