/* Limits against tests/bound/data/quantiles.csv (see make_quantiles.py), and where limits end. */
#include "bound/transfer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <stdint.h>

static double compute(const char *function, double argument, double k, double l)
{
    if (strcmp(function, "beta_lower") == 0) {
        return caucus_limit_confidence(CAUCUS_CLOPPER_PEARSON, argument, k, l, CAUCUS_LOWER);
    }
    if (strcmp(function, "beta_upper") == 0) {
        return caucus_limit_confidence(CAUCUS_CLOPPER_PEARSON, argument, k, l, CAUCUS_UPPER);
    }
    if (strcmp(function, "binomial_lower") == 0) {
        return caucus_binomial_quantile(l, k, argument, false);
    }
    if (strcmp(function, "binomial_upper") == 0) {
        return caucus_binomial_quantile(l, k, argument, true);
    }
    if (strcmp(function, "kl_lower") == 0) {
        return caucus_kl_confidence(argument, k, l, CAUCUS_LOWER);
    }
    if (strcmp(function, "kl_upper") == 0) {
        return caucus_kl_confidence(argument, k, l, CAUCUS_UPPER);
    }
    if (strcmp(function, "kl_predict_lower") == 0) {
        return caucus_kl_prediction(argument, k, l, CAUCUS_LOWER);
    }
    if (strcmp(function, "kl_predict_upper") == 0) {
        return caucus_kl_prediction(argument, k, l, CAUCUS_UPPER);
    }
    fail_msg("no such function: %s", function);
    return NAN;
}

static void reference_table(void **state)
{
    (void)state;
    FILE *file = fopen(TEST_SOURCE_DIR "/tests/bound/data/quantiles.csv", "r");
    assert_non_null(file);
    char line[256];
    assert_non_null(fgets(line, sizeof line, file));
    int rows = 0;
    double worst = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        char function[32];
        double argument = 0;
        double k = 0;
        double l = 0;
        double expected = 0;
        assert_int_equal(sscanf(line, "%31[^,],%lf,%lf,%lf,%lf", function, &argument, &k, &l, &expected), 5);
        double value = compute(function, argument, k, l);
        /* kl limits are differences from theta: near an end of [0,1] they are as exact as theta, not as themselves. */
        double scale = strncmp(function, "kl", 2) == 0 ? fmax(expected, argument) : expected;
        double error = value == expected ? 0 : fabs(value - expected) / scale;
        if (!(error <= 1e-10)) {
            fail_msg("%s: %.17g, off by %g", line, value, error);
        }
        worst = fmax(worst, error);
        rows++;
    }
    fclose(file);
    print_message("%d quantiles, worst relative error %.3g\n", rows, worst);
    assert_true(rows > 2000);
}

/* Tails that equal the level exactly: the definitions decide (P(X > q) <= d, P(X <= q) >= d). */
static void ties(void **state)
{
    (void)state;
    double half = log(2);
    assert_true(caucus_binomial_quantile(half, 1, 0.5, true) == 0);  /* P(X > 0) = 1/2 */
    assert_true(caucus_binomial_quantile(half, 1, 0.5, false) == 0); /* P(X <= 0) = 1/2 */
    for (double k = 3; k < 4000; k = 3 * k + 2) {                    /* odd */
        assert_true(caucus_binomial_quantile(half, k, 0.5, true) == (k - 1) / 2);
        assert_true(caucus_binomial_quantile(half, k, 0.5, false) == (k - 1) / 2);
    }
    assert_true(caucus_binomial_quantile(log(16), 4, 0.5, true) == 3); /* P(X > 3) = 1/16 */
    assert_true(caucus_binomial_quantile(log(16), 4, 0.5, false) == 0);
}

static void ends(void **state)
{
    (void)state;
    for (int inequality = CAUCUS_BERNSTEIN; inequality < CAUCUS_HYPERGEOMETRIC; inequality++) {
        for (double k = 1; k < 2e12; k *= 10) {
            for (double l = 0.7; l < 1e7; l *= 7) {
                assert_true(caucus_limit_confidence(inequality, 0, k, l, CAUCUS_LOWER) <= 0);
                assert_true(caucus_limit_confidence(inequality, k, k, l, CAUCUS_UPPER) >= 1);
                assert_true(caucus_limit_prediction(inequality, 0, k, l, CAUCUS_LOWER) <= 0);
                assert_true(caucus_limit_prediction(inequality, 1, k, l, CAUCUS_UPPER) >= k);
                double at_zero = caucus_limit_confidence(inequality, 0, k, l, CAUCUS_UPPER);
                assert_true(at_zero > 0);
                if (inequality >= CAUCUS_KL) { /* both are (1-q)^k = d */
                    assert_true(fabs(at_zero + expm1(-l / k)) <= 1e-10 * at_zero);
                }
            }
        }
        /* No draws tell nothing, and nothing can be told of them. */
        assert_true(caucus_limit_confidence(inequality, 0, 0, 3, CAUCUS_LOWER) <= 0);
        assert_true(caucus_limit_confidence(inequality, 0, 0, 3, CAUCUS_UPPER) >= 1);
        assert_true(caucus_limit_prediction(inequality, 0.5, 0, 3, CAUCUS_LOWER) == 0);
        assert_true(caucus_limit_prediction(inequality, 0.5, 0, 3, CAUCUS_UPPER) == 0);
    }
}

/* Limits enclose, grow with the count, and widen with the level; levels that no double holds included. */
static void order(void **state)
{
    (void)state;
    const double levels[] = {0.7, 3, 50, 700, 709, 1e4};
    for (int inequality = CAUCUS_HOEFFDING; inequality < CAUCUS_HYPERGEOMETRIC; inequality++) {
        for (int side = CAUCUS_LOWER; side <= CAUCUS_UPPER; side++) {
            double sign = side == CAUCUS_UPPER ? 1 : -1;
            for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
                double before = -INFINITY;
                for (double count = 0; count <= 5000; count += 10) {
                    double limit = caucus_limit_confidence(inequality, count, 5000, levels[i], side);
                    assert_true(sign * (limit - count / 5000) >= 0);
                    if (inequality >= CAUCUS_KL) {
                        assert_true(limit >= before);
                        assert_true(limit >= 0 && limit <= 1);
                    }
                    before = limit;
                    if (i > 0) {
                        double nearer = caucus_limit_confidence(inequality, count, 5000, levels[i - 1], side);
                        assert_true(sign * (limit - nearer) >= -1e-15);
                    }
                    double shown = caucus_limit_prediction(inequality, count / 5000, 700, levels[i], side) / 700;
                    assert_true(sign * (shown - count / 5000) >=
                                (inequality == CAUCUS_CLOPPER_PEARSON ? -1.0 / 700 : 0));
                }
            }
        }
    }
}

/* A count that is not whole goes to the safe side; a level that cannot be represented goes to kl. */
static void clopper_pearson_rules(void **state)
{
    (void)state;
    const caucus_inequality exact = CAUCUS_CLOPPER_PEARSON;
    assert_true(caucus_limit_confidence(exact, 7.9, 20, 3, CAUCUS_LOWER) ==
                caucus_limit_confidence(exact, 7, 20, 3, CAUCUS_LOWER));
    assert_true(caucus_limit_confidence(exact, 7.1, 20, 3, CAUCUS_UPPER) ==
                caucus_limit_confidence(exact, 8, 20, 3, CAUCUS_UPPER));
    assert_true(caucus_limit_confidence(exact, -0.5, 20, 3, CAUCUS_UPPER) ==
                caucus_limit_confidence(exact, 0, 20, 3, CAUCUS_UPPER));
    for (int side = CAUCUS_LOWER; side <= CAUCUS_UPPER; side++) {
        assert_true(caucus_limit_confidence(exact, 4000, 9000, 800, side) ==
                    caucus_limit_confidence(CAUCUS_KL, 4000, 9000, 800, side));
        assert_true(caucus_limit_prediction(exact, 0.3, 9000, 800, side) ==
                    caucus_limit_prediction(CAUCUS_KL, 0.3, 9000, 800, side));
    }
    /* Known: 95 % one-sided for 3 of 10, from Clopper & Pearson's relation solved by hand to four places. */
    assert_true(fabs(caucus_limit_confidence(exact, 3, 10, log(20), CAUCUS_LOWER) - 0.0873) < 5e-5);
    assert_true(fabs(caucus_limit_confidence(exact, 3, 10, log(20), CAUCUS_UPPER) - 0.6066) < 5e-5);
}

/* Unclipped, bernstein's lower limits fall where the frequency or probability rises from 0: the proofs need limits that
 * rise. */
static void bernstein_is_clipped(void **state)
{
    (void)state;
    const double k = 1000;
    for (double l = 1; l < 300; l *= 1.7) {
        for (int side = CAUCUS_LOWER; side <= CAUCUS_UPPER; side++) {
            double before_seen = 0;
            double before_shown = 0;
            for (double count = 0; count <= k; count++) {
                const double seen = caucus_limit_confidence(CAUCUS_BERNSTEIN, count, k, l, side);
                const double shown = caucus_limit_prediction(CAUCUS_BERNSTEIN, count / k, k, l, side);
                assert_true(seen >= before_seen && seen <= 1);
                assert_true(shown >= before_shown && shown <= k);
                before_seen = seen;
                before_shown = shown;
            }
        }
    }
    const double c = log(20) / (3 * k); /* at a probability where it would be below 0, and falling */
    assert_true(0.001 - (c + sqrt(c * c + 2 * 0.001 * 0.999 * log(20) / k)) < 0);
    assert_true(caucus_limit_prediction(CAUCUS_BERNSTEIN, 0.001, k, log(20), CAUCUS_LOWER) == 0);
}

static void hoeffding_clipped_is_hoeffding_within_0_and_1(void **state)
{
    (void)state;
    const double k = 50;
    for (int side = CAUCUS_LOWER; side <= CAUCUS_UPPER; side++) {
        bool beyond = false;
        for (double count = 0; count <= k; count++) {
            const double seen = caucus_limit_confidence(CAUCUS_HOEFFDING, count, k, 3, side);
            const double shown = caucus_limit_prediction(CAUCUS_HOEFFDING, count / k, k, 3, side);
            assert_true(fabs(seen - (count / k + (side == CAUCUS_LOWER ? -1 : 1) * sqrt(3 / (2 * k)))) < 1e-14);
            assert_true(caucus_limit_confidence(CAUCUS_HOEFFDING_CLIPPED, count, k, 3, side) == fmin(fmax(seen, 0), 1));
            assert_true(caucus_limit_prediction(CAUCUS_HOEFFDING_CLIPPED, count / k, k, 3, side) ==
                        fmin(fmax(shown, 0), k));
            beyond = beyond || seen < 0 || seen > 1;
        }
        assert_true(beyond);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reference_table),
                                       cmocka_unit_test(ties),
                                       cmocka_unit_test(ends),
                                       cmocka_unit_test(order),
                                       cmocka_unit_test(clopper_pearson_rules),
                                       cmocka_unit_test(bernstein_is_clipped),
                                       cmocka_unit_test(hoeffding_clipped_is_hoeffding_within_0_and_1)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
