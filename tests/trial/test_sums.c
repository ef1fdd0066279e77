/* Sums of trials against the trials themselves, and where they could overflow. */
#include "result/summary_sums.h"
#include "trial/block.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_near(double value, double wanted, double tolerance)
{
    if (!(fabs(value - wanted) <= tolerance) && value != wanted && !(isnan(value) && isnan(wanted))) {
        fail_msg("%.17g, not %.17g", value, wanted);
    }
}

/* xorshift64* */
static uint64_t next_word(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static float next_float(uint64_t *state)
{
    return (float)(next_word(state) >> 40) / 16777216.0f;
}

static void test_layout(void **state)
{
    (void)state;
    const caucus_shape one = {.n_collectives = 1, .n_methods = 1};
    const caucus_shape many = {.n_collectives = 4, .n_methods = 50, .trained = true, .compared = true};
    const caucus_shape bare = {.n_collectives = 3};
    print_message("words: %zu with one bound, %zu with 4 collectives and 50 methods (%.1f MB)\n",
                  caucus_sums_words(&one), caucus_sums_words(&many), 8e-6 * (double)caucus_sums_words(&many));
    assert_int_equal(caucus_sums_words(&one),
                     CAUCUS_SUMS_FIRST_SUCCESS + CAUCUS_SUCCESS_WORDS + CAUCUS_BOUND_WORDS + 2 * CAUCUS_TOGETHER_WORDS);
    assert_int_equal(caucus_sums_words(&bare), CAUCUS_SUMS_FIRST_SUCCESS + 3 * CAUCUS_SUCCESS_WORDS);
    assert_true(caucus_sums_words(&many) < 1300000);
    assert_int_equal(caucus_sums_single(CAUCUS_SUMS_SINGLES), CAUCUS_SUMS_SQUARES);
    assert_int_equal(caucus_sums_success(4), caucus_sums_bound(&many, 0));
    assert_int_equal(caucus_sums_bound(&many, 200), caucus_sums_together(&many, false, 0));
    assert_int_equal(caucus_sums_together(&many, false, 50), caucus_sums_together(&many, true, 0));
}

/* Every value lies in its bin, bins go up with values, and all of them are in use. */
static void test_bound_bins(void **state)
{
    (void)state;
    static const float edges[] = {
        -FLT_MAX, -1024.0f, -1.25f,  -1.2499999f, -1.0000001f, -1.0f, -0.99999994f, -0.5f, -FLT_MIN, -1e-45f, -0.0f,
        0.0f,     1e-45f,   FLT_MIN, 0.5f,        0.99999994f, 1.0f,  1.0000001f,   1.25f, 2.0f,     1e30f,   FLT_MAX};
    uint32_t before = 0;
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        double low = 0;
        double high = 0;
        uint32_t bin = caucus_bound_bin(edges[i]);
        assert_true(bin < CAUCUS_BINS && bin >= before);
        caucus_bound_bin_ends(bin, &low, &high);
        assert_true((double)edges[i] >= low && (double)edges[i] <= high);
        before = bin;
    }
    assert_int_equal(caucus_bound_bin(-FLT_MAX), 0);
    assert_int_equal(caucus_bound_bin(FLT_MAX), CAUCUS_BINS - 1);
    assert_int_equal(caucus_bound_bin(1.0f), CAUCUS_BIN_ONE);
    assert_int_equal(caucus_bound_bin(-0.0f), CAUCUS_BIN_ZERO);
    assert_int_equal(caucus_bound_bin(-1e-45f), CAUCUS_BIN_ZERO - 1);
    double end = -INFINITY;
    for (uint32_t bin = 0; bin < CAUCUS_BINS; bin++) {
        double low = 0;
        double high = 0;
        caucus_bound_bin_ends(bin, &low, &high);
        assert_true(bin == 0 || low == end);
        assert_int_equal(caucus_bound_bin((float)(0.5 * low + 0.5 * high)), bin);
        assert_true(high - low <= (low >= 0 && high <= 1 ? 0x1p-12 : low >= -1 && high <= 0 ? 0x1p-10 : fabs(low) / 4));
        end = high;
    }
}

static void test_success_bins(void **state)
{
    (void)state;
    static const uint32_t tests[] = {1, 2, 10, 4095, 4096, 4097, 20000, 100003, UINT32_MAX - 1};
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        const uint32_t test = tests[i];
        uint64_t random = 77;
        for (uint32_t n = 0; n < 20000; n++) {
            uint32_t count = n < 5000 ? n % (test + 1) : n < 10000 ? test - n % (test + 1) : 0;
            count = n < 10000 ? count : (uint32_t)(next_word(&random) % ((uint64_t)test + 1));
            double low = 0;
            double high = 0;
            caucus_success_bin_ends(caucus_success_bin(count, test), test, &low, &high);
            assert_true(low <= (double)count / test && (double)count / test <= high && high - low < 0x1p-12);
            assert_true(test > 4096 || low == high);
        }
    }
}

/* Sums of a series in doubles that are exact: multiples of one unit, of either sign and of far sizes. */
static void test_series(void **state)
{
    (void)state;
    static const float values[] = {1.5f, -2.25f, 0x1p-149f, -0x1p-149f,      0x1.fffffep-126f, 0x1.8p-127f,
                                   0.0f, -0.0f,  0x1p29f,   -0x1.234568p30f, 0x1.fffffep0f,    -0x1.fffffep-30f};
    uint64_t series[CAUCUS_SERIES_WORDS] = {0};
    caucus_shape shape = {.n_collectives = 1};
    caucus_summary *summary = NULL;
    assert_int_equal(caucus_summary_alloc(&shape, &summary), CAUCUS_OK);
    for (size_t n = 1; n <= sizeof values / sizeof values[0]; n++) {
        caucus_series_add(series, values[n - 1]);
        long double sum = 0; /* 2^30 to 2^-33 fit, and what is smaller is below a double's last place or alone */
        for (size_t i = 0; i < n; i++) {
            sum += (long double)values[i];
        }
        uint64_t *all = calloc(caucus_sums_words(&shape), sizeof *all);
        memcpy(all + caucus_sums_single(CAUCUS_SUMS_JOINT_SUCCESS), series, sizeof series);
        all[CAUCUS_SUMS_TRIALS] = 1;
        caucus_sums_summarize(&shape, all, 10, summary);
        assert_near(summary->values[CAUCUS_JOINT_SUCCESS_MEAN][0], (double)sum, fabs((double)sum) * 0x1p-52);
        free(all);
    }
    free(summary);
}

enum { COLLECTIVES = 3, METHODS = 4, ROWS = 2000, TEST = 100000, PRESENT = 2 };
static const caucus_shape shape = {
    .n_collectives = COLLECTIVES, .n_methods = METHODS, .trained = true, .compared = true, .upper = true};

/* Trials of all kinds: of three collectives the last is absent; methods that apply always, sometimes and never, that
 * are far below 0, constant, infinite now and then. */
static caucus_block *make_rows(void)
{
    caucus_block *block = NULL;
    uint64_t random = 12345;
    assert_int_equal(caucus_block_alloc_rows(ROWS, &shape, &block), CAUCUS_OK);
    for (uint32_t t = 0; t < ROWS; t++) {
        for (uint32_t m = 0; m < COLLECTIVES; m++) {
            float spread = next_float(&random) * next_float(&random);
            uint32_t count = m == 0 ? (uint32_t)(TEST * (0.9f + 0.1f * spread)) : (uint32_t)(TEST * spread);
            block->success_count[t * COLLECTIVES + m] = m < PRESENT ? count : UINT32_MAX;
            float *bounds = block->lower_bound + ((size_t)t * COLLECTIVES + m) * METHODS;
            bounds[0] = (float)count / TEST - 0.3f * next_float(&random) + 0.02f;
            bounds[1] = m == 0 ? -300.0f * next_float(&random) : 0.123456789f;
            bounds[2] = next_word(&random) % 3 == 0 ? NAN : next_word(&random) % 8 > 0 ? 1.0f : -INFINITY;
            bounds[3] = m == 0 ? NAN : 3.0f * next_float(&random) - 1.5f;
            for (uint32_t i = 0; i < METHODS; i++) {
                bounds[i] = m < PRESENT ? bounds[i] : NAN;
                block->upper_bound[((size_t)t * COLLECTIVES + m) * METHODS + i] =
                    m >= PRESENT || i == 3 ? NAN : (float)count / TEST + 0.1f * next_float(&random) - 0.02f;
            }
        }
        block->global_success[t] = 0.75f + 1e-5f * next_float(&random);
        block->joint_count[t] = (uint32_t)(TEST * next_float(&random));
        block->accuracy[t] = t % 2 == 0 ? next_float(&random) : NAN;
        block->suboptimality[t] = 1e-9f * next_float(&random);
        block->converged[t] = t % 5 == 0 ? NAN : (float)(t % 3 > 0);
        block->accuracy_cost[t] = next_float(&random) - 0.75f;
        for (uint32_t i = 0; i < METHODS; i++) {
            block->global_bound[t * METHODS + i] = i == 3 ? NAN : 0.75f + 1e-5f * next_float(&random);
            block->joint_bound[t * METHODS + i] = i == 2 && t == 7 ? -INFINITY : next_float(&random) - 0.5f;
            block->global_upper[t * METHODS + i] = i == 3 ? NAN : 0.75f + 1e-5f * next_float(&random);
            block->joint_upper[t * METHODS + i] = i == 3 ? NAN : i == 2 ? 1.0f : next_float(&random);
        }
    }
    return block;
}

static void add_rows(const caucus_block *block, uint32_t from, uint32_t to, uint64_t *words)
{
    for (uint32_t t = from; t < to; t++) {
        caucus_row row = caucus_block_row(block, &shape, t);
        caucus_sums_add(&shape, PRESENT, TEST, &row, words);
    }
}

static bool is_quantile(int variable)
{
    return (variable >= CAUCUS_SUCCESS_Q05 && variable <= CAUCUS_SUCCESS_Q95) ||
           (variable >= CAUCUS_BOUND_Q05 && variable <= CAUCUS_BOUND_Q95);
}

static bool is_rate(int variable)
{
    return (variable >= CAUCUS_VIOLATION_RATE && variable <= CAUCUS_VACUOUS_RATE) ||
           (variable >= CAUCUS_UPPER_VIOLATION_RATE && variable <= CAUCUS_UPPER_VACUOUS_RATE) ||
           variable == CAUCUS_CONVERGED_RATE || variable == CAUCUS_GLOBAL_VIOLATION_RATE ||
           variable == CAUCUS_JOINT_VIOLATION_RATE || variable == CAUCUS_GLOBAL_UPPER_VIOLATION_RATE ||
           variable == CAUCUS_JOINT_UPPER_VIOLATION_RATE;
}

static int ascending(const void *a, const void *b)
{
    const float *x = a;
    const float *y = b;
    return (*x > *y) - (*x < *y);
}

static double bin_width(float x)
{
    double low = 0;
    double high = 0;
    if (!isfinite(x)) {
        return 0;
    }
    caucus_bound_bin_ends(caucus_bound_bin(x), &low, &high);
    return high - low;
}

/* A quantile lies between two trials, and each of them is known to its bin. */
static double quantile_tolerance(const caucus_block *block, int variable, size_t column)
{
    static const double levels[3] = {0.05, 0.5, 0.95};
    static float values[ROWS];
    size_t n = 0;
    if (variable < CAUCUS_BOUND_MEAN) {
        return 0x1p-12;
    }
    for (uint32_t t = 0; t < block->n_trials; t++) {
        float x = block->lower_bound[(size_t)t * COLLECTIVES * METHODS + column];
        if (!isnan(x)) {
            values[n++] = x;
        }
    }
    if (n == 0) {
        return 0;
    }
    qsort(values, n, sizeof *values, ascending);
    size_t k = (size_t)(levels[variable - CAUCUS_BOUND_Q05] * (double)(n - 1));
    return fmax(bin_width(values[k]), bin_width(values[k + 1 < n ? k + 1 : k]));
}

static double tolerance_of(const caucus_block *block, int variable, size_t column, double value)
{
    if (is_quantile(variable)) {
        return quantile_tolerance(block, variable, column);
    }
    return is_rate(variable) ? 0 : 1e-11 * fmax(1, fabs(value));
}

static void test_against_trials(void **state)
{
    (void)state;
    caucus_block *block = make_rows();
    caucus_summarizer *summarizer = NULL;
    caucus_summary *exact = NULL;
    caucus_summary *summed = NULL;
    uint64_t *words = calloc(caucus_sums_words(&shape), sizeof *words);
    assert_int_equal(caucus_summarizer_open(ROWS, &shape, 1, 1 << 28, &summarizer), CAUCUS_OK);
    assert_int_equal(caucus_summary_alloc(&shape, &exact), CAUCUS_OK);
    assert_int_equal(caucus_summary_alloc(&shape, &summed), CAUCUS_OK);
    for (uint32_t n = 0; n <= ROWS; n = n < 4 ? n + 1 : n * 5 > ROWS && n < ROWS ? ROWS : n * 5) {
        block->n_trials = n;
        caucus_summarizer_begin(summarizer, TEST, 0);
        caucus_summarizer_add(summarizer, block);
        caucus_summarizer_end(summarizer, exact);
        memset(words, 0, caucus_sums_words(&shape) * sizeof *words);
        add_rows(block, 0, n, words);
        caucus_sums_summarize(&shape, words, TEST, summed);
        assert_int_equal(summed->n_trials, n);
        for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
            for (size_t i = 0; i < caucus_summary_width(v, &shape); i++) {
                double wanted = exact->values[v][i];
                double found = summed->values[v][i];
                if (!(fabs(found - wanted) <= tolerance_of(block, v, i, wanted)) && found != wanted &&
                    !(isnan(found) && isnan(wanted))) {
                    fail_msg("%u trials, %s[%zu]: %.17g, not %.17g", n, caucus_summary_variables[v].name, i, found,
                             wanted);
                }
            }
        }
    }
    /* what could be wrong in both */
    assert_true(isinf(summed->values[CAUCUS_BOUND_MEAN][2]) && summed->values[CAUCUS_BOUND_MEAN][2] < 0);
    assert_true(isinf(summed->values[CAUCUS_TIGHTNESS_MEAN][2]) && summed->values[CAUCUS_TIGHTNESS_MEAN][2] > 0);
    assert_true(isnan(summed->values[CAUCUS_BOUND_MEAN][3]));
    assert_true(summed->values[CAUCUS_BOUND_MEDIAN][1] < -100);
    assert_true(summed->values[CAUCUS_BOUND_Q05][METHODS + 1] == (double)0.123456789f); /* constant: exact */
    assert_true(summed->values[CAUCUS_GLOBAL_SUCCESS_STD][0] > 1e-6);
    assert_true(summed->values[CAUCUS_JOINT_UPPER_MEAN][2] == 1);
    assert_true(summed->values[CAUCUS_JOINT_UPPER_VIOLATION_RATE][2] == 0);
    assert_true(summed->values[CAUCUS_JOINT_UPPER_VIOLATION_RATE][0] > 0.4);
    assert_true(isnan(summed->values[CAUCUS_GLOBAL_UPPER_MEAN][3]));
    free(words);
    free(summed);
    free(exact);
    free(block);
    caucus_summarizer_close(summarizer);
}

/* Trials in another order, in parts that are moved together, give the same words, and leave the parts zero. */
static void test_order(void **state)
{
    (void)state;
    caucus_block *block = make_rows();
    const size_t n = caucus_sums_words(&shape);
    uint64_t *forward = calloc(n, sizeof *forward);
    uint64_t *backward = calloc(n, sizeof *backward);
    uint64_t *part = calloc(n, sizeof *part);
    add_rows(block, 0, ROWS, forward);
    for (uint32_t end = ROWS; end > 0;) {
        uint32_t from = end > 37 ? end - 37 : 0;
        add_rows(block, from, end, part);
        caucus_sums_move(part, backward, n);
        end = from;
    }
    assert_memory_equal(forward, backward, n * sizeof *forward);
    for (size_t i = 0; i < n; i++) {
        assert_true(part[i] == 0);
    }
    /* words behind the last whole line, and lines in which only the last word counts */
    uint64_t from[19] = {0};
    uint64_t to[19] = {0};
    from[7] = 1;
    from[18] = UINT64_MAX;
    to[18] = 2;
    caucus_sums_move(from, to, 19);
    assert_true(to[7] == 1 && to[18] == 1 && from[7] == 0 && from[18] == 0);
    free(part);
    free(backward);
    free(forward);
    free(block);
}

/* One trial as often as times says: words are sums, so that is a multiplication modulo 2^64. */
static void add_often(const caucus_shape *of, uint32_t test, const caucus_row *row, uint64_t times, uint64_t *words)
{
    const size_t n = caucus_sums_words(of);
    uint64_t *once = calloc(n, sizeof *once);
    caucus_sums_add(of, of->n_collectives, test, row, once);
    for (size_t i = 0; i < n; i++) {
        words[i] += once[i] * times;
    }
    free(once);
}

/* 2^32 trials of the largest counts and of bounds of any size: nothing overflows. Half of the trials are like a, half
 * like b. */
static void test_most_trials(void **state)
{
    (void)state;
    static const float bounds[][2] = {
        {1.0f, -1.0f},      {FLT_MAX, FLT_MAX},     {-FLT_MAX, -FLT_MAX},   {-FLT_MAX, FLT_MAX},
        {FLT_MIN, FLT_MIN}, {0x1p-149f, 0x1p-149f}, {0x1.fffffep-1f, 0.5f}, {-0x1.fffffep-30f, -0x1.fffffep-30f}};
    const uint32_t test = UINT32_MAX - 1;
    const uint64_t half = UINT64_C(1) << 31;
    const caucus_shape one = {.n_collectives = 1, .n_methods = 1};
    const double n = 4294967296.0;
    caucus_summary *summary = NULL;
    uint64_t *words = calloc(caucus_sums_words(&one), sizeof *words);
    assert_int_equal(caucus_summary_alloc(&one, &summary), CAUCUS_OK);
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        uint32_t counts[2] = {test, i % 2 == 0 ? 0 : test};
        float shares[2] = {1.0f, i % 2 == 0 ? 0.0f : 0x1.fffffep-1f};
        float joint = 1.0f;
        uint32_t together = test;
        memset(words, 0, caucus_sums_words(&one) * sizeof *words);
        for (int k = 0; k < 2; k++) {
            float bound = bounds[i][k];
            caucus_row row = {.success_count = &counts[k],
                              .lower_bound = &bound,
                              .global_success = &shares[k],
                              .joint_count = &together,
                              .accuracy = &joint,
                              .suboptimality = &shares[k],
                              .global_bound = &bound,
                              .joint_bound = &bound};
            add_often(&one, test, &row, half, words);
        }
        caucus_sums_summarize(&one, words, test, summary);
        double *const *v = summary->values;
        double wanted = ((double)bounds[i][0] + (double)bounds[i][1]) / 2;
        assert_true(summary->n_trials == UINT64_C(1) << 32);
        assert_near(v[CAUCUS_SUCCESS_MEAN][0], i % 2 == 0 ? 0.5 : 1, 1e-15);
        assert_near(v[CAUCUS_SUCCESS_STD][0], i % 2 == 0 ? 0.5 * sqrt(n / (n - 1)) : 0, 1e-15);
        assert_near(v[CAUCUS_GLOBAL_SUCCESS_STD][0], (i % 2 == 0 ? 0.5 : 0x1p-25) * sqrt(n / (n - 1)),
                    1e-15 * (i % 2 == 0 ? 1 : 0x1p-25));
        assert_near(v[CAUCUS_BOUND_MEAN][0], wanted, fabs(wanted) * 1e-15);
        assert_near(v[CAUCUS_GLOBAL_BOUND_MEAN][0], wanted, fabs(wanted) * 1e-15);
        assert_near(v[CAUCUS_JOINT_SUCCESS_MEAN][0], 1, 0);
        assert_near(v[CAUCUS_SUCCESS_Q95][0], 1, 0);
        assert_near(v[CAUCUS_TIGHTNESS_MEAN][0], (i % 2 == 0 ? 0.5 : 1) - wanted, fmax(1, fabs(wanted)) * 1e-15);
        assert_near(v[CAUCUS_VACUOUS_RATE][0], ((bounds[i][0] <= 0) + (bounds[i][1] <= 0)) / 2.0, 0);
    }
    free(words);
    free(summary);
}

/* The deviation of global success where it is small beside the mean. */
static void test_small_deviation(void **state)
{
    (void)state;
    const caucus_shape one = {.n_collectives = 1};
    caucus_summary *summary = NULL;
    assert_int_equal(caucus_summary_alloc(&one, &summary), CAUCUS_OK);
    for (int i = 1; i < 24; i++) {
        float low = 0.75f;
        float high = 0.75f + ldexpf(1, -i - 1);
        uint64_t *words = calloc(caucus_sums_words(&one), sizeof *words);
        uint32_t count = 1;
        caucus_row row = {.success_count = &count,
                          .global_success = &low,
                          .joint_count = &count,
                          .accuracy = &low,
                          .suboptimality = &low};
        add_often(&one, 10, &row, 3000000000, words);
        row.global_success = &high;
        add_often(&one, 10, &row, 1000000000, words);
        caucus_sums_summarize(&one, words, 10, summary);
        double wanted = ldexp(sqrt(0.25 * 0.75 * 4e9 / (4e9 - 1)), -i - 1);
        assert_near(summary->values[CAUCUS_GLOBAL_SUCCESS_STD][0], wanted, 1e-13 * wanted);
        /* a share above 1 has no square here: no wrong number comes of it */
        float strange = 1.5f;
        row.global_success = &strange;
        add_often(&one, 10, &row, 1, words);
        caucus_sums_summarize(&one, words, 10, summary);
        assert_true(isnan(summary->values[CAUCUS_GLOBAL_SUCCESS_STD][0]));
        assert_near(summary->values[CAUCUS_GLOBAL_SUCCESS_MEAN][0],
                    (0.75 * 4e9 + ldexp(1e9, -i - 1) + 1.5) / 4000000001.0, 1e-15);
        free(words);
    }
    free(summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),      cmocka_unit_test(test_bound_bins),      cmocka_unit_test(test_success_bins),
        cmocka_unit_test(test_series),      cmocka_unit_test(test_against_trials),  cmocka_unit_test(test_order),
        cmocka_unit_test(test_most_trials), cmocka_unit_test(test_small_deviation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
