/* Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011). Shared with devices.
 *
 * key = seed; counter = (draw, stream and attempt, trial, configuration). No state is kept anywhere: every number is a
 * function of where it is used, so trials come out the same in any order, on any thread or device. */
#ifndef CAUCUS_MATH_RANDOM_H
#define CAUCUS_MATH_RANDOM_H

#include "math/shared.h"

#ifdef __CUDACC__
#ifndef QUALIFIERS /* cuRAND's own name for it: its Philox has a host version too */
#define QUALIFIERS static __forceinline__ __host__ __device__
#endif
#include <curand_philox4x32_x.h>
#else
#include <Random123/philox.h>
#endif

/* Counts what depends on numbers drawn: raised whenever the same seed would give other results. */
#define CAUCUS_RNG_VERSION 6

typedef struct caucus_words {
    uint32_t w[4];
} caucus_words;

/* One trial's random numbers. */
typedef struct caucus_source {
    uint64_t seed;
    uint32_t trial;
    uint32_t config;
} caucus_source;

/* Streams: one for each purpose and group, 16 bits; the attempts of a rejection sampler have the other 16. */
enum { CAUCUS_STREAM_BITS = 16 };

typedef struct caucus_place { /* where in a trial a number is drawn */
    caucus_source source;
    uint32_t stream;
    uint32_t draw;
} caucus_place;

CAUCUS_SHARED caucus_words caucus_philox(uint64_t seed, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3)
{
    caucus_words words;
#ifdef __CUDACC__
    uint4 block = curand_Philox4x32_10(make_uint4(c0, c1, c2, c3), make_uint2((unsigned)seed, (unsigned)(seed >> 32)));
    words.w[0] = block.x;
    words.w[1] = block.y;
    words.w[2] = block.z;
    words.w[3] = block.w;
#else
    philox4x32_ctr_t counter = {{c0, c1, c2, c3}};
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    philox4x32_ctr_t block = philox4x32(counter, key);
    words.w[0] = block.v[0];
    words.w[1] = block.v[1];
    words.w[2] = block.v[2];
    words.w[3] = block.v[3];
#endif
    return words;
}

CAUCUS_SHARED caucus_words caucus_random(caucus_place place, uint32_t attempt)
{
    return caucus_philox(place.source.seed, place.draw, (place.stream << CAUCUS_STREAM_BITS) | (attempt & 0xffffu),
                         place.source.trial, place.source.config);
}

/* A uniform on the open interval (0, 1): 52 bits and a half, so that neither end is ever met. */
CAUCUS_SHARED double caucus_uniform(uint32_t high, uint32_t low)
{
    uint64_t bits = ((uint64_t)high << 32 | low) >> 12;
    return ((double)bits + 0.5) * (1.0 / 4503599627370496.0);
}

CAUCUS_SHARED double caucus_uniform_first(caucus_words words)
{
    return caucus_uniform(words.w[0], words.w[1]);
}

CAUCUS_SHARED double caucus_uniform_second(caucus_words words)
{
    return caucus_uniform(words.w[2], words.w[3]);
}

#endif
