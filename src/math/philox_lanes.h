/* Philox4x32-10 for many counters at a time, by the widest instructions that the source is compiled for. The numbers
 * are those of caucus_philox. */
#ifndef CAUCUS_MATH_PHILOX_LANES_H
#define CAUCUS_MATH_PHILOX_LANES_H

#include "math/random.h"

#if defined(__AVX2__) || defined(__SSE2__)
#include <immintrin.h>
#endif

/* Counters are (block[i], turn[i], trial[i], config). n: a multiple of CAUCUS_PHILOX_STEP; arrays are read and written
 * up to it. A block lies in 64 bits whose upper halves are not looked at: the widening multiplication does so by
 * itself.
 */
#if defined(__AVX512F__)
typedef __m512i caucus_philox_vector;
#define VECTOR_LANES 8
#define MULTIPLY(a, b) _mm512_mul_epu32(a, b)
#define UPPER(a) _mm512_shuffle_epi32(a, (_MM_PERM_ENUM)0xf5)
#define XOR3(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0x96)
#define ALL(x) _mm512_set1_epi64((long long)(x))
#define LOAD(p) _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)(const void *)(p)))
#define STORE(p, a) _mm256_storeu_si256((__m256i *)(void *)(p), _mm512_cvtepi64_epi32(a))
#elif defined(__AVX2__)
typedef __m256i caucus_philox_vector;
#define VECTOR_LANES 4
#define MULTIPLY(a, b) _mm256_mul_epu32(a, b)
#define UPPER(a) _mm256_shuffle_epi32(a, 0xf5)
#define XOR3(a, b, c) _mm256_xor_si256(a, _mm256_xor_si256(b, c))
#define ALL(x) _mm256_set1_epi64x((long long)(x))
#define LOAD(p) _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)(const void *)(p)))
#define STORE(p, a)                                                                                                    \
    _mm_storeu_si128((__m128i *)(void *)(p), _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(                       \
                                                 a, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6))))
#elif defined(__SSE2__)
typedef __m128i caucus_philox_vector;
#define VECTOR_LANES 2
#define MULTIPLY(a, b) _mm_mul_epu32(a, b)
#define UPPER(a) _mm_shuffle_epi32(a, 0xf5)
#define XOR3(a, b, c) _mm_xor_si128(a, _mm_xor_si128(b, c))
#define ALL(x) _mm_set1_epi64x((long long)(x))
#define LOAD(p) _mm_unpacklo_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(p)), _mm_setzero_si128())
#define STORE(p, a) _mm_storel_epi64((__m128i *)(void *)(p), _mm_shuffle_epi32(a, 0x88))
#endif

#ifdef VECTOR_LANES
enum {
    CAUCUS_PHILOX_VECTORS = CAUCUS_LANES < 4 * VECTOR_LANES ? CAUCUS_LANES / VECTOR_LANES : 4, /* in flight */
    CAUCUS_PHILOX_STEP = VECTOR_LANES * CAUCUS_PHILOX_VECTORS
};

static inline void caucus_philox_step(uint64_t seed, const uint32_t *block, const uint32_t *turn, const uint32_t *trial,
                                      uint32_t config, uint32_t *const words[4], uint32_t at)
{
    const caucus_philox_vector m0 = ALL(0xd2511f53u);
    const caucus_philox_vector m1 = ALL(0xcd9e8d57u);
    caucus_philox_vector a[CAUCUS_PHILOX_VECTORS], b[CAUCUS_PHILOX_VECTORS], c[CAUCUS_PHILOX_VECTORS],
        d[CAUCUS_PHILOX_VECTORS];
    uint32_t k0 = (uint32_t)seed;
    uint32_t k1 = (uint32_t)(seed >> 32);
#pragma GCC unroll 4
    for (int v = 0; v < CAUCUS_PHILOX_VECTORS; v++) {
        a[v] = LOAD(block + at + VECTOR_LANES * v);
        b[v] = LOAD(turn + at + VECTOR_LANES * v);
        c[v] = LOAD(trial + at + VECTOR_LANES * v);
        d[v] = ALL(config);
    }
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        const caucus_philox_vector key0 = ALL(k0);
        const caucus_philox_vector key1 = ALL(k1);
#pragma GCC unroll 4
        for (int v = 0; v < CAUCUS_PHILOX_VECTORS; v++) {
            const caucus_philox_vector p = MULTIPLY(a[v], m0);
            const caucus_philox_vector q = MULTIPLY(c[v], m1);
            a[v] = XOR3(UPPER(q), b[v], key0);
            c[v] = XOR3(UPPER(p), d[v], key1);
            b[v] = q;
            d[v] = p;
        }
        k0 += 0x9e3779b9u;
        k1 += 0xbb67ae85u;
    }
#pragma GCC unroll 4
    for (int v = 0; v < CAUCUS_PHILOX_VECTORS; v++) {
        STORE(words[0] + at + VECTOR_LANES * v, a[v]);
        STORE(words[1] + at + VECTOR_LANES * v, b[v]);
        STORE(words[2] + at + VECTOR_LANES * v, c[v]);
        STORE(words[3] + at + VECTOR_LANES * v, d[v]);
    }
}

#undef VECTOR_LANES
#undef MULTIPLY
#undef UPPER
#undef XOR3
#undef ALL
#undef LOAD
#undef STORE
#else
enum { CAUCUS_PHILOX_STEP = 1 };

static inline void caucus_philox_step(uint64_t seed, const uint32_t *block, const uint32_t *turn, const uint32_t *trial,
                                      uint32_t config, uint32_t *const words[4], uint32_t at)
{
    const caucus_words found = caucus_philox(seed, block[at], turn[at], trial[at], config);
    for (int i = 0; i < 4; i++) {
        words[i][at] = found.w[i];
    }
}
#endif

/* words: [4][n] */
static inline void caucus_philox_lanes(uint64_t seed, const uint32_t *block, const uint32_t *turn,
                                       const uint32_t *trial, uint32_t config, uint32_t *const words[4], uint32_t n)
{
    for (uint32_t at = 0; at < n; at += CAUCUS_PHILOX_STEP) {
        caucus_philox_step(seed, block, turn, trial, config, words, at);
    }
}

#endif
