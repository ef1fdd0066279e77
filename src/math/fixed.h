/* Fractions of 64 bits: multiplication and powers of two by integers alone, so that every machine and device gets the
 * same bits. Shared with devices. */
#ifndef CAUCUS_MATH_FIXED_H
#define CAUCUS_MATH_FIXED_H

#include "math/shared.h"

/* The upper 64 of the 128 bits of a product. */
CAUCUS_SHARED uint64_t caucus_mul_high(uint64_t a, uint64_t b)
{
#ifdef __CUDA_ARCH__
    return __umul64hi(a, b);
#else
    __extension__ typedef unsigned __int128 product;
    return (uint64_t)((product)a * b >> 64);
#endif
}

/* The same for numbers with a sign; rounded down. */
CAUCUS_SHARED int64_t caucus_mul_high_signed(int64_t a, int64_t b)
{
#ifdef __CUDA_ARCH__
    return __mul64hi(a, b);
#else
    __extension__ typedef __int128 product;
    return (int64_t)((product)a * b >> 64);
#endif
}

/* Logarithms to base 2 are kept in units of 2^-56. */
enum { CAUCUS_LOG_BITS = 56 };

/* 2^64 times 2^x for x <= 0 in units of 2^-56, right to about 2^-61; the largest integer for x >= 0. Taylor's series of
 * exp(-y), y < ln 2: eighteen terms leave less than 2^-64. Its coefficients 1/n! are kept in 2^-63, and each step of
 * Horner's rule, which cuts less than one of these off, is multiplied by y afterwards: together they lose at most four.
 */
CAUCUS_SHARED uint64_t caucus_exp2(int64_t x)
{
    if (x >= 0) {
        return UINT64_MAX;
    }
    const uint64_t below = (uint64_t)-x;
    const uint32_t whole = (uint32_t)(below >> CAUCUS_LOG_BITS);
    if (whole >= 64) {
        return 0;
    }
    const uint64_t ln2 = 0xb17217f7d1cf79abULL; /* in 2^-64, like y */
    const uint64_t y = caucus_mul_high(below << (64 - CAUCUS_LOG_BITS), ln2);
    uint64_t sum = 0x000000000000654bULL; /* 2^63 / 17! */
    sum = 0x000000000006b9fcULL - caucus_mul_high(y, sum);
    sum = 0x00000000006b9fcfULL - caucus_mul_high(y, sum);
    sum = 0x00000000064e5d2aULL - caucus_mul_high(y, sum);
    sum = 0x000000005849184eULL - caucus_mul_high(y, sum);
    sum = 0x000000047bb63bfeULL - caucus_mul_high(y, sum);
    sum = 0x00000035cc8acfeaULL - caucus_mul_high(y, sum);
    sum = 0x0000024fc9f6ef13ULL - caucus_mul_high(y, sum);
    sum = 0x0000171de3a556c7ULL - caucus_mul_high(y, sum);
    sum = 0x0000d00d00d00d00ULL - caucus_mul_high(y, sum);
    sum = 0x0006806806806806ULL - caucus_mul_high(y, sum);
    sum = 0x002d82d82d82d82dULL - caucus_mul_high(y, sum);
    sum = 0x0111111111111111ULL - caucus_mul_high(y, sum);
    sum = 0x0555555555555555ULL - caucus_mul_high(y, sum);
    sum = 0x1555555555555555ULL - caucus_mul_high(y, sum);
    sum = 0x4000000000000000ULL - caucus_mul_high(y, sum);
    sum = 0x8000000000000000ULL - caucus_mul_high(y, sum);
    sum = 0x8000000000000000ULL - caucus_mul_high(y, sum);
    if (whole > 0) {
        return sum >> (whole - 1);
    }
    return sum >> 63 != 0 ? UINT64_MAX : sum << 1;
}

#endif
