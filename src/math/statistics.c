#include "math/statistics.h"

#include <math.h>

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

void caucus_quantiles(double *values, size_t n, const double *levels, int n_levels, double *quantiles)
{
    size_t from = 0;
    for (int i = 0; i < n_levels; i++) {
        if (n == 0) {
            quantiles[i] = NAN;
            continue;
        }
        double place = levels[i] * (double)(n - 1);
        size_t k = (size_t)place;
        double part = place - (double)k;
        select_order(values, from, n, k);
        from = k;
        double below = values[k];
        double above = k + 1 < n ? smallest(values, k + 1, n) : below;
        /* equal ones apart, for infinities */
        quantiles[i] = above > below && part > 0 ? below + (above - below) * part : below;
    }
}
