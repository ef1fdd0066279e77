/* Clopper-Pearson limits and the incomplete beta function against SciPy 1.10 (scipy.stats.beta.ppf,
 * scipy.special.betainc); beyond a million against 40 digits of mpmath, since SciPy 1.10 itself is off by up to 1e-8
 * there. */
#include "math/clopper_pearson.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_close(double value, double wanted, double tolerance)
{
    if (!(fabs(value - wanted) <= tolerance * fabs(wanted))) {
        fail_msg("%.17g, not %.17g", value, wanted);
    }
}

static void test_limits(void **state)
{
    (void)state;
    static const struct {
        uint64_t count, n;
        double low, high;
    } known[] = {
        {0, 1, 0, 0.97499999999999998},
        {1, 1, 0.025000000000000001, 1},
        {0, 1000, 0, 0.0036820838968656712},
        {1000, 1000, 0.99631791610313436, 1},
        {1, 2, 0.01257911709342505, 0.98742088290657493},
        {3, 10, 0.066739511177734467, 0.65245285005999731},
        {7, 23, 0.13210287969809986, 0.52919166600850653},
        {50, 1000, 0.037335397604661799, 0.065390487915493636},
        {1, 1000000, 2.5317807663794178e-08, 5.5716306551722443e-06},
        {49876, 1000000, 0.04945014207639413, 0.050304467563055601},
        {999999, 1000000, 0.99999442836934482, 0.99999997468219237},
        {123456789, 1000000000, 0.12343640076268984, 0.12347717941704356},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        double low = -1;
        double high = -1;
        caucus_clopper_pearson(known[i].count, known[i].n, 0.95, &low, &high);
        assert_close(low, known[i].low, 1e-10);
        assert_close(high, known[i].high, 1e-10);
    }
    double low = 0;
    double high = 0;
    caucus_clopper_pearson(0, 0, 0.95, &low, &high);
    assert_true(isnan(low) && isnan(high));
}

static void test_incomplete_beta(void **state)
{
    (void)state;
    static const struct {
        double a, b, x, value;
    } known[] = {
        {0.5, 0.5, 0.29999999999999999, 0.36901011956554541},
        {2, 3, 0.40000000000000002, 0.52479999999999993},
        {0.001, 5, 9.9999999999999995e-07, 0.98833566934546013},
        {1000, 2000, 0.34000000000000002, 0.78121509116141097},
        {5000000, 5000000, 0.50009999999999999, 0.73645536846855899},
        {30, 0.20000000000000001, 0.98999999999999999, 0.18453210502353593},
        {100000000, 3, 0.99999998999999995, 0.91969859924525712},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_close(caucus_incomplete_beta(known[i].a, known[i].b, known[i].x), known[i].value, 1e-9);
    }
    assert_true(caucus_incomplete_beta(2, 3, 0) == 0);
    assert_true(caucus_incomplete_beta(2, 3, 1) == 1);
}

static void test_quantile_inverts(void **state)
{
    (void)state;
    static const double levels[] = {1e-6, 0.025, 0.5, 0.975, 0.999999};
    for (double a = 0.5; a < 1e7; a *= 13) {
        for (double b = 0.5; b < 1e7; b *= 17) {
            for (size_t i = 0; i < 5; i++) {
                double x = caucus_beta_inverse(a, b, levels[i]);
                assert_true(x > 0 && x <= 1);
                if (x < 1 - 1e-9) { /* nearer to 1, steps of x are larger than those of p */
                    assert_close(caucus_incomplete_beta(a, b, x), levels[i], 1e-6);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_incomplete_beta),
        cmocka_unit_test(test_quantile_inverts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
