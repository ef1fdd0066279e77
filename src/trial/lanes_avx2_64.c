/* Trials side by side, for processors with AVX2. */
#ifdef __x86_64__
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC target("avx2")
#endif

#define CAUCUS_LANES 64u
#define CAUCUS_FLAVOUR caucus_lanes_avx2_64
#define CAUCUS_FLAVOUR_NAME "AVX2, 64-bit counts"
#include "trial/lanes_body.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int caucus_lanes_need_x86; /* no translation unit may be empty */
#endif
