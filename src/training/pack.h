/* Packs: one number of each of several trainees that are trained side by side, in one vector register. Shared with
 * devices.
 *
 * Trainees never meet: every operation works on each lane alone, and none is fused but by caucus_pack_fma, so a
 * trainee's bits do not depend on the width of a pack or on who shares it. Width 1 is a plain double: what a device
 * computes. */
#ifndef CAUCUS_TRAINING_PACK_H
#define CAUCUS_TRAINING_PACK_H

#include "math/portable_math.h"

#include <math.h> /* sqrt and fma only: correctly rounded everywhere */

#ifndef CAUCUS_PACK_WIDTH
#define CAUCUS_PACK_WIDTH 1
#endif
#if CAUCUS_PACK_WIDTH >= 4 && defined(__x86_64__)
#include <immintrin.h>
#endif

/* Shared with devices, and inlined on the CPU, so that the loops of whoever calls it with constants are unrolled. */
#ifdef __CUDACC__
#define CAUCUS_UNROLLED CAUCUS_SHARED
#else
#define CAUCUS_UNROLLED static inline __attribute__((always_inline))
#endif

#if CAUCUS_PACK_WIDTH == 1

typedef double caucus_pack;
typedef uint64_t caucus_mask; /* all bits or none, in each lane */

CAUCUS_UNROLLED caucus_pack caucus_pack_of(double x)
{
    return x;
}

CAUCUS_SHARED double caucus_pack_get(const caucus_pack *pack, uint32_t lane)
{
    (void)lane;
    return *pack;
}

CAUCUS_SHARED void caucus_pack_set(caucus_pack *pack, uint32_t lane, double x)
{
    (void)lane;
    *pack = x;
}

CAUCUS_SHARED uint64_t caucus_mask_get(const caucus_mask *mask, uint32_t lane)
{
    (void)lane;
    return *mask;
}

CAUCUS_SHARED void caucus_mask_set(caucus_mask *mask, uint32_t lane, bool on)
{
    (void)lane;
    *mask = on ? ~0ULL : 0;
}

CAUCUS_SHARED caucus_mask caucus_pack_less(caucus_pack a, caucus_pack b)
{
    return a < b ? ~0ULL : 0;
}

CAUCUS_SHARED caucus_mask caucus_pack_same(caucus_pack a, caucus_pack b)
{
    return a == b ? ~0ULL : 0;
}

CAUCUS_SHARED caucus_pack caucus_pack_select(caucus_mask mask, caucus_pack yes, caucus_pack no)
{
    return mask != 0 ? yes : no;
}

CAUCUS_SHARED bool caucus_mask_any(caucus_mask mask)
{
    return mask != 0;
}

CAUCUS_SHARED caucus_mask caucus_pack_bits(caucus_pack x)
{
    return caucus_bits_of(x);
}

CAUCUS_SHARED caucus_pack caucus_pack_from_bits(caucus_mask bits)
{
    return caucus_double_of(bits);
}

#else

typedef double caucus_pack __attribute__((vector_size(8 * CAUCUS_PACK_WIDTH)));
typedef uint64_t caucus_mask __attribute__((vector_size(8 * CAUCUS_PACK_WIDTH)));

CAUCUS_UNROLLED caucus_pack caucus_pack_of(double x)
{
    caucus_pack pack = {x};
    for (uint32_t lane = 1; lane < CAUCUS_PACK_WIDTH; lane++) {
        pack[lane] = x;
    }
    return pack;
}

CAUCUS_SHARED double caucus_pack_get(const caucus_pack *pack, uint32_t lane)
{
    return (*pack)[lane];
}

CAUCUS_SHARED void caucus_pack_set(caucus_pack *pack, uint32_t lane, double x)
{
    (*pack)[lane] = x;
}

CAUCUS_SHARED uint64_t caucus_mask_get(const caucus_mask *mask, uint32_t lane)
{
    return (*mask)[lane];
}

CAUCUS_SHARED void caucus_mask_set(caucus_mask *mask, uint32_t lane, bool on)
{
    (*mask)[lane] = on ? ~0ULL : 0;
}

CAUCUS_SHARED caucus_mask caucus_pack_less(caucus_pack a, caucus_pack b)
{
    return (caucus_mask)(a < b);
}

CAUCUS_SHARED caucus_mask caucus_pack_same(caucus_pack a, caucus_pack b)
{
    return (caucus_mask)(a == b);
}

CAUCUS_SHARED caucus_pack caucus_pack_select(caucus_mask mask, caucus_pack yes, caucus_pack no)
{
    return (caucus_pack)(((caucus_mask)yes & mask) | ((caucus_mask)no & ~mask));
}

CAUCUS_SHARED bool caucus_mask_any(caucus_mask mask)
{
    uint64_t any = 0;
    for (uint32_t lane = 0; lane < CAUCUS_PACK_WIDTH; lane++) {
        any |= mask[lane];
    }
    return any != 0;
}

CAUCUS_SHARED caucus_mask caucus_pack_bits(caucus_pack x)
{
    return (caucus_mask)x;
}

CAUCUS_SHARED caucus_pack caucus_pack_from_bits(caucus_mask bits)
{
    return (caucus_pack)bits;
}

#endif

/* a b + c, rounded once: the same everywhere, by an instruction where there is one. */
CAUCUS_SHARED caucus_pack caucus_pack_fma(caucus_pack a, caucus_pack b, caucus_pack c)
{
#if CAUCUS_PACK_WIDTH == 1
    return fma(a, b, c);
#elif CAUCUS_PACK_WIDTH == 4 && defined(__x86_64__)
    return (caucus_pack)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif CAUCUS_PACK_WIDTH == 8 && defined(__x86_64__)
    return (caucus_pack)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#else
    for (uint32_t lane = 0; lane < CAUCUS_PACK_WIDTH; lane++) {
        caucus_pack_set(&c, lane, fma(caucus_pack_get(&a, lane), caucus_pack_get(&b, lane), caucus_pack_get(&c, lane)));
    }
    return c;
#endif
}

/* The larger one; b where a is not a number. */
CAUCUS_SHARED caucus_pack caucus_pack_max(caucus_pack a, caucus_pack b)
{
    return caucus_pack_select(caucus_pack_less(b, a), a, b);
}

CAUCUS_SHARED caucus_pack caucus_pack_min(caucus_pack a, caucus_pack b)
{
    return caucus_pack_select(caucus_pack_less(a, b), a, b);
}

CAUCUS_SHARED caucus_pack caucus_pack_abs(caucus_pack x)
{
    return caucus_pack_from_bits(caucus_pack_bits(x) & 0x7fffffffffffffffULL);
}

CAUCUS_SHARED caucus_pack caucus_pack_sqrt(caucus_pack x)
{
    caucus_pack root = x;
    for (uint32_t lane = 0; lane < CAUCUS_PACK_WIDTH; lane++) {
        caucus_pack_set(&root, lane, sqrt(caucus_pack_get(&x, lane)));
    }
    return root;
}

/* exp without a branch; 0 below -708 (where results would be subnormal), about 1e308 above 709. Within 2 units in the
 * last place. Adding 1.5 * 2^52 rounds to a whole number k and leaves k in the low bits. */
CAUCUS_UNROLLED caucus_pack caucus_pack_exp(caucus_pack x)
{
    const double whole = 6755399441055744.0;
    caucus_pack inside = caucus_pack_min(caucus_pack_max(x, caucus_pack_of(-708.0)), caucus_pack_of(709.0));
    caucus_pack shifted = caucus_pack_fma(inside, caucus_pack_of(1.44269504088896340736), caucus_pack_of(whole));
    caucus_pack k = shifted - whole;
    caucus_pack r =
        caucus_pack_fma(k, caucus_pack_of(-CAUCUS_LN2_LOW),
                        caucus_pack_fma(k, caucus_pack_of(-CAUCUS_LN2_HIGH), inside)); /* |r| <= ln(2) / 2 */
    /* 1/0! to 1/12! (what is left out is 2e-16): even and odd terms apart, so that two chains of operations run at
     * once. */
    caucus_pack z = r * r;
    caucus_pack even = caucus_pack_fma(z, caucus_pack_of((1.0 / 479001600.0)), caucus_pack_of(1.0 / 3628800.0));
    caucus_pack odd = caucus_pack_fma(z, caucus_pack_of((1.0 / 39916800.0)), caucus_pack_of(1.0 / 362880.0));
    even = caucus_pack_fma(even, z, caucus_pack_of(1.0 / 40320.0));
    odd = caucus_pack_fma(odd, z, caucus_pack_of(1.0 / 5040.0));
    even = caucus_pack_fma(even, z, caucus_pack_of(1.0 / 720.0));
    odd = caucus_pack_fma(odd, z, caucus_pack_of(1.0 / 120.0));
    even = caucus_pack_fma(even, z, caucus_pack_of(1.0 / 24.0));
    odd = caucus_pack_fma(odd, z, caucus_pack_of(1.0 / 6.0));
    even = caucus_pack_fma(even, z, caucus_pack_of(0.5));
    odd = caucus_pack_fma(odd, z, caucus_pack_of(1.0));
    caucus_pack sum = caucus_pack_fma(even, z, r * odd) + 1.0;
    caucus_mask bits = caucus_pack_bits(sum) + (caucus_pack_bits(shifted) << 52);
    return caucus_pack_select(caucus_pack_less(x, caucus_pack_of(-708.0)), caucus_pack_of(0.0),
                              caucus_pack_from_bits(bits));
}

/* Natural logarithm of a normal x > 0 without a branch, as caucus_log computes it. */
CAUCUS_UNROLLED caucus_pack caucus_pack_log(caucus_pack x)
{
    caucus_mask bits = caucus_pack_bits(x) + (1024ULL << 52);    /* so that no exponent is negative */
    caucus_mask exponent = (bits - 0x3fe6a09e667f3bcdULL) >> 52; /* so that the fraction lies around 1 */
    caucus_pack fraction = caucus_pack_from_bits(bits - (exponent << 52));
    caucus_pack e = caucus_pack_from_bits(exponent | 0x4330000000000000ULL) - (4503599627370496.0 + 1024.0);
    caucus_pack f = fraction - 1.0;
    caucus_pack s = f / (f + 2.0);
    caucus_pack z = s * s;
    caucus_pack w = z * z;
    caucus_pack even = caucus_pack_fma(w, caucus_pack_of((1.0 / 19.0)),
                                       caucus_pack_of(1.0 / 15.0)); /* as in exp, two chains at once */
    caucus_pack odd = caucus_pack_fma(w, caucus_pack_of((1.0 / 21.0)), caucus_pack_of(1.0 / 17.0));
    even = caucus_pack_fma(even, w, caucus_pack_of(1.0 / 11.0));
    odd = caucus_pack_fma(odd, w, caucus_pack_of(1.0 / 13.0));
    even = caucus_pack_fma(even, w, caucus_pack_of(1.0 / 7.0));
    odd = caucus_pack_fma(odd, w, caucus_pack_of(1.0 / 9.0));
    even = caucus_pack_fma(even, w, caucus_pack_of(1.0 / 3.0));
    odd = caucus_pack_fma(odd, w, caucus_pack_of(1.0 / 5.0));
    caucus_pack tail = caucus_pack_fma(z, odd, even);
    return e * CAUCUS_LN2_HIGH + ((s + s) + (s + s) * z * tail + e * CAUCUS_LN2_LOW);
}

/* tanh, to about 1e-16 absolutely. */
CAUCUS_UNROLLED caucus_pack caucus_pack_tanh(caucus_pack x)
{
    caucus_pack e = caucus_pack_exp(x + x);
    return (e - 1.0) / (e + 1.0);
}

#endif
