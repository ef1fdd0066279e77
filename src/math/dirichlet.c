#include "math/dirichlet.h"

#include "math/portable_math.h"

#include <Random123/philox.h>
#include <math.h>
#include <stdbool.h>

typedef struct generator {
    philox4x32_key_t key;
    philox4x32_ctr_t counter;
    philox4x32_ctr_t words;
    int used; /* of words */
} generator;

/* In the open interval (0, 1), in steps of 2^-53. */
static double next_uniform(generator *g)
{
    if (g->used == 4) {
        g->words = philox4x32_R(10, g->counter, g->key);
        g->counter.v[0]++;
        g->used = 0;
    }
    uint64_t bits = (uint64_t)g->words.v[g->used] << 32 | g->words.v[g->used + 1];
    g->used += 2;
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

/* Marsaglia's polar method; the second normal of a pair is let go. */
static double next_normal(generator *g)
{
    for (;;) {
        double a = 2 * next_uniform(g) - 1;
        double b = 2 * next_uniform(g) - 1;
        double square = a * a + b * b;
        if (square > 0 && square < 1) {
            return a * sqrt(-2 * caucus_log(square) / square);
        }
    }
}

/* The logarithm of a gamma variate: G. Marsaglia & W. W. Tsang, "A simple method for generating gamma variables", 2000.
 * Below shape 1 theirs is gamma(shape + 1) U^(1 / shape), which underflows for small shapes: hence the logarithm. */
static double next_log_gamma(generator *g, double shape)
{
    double boost = 0;
    if (shape < 1) {
        boost = caucus_log(next_uniform(g)) / shape;
        shape += 1;
    }
    double d = shape - 1.0 / 3.0;
    double c = 1 / sqrt(9 * d);
    for (;;) {
        double x = next_normal(g);
        double v = 1 + c * x;
        if (v <= 0) {
            continue;
        }
        v = v * v * v;
        double log_v = caucus_log(v);
        if (caucus_log(next_uniform(g)) < 0.5 * x * x + d - d * v + d * log_v) {
            return caucus_log(d) + log_v + boost;
        }
    }
}

void caucus_dirichlet_draw(uint64_t seed, uint32_t stream, uint32_t item, double concentration, uint64_t n,
                           double *shares)
{
    generator g = {.key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}}, .counter = {{0, stream, item, 0}}, .used = 4};
    double largest = -(double)INFINITY;
    for (uint64_t i = 0; i < n; i++) {
        shares[i] = next_log_gamma(&g, concentration);
        largest = shares[i] > largest ? shares[i] : largest;
    }
    double sum = 0;
    for (uint64_t i = 0; i < n; i++) {
        shares[i] = caucus_exp(shares[i] - largest);
        sum += shares[i];
    }
    for (uint64_t i = 0; i < n; i++) {
        shares[i] /= sum;
    }
}
