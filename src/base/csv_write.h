/* Writing CSV (RFC 4180): what printf cannot do by itself. */
#ifndef CAUCUS_BASE_CSV_WRITE_H
#define CAUCUS_BASE_CSV_WRITE_H

#include <stdio.h>

/* Write text as one field, in quotes where it needs them. */
void caucus_csv_write(FILE *to, const char *text);

#endif
