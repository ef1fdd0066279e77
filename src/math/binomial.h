/* Exact binomial draws at a cost that does not grow with n. Shared with devices. */
#ifndef CAUCUS_MATH_BINOMIAL_H
#define CAUCUS_MATH_BINOMIAL_H

#include "math/factorial.h"
#include "math/random.h"

#include <math.h> /* sqrt and floor only: correctly rounded everywhere */

/* Below this mean: inversion; above it: rejection. */
#define CAUCUS_BINOMIAL_LARGE_MEAN 10.0

/* How many values inversion looks at: beyond, the probability is under 1e-70. */
enum { CAUCUS_BINOMIAL_LAST = 110 };

/* 1 / k for 1 <= k <= CAUCUS_BINOMIAL_LAST. */
CAUCUS_SHARED double caucus_reciprocal(uint64_t k)
{
#ifdef CAUCUS_DEVICE_CODE
    return 1.0 / (double)k;
#else
#define TEN(k)                                                                                                         \
    1.0 / (k), 1.0 / ((k) + 1), 1.0 / ((k) + 2), 1.0 / ((k) + 3), 1.0 / ((k) + 4), 1.0 / ((k) + 5), 1.0 / ((k) + 6),   \
        1.0 / ((k) + 7), 1.0 / ((k) + 8), 1.0 / ((k) + 9)
    static const double table[CAUCUS_BINOMIAL_LAST + 1] = {0.0,     TEN(1),  TEN(11), TEN(21), TEN(31), TEN(41),
                                                           TEN(51), TEN(61), TEN(71), TEN(81), TEN(91), TEN(101)};
#undef TEN
    return table[k];
#endif
}

/* The odds of going left or right, with what draws need of them. */
typedef struct caucus_chances {
    double p;     /* of the less likely side */
    double q;     /* 1 - p */
    double ratio; /* p / q */
    double log_q;
    bool mirrored; /* p is the right side's */
    bool certain;  /* p = 0 */
} caucus_chances;

/* left + right at most 2^53, not both 0 unless nobody is drawn. */
CAUCUS_SHARED caucus_chances caucus_chances_of(uint64_t left, uint64_t right)
{
    caucus_chances odds;
    const double total = (double)(left + right);
    odds.mirrored = left > right;
    const uint64_t less = odds.mirrored ? right : left;
    const uint64_t more = odds.mirrored ? left : right;
    odds.certain = less == 0;
    odds.p = odds.certain ? 0.0 : (double)less / total;
    odds.q = odds.certain ? 1.0 : (double)more / total;
    odds.ratio = odds.p / odds.q;
    odds.log_q = caucus_log1p(-odds.p);
    return odds;
}

/* Inversion by sequential search from 0; draws anew where only rounding could lead further. */
CAUCUS_SHARED uint64_t caucus_binomial_invert(caucus_place place, uint64_t n, const caucus_chances *odds)
{
    const uint64_t last = n < CAUCUS_BINOMIAL_LAST ? n : CAUCUS_BINOMIAL_LAST - 1;
    const double scale = ((double)n + 1.0) * odds->ratio;
    const double none = n < 64 ? caucus_power(odds->q, n) : caucus_exp((double)n * odds->log_q); /* P(0) */
    for (uint32_t attempt = 0;; attempt++) {
        double u = caucus_uniform_first(caucus_random(place, attempt));
        double probability = none;
        for (uint64_t k = 0; k <= last; k++) {
            if (u <= probability) {
                return k;
            }
            u -= probability;
            probability *= scale * caucus_reciprocal(k + 1) - odds->ratio;
        }
    }
}

/* Transformed rejection with squeeze, algorithm BTRS of Hoermann 1993; n p >= 10. */
CAUCUS_SHARED uint64_t caucus_binomial_reject(caucus_place place, uint64_t n_trials, const caucus_chances *odds)
{
    const double n = (double)n_trials;
    const double p = odds->p;
    const double deviation = sqrt(n * p * odds->q);
    const double b = 1.15 + 2.53 * deviation;
    const double a = -0.0873 + 0.0248 * b + 0.01 * p;
    const double centre = n * p + 0.5;
    const double inner = 0.92 - 4.2 / b;
    for (uint32_t attempt = 0;; attempt++) {
        caucus_words words = caucus_random(place, attempt);
        double v = caucus_uniform_first(words);
        double u = caucus_uniform_second(words) - 0.5;
        double side = 0.5 - (u < 0.0 ? -u : u);
        double k = floor((2.0 * a / side + b) * u + centre);
        if (side >= 0.07 && v <= inner) {
            return (uint64_t)k;
        }
        if (k < 0.0 || k > n) {
            continue;
        }
        double alpha = (2.83 + 5.1 / b) * deviation;
        double mode = floor((n + 1.0) * p);
        double d = k - mode;
        double log_ratio = d * caucus_log((n - k + 1.0) / (k + 1.0) * odds->ratio) - caucus_factorial_ratio(mode, d) -
                           caucus_factorial_ratio(n - mode, -d);
        if (caucus_log(v * alpha / (a / (side * side) + b)) <= log_ratio) {
            return (uint64_t)k;
        }
    }
}

/* How many of n fall to the left. */
CAUCUS_SHARED uint64_t caucus_draw_binomial_at(caucus_place place, uint64_t n, const caucus_chances *odds)
{
    uint64_t k = 0;
    if (n > 0 && !odds->certain) {
        k = (double)n * odds->p < CAUCUS_BINOMIAL_LARGE_MEAN ? caucus_binomial_invert(place, n, odds)
                                                             : caucus_binomial_reject(place, n, odds);
    }
    return odds->mirrored ? n - k : k;
}

/* The same for odds met once. */
CAUCUS_SHARED uint64_t caucus_draw_binomial(caucus_place place, uint64_t n, uint64_t left, uint64_t right)
{
    if (n == 0) {
        return 0;
    }
    const caucus_chances odds = caucus_chances_of(left, right);
    return caucus_draw_binomial_at(place, n, &odds);
}

#endif
