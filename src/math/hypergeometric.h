/* Exact hypergeometric draws at a cost that does not grow with the sample. Shared with devices. */
#ifndef CAUCUS_MATH_HYPERGEOMETRIC_H
#define CAUCUS_MATH_HYPERGEOMETRIC_H

#include "math/factorial.h"
#include "math/random.h"

#include <math.h> /* sqrt and floor only */

enum { CAUCUS_HYPERGEOMETRIC_FEW = 10 };

/* Inversion by sequential search from 0, where the smaller of good and n is at most CAUCUS_HYPERGEOMETRIC_FEW. */
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

/* log f(mode + d) / f(mode) for the hypergeometric probabilities f: the counts good and drawn, bad and left, and so on
 * are four factorials each. */
typedef struct caucus_hypergeometric_pmf {
    double good, size, rest; /* rest = bad - size */
    double mode;
    double slope, square, cube, fourth, fifth; /* coefficients of the expansion in d, the last one of its remainder */
    double reach;                              /* largest |d| that the expansion is for */
} caucus_hypergeometric_pmf;

/* Each factorial ratio (x + d)! / x! is expanded in d / a, a = x + 1/2, by Euler and Maclaurin's midpoint sum: log of
 * it = d log a + d^2 / 2a - d^3 / 6a^2 + d^4 / 12a^3 - ..., + d / 24a^2 - d^2 / 24a^3 + ... */
CAUCUS_SHARED caucus_hypergeometric_pmf caucus_hypergeometric_expand(double good, double size, double rest, double mode)
{
    const double up_1 = mode + 0.5; /* these grow with d, the other two shrink */
    const double up_2 = rest + mode + 0.5;
    const double down_1 = good - mode + 0.5;
    const double down_2 = size - mode + 0.5;
    const double u = 1.0 / up_1;
    const double v = 1.0 / up_2;
    const double r = 1.0 / down_1;
    const double s = 1.0 / down_2;
    const double squares = u * u + v * v - r * r - s * s;
    const double cubes = u * u * u + v * v * v + r * r * r + s * s * s;
    const double larger_1 = u > v ? u : v;
    const double larger_2 = r > s ? r : s;
    const double steepest = larger_1 > larger_2 ? larger_1 : larger_2;
    caucus_hypergeometric_pmf pmf;
    pmf.good = good;
    pmf.size = size;
    pmf.rest = rest;
    pmf.mode = mode;
    pmf.slope = caucus_log(down_1 * u * (down_2 * v)) - squares * (1.0 / 24.0);
    pmf.square = -0.5 * (u + v + r + s) + cubes * (1.0 / 24.0);
    pmf.cube = squares * (1.0 / 6.0);
    pmf.fourth = cubes * (-1.0 / 12.0);
    pmf.fifth = cubes * steepest;
    pmf.reach = 0.25 / steepest;
    return pmf;
}

CAUCUS_SHARED double caucus_hypergeometric_log(const caucus_hypergeometric_pmf *pmf, double d)
{
    const double k = pmf->mode + d;
    double factors = (pmf->good - k + 1.0) * (pmf->size - k + 1.0) / ((k + 1.0) * (pmf->rest + k + 1.0));
    return d * caucus_log(factors) - caucus_factorial_ratio(pmf->mode, d) -
           caucus_factorial_ratio(pmf->good - pmf->mode, -d) - caucus_factorial_ratio(pmf->size - pmf->mode, -d) -
           caucus_factorial_ratio(pmf->rest + pmf->mode, d);
}

/* Whether 2 log x <= log f(mode + d) / f(mode): by the expansion where its error cannot matter, else exactly. The error
 * is at most the fifth-order terms summed as a geometric series, and those of the midpoint sum of third order and
 * above. */
CAUCUS_SHARED bool caucus_hypergeometric_accept(const caucus_hypergeometric_pmf *pmf, double x, double d)
{
    const double distance = d < 0.0 ? -d : d;
    if (distance <= pmf->reach) {
        double value = d * (pmf->slope + d * (pmf->square + d * (pmf->cube + d * pmf->fourth)));
        double cube = distance * distance * distance;
        double error = pmf->fifth * cube * 0.07 * (distance * distance + 1.0) + 1e-9;
        if (x * (4.0 - x) - 3.0 <= value - error) { /* squeezes of 2 log x */
            return true;
        }
        if (x * (x - (value + error)) >= 1.0) {
            return false;
        }
        double threshold = 2.0 * caucus_log(x);
        if (threshold <= value - error || threshold > value + error) {
            return threshold <= value;
        }
    }
    return 2.0 * caucus_log(x) <= caucus_hypergeometric_log(pmf, d);
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
    const caucus_hypergeometric_pmf pmf = caucus_hypergeometric_expand(good, size, bad - size, mode);
    for (uint32_t attempt = 0;; attempt++) {
        caucus_words words = caucus_random(place, attempt);
        double x = caucus_uniform_first(words);
        double w = centre + width * (caucus_uniform_second(words) - 0.5) / x;
        if (w < 0.0 || w >= last + 1.0) {
            continue;
        }
        double k = floor(w);
        if (caucus_hypergeometric_accept(&pmf, x, k - mode)) {
            return (uint64_t)k;
        }
    }
}

/* How many good ones are among n drawn without replacement from good + bad (at most 2^53; n at most that). */
CAUCUS_SHARED uint64_t caucus_draw_hypergeometric(caucus_place place, uint64_t good, uint64_t bad, uint64_t n)
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
