/* The normal distribution, from + - * /, square roots and our own log and exp alone. Shared with devices. */
#ifndef CAUCUS_MATH_NORMAL_H
#define CAUCUS_MATH_NORMAL_H

#include "math/portable_math.h"

#include <math.h> /* sqrt only: correctly rounded everywhere */

/* A ratio of two polynomials of degree 7, both from the constant up. */
CAUCUS_SHARED double caucus_ratio_of(const double *above, const double *below, double x)
{
    double a = above[7];
    double b = below[7];
    for (int i = 6; i >= 0; i--) {
        a = a * x + above[i];
        b = b * x + below[i];
    }
    return a / b;
}

/* The z with P(Z < z) = p, 0 < p < 1, to about 16 digits (Wichura 1988, algorithm AS 241, PPND16). */
CAUCUS_SHARED double caucus_normal_quantile(double p)
{
    const double middle[2][8] = {
        {3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
         4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3},
        {1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
         3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3}};
    const double near[2][8] = {
        {1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
         1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4},
        {1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
         1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9}};
    const double far[2][8] = {
        {6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
         2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
        {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
         7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}};
    const double q = p - 0.5;
    if (q >= -0.425 && q <= 0.425) {
        return q * caucus_ratio_of(middle[0], middle[1], 0.180625 - q * q);
    }
    double r = sqrt(-caucus_log(q < 0.0 ? p : 1.0 - p));
    double z = r <= 5.0 ? caucus_ratio_of(near[0], near[1], r - 1.6) : caucus_ratio_of(far[0], far[1], r - 5.0);
    return q < 0.0 ? -z : z;
}

/* P(Z > x) / phi(x) for x >= 0: Laplace's continued fraction from 2 on, the series of the middle below. */
CAUCUS_SHARED double caucus_mills_ratio(double x)
{
    const double half_root = 1.2533141373155002512; /* sqrt(pi / 2) */
    if (x < 2.0) {
        /* P(0 < Z < x) / phi(x) = x + x^3/3 + x^5/15 + ... */
        double term = x;
        double sum = x;
        for (int k = 1; k < 40; k++) {
            term = term * x * x / (2.0 * k + 1.0);
            sum += term;
        }
        return half_root * caucus_exp(0.5 * x * x) - sum;
    }
    double fraction = x;
    for (int k = 200; k >= 1; k--) {
        fraction = x + (double)k / fraction;
    }
    return 1.0 / fraction;
}

/* P(Z > x), where a few units in the last place do not matter: as many terms as it takes. */
CAUCUS_SHARED double caucus_normal_tail(double x)
{
    const double root = 2.5066282746310005024; /* sqrt(2 pi) */
    const double size = x < 0.0 ? -x : x;
    const double density = caucus_exp(-0.5 * size * size) / root;
    double tail = 0.0;
    if (size < 2.0) {
        double term = size;
        double sum = size;
        for (int k = 1; term > 1e-17 * sum; k++) {
            term = term * size * size / (2.0 * k + 1.0);
            sum += term;
        }
        tail = 0.5 - density * sum;
    } else {
        double fraction = size;
        for (int k = 4 + (int)(200.0 / (size * size)); k >= 1; k--) {
            fraction = size + (double)k / fraction;
        }
        tail = density / fraction;
    }
    return x < 0.0 ? 1.0 - tail : tail;
}

/* log P(Z > x). */
CAUCUS_SHARED double caucus_log_normal_tail(double x)
{
    const double log_root = 0.91893853320467274178; /* log sqrt(2 pi) */
    if (x >= 0.0) {
        return caucus_log(caucus_mills_ratio(x)) - 0.5 * x * x - log_root;
    }
    double other = -0.5 * x * x - log_root;
    return other < -700.0 ? 0.0 : caucus_log1p(-caucus_exp(other) * caucus_mills_ratio(-x));
}

#endif
