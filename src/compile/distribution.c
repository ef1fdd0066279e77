#include "compile/distribution.h"

#include "math/portable_math.h"

#include <math.h> /* sqrt and floor only: correctly rounded everywhere */
#include <stdlib.h>

static const double NEGLIGIBLE = 2.1175823681357508e-22; /* 2^-72 of the mode */

caucus_law caucus_law_poisson(double mean)
{
    return (caucus_law){.mean = mean};
}

caucus_law caucus_law_binomial(uint64_t n, double p, double q)
{
    return (caucus_law){.n = n, .p = p, .q = q};
}

double caucus_law_deviation(const caucus_law *law)
{
    return law->n == 0 ? sqrt(law->mean) : sqrt((double)law->n * law->p * law->q);
}

uint64_t caucus_law_mode(const caucus_law *law)
{
    if (law->n == 0) {
        return (uint64_t)floor(law->mean);
    }
    const double mode = floor(((double)law->n + 1.0) * law->p);
    return mode >= (double)law->n ? law->n : (uint64_t)mode;
}

static caucus_status grow(caucus_shape_of_law *shape, size_t n)
{
    if (n <= shape->capacity) {
        return CAUCUS_OK;
    }
    const size_t capacity = 2 * n;
    double *longer = realloc(shape->relative, capacity * sizeof *longer);
    if (longer == NULL) {
        return caucus_fail_memory(capacity * sizeof *longer, "probabilities");
    }
    shape->relative = longer;
    shape->capacity = capacity;
    return CAUCUS_OK;
}

/* P(k - 1) / P(k) */
static double ratio_below(const caucus_law *law, double k)
{
    return law->n == 0 ? k / law->mean : k * law->q / (((double)law->n - k + 1.0) * law->p);
}

/* P(k + 1) / P(k) */
static double ratio_above(const caucus_law *law, double k)
{
    return law->n == 0 ? law->mean / (k + 1.0) : ((double)law->n - k) * law->p / ((k + 1.0) * law->q);
}

caucus_status caucus_law_shape(const caucus_law *law, caucus_shape_of_law *shape)
{
    const uint64_t mode = caucus_law_mode(law);
    TRY(grow(shape, 64));
    size_t n = 0;
    shape->relative[n++] = 1.0;
    for (uint64_t k = mode; k > 0; k--) { /* downwards, turned round below */
        const double next = shape->relative[n - 1] * ratio_below(law, (double)k);
        if (next < NEGLIGIBLE) {
            break;
        }
        TRY(grow(shape, n + 1));
        shape->relative[n++] = next;
    }
    for (size_t i = 0; i < n / 2; i++) {
        const double held = shape->relative[i];
        shape->relative[i] = shape->relative[n - 1 - i];
        shape->relative[n - 1 - i] = held;
    }
    shape->first = mode - (n - 1);
    for (uint64_t k = mode; law->n == 0 || k < law->n; k++) {
        const double next = shape->relative[n - 1] * ratio_above(law, (double)k);
        if (next < NEGLIGIBLE) {
            break;
        }
        TRY(grow(shape, n + 1));
        shape->relative[n++] = next;
    }
    shape->n = n;
    return CAUCUS_OK;
}

void caucus_shape_of_law_free(caucus_shape_of_law *shape)
{
    free(shape->relative);
    *shape = (caucus_shape_of_law){0};
}

/* a b - c where the product is near c: as if computed without rounding the product. */
static double product_less(double a, double b, double c)
{
    const double splitter = 134217729.0; /* 2^27 + 1: halves of 26 bits, whose products are exact (Dekker 1971) */
    const double a_up = a * splitter;
    const double a_high = a_up - (a_up - a);
    const double a_low = a - a_high;
    const double b_up = b * splitter;
    const double b_high = b_up - (b_up - b);
    const double b_low = b - b_high;
    const double product = a * b;
    const double rest = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    return (product - c) + rest;
}

static int64_t to_log_units(double log2_value)
{
    const double scaled = log2_value * 72057594037927936.0; /* 2^56 */
    return (int64_t)(scaled + (scaled < 0.0 ? -0.5 : 0.5));
}

/* log of (m + d)! / m! is d log a + a [(1 + x) log(1 + x) - x] + [x - x^2 + ...] / 24 a + ..., a = m + 1/2, x = d / a
 * (Euler and Maclaurin's midpoint sum; what is left out is below 1e-17 here). Adds minus that but for d log a to
 * coefficients of powers of d / reach; side: 1 for m + d, -1 for m - d. */
static void subtract_factorial(double a, double reach, double side, double *coefficients)
{
    const double x = side * (reach / a);
    double power = x; /* x^n */
    coefficients[1] -= power * (1.0 / 24.0) / a;
    for (int n = 2; n <= CAUCUS_WIDE_DEGREE; n++) {
        const double sign = n % 2 == 0 ? 1.0 : -1.0;
        power *= x;
        coefficients[n] -= sign * a * power / (double)(n * (n - 1)) - sign * power * (1.0 / 24.0) / a;
    }
}

caucus_wide caucus_law_wide(const caucus_law *law)
{
    static const double LOG2_E = 1.44269504088896340736;
    caucus_wide wide = {.mode = caucus_law_mode(law)};
    wide.width = (uint32_t)floor(caucus_law_deviation(law) / 16.0) + 1;
    wide.left_over = (0 - wide.width) % wide.width;
    const double reach = 160.0 * (double)wide.width;
    while (1ULL << wide.shift < 160 * (uint64_t)wide.width) {
        wide.shift++;
    }
    wide.inverse = (uint64_t)(4611686018427387904.0 * ((double)(1ULL << wide.shift) / reach)); /* 2^62 */
    const double a = (double)wide.mode + 0.5;
    double coefficients[CAUCUS_WIDE_DEGREE + 1] = {0};
    subtract_factorial(a, reach, 1.0, coefficients);
    if (law->n == 0) {
        coefficients[1] += reach * caucus_log1p((law->mean - a) / a);
    } else {
        const double b = (double)(law->n - wide.mode) + 0.5;
        subtract_factorial(b, reach, -1.0, coefficients);
        coefficients[1] += reach * caucus_log1p(product_less(law->p / law->q, b, a) / a);
    }
    for (int n = 1; n <= CAUCUS_WIDE_DEGREE; n++) {
        wide.coefficient[n] = to_log_units(coefficients[n] * LOG2_E);
    }
    return wide;
}

/* With s = 16 widths, which is at least the standard deviation, log P(mode + d) / P(mode) is at most -z^2 / 2 + z^3 / 6
 * s
 * + z / 2 s for z = |d| / s: the second term is the law's skewness, the third the mode's distance to the mean. */
double caucus_wide_height(uint32_t strip)
{
    const uint32_t above = strip >= CAUCUS_WIDE_STRIPS ? strip - CAUCUS_WIDE_STRIPS : CAUCUS_WIDE_STRIPS - 1 - strip;
    const double z = (double)above / 16.0;
    const double s = CAUCUS_WIDE_DEVIATION;
    return -0.5 * z * z + z * z * z / (6.0 * s) + z / (2.0 * s) + 0.002;
}
