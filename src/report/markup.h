/* Writing HTML and SVG: text that comes from strangers, numbers as people read them. */
#ifndef CAUCUS_REPORT_MARKUP_H
#define CAUCUS_REPORT_MARKUP_H

#include <stdint.h>
#include <stdio.h>

/* Text with everything escaped that markup would read, control characters as their pictures; in quotes too. */
void caucus_markup_text(FILE *to, const char *text);

/* A word of a command, quoted where a shell would read anything in it: readers copy commands, and names come from
 * strangers. */
void caucus_markup_shell_word(FILE *to, const char *word);

enum { CAUCUS_MARKUP_NUMBER = 40 };

/* A number as people read it: whole ones grouped (41,000), others with four significant digits; returns text. NaN is a
 * dash. */
const char *caucus_markup_number(double value, char text[CAUCUS_MARKUP_NUMBER]);

/* "2.9 times", "3 times", "120 times": two digits, more where the number is larger. */
const char *caucus_markup_times(double value, char text[CAUCUS_MARKUP_NUMBER]);

/* Characters of markup that functions here made. */
unsigned caucus_markup_length(const char *markup);

/* Write markup that functions here made, cut behind n characters with an ellipsis; entities stay whole. */
void caucus_markup_cut(FILE *to, const char *markup, unsigned n);

/* A number, short, for ticks: 20K, 1.5M, 0.25. */
const char *caucus_markup_tick(double value, char text[CAUCUS_MARKUP_NUMBER]);

#endif
