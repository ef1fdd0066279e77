/* From values to places on paper, and where ticks stand. */
#ifndef CAUCUS_REPORT_SCALE_H
#define CAUCUS_REPORT_SCALE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct caucus_scale {
    double low, high; /* values at the ends */
    double from, to;  /* places of them */
    bool logarithmic;
} caucus_scale;

/* A scale over values low .. high (not the same): logarithmic where all are above 0 and span a factor of 100 or more.
 */
caucus_scale caucus_scale_over(double low, double high, double from, double to);

double caucus_scale_place(const caucus_scale *scale, double value);

/* Round values within the scale, about n of them, at most CAUCUS_MOST_TICKS; returns how many. */
enum { CAUCUS_MOST_TICKS = 16 };
uint32_t caucus_scale_ticks(const caucus_scale *scale, uint32_t n, double ticks[CAUCUS_MOST_TICKS]);

#endif
