/* Cells in order, merged, without empty ones; totals; checksums; the radix sort behind it. */
#include "population/row_order.h"
#include "table_files.h"

/* A population of two features with these values and labels a, b; codes and weights are copied. */
static caucus_population *make(uint32_t n_first, uint32_t n_second, uint64_t n_cells, const uint32_t *codes,
                               const uint64_t *weights)
{
    caucus_population *p = calloc(1, sizeof *p);
    p->n_features = 2;
    p->features = calloc(2, sizeof *p->features);
    caucus_categories *all[] = {&p->features[0], &p->features[1], &p->label};
    uint32_t counts[] = {n_first, n_second, 2};
    const char *names[] = {"first", "second", "label"};
    for (int i = 0; i < 3; i++) {
        all[i]->name = strdup(names[i]);
        all[i]->n_values = counts[i];
        all[i]->values = calloc(counts[i], sizeof(char *));
        for (uint32_t v = 0; v < counts[i]; v++) {
            char text[16];
            snprintf(text, sizeof text, "v%u", v);
            all[i]->values[v] = strdup(text);
        }
    }
    p->n_labels = 2;
    p->n_cells = n_cells;
    p->codes = calloc(2 * n_cells, sizeof *p->codes);
    p->weights = calloc(2 * n_cells, sizeof *p->weights);
    memcpy(p->codes, codes, 2 * n_cells * sizeof *codes);
    memcpy(p->weights, weights, 2 * n_cells * sizeof *weights);
    p->source = strdup("test");
    return p;
}

static void test_sorts_merges_drops(void **state)
{
    (void)state;
    const uint32_t codes[] = {2, 1, 0, 1, 2, 0, 0, 1, 1, 0};
    const uint64_t weights[] = {1, 2, 3, 4, 0, 0, 10, 20, 0, 7};
    caucus_population *p = make(3, 2, 5, codes, weights);
    assert_int_equal(caucus_population_finish(p), CAUCUS_OK);
    const uint32_t sorted[] = {0, 1, 1, 0, 2, 1};
    const uint64_t merged[] = {13, 24, 0, 7, 1, 2};
    assert_int_equal(p->n_cells, 3);
    assert_memory_equal(p->codes, sorted, sizeof sorted);
    assert_memory_equal(p->weights, merged, sizeof merged);
    assert_int_equal(p->total, 47);
    caucus_population_free(p);
}

static void test_order_of_rows_does_not_matter(void **state)
{
    (void)state;
    const uint32_t codes[] = {0, 0, 0, 1, 1, 1};
    const uint64_t weights[] = {1, 2, 3, 4, 5, 6};
    const uint32_t other_codes[] = {1, 1, 0, 1, 0, 0, 0, 1};
    const uint64_t other_weights[] = {5, 6, 3, 0, 1, 2, 0, 4};
    caucus_population *p = make(2, 2, 3, codes, weights);
    caucus_population *q = make(2, 2, 4, other_codes, other_weights);
    assert_int_equal(caucus_population_finish(p), CAUCUS_OK);
    assert_int_equal(caucus_population_finish(q), CAUCUS_OK);
    assert_int_equal(p->checksum, q->checksum);
    assert_int_equal(p->n_cells, q->n_cells);
    uint32_t before = p->checksum;
    assert_int_equal(caucus_population_finish(p), CAUCUS_OK);
    assert_int_equal(p->checksum, before);

    p->weights[0]++;
    assert_int_equal(caucus_population_finish(p), CAUCUS_OK);
    assert_int_not_equal(p->checksum, before);
    p->weights[0]--;
    strcpy(p->features[1].values[1], "w1");
    assert_int_equal(caucus_population_finish(p), CAUCUS_OK);
    assert_int_not_equal(p->checksum, before);
    caucus_population_free(p);
    caucus_population_free(q);
}

static void test_refuses_empty_and_too_large(void **state)
{
    (void)state;
    const uint32_t codes[] = {0, 0, 0, 1};
    const uint64_t none[] = {0, 0, 0, 0};
    const uint64_t most[] = {UINT64_C(1) << 52, UINT64_C(1) << 51, UINT64_C(1) << 51, 0};
    const uint64_t over[] = {UINT64_C(1) << 52, UINT64_C(1) << 51, UINT64_C(1) << 51, 1};
    const uint64_t wraps[] = {UINT64_MAX, 1, 1, 1};
    const uint32_t bad_codes[] = {0, 1, 0, 0, 0, 2};
    const uint64_t six[] = {1, 1, 1, 1, 1, 1};
    const struct {
        const uint64_t *weights;
        const char *message;
    } cases[] = {{none, "the population is empty"}, {over, "more than 2^53"}, {wraps, "more than 2^53"}, {most, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        caucus_population *p = make(1, 2, 2, codes, cases[i].weights);
        caucus_status status = caucus_population_finish(p);
        assert_int_equal(status, cases[i].message != NULL ? CAUCUS_INVALID : CAUCUS_OK);
        if (cases[i].message != NULL) {
            assert_message(cases[i].message);
        } else {
            assert_int_equal(p->total, UINT64_C(1) << 53);
        }
        caucus_population_free(p);
    }
    caucus_population *p = make(1, 2, 3, bad_codes, six);
    assert_int_equal(caucus_population_finish(p), CAUCUS_FAILED);
    assert_message("code 2, but the column has 2 values");
    caucus_population_free(p);
    caucus_population_free(NULL);
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

/* Sorted, a permutation, and stable, for digits of one column, of many, and of one with more values than a digit. */
static void test_row_order(void **state)
{
    (void)state;
    enum { N = 5000, C = 6 };
    const uint32_t n_values[C] = {3, 100000, 2, 70, 500, 4};
    uint32_t *codes = calloc(N * C, sizeof *codes);
    uint32_t *order = calloc(N, sizeof *order);
    uint8_t *seen = calloc(N, 1);
    uint64_t random = 1;
    for (size_t row = 0; row < N; row++) {
        for (size_t c = 0; c < C; c++) { /* few different rows, so that there are ties */
            codes[row * C + c] = (next_random(&random) % 2) * (n_values[c] - 1);
        }
    }
    assert_int_equal(caucus_row_order(codes, N, C, n_values, order), CAUCUS_OK);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(seen[order[i]]++, 0);
        if (i == 0) {
            continue;
        }
        const uint32_t *a = codes + (size_t)order[i - 1] * C;
        const uint32_t *b = codes + (size_t)order[i] * C;
        size_t c = 0;
        while (c < C && a[c] == b[c]) {
            c++;
        }
        assert_true(c == C ? order[i - 1] < order[i] : a[c] < b[c]);
    }
    free(seen);
    free(order);
    free(codes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorts_merges_drops),
        cmocka_unit_test(test_order_of_rows_does_not_matter),
        cmocka_unit_test(test_refuses_empty_and_too_large),
        cmocka_unit_test(test_row_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
