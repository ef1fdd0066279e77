/* Writing JSON: what printf cannot do by itself. */
#ifndef CAUCUS_BASE_JSON_H
#define CAUCUS_BASE_JSON_H

#include <stdio.h>

/* Write text as a JSON string with its quotes; NULL as null. */
void caucus_json_string(FILE *to, const char *text);

/* Write a number so that it reads back the same; null for what JSON has no number for (NaN, infinities). */
void caucus_json_number(FILE *to, double value);

#endif
