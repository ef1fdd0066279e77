/* Training in packs of 8, for processors with AVX-512. */
#ifdef __x86_64__
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,avx512vl")
#endif

#define CAUCUS_PACK_WIDTH 8
#define CAUCUS_FLAVOUR caucus_training_avx512
#include "training/simd_body.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int caucus_training_needs_x86; /* no translation unit may be empty */
#endif
