/* Numbers as tables spell them. */
#ifndef CAUCUS_BASE_NUMBER_H
#define CAUCUS_BASE_NUMBER_H

#include "base/status.h"

enum { CAUCUS_NUMBER_BYTES = 40 }; /* of text, with the NUL */

/* Read a finite decimal number that fills the text but for blanks around it ("42", "-1.5", "1e6"); no hexadecimal, no
 * inf or nan. The nearest double. The thread's locale must have a point as decimal point. */
bool caucus_number_parse(const char *text, size_t length, double *value);

/* The shortest text that reads back as the same number; integers below 1e15 in full, -0 as 0.
 * single: as the same float. */
void caucus_number_format(double value, bool single, char text[CAUCUS_NUMBER_BYTES]);

#endif
