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

/* Room for at least one more probability. */
static caucus_status make_room(caucus_shape_of_law *shape)
{
    if (shape->n < shape->capacity) {
        return CAUCUS_OK;
    }
    const size_t capacity = 2 * shape->capacity + 1024;
    double *longer = realloc(shape->relative, capacity * sizeof *longer);
    if (longer == NULL) {
        return caucus_fail_memory(capacity * sizeof *longer, "probabilities");
    }
    shape->relative = longer;
    shape->capacity = capacity;
    return CAUCUS_OK;
}

/* Append the probabilities of k - 1, k - 2, ... by P(k - 1) / P(k), until they are negligible. */
static caucus_status go_down(const caucus_law *law, double k, caucus_shape_of_law *shape)
{
    const double n = (double)law->n;
    const bool poisson = law->n == 0;
    double next = 1.0;
    for (; k > 0.0; k -= 1.0) {
        next *= poisson ? k / law->mean : k * law->q / ((n - k + 1.0) * law->p);
        if (next < NEGLIGIBLE) {
            break;
        }
        TRY(make_room(shape));
        shape->relative[shape->n++] = next;
    }
    return CAUCUS_OK;
}

/* The same for k + 1, k + 2, ... by P(k + 1) / P(k). */
static caucus_status go_up(const caucus_law *law, double k, caucus_shape_of_law *shape)
{
    const double n = (double)law->n;
    const bool poisson = law->n == 0;
    double next = 1.0;
    for (; poisson || k < n; k += 1.0) {
        next *= poisson ? law->mean / (k + 1.0) : (n - k) * law->p / ((k + 1.0) * law->q);
        if (next < NEGLIGIBLE) {
            break;
        }
        TRY(make_room(shape));
        shape->relative[shape->n++] = next;
    }
    return CAUCUS_OK;
}

caucus_status caucus_law_shape(const caucus_law *law, caucus_shape_of_law *shape)
{
    const uint64_t mode = caucus_law_mode(law);
    shape->n = 0;
    TRY(make_room(shape));
    shape->relative[shape->n++] = 1.0;
    TRY(go_down(law, (double)mode, shape));
    for (size_t i = 0; i < shape->n / 2; i++) { /* the lowest first */
        const double held = shape->relative[i];
        shape->relative[i] = shape->relative[shape->n - 1 - i];
        shape->relative[shape->n - 1 - i] = held;
    }
    shape->first = mode - (shape->n - 1);
    return go_up(law, (double)mode, shape);
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
