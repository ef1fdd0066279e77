/* Trials side by side, for processors with AVX2: few at a time. */
#ifdef __x86_64__
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC target("avx2")
#endif

#define CAUCUS_LANES 16u
#define CAUCUS_COUNT_BITS 32
#define CAUCUS_FLAVOUR caucus_lanes_avx2_32_few
#define CAUCUS_FLAVOUR_NAME "AVX2, 32-bit counts, few lanes"
#include "trial/lanes_body.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int caucus_lanes_need_x86; /* no translation unit may be empty */
#endif
