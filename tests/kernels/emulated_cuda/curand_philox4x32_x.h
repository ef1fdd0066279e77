/* cuRAND's stateless Philox by Random123's, which gives the same words. */
#ifndef EMULATED_CURAND_PHILOX4X32_X_H
#define EMULATED_CURAND_PHILOX4X32_X_H

#include "cuda_runtime.h"

#include <Random123/philox.h>

static inline uint4 curand_Philox4x32_10(uint4 counter, uint2 key)
{
    philox4x32_ctr_t c = {{counter.x, counter.y, counter.z, counter.w}};
    philox4x32_key_t k = {{key.x, key.y}};
    philox4x32_ctr_t words = philox4x32(c, k);
    return make_uint4(words.v[0], words.v[1], words.v[2], words.v[3]);
}

#endif
