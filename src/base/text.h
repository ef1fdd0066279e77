/* Text helpers: the nearest of some names, numbers with K/M/G, strings. */
#ifndef CAUCUS_BASE_TEXT_H
#define CAUCUS_BASE_TEXT_H

#include "base/status.h"

/* Index of the name closest to word by edit distance (case counts half as much as a letter), or n when none is near
 * enough to be meant. */
size_t caucus_text_nearest(const char *word, const char *const *names, size_t n);

/* A number, with K, M, G or T as 10^3, 10^6, 10^9, 10^12 behind it ("200K", "1.5M", "1e6"); false when it is none. */
bool caucus_text_number(const char *text, double *value);

/* The same for a count: an integer from 0 to 2^53 after the suffix is applied. */
bool caucus_text_count(const char *text, uint64_t *value);

/* A whole number from 0 to 2^64 - 1, none of its bits lost: decimal digits, 0x and hexadecimal digits, or a count as
 * above. */
bool caucus_text_word(const char *text, uint64_t *value);

enum { CAUCUS_TEXT_GROUPED = 32 };

/* Digits in groups of three, 1,234,567; returns text. */
const char *caucus_text_group(uint64_t value, char text[CAUCUS_TEXT_GROUPED]);

char *caucus_text_copy(const char *text);                                                /* NULL when out of memory */
char *caucus_text_format(const char *format, ...) __attribute__((format(printf, 1, 2))); /* malloc'd; NULL likewise */

#endif
