/* log, log1p, exp and expm1 from + - * / alone. Shared with devices.
 *
 * What is drawn and what is bounded must be the same to the bit under every compiler and on every device; libm promises
 * that nowhere. Errors stay within 2 units in the last place. */
#ifndef CAUCUS_MATH_PORTABLE_MATH_H
#define CAUCUS_MATH_PORTABLE_MATH_H

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

CAUCUS_SHARED float caucus_float_of(uint32_t bits)
{
    float x;
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

/* Natural logarithm of a positive, finite x. */
CAUCUS_SHARED double caucus_log(double x)
{
    const bool subnormal = x < 2.2250738585072014e-308;
    uint64_t bits = caucus_bits_of(subnormal ? x * 18014398509481984.0 : x); /* 2^54 */
    int exponent = (int)(bits >> 52) - (subnormal ? 1076 : 1022);
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

/* x = k ln 2 + r, |r| <= ln(2) / 2. */
typedef struct caucus_reduced {
    int64_t k;
    double r;
} caucus_reduced;

CAUCUS_SHARED caucus_reduced caucus_reduce_ln2(double x)
{
    double scaled = x * 1.44269504088896340736;
    int64_t k = (int64_t)(scaled + (scaled < 0.0 ? -0.5 : 0.5));
    caucus_reduced reduced = {k, (x - (double)k * CAUCUS_LN2_HIGH) - (double)k * CAUCUS_LN2_LOW};
    return reduced;
}

/* The series of exp from the term of 1/13! on down to 1/2!: (exp(r) - 1 - r) / r^2. */
CAUCUS_SHARED double caucus_exp_series(double r)
{
    double sum = 1.0 / 6227020800.0;
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
    return sum * r + 0.5;
}

CAUCUS_SHARED double caucus_two_to(int64_t k) /* -1022 <= k <= 1023 */
{
    return caucus_double_of((uint64_t)(k + 1023) << 52);
}

/* exp(x); infinite above 709. */
CAUCUS_SHARED double caucus_exp(double x)
{
    if (x < -746.0) {
        return 0.0;
    }
    if (x > 709.0) {
        return caucus_double_of(0x7ff0000000000000ULL);
    }
    const caucus_reduced reduced = caucus_reduce_ln2(x);
    const double r = reduced.r;
    const double sum = (caucus_exp_series(r) * r + 1.0) * r + 1.0;
    if (reduced.k < -1022) { /* subnormal */
        return sum * caucus_two_to(reduced.k + 64) * 5.421010862427522e-20;
    }
    return sum * caucus_two_to(reduced.k);
}

/* exp(x) - 1, accurate for small x too; infinite above 709. */
CAUCUS_SHARED double caucus_expm1(double x)
{
    if (x < -45.0) {
        return -1.0;
    }
    if (x > 709.0) {
        return caucus_double_of(0x7ff0000000000000ULL);
    }
    const caucus_reduced reduced = caucus_reduce_ln2(x);
    const double r = reduced.r;
    const double two_k = caucus_two_to(reduced.k);
    return two_k * (r + r * r * caucus_exp_series(r)) + (two_k - 1.0);
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

/* The largest float that is not above x, so that a stored bound never claims more than was proved. x may be NaN, which
 * then has the same bits everywhere, or infinite; from -FLT_MAX on otherwise. */
CAUCUS_SHARED float caucus_round_down(double x)
{
    if (x != x) {
        return caucus_float_of(0x7fc00000u);
    }
    float rounded = CAUCUS_NARROW(x);
    if (!((double)rounded > x)) {
        return rounded;
    }
    uint32_t bits;
    memcpy(&bits, &rounded, sizeof bits);
    bits = rounded > 0.0f ? bits - 1 : rounded < 0.0f ? bits + 1 : 0x80000001u; /* the next float below */
    memcpy(&rounded, &bits, sizeof bits);
    return rounded;
}

/* The smallest float that is not below x, likewise. */
CAUCUS_SHARED float caucus_round_up(double x)
{
    return x != x ? caucus_float_of(0x7fc00000u) : -caucus_round_down(-x);
}

#endif
