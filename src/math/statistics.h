/* Statistics of a column of numbers. */
#ifndef CAUCUS_MATH_STATISTICS_H
#define CAUCUS_MATH_STATISTICS_H

#include <stddef.h>

/* Mean, and standard deviation of a sample (divisor n - 1). NaN for the mean of none and the deviation of fewer than
 * two. deviation may be NULL. */
void caucus_moments(const double *values, size_t n, double *mean, double *deviation);

/* The rule of quantiles, linear interpolation between order statistics (type 7 of Hyndman & Fan 1996, NumPy's default):
 * the place of the quantile of n > 0 values in order, and the part of the way to the next one; and what lies there. */
size_t caucus_quantile_place(double level, size_t n, double *part);
double caucus_quantile_between(double below, double above, double part);

/* Quantiles at n_levels increasing levels in [0, 1], by the rule above. Reorders values, which must not be NaN. NaN
 * when n is 0. */
void caucus_quantiles(double *values, size_t n, const double *levels, int n_levels, double *quantiles);

#endif
