/* Exact hypergeometric draws at a cost that does not grow with the sample. */
#ifndef CAUCUS_HYPERGEOMETRIC_H
#define CAUCUS_HYPERGEOMETRIC_H

#include "factorial.h"
#include "random.h"

#include <math.h> /* sqrt and floor only */

enum { CAUCUS_HYPERGEOMETRIC_FEW = 10 };

/* Inversion for few draws or few good ones: `few` of one kind, each one of total - taken that are not hit, ... */
CAUCUS_SHARED uint64_t caucus_hypergeometric_invert(caucus_place place, uint64_t good, uint64_t bad, uint64_t n)
{
    const double g = (double)good;
    const double b = (double)bad;
    const double size = (double)n;
    const uint64_t last = good < n ? good : n;
    double none = 1.0; /* P(0): as many factors as the smaller of good and n */
    for (uint64_t i = 0; i < last; i++) {
        double other = good < n ? g + b - size : b;
        none *= (other - (double)i) / (g + b - (double)i);
    }
    for (uint32_t attempt = 0;; attempt++) {
        double u = caucus_uniform_first(caucus_random(place, attempt));
        double probability = none;
        for (uint64_t i = 0; i <= last; i++) {
            if (u <= probability) {
                return i;
            }
            double k = (double)i;
            u -= probability;
            probability *= (g - k) * (size - k) / ((k + 1.0) * (b - size + k + 1.0));
        }
    }
}

/* Ratio of uniforms around the mode, algorithm HRUA of Stadlober 1990; good <= bad and 2 n <= good + bad. */
CAUCUS_SHARED uint64_t caucus_hypergeometric_reject(caucus_place place, uint64_t n_good, uint64_t n_bad, uint64_t n)
{
    const double good = (double)n_good;
    const double bad = (double)n_bad;
    const double size = (double)n;
    const double total = good + bad;
    const double share = good / total;
    const double centre = size * share + 0.5;
    const double variance = size * share * (bad / total) * ((total - size) / (total - 1.0));
    const double width =
        1.7155277699214135 * sqrt(variance + 0.5) + 0.8989161620588988; /* 2 sqrt(2/e), 3 - 2 sqrt(3/e) */
    const double mode = floor((size + 1.0) * ((good + 1.0) / (total + 2.0)));
    const double last = good < size ? good : size;
    for (uint32_t attempt = 0;; attempt++) {
        caucus_words words = caucus_random(place, attempt);
        double x = caucus_uniform_first(words);
        double w = centre + width * (caucus_uniform_second(words) - 0.5) / x;
        if (w < 0.0 || w >= last + 1.0) {
            continue;
        }
        double k = floor(w);
        double d = k - mode;
        double factors = (good - k + 1.0) * (size - k + 1.0) / ((k + 1.0) * (bad - size + k + 1.0));
        double log_ratio = d * caucus_log(factors) - caucus_factorial_ratio(mode, d) -
                           caucus_factorial_ratio(good - mode, -d) - caucus_factorial_ratio(size - mode, -d) -
                           caucus_factorial_ratio(bad - size + mode, d);
        if (x * (4.0 - x) - 3.0 <= log_ratio) { /* squeezes of 2 log x */
            return (uint64_t)k;
        }
        if (x * (x - log_ratio) >= 1.0) {
            continue;
        }
        if (2.0 * caucus_log(x) <= log_ratio) {
            return (uint64_t)k;
        }
    }
}

/* How many good ones are among n drawn without replacement from good + bad (at most 2^53; n at most that). */
CAUCUS_SHARED uint64_t caucus_hypergeometric(caucus_place place, uint64_t good, uint64_t bad, uint64_t n)
{
    if (good == 0 || n == 0) {
        return 0;
    }
    if (bad == 0) {
        return n;
    }
    const uint64_t total = good + bad;
    const uint64_t fewer = good < bad ? good : bad;
    const uint64_t drawn = n < total - n ? n : total - n; /* drawing and leaving are the same thing */
    uint64_t k = 0;
    if (drawn > 0) {
        k = fewer <= CAUCUS_HYPERGEOMETRIC_FEW || drawn <= CAUCUS_HYPERGEOMETRIC_FEW
                ? caucus_hypergeometric_invert(place, fewer, total - fewer, drawn)
                : caucus_hypergeometric_reject(place, fewer, total - fewer, drawn);
    }
    if (fewer != good) {
        k = drawn - k;
    }
    return drawn == n ? k : good - k;
}

#endif
