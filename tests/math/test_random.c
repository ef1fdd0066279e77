/* Known answers and corner cases of random numbers, portable mathematics and samplers. */
#include "math/hypergeometric.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

static void check_words(caucus_words words, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    assert_int_equal(words.w[0], a);
    assert_int_equal(words.w[1], b);
    assert_int_equal(words.w[2], c);
    assert_int_equal(words.w[3], d);
}

/* cuRAND's stateless Philox4x32-10, as (seed, subsequence, block); counter = block, then subsequence. */
static void philox_known_answers(void **state)
{
    (void)state;
    check_words(caucus_philox(0, 0, 0, 0, 0), 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    check_words(caucus_philox(0x0123456789abcdefULL, 0, 0, 1, 0), 0xfa9dff5e, 0x6c10844b, 0x6979c717, 0x0590ff83);
    check_words(caucus_philox(42, 3, 0, 7, 0), 0x945bcada, 0x7e42d578, 0x8747d589, 0xfcd7d3ce);
}

static void uniforms_stay_inside(void **state)
{
    (void)state;
    assert_true(caucus_uniform(0, 0) > 0.0);
    assert_true(caucus_uniform(UINT32_MAX, UINT32_MAX) < 1.0);
    assert_true(caucus_uniform(0, 0) == 1.0 - caucus_uniform(UINT32_MAX, UINT32_MAX)); /* symmetric */
}

/* Within a few units in the last place of libm over the whole range in use. */
static void portable_math_agrees_with_libm(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        caucus_words words = caucus_philox(1, (uint32_t)i, 0, 0, 0);
        double u = caucus_uniform_first(words);
        double x = exp(600.0 * (caucus_uniform_second(words) - 0.5)) * u;
        assert_true(fabs(caucus_log(x) - log(x)) <= 4e-16 * fmax(1e-1, fabs(log(x))));
        double y = u * pow(10.0, -(double)(i % 17));
        assert_true(fabs(caucus_log1p(y) - log1p(y)) <= 6e-16 * log1p(y));
        y = -0.999 * y;
        assert_true(fabs(caucus_log1p(y) - log1p(y)) <= 6e-16 * fabs(log1p(y)));
        double z = 1200.0 * (u - 0.5);
        assert_true(fabs(caucus_exp(z) - exp(z)) <= 1e-13 * exp(z)); /* the argument's own rounding, times 600 */
        z = -20.0 * u;
        assert_true(fabs(caucus_exp(z) - exp(z)) <= 4e-15 * exp(z));
    }
    assert_true(caucus_log(1.0) == 0.0);
    assert_true(caucus_exp(0.0) == 1.0);
    assert_true(caucus_power(0.5, 63) == 0x1p-63);
    assert_true(caucus_power(0.3, 0) == 1.0);
}

/* log (x + d)! / x! against lgamma, where that is accurate. */
static void factorial_ratio_agrees_with_lgamma(void **state)
{
    (void)state;
    for (double x = 0; x <= 60; x++) {
        for (double d = -x; d <= 60; d++) {
            double ratio = caucus_factorial_ratio(x, d) + d * log(x + d + 1.0) - d;
            assert_true(fabs(ratio - (lgamma(x + d + 1.0) - lgamma(x + 1.0))) < 2e-9);
        }
    }
}

static caucus_place place_of(uint32_t trial)
{
    return (caucus_place){{7, trial, 0}, 1, 0};
}

static void hypergeometric_corners(void **state)
{
    (void)state;
    const uint64_t big = 1000000000000ULL;
    for (uint32_t t = 0; t < 1000; t++) {
        caucus_place place = place_of(t);
        assert_int_equal(caucus_draw_hypergeometric(place, 0, 9, 5), 0);
        assert_int_equal(caucus_draw_hypergeometric(place, 9, 0, 5), 5);
        assert_int_equal(caucus_draw_hypergeometric(place, 9, 9, 0), 0);
        assert_int_equal(caucus_draw_hypergeometric(place, 9, 8, 17), 9); /* everybody */
        assert_int_equal(caucus_draw_hypergeometric(place, 900, 800, 1700), 900);
        uint64_t k = caucus_draw_hypergeometric(place, 900, 100, 950); /* at least 850 of the good ones */
        assert_true(k >= 850 && k <= 900);
        k = caucus_draw_hypergeometric(place, big, big, big);
        assert_true(k > big / 2 - 3000000 && k < big / 2 + 3000000); /* 8 standard deviations */
        k = caucus_draw_hypergeometric(place, 3, big, big / 2);
        assert_true(k <= 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_known_answers),           cmocka_unit_test(uniforms_stay_inside),
        cmocka_unit_test(portable_math_agrees_with_libm), cmocka_unit_test(factorial_ratio_agrees_with_lgamma),
        cmocka_unit_test(hypergeometric_corners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
