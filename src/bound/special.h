/* Elementary functions without cancellation, for limits at levels down to 1e-300 and below and for up to 10^12 draws.
 * Shared with devices. */
#ifndef CAUCUS_BOUND_SPECIAL_H
#define CAUCUS_BOUND_SPECIAL_H

#include "math/portable_math.h"

#include <math.h>

/* log(1+w) - w for w > -1. With r = w/(2+w), log(1+w) = 2 atanh(r). */
CAUCUS_SHARED double caucus_log1p_less(double w)
{
    if (!(w > -0.35 && w < 0.5)) {
        return caucus_log1p(w) - w;
    }
    double r = w / (2 + w);
    double y = r * r; /* below 0.05: twelve terms reach 1e-17 */
    double sum = 0;
    for (int i = 25; i >= 3; i -= 2) {
        sum = sum * y + 1.0 / i;
    }
    return r * (2 * y * sum - w);
}

/* exp(z) - 1 - z */
CAUCUS_SHARED double caucus_expm1_less(double z)
{
    if (!(z > -0.5 && z < 0.5)) {
        return caucus_expm1(z) - z;
    }
    double sum = 1;
    for (int i = 15; i >= 3; i--) {
        sum = 1 + sum * z * (1.0 / i);
    }
    return z * z / 2 * sum;
}

/* Logarithm of the moment generating function of a centred Bernoulli(p) variable at t, with q = 1 - p. It is also
 * kl(p, p_t) where p_t has the log-odds of p plus t. A sum of positive terms, so that nothing cancels. */
CAUCUS_SHARED double caucus_bernoulli_cumulant(double p, double q, double t)
{
    if (q * t > 600 || -p * t > 600) { /* exp would overflow */
        return t > 0 ? q * t + caucus_log(p + q * caucus_exp(-t)) : -p * t + caucus_log(q + p * caucus_exp(t));
    }
    return caucus_log1p(q * caucus_expm1_less(-p * t) + p * caucus_expm1_less(q * t));
}

/* log(n!) - log(sqrt(2 pi n) (n/e)^n) for an integer n >= 1: the error of Stirling's formula (Loader 2000). */
CAUCUS_SHARED double caucus_stirling_error(double n)
{
    if (n < 16) {
        /* clang-format off */
        static const double small[16] = {
            0.0,                       0.081061466795327258220, 0.041340695955409294094, 0.027677925684998339149,
            0.020790672103765093112,   0.016644691189821192163, 0.013876128823070747999, 0.011896709945891770095,
            0.010411265261972096497,   0.0092554621827127329177, 0.0083305634333631341111, 0.0075736754879518407949,
            0.0069428401072095298657,  0.0064089941880042070684, 0.0059513701127588475147, 0.0055547335519628013710};
        /* clang-format on */
        return small[(int)n];
    }
    double y = 1 / (n * n);
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188 - 691.0 / 360360 * y) * y) * y) * y) * y) /
           n;
}

#endif
