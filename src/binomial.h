/* Exact binomial draws at a cost that does not grow with n. */
#ifndef CAUCUS_BINOMIAL_H
#define CAUCUS_BINOMIAL_H

#include "factorial.h"
#include "random.h"

#include <math.h> /* sqrt and floor only: correctly rounded everywhere */

/* Below this mean: inversion; above it: rejection. */
#define CAUCUS_BINOMIAL_LARGE_MEAN 10.0

/* Inversion by sequential search from 0. Beyond 110 (probability under 1e-70) it draws anew instead of running on. */
CAUCUS_SHARED uint64_t caucus_binomial_invert(caucus_place place, uint64_t n, double p, double q)
{
    const uint64_t last = n < 110 ? n : 110;
    const double odds = p / q;
    const double scale = ((double)n + 1.0) * odds;
    const double none = n < 64 ? caucus_power(q, n) : caucus_exp((double)n * caucus_log1p(-p)); /* P(0) */
    for (uint32_t attempt = 0;; attempt++) {
        double u = caucus_uniform_first(caucus_random(place, attempt));
        double probability = none;
        for (uint64_t k = 0; k <= last; k++) {
            if (u <= probability) {
                return k;
            }
            u -= probability;
            probability *= scale / (double)(k + 1) - odds;
        }
    }
}

/* Transformed rejection with squeeze, algorithm BTRS of Hoermann 1993; p <= 1/2 and n p >= 10. */
CAUCUS_SHARED uint64_t caucus_binomial_reject(caucus_place place, uint64_t n_trials, double p, double q)
{
    const double n = (double)n_trials;
    const double deviation = sqrt(n * p * q);
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
        double log_ratio = d * caucus_log((n - k + 1.0) * p / ((k + 1.0) * q)) - caucus_factorial_ratio(mode, d) -
                           caucus_factorial_ratio(n - mode, -d);
        if (caucus_log(v * alpha / (a / (side * side) + b)) <= log_ratio) {
            return (uint64_t)k;
        }
    }
}

/* How many of n fall to the left when left : right are the odds. left + right may be anything up to 2^53, not 0. */
CAUCUS_SHARED uint64_t caucus_binomial(caucus_place place, uint64_t n, uint64_t left, uint64_t right)
{
    if (n == 0 || left == 0) {
        return 0;
    }
    if (right == 0) {
        return n;
    }
    const bool mirrored = left > right;
    const double total = (double)(left + right);
    const double p = (double)(mirrored ? right : left) / total;
    const double q = (double)(mirrored ? left : right) / total;
    uint64_t k;
    if (n == 1) {
        k = caucus_uniform_first(caucus_random(place, 0)) <= p ? 1 : 0;
    } else if ((double)n * p < CAUCUS_BINOMIAL_LARGE_MEAN) {
        k = caucus_binomial_invert(place, n, p, q);
    } else {
        k = caucus_binomial_reject(place, n, p, q);
    }
    return mirrored ? n - k : k;
}

#endif
