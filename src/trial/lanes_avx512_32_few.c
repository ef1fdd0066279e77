/* Trials side by side, for processors with AVX-512: few at a time. */
#ifdef __x86_64__
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw")
#endif

#define CAUCUS_LANES 16u
#define CAUCUS_COUNT_BITS 32
#define CAUCUS_FLAVOUR caucus_lanes_avx512_32_few
#define CAUCUS_FLAVOUR_NAME "AVX-512, 32-bit counts, few lanes"
#include "trial/lanes_body.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int caucus_lanes_need_x86; /* no translation unit may be empty */
#endif
