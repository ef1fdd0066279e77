/* The Clopper-Pearson interval of a proportion (Clopper & Pearson 1934), by beta quantiles. */
#ifndef CAUCUS_MATH_CLOPPER_PEARSON_H
#define CAUCUS_MATH_CLOPPER_PEARSON_H

#include <stdint.h>

/* The regularised incomplete beta function I_x(a, b) for a, b > 0. */
double caucus_incomplete_beta(double a, double b, double x);

/* The x with I_x(a, b) = p, for p in (0, 1). */
double caucus_beta_inverse(double a, double b, double p);

/* Two-sided limits at the given confidence for count of n; NaN when n is 0. */
void caucus_clopper_pearson(uint64_t count, uint64_t n, double confidence, double *low, double *high);

#endif
