/* Trials side by side, for processors with AVX-512. */
#ifdef __x86_64__
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw")
#endif

#define CAUCUS_LANES 64u
#define CAUCUS_FLAVOUR caucus_lanes_avx512_64
#define CAUCUS_FLAVOUR_NAME "AVX-512, 64-bit counts"
#include "trial/lanes_body.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int caucus_lanes_need_x86; /* no translation unit may be empty */
#endif
