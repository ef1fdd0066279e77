#include "result/standard_error.h"

#include "config/until.h"
#include "math/statistics.h"
#include "result/summary.h"

#include <math.h>

double caucus_error_of_mean(double mean, double deviation, size_t n)
{
    if (n == 0 || isinf(mean)) {
        return 0;
    }
    return n == 1 || isnan(deviation) ? (double)INFINITY : deviation / sqrt((double)n);
}

/* Clipped half-way to the next quantile, since those of few numbers would cross. */
void caucus_error_levels(uint64_t n, double levels[CAUCUS_ERROR_LEVELS])
{
    for (int i = 0; i < CAUCUS_SUMMARY_LEVELS; i++) {
        const double level = caucus_summary_levels[i];
        const double step = sqrt(level * (1 - level) / (double)n);
        const double floor = i > 0 ? 0.5 * (level + caucus_summary_levels[i - 1]) : 0.0;
        const double ceiling = i + 1 < CAUCUS_SUMMARY_LEVELS ? 0.5 * (level + caucus_summary_levels[i + 1]) : 1.0;
        levels[2 * i] = fmax(level - step, floor);
        levels[2 * i + 1] = fmin(level + step, ceiling);
    }
}

double caucus_error_of_quantiles(const double ends[CAUCUS_ERROR_LEVELS])
{
    double most = 0;
    for (int i = 0; i < CAUCUS_SUMMARY_LEVELS; i++) {
        const double low = ends[2 * i];
        const double high = ends[2 * i + 1];
        most = isinf(low) || isinf(high) ? most : fmax(most, 0.5 * (high - low));
    }
    return most;
}

double caucus_error_of_bounds(unsigned until, double *bounds, size_t n)
{
    double mean = 0;
    double deviation = 0;
    caucus_moments(bounds, n, &mean, &deviation);
    const double error = caucus_error_of_mean(mean, deviation, n);
    if ((until & CAUCUS_UNTIL_QUANTILES) == 0 || n == 0) {
        return error;
    }
    double levels[CAUCUS_ERROR_LEVELS];
    double ends[CAUCUS_ERROR_LEVELS];
    caucus_error_levels(n, levels);
    caucus_quantiles(bounds, n, levels, CAUCUS_ERROR_LEVELS, ends);
    return fmax(error, caucus_error_of_quantiles(ends));
}
