/* Writing CSV (RFC 4180): what printf cannot do by itself. */
#ifndef CAUCUS_CSV_FIELD_H
#define CAUCUS_CSV_FIELD_H

#include <stdio.h>

/* Write text as one field, in quotes where it needs them. */
void caucus_csv_field(FILE *to, const char *text);

#endif
