#include "result/summary_sums.h"

#include "config/until.h"
#include "math/clopper_pearson.h"
#include "math/statistics.h"
#include "result/standard_error.h"

#include <math.h>

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

enum { LINE = 8 }; /* words of a cache line */

void caucus_sums_move(uint64_t *from, uint64_t *to, size_t n)
{
    size_t i = 0;
    for (; i + LINE <= n; i += LINE) {
        uint64_t any = 0;
        for (size_t j = i; j < i + LINE; j++) {
            any |= from[j];
        }
        if (any == 0) {
            continue;
        }
        for (size_t j = i; j < i + LINE; j++) {
            to[j] += from[j];
            from[j] = 0;
        }
    }
    for (; i < n; i++) {
        to[i] += from[i];
        from[i] = 0;
    }
}

/* ---- series ------------------------------------------------------------------------------------------------------ */

/* Carry, so that every place but the last has a digit from 0 to 2^30 - 1 and the last one the sign. */
static void carry_limbs(const uint64_t *limbs, int64_t digits[CAUCUS_LIMBS])
{
    const int64_t base = INT64_C(1) << CAUCUS_LIMB_BITS;
    int64_t carried = 0;
    for (int i = 0; i < CAUCUS_LIMBS; i++) {
        int64_t sum = (int64_t)limbs[i] + carried; /* two numbers below 2^62 */
        digits[i] = i + 1 < CAUCUS_LIMBS ? sum & (base - 1) : sum;
        carried = (sum - (sum & (base - 1))) / base;
    }
}

/* The sum of a series as IEEE arithmetic would have it. From the highest place down every step is exact until the sum
 * has as many bits as a double. */
static double series_sum(const uint64_t *series)
{
    int64_t digits[CAUCUS_LIMBS];
    carry_limbs(series + CAUCUS_SERIES_LIMBS, digits);
    double sum = 0;
    for (int i = CAUCUS_LIMBS - 1; i >= 0; i--) {
        sum += ldexp((double)digits[i], CAUCUS_LIMB_BITS * i - 149);
    }
    sum += series[CAUCUS_SERIES_PLUS] > 0 ? (double)INFINITY : 0.0;
    return sum - (series[CAUCUS_SERIES_MINUS] > 0 ? (double)INFINITY : 0.0);
}

static double ratio(double sum, uint64_t n)
{
    return n > 0 ? sum / (double)n : (double)NAN;
}

static double single_mean(const uint64_t *words, int single)
{
    const uint64_t *series = words + caucus_sums_single(single);
    return ratio(series_sum(series), words[CAUCUS_SUMS_TRIALS] - series[CAUCUS_SERIES_NAN]);
}

/* The deviation of global success. Its squares about a number of 20 bits near the mean are added exactly (in units of
 * 2^-80), since the difference of two large sums would leave few digits of a small deviation. */
static double global_deviation(const uint64_t *words)
{
    const uint64_t *series = words + caucus_sums_single(CAUCUS_SUMS_GLOBAL_SUCCESS);
    const uint64_t *squares = words + CAUCUS_SUMS_SQUARES;
    const uint64_t n = words[CAUCUS_SUMS_TRIALS] - series[CAUCUS_SERIES_NAN];
    if (n < 2 || squares[CAUCUS_SQUARES_STRANGE] > 0) {
        return NAN;
    }
    int64_t digits[CAUCUS_LIMBS];
    carry_limbs(series + CAUCUS_SERIES_LIMBS, digits);
    wide sum = 0; /* in units of 2^-60: the digits below it are less than one unit */
    for (int i = 6; i >= 3; i--) {
        sum += (wide)digits[i] << (CAUCUS_LIMB_BITS * i - 89);
    }
    sum += digits[2] >> 29;
    const wide square_sum = ((wide)squares[CAUCUS_SQUARES_HIGH] << 60) + ((wide)squares[CAUCUS_SQUARES_MIDDLE] << 30) +
                            (wide)squares[CAUCUS_SQUARES_LOW];
    const wide near = (sum / (wide)n) >> 40; /* in units of 2^-20 */
    const wide about = (square_sum >> 10) - 2 * near * sum + (((wide)n * near * near) << 40);
    const double off = ldexp((double)(sum - (((wide)n * near) << 40)), -60);
    const double variance = (ldexp((double)about, -80) - off * off / (double)n) / (double)(n - 1);
    return variance > 0 ? sqrt(variance) : 0;
}

/* ---- quantiles --------------------------------------------------------------------------------------------------- */

typedef struct histogram {
    const uint64_t *bins;
    uint32_t n_bins;
    uint64_t n_minus; /* infinite values below all bins */
    uint64_t n;       /* all values; those in no bin are infinite above them */
    bool success;
    uint32_t test; /* N_test of success */
    double mean;
    /* where the search is: bins[bin] holds the values of rank before and up */
    uint32_t bin;
    uint64_t before;
} histogram;

void caucus_success_bin_ends(uint32_t bin, uint32_t test, double *low, double *high)
{
    const uint64_t resolution = CAUCUS_BINS_RESOLUTION;
    uint64_t first = ((uint64_t)bin * test + resolution - 1) / resolution;
    uint64_t next = (((uint64_t)bin + 1) * test + resolution - 1) / resolution;
    uint64_t last = next > first + 1 ? next - 1 : first;
    last = last < test ? last : test;
    *low = (double)first / test;
    *high = (double)last / test;
}

void caucus_bound_bin_ends(uint32_t bin, double *low, double *high)
{
    if (bin >= CAUCUS_BIN_MINUS_ONE && bin < CAUCUS_BIN_ZERO) {
        *low = ((double)bin - CAUCUS_BIN_ZERO) / CAUCUS_BINS_BELOW;
        *high = *low + 1.0 / CAUCUS_BINS_BELOW;
    } else if (bin >= CAUCUS_BIN_ZERO && bin < CAUCUS_BIN_ONE) {
        *low = ((double)bin - CAUCUS_BIN_ZERO) / CAUCUS_BINS_RESOLUTION;
        *high = *low + 1.0 / CAUCUS_BINS_RESOLUTION;
    } else if (bin == CAUCUS_BIN_ONE) {
        *low = 1;
        *high = 1;
    } else {
        bool negative = bin < CAUCUS_BIN_MINUS_ONE;
        uint32_t quarter = negative ? CAUCUS_BINS_OCTAVES - 1 - bin : bin - CAUCUS_BIN_ONE - 1;
        double near = ldexp(1 + 0.25 * (quarter % 4), (int)(quarter / 4));
        double far = near + ldexp(0.25, (int)(quarter / 4));
        *low = negative ? -far : near;
        *high = negative ? -near : far;
    }
}

/* About the value of a rank from 0 on: values are taken to lie evenly in their bin. */
static double value_of_rank(histogram *h, uint64_t rank)
{
    if (rank < h->n_minus) {
        return -INFINITY;
    }
    if (rank < h->before) {
        h->bin = 0;
        h->before = h->n_minus;
    }
    while (h->bin < h->n_bins && rank >= h->before + h->bins[h->bin]) {
        h->before += h->bins[h->bin++];
    }
    if (h->bin == h->n_bins) {
        return INFINITY;
    }
    const uint64_t inside = h->bins[h->bin];
    if (inside == h->n) {
        return h->mean;
    }
    double low = 0;
    double high = 0;
    if (h->success) {
        caucus_success_bin_ends(h->bin, h->test, &low, &high);
    } else {
        caucus_bound_bin_ends(h->bin, &low, &high);
    }
    return low + (high - low) * (((double)(rank - h->before) + 0.5) / (double)inside);
}

/* As caucus_quantiles has them. */
static void find_levels(histogram *h, const double *levels, int n_levels, double *quantiles)
{
    h->bin = 0;
    h->before = h->n_minus;
    for (int i = 0; i < n_levels; i++) {
        if (h->n == 0) {
            quantiles[i] = NAN;
            continue;
        }
        double part = 0;
        uint64_t k = caucus_quantile_place(levels[i], h->n, &part);
        double below = value_of_rank(h, k);
        double above = k + 1 < h->n ? value_of_rank(h, k + 1) : below;
        quantiles[i] = caucus_quantile_between(below, above, part);
    }
}

static void find_quantiles(histogram *h, double quantiles[CAUCUS_SUMMARY_LEVELS])
{
    find_levels(h, caucus_summary_levels, CAUCUS_SUMMARY_LEVELS, quantiles);
}

/* The largest standard error of quantiles. */
static double quantile_error(histogram *h)
{
    double levels[CAUCUS_ERROR_LEVELS];
    double ends[CAUCUS_ERROR_LEVELS];
    if (h->n == 0) {
        return 0;
    }
    caucus_error_levels(h->n, levels);
    find_levels(h, levels, CAUCUS_ERROR_LEVELS, ends);
    return caucus_error_of_quantiles(ends);
}

/* The deviation of bounds, about: each counts as the middle of its bin. */
static double bin_deviation(const histogram *h)
{
    double squares = 0;
    for (uint32_t bin = 0; bin < h->n_bins; bin++) {
        if (h->bins[bin] > 0 && h->bins[bin] < h->n) { /* all in one bin: their mean is all that is known */
            double low = 0;
            double high = 0;
            caucus_bound_bin_ends(bin, &low, &high);
            const double away = 0.5 * (low + high) - h->mean;
            squares += (double)h->bins[bin] * away * away;
        }
    }
    return h->n > 1 ? sqrt(squares / (double)(h->n - 1)) : (double)NAN;
}

/* ---- the summary ------------------------------------------------------------------------------------------------- */

static void summarize_success(const uint64_t *success, uint32_t m, uint32_t test, unsigned until, double *const *values)
{
    const uint64_t n = success[CAUCUS_SUCCESS_PRESENT];
    const uint64_t sum = success[CAUCUS_SUCCESS_SUM];
    const unsigned_wide squares = ((unsigned_wide)success[CAUCUS_SUCCESS_SQUARES_HIGH] << 32) +
                                  (unsigned_wide)success[CAUCUS_SUCCESS_SQUARES_LOW];
    /* below 2^128 for 2^32 counts below 2^32 - 1 */
    const unsigned_wide spread = n * squares - (unsigned_wide)sum * sum;
    values[CAUCUS_SUCCESS_MEAN][m] = ratio((double)sum / test, n);
    values[CAUCUS_SUCCESS_STD][m] = n > 1 ? sqrt((double)spread / ((double)n * (double)(n - 1))) / test : (double)NAN;
    histogram h = {.bins = success + CAUCUS_SUCCESS_BINS,
                   .n_bins = CAUCUS_BINS_RESOLUTION + 1,
                   .n = n,
                   .success = true,
                   .test = test,
                   .mean = values[CAUCUS_SUCCESS_MEAN][m]};
    double quantiles[CAUCUS_SUMMARY_LEVELS];
    find_quantiles(&h, quantiles);
    values[CAUCUS_SUCCESS_Q05][m] = quantiles[0];
    values[CAUCUS_SUCCESS_MEDIAN][m] = quantiles[1];
    values[CAUCUS_SUCCESS_Q95][m] = quantiles[2];
    if ((until & CAUCUS_UNTIL_SUCCESS) != 0) {
        double *error = values[CAUCUS_STANDARD_ERROR];
        *error = fmax(*error,
                      caucus_error_of_mean(values[CAUCUS_SUCCESS_MEAN][m], values[CAUCUS_SUCCESS_STD][m], (size_t)n));
        *error = (until & CAUCUS_UNTIL_QUANTILES) != 0 ? fmax(*error, quantile_error(&h)) : *error;
    }
}

static void note_bounds(histogram *h, unsigned until, double *const *values)
{
    double *error = values[CAUCUS_STANDARD_ERROR];
    *error = fmax(*error, caucus_error_of_mean(h->mean, bin_deviation(h), (size_t)h->n));
    *error = (until & CAUCUS_UNTIL_QUANTILES) != 0 ? fmax(*error, quantile_error(h)) : *error;
}

static void summarize_bound(const uint64_t *bound, const uint64_t *success, size_t column, uint32_t test,
                            unsigned until, double *const *values)
{
    const uint64_t n = success[CAUCUS_SUCCESS_PRESENT] - bound[CAUCUS_SERIES_NAN];
    const double sum = series_sum(bound);
    const double matched = (double)(success[CAUCUS_SUCCESS_SUM] - bound[CAUCUS_BOUND_UNMATCHED]) / test;
    histogram h = {.bins = bound + CAUCUS_BOUND_BINS,
                   .n_bins = CAUCUS_BINS,
                   .n_minus = bound[CAUCUS_SERIES_MINUS],
                   .n = n,
                   .mean = ratio(sum, n)};
    double quantiles[CAUCUS_SUMMARY_LEVELS];
    find_quantiles(&h, quantiles);
    values[CAUCUS_BOUND_MEAN][column] = h.mean;
    values[CAUCUS_BOUND_Q05][column] = quantiles[0];
    values[CAUCUS_BOUND_MEDIAN][column] = quantiles[1];
    values[CAUCUS_BOUND_Q95][column] = quantiles[2];
    values[CAUCUS_TIGHTNESS_MEAN][column] = ratio(matched - sum, n);
    values[CAUCUS_VIOLATION_RATE][column] = ratio((double)bound[CAUCUS_BOUND_VIOLATIONS], n);
    values[CAUCUS_VACUOUS_RATE][column] = ratio((double)bound[CAUCUS_BOUND_VACUOUS], n);
    caucus_clopper_pearson(bound[CAUCUS_BOUND_VIOLATIONS], n, caucus_summary_confidence,
                           &values[CAUCUS_VIOLATION_LOW][column], &values[CAUCUS_VIOLATION_HIGH][column]);
    if ((until & CAUCUS_UNTIL_BOUNDS) != 0) {
        note_bounds(&h, until, values);
    }
}

static void summarize_upper(const uint64_t *bound, const uint64_t *success, size_t column, double *const *values)
{
    const uint64_t n = success[CAUCUS_SUCCESS_PRESENT] - bound[CAUCUS_SERIES_NAN];
    values[CAUCUS_UPPER_MEAN][column] = ratio(series_sum(bound), n);
    values[CAUCUS_UPPER_VIOLATION_RATE][column] = ratio((double)bound[CAUCUS_UPPER_VIOLATIONS], n);
    values[CAUCUS_UPPER_VACUOUS_RATE][column] = ratio((double)bound[CAUCUS_UPPER_VACUOUS], n);
    caucus_clopper_pearson(bound[CAUCUS_UPPER_VIOLATIONS], n, caucus_summary_confidence,
                           &values[CAUCUS_UPPER_VIOLATION_LOW][column], &values[CAUCUS_UPPER_VIOLATION_HIGH][column]);
}

/* A bound on global or joint success. */
static void summarize_together(const uint64_t *words, const uint64_t *bound, double *mean, double *violation_rate)
{
    const uint64_t n = words[CAUCUS_SUMS_TRIALS] - bound[CAUCUS_SERIES_NAN];
    *mean = ratio(series_sum(bound), n);
    *violation_rate = ratio((double)bound[CAUCUS_TOGETHER_VIOLATIONS], n);
}

void caucus_sums_summarize(const caucus_shape *shape, const uint64_t *words, uint32_t test, caucus_summary *summary)
{
    double *const *values = summary->values;
    summary->n_trials = words[CAUCUS_SUMS_TRIALS];
    for (int single = 0; single < CAUCUS_SUMS_SINGLES; single++) {
        const int mean = caucus_summary_singles[single].mean;
        if (caucus_summary_width(mean, shape) > 0) {
            values[mean][0] = single_mean(words, single);
        }
    }
    values[CAUCUS_GLOBAL_SUCCESS_STD][0] = global_deviation(words);
    if (shape->until != 0) {
        values[CAUCUS_STANDARD_ERROR][0] = 0;
    }
    for (uint32_t m = 0; m < shape->n_collectives; m++) {
        const uint64_t *success = words + caucus_sums_success(m);
        summarize_success(success, m, test, shape->until, values);
        for (uint32_t i = 0; i < shape->n_methods; i++) {
            const size_t column = (size_t)m * shape->n_methods + i;
            summarize_bound(words + caucus_sums_bound(shape, column), success, column, test, shape->until, values);
            if (shape->upper) {
                summarize_upper(words + caucus_sums_upper(shape, column), success, column, values);
            }
        }
    }
    for (uint32_t i = 0; i < shape->n_methods; i++) {
        summarize_together(words, words + caucus_sums_together(shape, false, i), &values[CAUCUS_GLOBAL_BOUND_MEAN][i],
                           &values[CAUCUS_GLOBAL_VIOLATION_RATE][i]);
        summarize_together(words, words + caucus_sums_together(shape, true, i), &values[CAUCUS_JOINT_BOUND_MEAN][i],
                           &values[CAUCUS_JOINT_VIOLATION_RATE][i]);
    }
    for (uint32_t i = 0; shape->upper && i < shape->n_methods; i++) {
        summarize_together(words, words + caucus_sums_together_upper(shape, false, i),
                           &values[CAUCUS_GLOBAL_UPPER_MEAN][i], &values[CAUCUS_GLOBAL_UPPER_VIOLATION_RATE][i]);
        summarize_together(words, words + caucus_sums_together_upper(shape, true, i),
                           &values[CAUCUS_JOINT_UPPER_MEAN][i], &values[CAUCUS_JOINT_UPPER_VIOLATION_RATE][i]);
    }
}
