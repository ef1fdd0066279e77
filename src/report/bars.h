/* A chart of numbers of members, one line each, in groups: a dot for the number, a bar for where it may lie. */
#ifndef CAUCUS_REPORT_BARS_H
#define CAUCUS_REPORT_BARS_H

#include "base/status.h"

#include <stdio.h>

typedef struct caucus_bar {
    char *head;       /* of the group that begins here; NULL: it goes on */
    char *label;      /* both as markup */
    double low, high; /* the bar's ends; NaN: no bar */
    double at;        /* the dot; NaN: none */
    char says[64];    /* beside it */
    uint32_t colour;  /* of report/style.h */
} caucus_bar;

typedef struct caucus_bars {
    caucus_bar *of; /* [n] */
    size_t n, capacity;
    double width, left; /* of the drawing, and of its labels; 0: those of a page */
} caucus_bars;

/* Add a bar; head and label become its own, whatever happens. */
caucus_status caucus_bars_add(caucus_bars *bars, const caucus_bar *bar);
void caucus_bars_free(caucus_bars *bars);

/* The contents of an <svg> from (0, 0) to (width, height), on a logarithmic scale where numbers span two powers of ten.
 * below: what stands below the scale. */
double caucus_bars_width(const caucus_bars *bars);
double caucus_bars_height(const caucus_bars *bars);
void caucus_bars_draw(const caucus_bars *bars, const char *below, FILE *to);

/* The same as an <svg> of a page. */
void caucus_bars_put(const caucus_bars *bars, const char *below, FILE *to);

#endif
