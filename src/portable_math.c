#include "portable_math.h"

#include <math.h> /* floor, frexp, ldexp: exact, hence the same everywhere */

/* ln 2 in two parts: the first has so few bits that its products with exponents are exact. */
static const double LN2_HIGH = 0x1.62e42feep-1;
static const double LN2_LOW = 0x1.a39ef35793c76p-33;
static const double LOG2_E = 0x1.71547652b82fep+0;

double caucus_exp(double x)
{
    if (x < -745.2) {
        return 0;
    }
    if (x > 709.79) {
        return (double)INFINITY;
    }
    double k = floor(x * LOG2_E + 0.5);
    double r = (x - k * LN2_HIGH) - k * LN2_LOW; /* |r| <= ln(2)/2: fourteen terms of the series are enough */
    double sum = 1;
    for (int n = 14; n > 0; n--) {
        sum = 1 + sum * r / n;
    }
    return ldexp(sum, (int)k);
}

double caucus_log(double x)
{
    int exponent = 0;
    double m = frexp(x, &exponent);
    if (m < 0x1.6a09e667f3bcdp-1) { /* sqrt(1/2): brings m to [sqrt(1/2), sqrt(2)) */
        m *= 2;
        exponent--;
    }
    /* ln m = 2 artanh s; s^2 < 0.0295, so the thirteenth term is below 2^-64 of the first */
    double s = (m - 1) / (m + 1);
    double z = s * s;
    double sum = 0;
    for (int n = 25; n > 1; n -= 2) {
        sum = (sum + 1.0 / n) * z;
    }
    return exponent * LN2_HIGH + (2 * s + (2 * s * sum + exponent * LN2_LOW));
}
