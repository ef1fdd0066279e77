#include <stdint.h>
#include <string.h>

/* As in operations_double.c, for floats; below -80 it is exp(-80). */
static inline float exponential(float x)
{
    x = x < -80.0f ? -80.0f : x;
    const float shifted = x * 1.44269504f + 0x1.8p23f;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    const float k = shifted - 0x1.8p23f;
    const float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
    const float r2 = r * r;
    const float low = (1.0f + r) + r2 * (0.5f + r * (1.0f / 6.0f));
    const float high = (1.0f / 24.0f + r * (1.0f / 120.0f)) + r2 * (1.0f / 720.0f + r * (1.0f / 5040.0f));
    bits = (bits + 127) << 23;
    float two_k;
    memcpy(&two_k, &bits, sizeof two_k);
    return (low + r2 * r2 * high) * two_k;
}

#define REAL float
#define GEMM sgemm
#define EXP exponential
#define NAME caucus_operations_single
#include "dense/operations_body.h"
