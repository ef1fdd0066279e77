/* Colours and type of charts: for a page that follows the reader's light or dark, and for paper. */
#ifndef CAUCUS_REPORT_STYLE_H
#define CAUCUS_REPORT_STYLE_H

#include <stdio.h>

/* The palette of Okabe and Ito, which all kinds of eyes tell apart, and the colour of text. */
enum { CAUCUS_N_COLOURS = 6, CAUCUS_COLOUR_INK = CAUCUS_N_COLOURS };

extern const char *const caucus_style_page;   /* CSS of a whole page, charts included */
extern const char *const caucus_style_paper;  /* CSS inside an SVG on its own */
extern const char *const caucus_style_script; /* of a page: hide series, filter and sort the table, copy */

#endif
