/* Limits of means and quantiles: against tables, and where there are none. */
#include "math/clopper_pearson.h"
#include "solve/estimate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance)) {
        fail_msg("%.17g is not %.17g within %g", value, expected, tolerance);
    }
}

static caucus_estimator make(const char *statistic, uint64_t n_trials)
{
    caucus_estimator estimator;
    assert_int_equal(caucus_estimator_init(statistic, 0.95, n_trials, &estimator), CAUCUS_OK);
    return estimator;
}

/* Published tables of Student's distribution. */
static void test_student(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        double probability, limit;
    } table[] = {{2, 0.95, 12.7062047364}, {3, 0.95, 4.3026527299},   {10, 0.95, 2.2621571628},
                 {31, 0.99, 2.7499956536}, {200, 0.95, 1.9719565442}, {1000000, 0.95, 1.9599663}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_near(caucus_student_limit(table[i].n, table[i].probability), table[i].limit, 1e-7);
    }
    assert_true(isinf(caucus_student_limit(1, 0.95)));
}

/* The median of 100: the 40th and the 61st, as in textbooks. */
static void test_order_statistics(void **state)
{
    (void)state;
    double values[100];
    for (int i = 0; i < 100; i++) {
        values[i] = (double)((i * 37) % 100 + 1);
    }
    caucus_estimator median = make("median", 100);
    caucus_estimate estimate = caucus_estimate_success(&median, values, 100);
    assert_near(estimate.value, 0.505, 1e-12);
    assert_near(estimate.low, 0.40, 1e-12);
    assert_near(estimate.high, 0.61, 1e-12);
}

/* Too few trials for the tail: no limit on that side but the end of the range. */
static void test_missing_limits(void **state)
{
    (void)state;
    double values[20];
    for (int i = 0; i < 20; i++) {
        values[i] = 50 + i;
    }
    caucus_estimator q05 = make("q05", 20);
    caucus_estimate estimate = caucus_estimate_success(&q05, values, 100);
    assert_near(estimate.low, 0, 0);
    assert_true(estimate.high > estimate.value && estimate.high < 0.6);
    estimate = caucus_estimate_success(&(caucus_estimator){.n_trials = 1, .confidence = 0.95, .student = INFINITY},
                                       values, 100);
    assert_near(estimate.low, 0, 0);
    assert_near(estimate.high, 1, 0);
}

static void test_mean_of_bounds(void **state)
{
    (void)state;
    double values[4] = {-0.5, 0.25, 0.5, 0.75};
    caucus_estimator mean = make("mean", 4);
    caucus_estimate estimate = caucus_estimate_bound(&mean, values);
    const double reach = 3.1824463053 * sqrt(0.875 / 3 / 4); /* t with 3 degrees of freedom; squares about 0.25 */
    assert_near(estimate.value, 0.25, 0);
    assert_near(estimate.low, 0.25 - reach, 1e-8);
    assert_near(estimate.high, 1, 0);
    values[2] = NAN;
    assert_true(isnan(caucus_estimate_bound(&mean, values).value));
    values[2] = -INFINITY;
    estimate = caucus_estimate_bound(&mean, values);
    assert_true(isinf(estimate.value) && isinf(estimate.low) && estimate.high <= 1);
}

/* Trials that are won or lost as a whole: Clopper & Pearson's limits, but for the little that Student's distribution
 * adds and n - 1 in place of n. */
static void test_mean_of_wins(void **state)
{
    (void)state;
    double counts[1000];
    for (int i = 0; i < 1000; i++) {
        counts[i] = i % 10 == 0 ? 0 : 500;
    }
    caucus_estimator mean = make("mean", 1000);
    caucus_estimate estimate = caucus_estimate_success(&mean, counts, 500);
    double low = 0;
    double high = 0;
    caucus_clopper_pearson(900, 1000, 0.95, &low, &high);
    assert_near(estimate.value, 0.9, 0);
    assert_near(estimate.low, low, 1e-4);
    assert_near(estimate.high, high, 1e-4);
}

/* Trials that hardly differ: Student's limits. Trials that do not: none. */
static void test_mean_of_rates(void **state)
{
    (void)state;
    double counts[100];
    for (int i = 0; i < 100; i++) {
        counts[i] = 70000 + (i % 2 == 0 ? 30 : -30);
    }
    caucus_estimator mean = make("mean", 100);
    caucus_estimate estimate = caucus_estimate_success(&mean, counts, 100000);
    const double reach = 1.9842169515 * sqrt(3e-4 * 3e-4 * 100 / 99 / 100);
    assert_near(estimate.high - estimate.low, 2 * reach, 0.01 * reach);
    for (int i = 0; i < 100; i++) {
        counts[i] = 90;
    }
    estimate = caucus_estimate_success(&mean, counts, 100);
    assert_true(estimate.low == 0.9 && estimate.value == 0.9 && estimate.high == 0.9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_student),        cmocka_unit_test(test_order_statistics),
        cmocka_unit_test(test_missing_limits), cmocka_unit_test(test_mean_of_bounds),
        cmocka_unit_test(test_mean_of_wins),   cmocka_unit_test(test_mean_of_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
