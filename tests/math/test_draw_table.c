/* Integer arithmetic of draws, and ways to look a draw up against each other. */
#include "compile/table_maker.h"
#include "math/draw_table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void exp2_agrees_with_libm(void **state)
{
    (void)state;
    assert_true(caucus_exp2(0) == UINT64_MAX);
    assert_true(caucus_exp2(5) == UINT64_MAX);
    assert_true(caucus_exp2(-(1LL << CAUCUS_LOG_BITS)) == 1ULL << 63);
    assert_true(caucus_exp2(-(64LL << CAUCUS_LOG_BITS)) == 0);
    assert_true(caucus_exp2(INT64_MIN + 1) == 0);
    for (int i = 1; i < 60000; i++) {
        const double x = -(double)i / 1001.0;
        const int64_t units = (int64_t)(x * 72057594037927936.0);
        const double expected = exp2((double)units / 72057594037927936.0);
        const double found = (double)caucus_exp2(units) / 18446744073709551616.0;
        assert_true(fabs(found - expected) <= 4e-16 * expected + 6e-20);
    }
}

static void products_are_whole(void **state)
{
    (void)state;
    assert_true(caucus_mul_high(UINT64_MAX, UINT64_MAX) == UINT64_MAX - 1);
    assert_true(caucus_mul_high_signed(-1, 1) == -1);
    assert_true(caucus_mul_high_signed(INT64_MIN, INT64_MIN) == 1LL << 62);
}

typedef struct made {
    caucus_tables tables;
    const caucus_table *table;
    const uint32_t *high, *low;
    uint32_t last;
} made;

static made make(caucus_law law, uint64_t n_trials)
{
    made m;
    caucus_table_maker *maker = NULL;
    uint32_t index = 0;
    assert_int_equal(caucus_table_maker_open(n_trials, 1, &maker), CAUCUS_OK);
    assert_int_equal(caucus_make_table(maker, &law, &index), CAUCUS_OK);
    caucus_table_maker_finish(maker, &m.tables);
    caucus_table_maker_close(maker);
    m.table = &m.tables.tables[index];
    m.high = m.tables.pool + m.table->high;
    m.low = m.tables.pool + m.table->low;
    m.last = m.tables.rows[m.table->first_row].last;
    return m;
}

/* Thresholds that 64 bits have reached, one after another. */
static uint32_t count_reached(const made *m, uint64_t bits)
{
    uint32_t k = 0;
    while (k < m->last && caucus_join_words(m->high[k], m->low[k]) <= bits) {
        k++;
    }
    return k;
}

static void lookups_agree_at(const made *m, uint32_t u, uint32_t trial)
{
    const caucus_place place = {{99, trial, 1}, 2, 0};
    const caucus_reader reader = caucus_reader_at(place);
    const uint32_t more = caucus_read_more(&reader, CAUCUS_SPACE_COUNTS, 5);
    const uint32_t expected = count_reached(m, caucus_join_words(u, more));
    assert_int_equal(caucus_table_find(&m->tables, m->table, 0, u, &reader, CAUCUS_SPACE_COUNTS, 5), expected);
    assert_int_equal(caucus_table_step(m->high, m->low, 0, m->last, u, &reader, CAUCUS_SPACE_COUNTS, 5), expected);
}

static void lookups_agree_at_every_threshold(void **state)
{
    (void)state;
    const caucus_law laws[] = {caucus_law_poisson(0.02),         caucus_law_poisson(2.0),
                               caucus_law_poisson(5877.0),       caucus_law_poisson(0.0),
                               caucus_law_binomial(1, 0.5, 0.5), caucus_law_binomial(61440, 0.3, 0.7),
                               caucus_law_binomial(5, 1.0, 0.0)};
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        for (uint64_t n_trials = 0; n_trials < 2; n_trials++) {
            made m = make(laws[i], n_trials); /* by slices where there are many, and to be searched */
            assert_true((m.table->slices != CAUCUS_NO_TABLE) == (n_trials == 0 && m.last > CAUCUS_MOST_COUNTED));
            for (uint32_t k = 0; k < m.last; k++) {
                for (uint32_t around = 0; around < 3; around++) {
                    lookups_agree_at(&m, m.high[k] + around - 1, 3 * k + around);
                }
            }
            for (uint32_t j = 0; j < 4096; j++) {
                lookups_agree_at(&m, (j << 20) - 1, j);
            }
            caucus_tables_free(&m.tables);
        }
    }
}

/* The lower half of a threshold decides where the upper halves are equal: whole tables of 64 bits against halves. */
static void ties_are_resolved_both_ways(void **state)
{
    (void)state;
    made m = make(caucus_law_binomial(61440, 0.3, 0.7), 0);
    uint32_t reached = 0;
    const uint32_t k = m.last / 2;
    for (uint32_t trial = 0; trial < 1000; trial++) {
        const caucus_place place = {{5, trial, 0}, 1, 0};
        const caucus_reader reader = caucus_reader_at(place);
        reached += caucus_table_find(&m.tables, m.table, 0, m.high[k], &reader, CAUCUS_SPACE_COUNTS, 0) > k ? 1 : 0;
    }
    /* the more words reach low[k] with probability 1 - low[k] / 2^32: six standard deviations */
    const double expected = 1000.0 * (1.0 - (double)m.low[k] / 4294967296.0);
    assert_true(fabs((double)reached - expected) < 6.0 * 16.0);
    caucus_tables_free(&m.tables);
}

static void equal_laws_share_a_table(void **state)
{
    (void)state;
    caucus_table_maker *maker = NULL;
    caucus_tables tables;
    uint32_t first = 0;
    uint32_t second = 0;
    const caucus_law law = caucus_law_poisson(3.25);
    assert_int_equal(caucus_table_maker_open(0, 1, &maker), CAUCUS_OK);
    for (uint32_t i = 0; i < 500; i++) { /* the list of tables grows on the way */
        const caucus_law other = caucus_law_poisson(0.5 * i);
        assert_int_equal(caucus_make_table(maker, &other, &second), CAUCUS_OK);
        assert_int_equal(caucus_make_table(maker, &law, i == 0 ? &first : &second), CAUCUS_OK);
        assert_true(i == 0 || first == second);
    }
    assert_int_equal(caucus_make_ladder(maker, 0.5, 0.5, 300, &first), CAUCUS_OK);
    assert_int_equal(caucus_make_ladder(maker, 0.5, 0.5, 4000, &second), CAUCUS_OK);
    assert_int_equal(first, second);
    assert_int_equal(caucus_make_ladder(maker, 0.5, 0.5, 5000, &second), CAUCUS_OK);
    assert_int_not_equal(first, second);
    caucus_table_maker_finish(maker, &tables);
    caucus_table_maker_close(maker);
    caucus_tables_free(&tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp2_agrees_with_libm),
        cmocka_unit_test(products_are_whole),
        cmocka_unit_test(lookups_agree_at_every_threshold),
        cmocka_unit_test(ties_are_resolved_both_ways),
        cmocka_unit_test(equal_laws_share_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
