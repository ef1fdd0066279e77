#include "math/statistics.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

void caucus_moments(const double *values, size_t n, double *mean, double *deviation)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    *mean = n > 0 ? sum / (double)n : NAN;
    if (deviation == NULL) {
        return;
    }
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        double away = values[i] - *mean;
        squares += away * away;
    }
    *deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
}

size_t caucus_quantile_place(double level, size_t n, double *part)
{
    const double place = level * (double)(n - 1);
    const size_t k = (size_t)place;
    *part = place - (double)k;
    return k;
}

double caucus_quantile_between(double below, double above, double part)
{
    /* equal ones apart, for infinities */
    return above > below && part > 0 ? below + (above - below) * part : below;
}

static void swap(double *a, double *b)
{
    double kept = *a;
    *a = *b;
    *b = kept;
}

/* Hoare's selection, with the median of three as pivot: afterwards values[k] is the k-th smallest of values[from..n),
 * and none behind it is smaller. */
static void select_order(double *values, size_t from, size_t n, size_t k)
{
    size_t low = from;
    size_t high = n - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (values[middle] < values[low]) {
            swap(&values[middle], &values[low]);
        }
        if (values[high] < values[low]) {
            swap(&values[high], &values[low]);
        }
        if (values[high] < values[middle]) {
            swap(&values[high], &values[middle]);
        }
        double pivot = values[middle];
        size_t i = low;
        size_t j = high;
        for (;;) {
            while (values[i] < pivot) {
                i++;
            }
            while (pivot < values[j]) {
                j--;
            }
            if (i >= j) {
                break;
            }
            swap(&values[i++], &values[j--]);
        }
        /* values[low..j] <= pivot <= values[j+1..high] */
        if (k <= j) {
            high = j;
        } else {
            low = j + 1;
        }
    }
}

static double smallest(const double *values, size_t from, size_t n)
{
    double least = values[from];
    for (size_t i = from + 1; i < n; i++) {
        least = values[i] < least ? values[i] : least;
    }
    return least;
}

/* ---- narrowing --------------------------------------------------------------------------------------------------- */

enum { BINS = 1 << 12, NARROWED_FROM = 1 << 15 };

/* Equal parts of the range of values. */
typedef struct sieve {
    double least;
    double scale;
    size_t counts[BINS];
    bool wanted[BINS];
} sieve;

/* Rises with the value, since each rounding does. */
static size_t bin_of(const sieve *parts, double value)
{
    const size_t bin = (size_t)((value - parts->least) * parts->scale);
    return bin < BINS ? bin : BINS - 1;
}

/* The bin of the k-th smallest value. skipped: how many values lie in bins below it that nobody wants. */
static size_t find_bin(const sieve *parts, size_t k, size_t *skipped)
{
    size_t bin = 0;
    *skipped = 0;
    for (size_t up_to = parts->counts[0]; up_to <= k; up_to += parts->counts[++bin]) {
        *skipped += parts->wanted[bin] ? 0 : parts->counts[bin];
    }
    return bin;
}

/* Count values by bins; false where their range has no such parts. */
static bool count_bins(const double *values, size_t n, sieve *parts)
{
    double least = values[0];
    double most = values[0];
    for (size_t i = 1; i < n; i++) {
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    memset(parts, 0, sizeof *parts);
    parts->least = least;
    parts->scale = BINS / (most - least);
    if (!(most - least <= DBL_MAX && parts->scale > 0 && parts->scale <= DBL_MAX)) { /* infinite, or all are equal */
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        parts->counts[bin_of(parts, values[i])]++;
    }
    return true;
}

/* Bring the values of all bins that quantiles lie in to the front; returns how many these are. */
static size_t narrow(double *values, size_t n, const double *levels, int n_levels, sieve *parts)
{
    for (int i = 0; i < n_levels; i++) {
        double part = 0;
        size_t skipped = 0;
        const size_t k = caucus_quantile_place(levels[i], n, &part);
        parts->wanted[find_bin(parts, k, &skipped)] = true;
        parts->wanted[find_bin(parts, k + 1 < n ? k + 1 : k, &skipped)] = true;
    }
    size_t n_wanted = 0;
    for (size_t i = 0; i < n; i++) {
        if (parts->wanted[bin_of(parts, values[i])]) {
            swap(&values[n_wanted++], &values[i]);
        }
    }
    return n_wanted;
}

/* Selection finds orders among few values: those that share a bin with a quantile. */
void caucus_quantiles(double *values, size_t n, const double *levels, int n_levels, double *quantiles)
{
    sieve parts;
    const bool narrowed = n >= NARROWED_FROM && count_bins(values, n, &parts);
    const size_t n_left = narrowed ? narrow(values, n, levels, n_levels, &parts) : n;
    size_t from = 0;
    for (int i = 0; i < n_levels; i++) {
        if (n == 0) {
            quantiles[i] = NAN;
            continue;
        }
        double part = 0;
        size_t skipped = 0;
        size_t k = caucus_quantile_place(levels[i], n, &part);
        if (narrowed) {
            (void)find_bin(&parts, k, &skipped);
            k -= skipped;
        }
        select_order(values, from, n_left, k);
        from = k;
        double below = values[k];
        double above = k + 1 < n_left ? smallest(values, k + 1, n_left) : below;
        quantiles[i] = caucus_quantile_between(below, above, part);
    }
}
