/* log, log1p and exp from + - * / alone.
 *
 * Samplers branch on these, so they must give the same bits under every compiler and on every device; libm promises
 * that nowhere. Errors stay within 2 units in the last place, far below the resolution of the uniforms they meet. */
#ifndef CAUCUS_PORTABLE_MATH_H
#define CAUCUS_PORTABLE_MATH_H

#include "math/shared.h"

#include <string.h>

#define CAUCUS_LN2_HIGH 6.93147180369123816490e-01 /* ln 2 to 33 bits: its multiples by exponents are exact */
#define CAUCUS_LN2_LOW 1.90821492927058770002e-10
#define CAUCUS_SQRT_HALF 0.70710678118654752440

CAUCUS_SHARED uint64_t caucus_bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

CAUCUS_SHARED double caucus_double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* log(1 + x) for sqrt(1/2) - 1 <= x <= sqrt(2) - 1: the series of 2 artanh(x / (2 + x)). */
CAUCUS_SHARED double caucus_log1p_near(double x)
{
    double s = x / (2.0 + x);
    double z = s * s; /* at most 0.0295: eleven terms leave less than 1e-18 */
    double tail = 1.0 / 23.0;
    tail = tail * z + 1.0 / 21.0;
    tail = tail * z + 1.0 / 19.0;
    tail = tail * z + 1.0 / 17.0;
    tail = tail * z + 1.0 / 15.0;
    tail = tail * z + 1.0 / 13.0;
    tail = tail * z + 1.0 / 11.0;
    tail = tail * z + 1.0 / 9.0;
    tail = tail * z + 1.0 / 7.0;
    tail = tail * z + 1.0 / 5.0;
    tail = tail * z + 1.0 / 3.0;
    return 2.0 * s + 2.0 * s * z * tail;
}

/* Natural logarithm of a positive, normal x. */
CAUCUS_SHARED double caucus_log(double x)
{
    uint64_t bits = caucus_bits_of(x);
    int exponent = (int)(bits >> 52) - 1022;
    double fraction = caucus_double_of((bits & 0x000fffffffffffffULL) | 0x3fe0000000000000ULL); /* [1/2, 1) */
    if (fraction < CAUCUS_SQRT_HALF) {
        fraction *= 2.0;
        exponent -= 1;
    }
    double e = (double)exponent;
    return e * CAUCUS_LN2_HIGH + (caucus_log1p_near(fraction - 1.0) + e * CAUCUS_LN2_LOW);
}

/* log(1 + x) for x > -1, accurate for small x too. */
CAUCUS_SHARED double caucus_log1p(double x)
{
    if (x > -0.29 && x < 0.41) {
        return caucus_log1p_near(x);
    }
    return caucus_log(1.0 + x);
}

/* exp(x); 0 below -708 (where results would be subnormal), infinite above 709. */
CAUCUS_SHARED double caucus_exp(double x)
{
    if (x < -708.0) {
        return 0.0;
    }
    if (x > 709.0) {
        return caucus_double_of(0x7ff0000000000000ULL);
    }
    double scaled = x * 1.44269504088896340736;
    int64_t k = (int64_t)(scaled + (scaled < 0.0 ? -0.5 : 0.5));
    double r = (x - (double)k * CAUCUS_LN2_HIGH) - (double)k * CAUCUS_LN2_LOW; /* |r| <= ln(2) / 2 */
    double sum = 1.0 / 6227020800.0;                                           /* 1/13! down to 1/0! */
    sum = sum * r + 1.0 / 479001600.0;
    sum = sum * r + 1.0 / 39916800.0;
    sum = sum * r + 1.0 / 3628800.0;
    sum = sum * r + 1.0 / 362880.0;
    sum = sum * r + 1.0 / 40320.0;
    sum = sum * r + 1.0 / 5040.0;
    sum = sum * r + 1.0 / 720.0;
    sum = sum * r + 1.0 / 120.0;
    sum = sum * r + 1.0 / 24.0;
    sum = sum * r + 1.0 / 6.0;
    sum = sum * r + 0.5;
    sum = sum * r + 1.0;
    sum = sum * r + 1.0;
    return sum * caucus_double_of((uint64_t)(k + 1023) << 52);
}

/* base^n by squaring. */
CAUCUS_SHARED double caucus_power(double base, uint64_t n)
{
    double result = 1.0;
    while (n > 0) {
        if (n & 1) {
            result *= base;
        }
        base *= base;
        n >>= 1;
    }
    return result;
}

#endif
