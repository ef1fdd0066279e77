#include "solve/estimate.h"

#include "base/text.h"
#include "math/clopper_pearson.h"
#include "math/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Student's distribution is the normal one to six digits then; also, from here on an interval of Clopper & Pearson is
 * the normal one to three digits of its width. */
static const uint64_t ENDLESS_TRIALS = 1000000;

static caucus_status read_statistic(const char *statistic, double *level)
{
    double percent = 0;
    if (strcmp(statistic, "mean") == 0) {
        *level = 0;
        return CAUCUS_OK;
    }
    if (strcmp(statistic, "median") == 0) {
        *level = 0.5;
        return CAUCUS_OK;
    }
    bool number = statistic[0] == 'q' && caucus_text_number(statistic + 1, &percent);
    if (!number || !(percent > 0 && percent < 100)) {
        return caucus_fail(CAUCUS_INVALID,
                           "statistic \"%s\": it is mean, median, or a quantile such as q05 (which 95 %% of the trials "
                           "reach)",
                           statistic);
    }
    *level = percent / 100;
    return CAUCUS_OK;
}

/* t^2 / (n - 1 + t^2) follows the beta distribution with 1/2 and (n - 1)/2. */
double caucus_student_limit(uint64_t n, double probability)
{
    if (n < 2) {
        return INFINITY;
    }
    double freedom = (double)(n - 1);
    double y = caucus_beta_inverse(0.5, 0.5 * freedom, probability);
    return sqrt(freedom * y / (1 - y));
}

/* P(X <= k) for X binomial with n and p; I_p is the tail above. */
static double binomial_below(uint64_t k, uint64_t n, double p)
{
    return k >= n ? 1 : 1 - caucus_incomplete_beta((double)k + 1, (double)(n - k), p);
}

/* The number of trials below the true quantile is binomial (where the distribution has no atom there; an atom only
 * widens the coverage). So the r-th smallest lies above it with probability P(X <= r - 1), and below it with
 * probability at most P(X >= r): the largest and the smallest r for which these stay within half of the error. */
static void find_orders(caucus_estimator *estimator)
{
    const double error = 0.5 * (1 - estimator->confidence);
    const uint64_t n = estimator->n_trials;
    uint64_t from = 0; /* P(X <= from - 1) <= error */
    uint64_t to = n + 1;
    while (to - from > 1) {
        uint64_t r = from + (to - from) / 2;
        if (binomial_below(r - 1, n, estimator->level) <= error) {
            from = r;
        } else {
            to = r;
        }
    }
    estimator->lower = from;
    from = 0;
    to = n + 1; /* P(X >= to) <= error */
    while (to - from > 1) {
        uint64_t r = from + (to - from) / 2;
        if (1 - binomial_below(r - 1, n, estimator->level) <= error) {
            to = r;
        } else {
            from = r;
        }
    }
    estimator->higher = to;
}

caucus_status caucus_estimator_init(const char *statistic, double confidence, uint64_t n_trials,
                                    caucus_estimator *estimator)
{
    *estimator = (caucus_estimator){.confidence = confidence, .n_trials = n_trials};
    TRY(read_statistic(statistic, &estimator->level));
    if (!(confidence > 0 && confidence < 1)) {
        return caucus_fail(CAUCUS_INVALID, "confidence %g: it lies between 0 and 1, as 0.95 does", confidence);
    }
    if (estimator->level > 0) {
        find_orders(estimator);
    } else {
        estimator->student = caucus_student_limit(n_trials, confidence);
        estimator->normal = caucus_student_limit(ENDLESS_TRIALS, confidence);
    }
    return CAUCUS_OK;
}

caucus_estimate caucus_estimate_exact(double value)
{
    return (caucus_estimate){value, value, value};
}

/* One division at the end, so that trials of whole counts give the nearest double to the true mean. *variance: of one
 * value. */
static double mean_of(const double *values, size_t n, double unit, double *variance)
{
    double sum = 0;
    double mean = 0;
    double deviation = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    caucus_moments(values, n, &mean, &deviation);
    *variance = n > 1 ? deviation / unit * (deviation / unit) : INFINITY;
    return sum / ((double)n * unit);
}

static caucus_estimate student_limits(const caucus_estimator *estimator, double mean, double variance)
{
    double reach =
        estimator->n_trials > 1 ? estimator->student * sqrt(variance / (double)estimator->n_trials) : INFINITY;
    return (caucus_estimate){mean, mean - reach, mean + reach};
}

static caucus_estimate share_limits(const caucus_estimator *estimator, double mean, double variance)
{
    double scale = estimator->normal / estimator->student;
    double n = mean * (1 - mean) / variance * (double)estimator->n_trials * scale * scale;
    double tail = 0.5 * (1 - estimator->confidence);
    if (!(n < (double)ENDLESS_TRIALS) || estimator->n_trials < 2) {
        return student_limits(estimator, mean, variance);
    }
    double won = n * mean;
    double lost = n - won;
    return (caucus_estimate){mean, caucus_beta_inverse(won, lost + 1, tail),
                             caucus_beta_inverse(won + 1, lost, 1 - tail)};
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The same quantile as a summary's. */
static caucus_estimate estimate_quantile(const caucus_estimator *estimator, double *values, double unit)
{
    const uint64_t n = estimator->n_trials;
    double found = 0;
    qsort(values, n, sizeof *values, compare);
    caucus_quantiles(values, n, &estimator->level, 1, &found);
    bool bounded_below = estimator->lower >= 1;
    bool bounded_above = estimator->higher <= n;
    return (caucus_estimate){.value = found / unit,
                             .low = bounded_below ? values[estimator->lower - 1] / unit : -INFINITY,
                             .high = bounded_above ? values[estimator->higher - 1] / unit : INFINITY};
}

static bool all_alike(const caucus_estimator *estimator, const double *values)
{
    for (uint64_t i = 1; i < estimator->n_trials; i++) {
        if (values[i] != values[0]) {
            return false;
        }
    }
    return estimator->n_trials > 1;
}

/* No value lies outside of least to most, and so no limit does. fmin and fmax pass over the NaN that infinite bounds
 * give. */
static caucus_estimate cut(caucus_estimate estimate, double least, double most)
{
    estimate.low = fmin(fmax(estimate.low, least), estimate.value);
    estimate.high = fmax(fmin(estimate.high, most), estimate.value);
    return estimate;
}

caucus_estimate caucus_estimate_success(const caucus_estimator *estimator, double *counts, double test)
{
    double variance = 0;
    if (estimator->level > 0) {
        return cut(estimate_quantile(estimator, counts, test), 0, 1);
    }
    if (all_alike(estimator, counts)) {
        return caucus_estimate_exact(counts[0] / test);
    }
    double mean = mean_of(counts, estimator->n_trials, test, &variance);
    return cut(share_limits(estimator, mean, variance), 0, 1);
}

caucus_estimate caucus_estimate_bound(const caucus_estimator *estimator, double *values)
{
    double variance = 0;
    for (uint64_t i = 0; i < estimator->n_trials; i++) {
        if (isnan(values[i])) {
            return caucus_estimate_exact(NAN);
        }
    }
    if (estimator->level > 0) {
        return cut(estimate_quantile(estimator, values, 1), -INFINITY, 1);
    }
    if (all_alike(estimator, values)) {
        return caucus_estimate_exact(values[0]);
    }
    double mean = mean_of(values, estimator->n_trials, 1, &variance);
    return cut(student_limits(estimator, mean, variance), -INFINITY, 1);
}
