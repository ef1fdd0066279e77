/* Summaries worked out by hand. */
#include "math/statistics.h"
#include "result/summary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_close(double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-14 * fmax(1, fabs(wanted)))) {
        fail_msg("%.17g, not %.17g", value, wanted);
    }
}

static const caucus_shape one = {.n_collectives = 1, .n_methods = 1};
static const caucus_shape two = {.n_collectives = 2, .n_methods = 2, .trained = true, .compared = true, .upper = true};

/* Five trials of two collectives and two methods at N_test = 10; the second collective is absent, and the second method
 * never applies. */
static void fill(caucus_block *block)
{
    static const uint32_t counts[5] = {5, 7, 7, 10, 1};
    static const float bounds[5] = {0.25f, 0.75f, 0, -1, 0.0625f};
    static const float global[5] = {0.5f, 0.5f, 0.5f, 0.5f, 0.75f};
    for (int t = 0; t < 5; t++) {
        block->success_count[2 * t] = counts[t];
        block->success_count[2 * t + 1] = UINT32_MAX;
        for (int v = 0; v < 4; v++) {
            block->lower_bound[4 * t + v] = v == 0 ? bounds[t] : NAN;
            block->upper_bound[4 * t + v] = v == 0 ? 0.75f : NAN;
        }
        block->global_success[t] = global[t];
        block->joint_count[t] = 5;
        block->accuracy[t] = NAN;
        block->suboptimality[t] = 0.125f * (float)t;
        block->converged[t] = t == 0 ? NAN : (float)(t < 4);
        block->accuracy_cost[t] = 0.25f * (float)t - 0.25f;
        block->global_bound[2 * t] = 0.5f;
        block->global_bound[2 * t + 1] = NAN;
        block->joint_bound[2 * t] = t < 2 ? 0.75f : 0.25f;
        block->joint_bound[2 * t + 1] = 0.625f;
        block->global_upper[2 * t] = 0.5f;
        block->global_upper[2 * t + 1] = NAN;
        block->joint_upper[2 * t] = t < 2 ? 0.25f : 0.75f;
        block->joint_upper[2 * t + 1] = 1;
    }
}

static void check(const caucus_summary *summary)
{
    double *const *v = summary->values;
    assert_int_equal(summary->n_trials, 5);
    assert_close(v[CAUCUS_SUCCESS_MEAN][0], 0.6);
    /* squares of -0.1, 0.1, 0.1, 0.4, -0.5 sum to 0.44 */
    assert_close(v[CAUCUS_SUCCESS_STD][0], sqrt(0.44 / 4));
    assert_close(v[CAUCUS_SUCCESS_Q05][0], 0.1 + 0.2 * 0.4);
    assert_close(v[CAUCUS_SUCCESS_MEDIAN][0], 0.7);
    assert_close(v[CAUCUS_SUCCESS_Q95][0], 0.7 + 0.8 * 0.3);
    assert_close(v[CAUCUS_BOUND_MEAN][0], 0.0125);
    assert_close(v[CAUCUS_BOUND_Q05][0], -0.8);
    assert_close(v[CAUCUS_BOUND_MEDIAN][0], 0.0625);
    assert_close(v[CAUCUS_BOUND_Q95][0], 0.25 + 0.8 * 0.5);
    assert_close(v[CAUCUS_TIGHTNESS_MEAN][0], 0.6 - 0.0125);
    assert_close(v[CAUCUS_VIOLATION_RATE][0], 0.2); /* 0.75 > 0.7 */
    assert_close(v[CAUCUS_VACUOUS_RATE][0], 0.4);
    /* 1 of 5: the low end is 1 - 0.975^(1/5) */
    assert_close(v[CAUCUS_VIOLATION_LOW][0], 1 - pow(0.975, 0.2));
    assert_true(v[CAUCUS_VIOLATION_HIGH][0] > 0.7164 && v[CAUCUS_VIOLATION_HIGH][0] < 0.7165);
    assert_close(v[CAUCUS_GLOBAL_SUCCESS_MEAN][0], 0.55);
    assert_close(v[CAUCUS_GLOBAL_SUCCESS_STD][0], sqrt(0.05 / 4));
    assert_close(v[CAUCUS_JOINT_SUCCESS_MEAN][0], 0.5);
    assert_close(v[CAUCUS_SUBOPTIMALITY_MEAN][0], 0.25);
    assert_close(v[CAUCUS_CONVERGED_RATE][0], 0.75); /* of the trials that trained */
    assert_close(v[CAUCUS_ACCURACY_COST_MEAN][0], 0.25);
    assert_close(v[CAUCUS_GLOBAL_BOUND_MEAN][0], 0.5);
    assert_close(v[CAUCUS_GLOBAL_VIOLATION_RATE][0], 0); /* equal is not violated */
    assert_close(v[CAUCUS_JOINT_BOUND_MEAN][0], 0.45);
    assert_close(v[CAUCUS_JOINT_VIOLATION_RATE][0], 0.4);
    assert_close(v[CAUCUS_JOINT_VIOLATION_RATE][1], 1);
    assert_close(v[CAUCUS_UPPER_MEAN][0], 0.75);
    assert_close(v[CAUCUS_UPPER_VIOLATION_RATE][0], 0.2); /* 1 > 0.75 */
    assert_close(v[CAUCUS_GLOBAL_UPPER_MEAN][0], 0.5);
    assert_close(v[CAUCUS_GLOBAL_UPPER_VIOLATION_RATE][0], 0.2);
    assert_close(v[CAUCUS_JOINT_UPPER_MEAN][0], 0.55);
    assert_close(v[CAUCUS_JOINT_UPPER_VIOLATION_RATE][0], 0.4);
    assert_close(v[CAUCUS_JOINT_UPPER_MEAN][1], 1);
    assert_close(v[CAUCUS_JOINT_UPPER_VIOLATION_RATE][1], 0);
    assert_true(isnan(v[CAUCUS_GLOBAL_UPPER_MEAN][1]));
    assert_true(isnan(v[CAUCUS_ACCURACY_MEAN][0]));
    assert_true(isnan(v[CAUCUS_GLOBAL_BOUND_MEAN][1]));
    assert_true(isnan(v[CAUCUS_GLOBAL_VIOLATION_RATE][1]));
    assert_true(isnan(v[CAUCUS_SUCCESS_MEAN][1]));
    assert_true(isnan(v[CAUCUS_SUCCESS_MEDIAN][1]));
    for (int variable = CAUCUS_BOUND_MEAN; variable <= CAUCUS_VACUOUS_RATE; variable++) {
        for (int column = 1; column < 4; column++) {
            assert_true(isnan(v[variable][column]));
        }
    }
}

/* The same in one pass and column by column, with one thread and with several. */
static void test_by_hand(void **state)
{
    (void)state;
    caucus_block *block = NULL;
    assert_int_equal(caucus_block_alloc_rows(5, &two, &block), CAUCUS_OK);
    fill(block);
    static const uint64_t budgets[] = {1 << 20, 1, 60};
    static const uint32_t passes[] = {1, 4, 2};
    for (int i = 0; i < 3; i++) {
        caucus_summarizer *summarizer = NULL;
        caucus_summary *summary = NULL;
        assert_int_equal(caucus_summarizer_open(9, &two, 1 + i, budgets[i] * (i == 2 ? 2 : 1), &summarizer), CAUCUS_OK);
        assert_int_equal(caucus_summary_alloc(&two, &summary), CAUCUS_OK);
        assert_int_equal(caucus_summarizer_passes(summarizer), passes[i]);
        for (uint32_t pass = 0; pass < passes[i]; pass++) {
            caucus_summarizer_begin(summarizer, 10, pass);
            caucus_summarizer_add(summarizer, block);
            caucus_summarizer_end(summarizer, summary);
        }
        check(summary);
        free(summary);
        caucus_summarizer_close(summarizer);
    }
    free(block);
}

static void test_one_trial_and_none(void **state)
{
    (void)state;
    caucus_block *block = NULL;
    caucus_summarizer *summarizer = NULL;
    caucus_summary *summary = NULL;
    assert_int_equal(caucus_block_alloc_rows(5, &two, &block), CAUCUS_OK);
    assert_int_equal(caucus_summarizer_open(5, &two, 1, 1 << 20, &summarizer), CAUCUS_OK);
    assert_int_equal(caucus_summary_alloc(&two, &summary), CAUCUS_OK);
    fill(block);
    block->n_trials = 1;
    caucus_summarizer_begin(summarizer, 10, 0);
    caucus_summarizer_add(summarizer, block);
    caucus_summarizer_end(summarizer, summary);
    assert_close(summary->values[CAUCUS_SUCCESS_MEAN][0], 0.5);
    assert_close(summary->values[CAUCUS_SUCCESS_Q05][0], 0.5);
    assert_true(isnan(summary->values[CAUCUS_SUCCESS_STD][0]));
    caucus_summarizer_begin(summarizer, 10, 0);
    caucus_summarizer_end(summarizer, summary);
    assert_int_equal(summary->n_trials, 0);
    assert_true(isnan(summary->values[CAUCUS_SUCCESS_MEAN][0]));
    assert_true(isnan(summary->values[CAUCUS_VIOLATION_RATE][0]));
    free(summary);
    free(block);
    caucus_summarizer_close(summarizer);
}

/* Many trials on several threads: a series whose statistics are known. Success t/1000 for t = 0..1000, 300 times over,
 * in an order that mixes them; the bound is half of it, rounded down. */
static void test_many(void **state)
{
    (void)state;
    enum { PERIOD = 1001, TIMES = 300, ROWS = PERIOD * TIMES };
    caucus_block *block = NULL;
    caucus_summarizer *summarizer = NULL;
    caucus_summary *summary = NULL;
    assert_int_equal(caucus_block_alloc_rows(ROWS, &one, &block), CAUCUS_OK);
    assert_int_equal(caucus_summarizer_open(ROWS, &one, 4, 1 << 28, &summarizer), CAUCUS_OK);
    assert_int_equal(caucus_summary_alloc(&one, &summary), CAUCUS_OK);
    for (uint32_t t = 0; t < ROWS; t++) {
        uint32_t count = (uint32_t)((uint64_t)t * 617 % PERIOD);
        block->success_count[t] = count;
        block->lower_bound[t] = nextafterf((float)count / 2000, -1);
    }
    caucus_summarizer_begin(summarizer, 1000, 0);
    caucus_summarizer_add(summarizer, block);
    caucus_summarizer_end(summarizer, summary);
    double *const *v = summary->values;
    assert_true(fabs(v[CAUCUS_SUCCESS_MEAN][0] - 0.5) < 1e-12);
    assert_close(v[CAUCUS_SUCCESS_MEDIAN][0], 0.5);
    assert_close(v[CAUCUS_SUCCESS_Q05][0], 0.05);
    assert_close(v[CAUCUS_SUCCESS_Q95][0], 0.95);
    assert_true(fabs(v[CAUCUS_BOUND_MEDIAN][0] - 0.25) < 1e-7);
    assert_close(v[CAUCUS_VIOLATION_RATE][0], 0);
    assert_close(v[CAUCUS_VACUOUS_RATE][0], 1.0 / PERIOD);
    free(summary);
    free(block);
    caucus_summarizer_close(summarizer);
}

static int ascending(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

/* The quantile of numbers in order. */
static double quantile_of(const double *sorted, size_t n, double level)
{
    const double place = level * (double)(n - 1);
    const size_t k = (size_t)place;
    const double above = sorted[k + 1 < n ? k + 1 : k];
    return above > sorted[k] ? sorted[k] + (above - sorted[k]) * (place - (double)k) : sorted[k];
}

/* Selection against sorting, on sorted, reversed, equal and mixed numbers. */
static void test_quantiles(void **state)
{
    (void)state;
    static const double levels[5] = {0, 0.05, 0.5, 0.95, 1};
    for (size_t n = 1; n < 60; n++) {
        for (int kind = 0; kind < 5; kind++) {
            double values[60];
            double sorted[60];
            for (size_t i = 0; i < n; i++) {
                const double kinds[5] = {(double)i, -(double)i, 1, (double)(i * 37 % 11), (double)(i * 7919 % 101)};
                values[i] = kinds[kind];
                sorted[i] = kinds[kind];
            }
            qsort(sorted, n, sizeof *sorted, ascending);
            double found[5];
            caucus_quantiles(values, n, levels, 5, found);
            for (int q = 0; q < 5; q++) {
                assert_close(found[q], quantile_of(sorted, n, levels[q]));
            }
        }
    }
    double infinite[3] = {-INFINITY, -INFINITY, 1};
    double found = 0;
    caucus_quantiles(infinite, 3, levels + 1, 1, &found);
    assert_true(isinf(found) && found < 0);
}

/* So many that selection is narrowed to parts of the range, which some of these numbers do not fill evenly, and some
 * do not have. */
static void test_quantiles_of_many(void **state)
{
    (void)state;
    enum { N = 40001, KINDS = 8 };
    static const double levels[6] = {0, 0.0501, 0.5, 0.5, 0.94999, 1};
    static double values[N];
    static double sorted[N];
    for (int kind = 0; kind < KINDS; kind++) {
        for (size_t i = 0; i < N; i++) {
            const double scattered = (double)(i * 7919 % 40009);
            const double kinds[KINDS] = {scattered,
                                         -(double)i,
                                         i % 3 == 0 ? -1 : 2,
                                         1,
                                         i == 77 ? 1e300 : scattered,
                                         i % 5 == 0 ? -INFINITY : scattered,
                                         scattered * 4.9e-324,
                                         i % 2 == 0 ? scattered : 1e9 + 1e-3 * scattered};
            values[i] = kinds[kind];
            sorted[i] = kinds[kind];
        }
        qsort(sorted, N, sizeof *sorted, ascending);
        double found[6];
        caucus_quantiles(values, N, levels, 6, found);
        for (int q = 0; q < 6; q++) {
            assert_true(found[q] == quantile_of(sorted, N, levels[q]));
        }
        qsort(values, N, sizeof *values, ascending);
        assert_memory_equal(values, sorted, sizeof values);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),   cmocka_unit_test(test_one_trial_and_none), cmocka_unit_test(test_many),
        cmocka_unit_test(test_quantiles), cmocka_unit_test(test_quantiles_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
