/* Writing CSV (RFC 4180): what printf cannot do by itself. */
#ifndef CAUCUS_BASE_CSV_WRITE_H
#define CAUCUS_BASE_CSV_WRITE_H

#include "caucus.h"

#include <stdio.h>

/* Write text as one field, in quotes where it needs them. Spreadsheets run fields that begin with = + - @, a tab or a
 * carriage return: such text gets an apostrophe in front, unless caucus_csv_guard says otherwise. */
void caucus_csv_write(FILE *to, const char *text);

#endif
