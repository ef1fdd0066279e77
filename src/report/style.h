/* Colours and type of charts: for a page that follows the reader's light or dark, and for paper. */
#ifndef CAUCUS_REPORT_STYLE_H
#define CAUCUS_REPORT_STYLE_H

#include <stdio.h>

/* The palette of Okabe and Ito, which all kinds of eyes tell apart, and the colour of text. */
enum { CAUCUS_N_COLOURS = 6, CAUCUS_COLOUR_INK = CAUCUS_N_COLOURS, CAUCUS_N_DASHES = 4, CAUCUS_DASH_ABOVE = 4 };

/* CSS of a whole page, charts included; and inside an SVG on its own. */
void caucus_style_put_page(FILE *to);
void caucus_style_put_paper(FILE *to);

/* The script of a page. */
void caucus_style_put_script(FILE *to);

#endif
