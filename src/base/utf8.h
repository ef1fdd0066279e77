/* UTF-8: is it? */
#ifndef CAUCUS_BASE_UTF8_H
#define CAUCUS_BASE_UTF8_H

#include <stddef.h>

/* The offset of the first byte that is NUL or no part of well-formed UTF-8 (Unicode, table 3-7), or length if all is
 * well. */
size_t caucus_utf8_check(const char *text, size_t length);

#endif
