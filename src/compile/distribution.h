/* Probabilities of whole distributions, from + - * / alone: the same bits on every machine. */
#ifndef CAUCUS_COMPILE_DISTRIBUTION_H
#define CAUCUS_COMPILE_DISTRIBUTION_H

#include "base/status.h"
#include "math/draw_table.h"

/* Poisson(mean), or Binomial(n, p) where n > 0. */
typedef struct caucus_law {
    uint64_t n;  /* 0: Poisson */
    double mean; /* Poisson: 0 or more */
    double p, q; /* binomial: p + q = 1, each right to its last bits */
} caucus_law;

caucus_law caucus_law_poisson(double mean);
/* Of n people, each with probability part / (part + rest). */
caucus_law caucus_law_binomial(uint64_t n, double p, double q);

double caucus_law_deviation(const caucus_law *law);
uint64_t caucus_law_mode(const caucus_law *law);

/* Probabilities relative to the mode's for every value that has more than 2^-72 of it, grown as needed. */
typedef struct caucus_shape_of_law {
    uint64_t first; /* value that relative[0] is for */
    size_t n;
    double *relative; /* [n] */
    size_t capacity;
} caucus_shape_of_law;

/* Only for laws with a standard deviation that fits into memory: time and memory are about 20 times it. */
caucus_status caucus_law_shape(const caucus_law *law, caucus_shape_of_law *shape);
void caucus_shape_of_law_free(caucus_shape_of_law *shape);

/* From this standard deviation on a law can be wide. */
#define CAUCUS_WIDE_DEVIATION 512.0

/* The polynomial of a law whose standard deviation is at least CAUCUS_WIDE_DEVIATION. */
caucus_wide caucus_law_wide(const caucus_law *law);

/* Natural logarithm of a strip's height; strips are numbered from 0, the first above the mode is CAUCUS_WIDE_STRIPS. No
 * wide law is above it anywhere. */
double caucus_wide_height(uint32_t strip);

#endif
