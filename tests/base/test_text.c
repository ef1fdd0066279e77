/* Numbers as people write them, and the nearest of some names. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0},        {"1", 1},         {"-2.5", -2.5},   {"+3", 3},         {".5", 0.5},
                {"1e6", 1e6},    {"200K", 200000}, {"200k", 200000}, {"1.5M", 1.5e6},   {"2G", 2e9},
                {"1T", 1e12},    {"0.3M", 300000}, {"1.001K", 1001}, {"1e3K", 1e6},     {"0.1", 0.1},
                {"4.35K", 4350}, {"1.1G", 1.1e9},  {"-1K", -1000},   {"5e-324", 5e-324}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        double value = -1;
        assert_true(caucus_text_number(good[i].text, &value));
        assert_true(value == good[i].value); /* to the bit: 0.3M is 300000, not 0.3 times 10^6 */
    }
    static const char *const bad[] = {"",    " 1",  "1 ", "K",   "1KK",   "1 K", "0x10",     "nan", "inf", "-inf",
                                      "1_0", "1,5", "1e", "--1", "1e400", "12a", "infinity", "1Ki", "e5",  "."};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double value = -1;
        if (caucus_text_number(bad[i], &value)) {
            fail_msg("\"%s\" was taken for the number %g", bad[i], value);
        }
    }
}

static void test_counts(void **state)
{
    (void)state;
    uint64_t value = 1;
    assert_true(caucus_text_count("0", &value));
    assert_int_equal(value, 0);
    assert_true(caucus_text_count("9007199254740992", &value));
    assert_true(value == 1ull << 53);
    assert_true(caucus_text_count("1.0009G", &value));
    assert_int_equal(value, 1000900000);
    assert_false(caucus_text_count("9007199254740994", &value));
    assert_false(caucus_text_count("1.0005K5", &value));
    assert_false(caucus_text_count("1.0005K", &value)); /* 1000.5 */
    assert_false(caucus_text_count("-1", &value));
}

static void test_words(void **state)
{
    (void)state;
    uint64_t value = 1;
    assert_true(caucus_text_word("18446744073709551615", &value));
    assert_true(value == UINT64_MAX);
    assert_true(caucus_text_word("9007199254740993", &value)); /* no double */
    assert_true(value == 9007199254740993ull);
    assert_true(caucus_text_word("0x0123456789abcDEF", &value));
    assert_true(value == 0x0123456789abcdefull);
    assert_true(caucus_text_word("2K", &value));
    assert_int_equal(value, 2000);
    static const char *const bad[] = {"",    "-1", "0x", "0xg", "18446744073709551616", "0x10000000000000000",
                                      "1.5", " 1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(caucus_text_word(bad[i], &value));
    }
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {"trials", "seed", "target", "targets"};
    assert_int_equal(caucus_text_nearest("triasl", names, 4), 0);
    assert_int_equal(caucus_text_nearest("SEED", names, 4), 1);
    assert_int_equal(caucus_text_nearest("targts", names, 4), 3);
    assert_int_equal(caucus_text_nearest("consumers", names, 4), 4);
    assert_int_equal(caucus_text_nearest("x", names, 0), 0);
    char long_word[1000];
    memset(long_word, 'a', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = '\0';
    assert_int_equal(caucus_text_nearest(long_word, names, 4), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
