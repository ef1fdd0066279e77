#include <stdint.h>
#include <string.h>

/* exp(x) for x <= 0: x = k ln 2 + r, a polynomial in r, and k in the exponent; without branches, so that lanes need
 * none. Below -700 it is exp(-700). */
static inline double exponential(double x)
{
    x = x < -700.0 ? -700.0 : x;
    const double shifted = x * 1.44269504088896340736 + 0x1.8p52;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    const double k = shifted - 0x1.8p52;
    const double r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
    const double r2 = r * r;
    const double r4 = r2 * r2;
    const double low = (1.0 + r) + r2 * (0.5 + r * (1.0 / 6.0));
    const double middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0));
    const double high = (1.0 / 40320.0 + r * (1.0 / 362880.0)) + r2 * (1.0 / 3628800.0 + r * (1.0 / 39916800.0));
    bits = (bits + 1023) << 52;
    double two_k;
    memcpy(&two_k, &bits, sizeof two_k);
    return (low + r4 * (middle + r4 * high)) * two_k;
}

#define REAL double
#define GEMM dgemm
#define EXP exponential
#define NAME caucus_operations_double
#include "dense/operations_body.h"
