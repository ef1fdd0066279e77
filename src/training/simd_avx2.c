/* Training in packs of 4, for processors with AVX2. */
#ifdef __x86_64__
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#define CAUCUS_PACK_WIDTH 4
#define CAUCUS_FLAVOUR caucus_training_avx2
#include "training/simd_body.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int caucus_training_needs_x86; /* no translation unit may be empty */
#endif
