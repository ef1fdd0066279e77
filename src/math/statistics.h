/* Statistics of a column of numbers. */
#ifndef CAUCUS_MATH_STATISTICS_H
#define CAUCUS_MATH_STATISTICS_H

#include <stddef.h>

/* Mean, and standard deviation of a sample (divisor n - 1). NaN for the mean of none and the deviation of fewer than
 * two. deviation may be NULL. */
void caucus_moments(const double *values, size_t n, double *mean, double *deviation);

/* Quantiles at n_levels increasing levels in [0, 1], by linear interpolation between order statistics (type 7 of
 * Hyndman & Fan 1996, NumPy's default). Reorders values, which must not be NaN. NaN when n is 0. */
void caucus_quantiles(double *values, size_t n, const double *levels, int n_levels, double *quantiles);

#endif
