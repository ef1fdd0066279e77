/* Ratios of factorials, to about 1e-10 absolute in the logarithm even for arguments near 2^53. Shared with devices. */
#ifndef CAUCUS_MATH_FACTORIAL_H
#define CAUCUS_MATH_FACTORIAL_H

#include "math/portable_math.h"

/* log k! - [log sqrt(2 pi) + (k + 1/2) log(k + 1) - (k + 1)], the remainder of Stirling's formula (Hoermann 1993). */
CAUCUS_SHARED double caucus_stirling_rest(double k)
{
    double inverse = 1.0 / (k + 1.0);
    if (k < 10.0) {
        static const double table[10] = {
            0.081061466795327258219670, 0.041340695955409294093820, 0.027677925684998339148789, 0.020790672103765093112,
            0.016644691189821192163195, 0.013876128823070747998746, 0.011896709945891770095056, 0.010411265261972096497,
            0.009255462182712732917729, 0.008330563433362871256470};
        return table[(int)k];
    }
    double square = inverse * inverse;
    return inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0))));
}

/* log (x + d)! / x!  less  d log(x + d + 1) - d, for x >= 0 and x + d >= 0. Callers add the logarithms of the last
 * factors as one logarithm of a ratio, which keeps large terms from cancelling. */
CAUCUS_SHARED double caucus_factorial_ratio(double x, double d)
{
    return (x + 0.5) * caucus_log1p(d / (x + 1.0)) + caucus_stirling_rest(x + d) - caucus_stirling_rest(x);
}

#endif
