/* Opening and printing results: finished, unfinished, and files that are none. */
#include "base/status.h"
#include "hdf5/file.h"
#include "reseal.h"
#include "result/identity.h"
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/caucus-result-XXXXXX";
static char finished[128];
static char unfinished[128];

static void in_directory(const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", directory, name);
}

static int make_files(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    in_directory("finished.h5", finished);
    in_directory("unfinished.h5", unfinished);
    fixture f;
    fixture_init(&f);
    caucus_store_options options = {.output = finished};
    assert_int_equal(fixture_run(&f, &options, 1), CAUCUS_OK);
    /* all of the first configuration, a block of the third */
    options.output = unfinished;
    caucus_store *store = NULL;
    caucus_block *block = NULL;
    assert_int_equal(caucus_store_open(&f.layout, &f.provenance, &options, &store), CAUCUS_OK);
    assert_int_equal(caucus_layout_block_alloc(&f.layout, &block), CAUCUS_OK);
    static const uint64_t blocks[] = {4, 1, 0, 13, 3, 2};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(fixture_put(&f, store, blocks[i], block), CAUCUS_OK);
    }
    assert_int_equal(caucus_store_flush(store), CAUCUS_OK);
    caucus_store_close(store);
    free(block);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

/* What is printed, in memory of the caller; format < 0: info. */
static char *print(const char *path, int format)
{
    char *text = NULL;
    size_t size = 0;
    caucus_result *result = NULL;
    if (caucus_result_open(path, &result) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    FILE *to = open_memstream(&text, &size);
    caucus_status status = format < 0 ? caucus_result_print_info(result, to)
                                      : caucus_result_print_summary(result, (caucus_format)format, to);
    assert_int_equal(status, CAUCUS_OK);
    fclose(to);
    caucus_result_close(result);
    return text;
}

static void assert_has(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL) {
        fail_msg("\"%s\" is not in:\n%s", wanted, text);
    }
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        n += *text == '\n';
    }
    return n;
}

static void test_info(void **state)
{
    (void)state;
    char *text = print(finished, -1);
    static const char *const finished_words[] = {
        "experiment      two\n", "state           complete\n",
        "configurations  6\n",   "share         from 0.005 to 0.2\n",
        "ziel des tests",        "\u2265 75k, <10k, \"low\"\n",
        "3: renters, ",          "2: staircase/total/hoeffding, budget/full/kl\n",
        "18446744073709551615",  "cpu, a test, host threads 2",
        "finished        20"};
    for (size_t i = 0; i < sizeof finished_words / sizeof finished_words[0]; i++) {
        assert_has(text, finished_words[i]);
    }
    free(text);
    text = print(unfinished, -1);
    assert_has(text, "unfinished.h5.parts");
    assert_has(text, "6 of 30 blocks of 5 trials are done (20.0 %)");
    assert_has(text, "--resume");
    free(text);
}

static void test_table(void **state)
{
    (void)state;
    char *text = print(finished, CAUCUS_TABLE);
    /* heading, methods and blank, titles and dashes, a line for each of 3 + 2 + 3 + 2 + 3 + 2 collectives */
    assert_int_equal(count_lines(text), 5 + 15);
    assert_has(text, "family as titled, knowledge as titled, inequality as titled");
    assert_has(text, "staircase/total/hoeffding");
    assert_null(strstr(text, "unfinished"));
    free(text);
    text = print(unfinished, CAUCUS_TABLE);
    assert_int_equal(count_lines(text), 6 + 6);
    assert_has(text, "6 of 30 blocks of trials are done; 4 configurations without trials are left out");
    free(text);
}

/* The first configuration is whole in both. */
static void test_csv(void **state)
{
    (void)state;
    char *text = print(finished, CAUCUS_CSV);
    char *partial = print(unfinished, CAUCUS_CSV);
    static const char titles[] =
        "config,share,ziel_des_tests,collective,size,success_mean,success_std,success_q05,success_median,success_q95,"
        "method,bound_mean,bound_q05,bound_median,bound_q95,tightness_mean,violation_rate,violation_low,"
        "violation_high,vacuous_rate,delta,trials\r\n"
        "0,0.005,\u2265 75k,renters,1000,";
    assert_memory_equal(text, titles, sizeof titles - 1);
    assert_int_equal(count_lines(text), 31);
    assert_has(text, "0.005,\"<10k, \"\"low\"\"\",renters,2000,");
    assert_has(text, "\"landlords, small\",1002,");
    assert_has(text, ",budget/full/kl,,,,,,,,,,"); /* does not apply: no number */
    assert_int_equal(count_lines(partial), 13);
    const char *second = strstr(text, "1,0.005,\"<10k");
    assert_memory_equal(text, partial, (size_t)(second - text));
    assert_has(partial, ",5\r\n");
    double sum = 0;
    fixture f;
    fixture_init(&f);
    for (uint64_t t = 0; t < 23; t++) {
        sum += (double)fixture_count(&f, 0, t, 0) / 1000;
    }
    assert_true(fabs(strtod(text + sizeof titles - 1, NULL) - sum / 23) < 1e-12);
    free(partial);
    free(text);
}

static void test_json(void **state)
{
    (void)state;
    char *text = print(finished, CAUCUS_JSON);
    assert_memory_equal(text, "[\n  {\"config\": 0, \"share\": 0.005, \"ziel_des_tests\": \"\u2265 75k\", ", 52);
    assert_has(text, "\"<10k, \\\"low\\\"\"");
    assert_has(text, "\"bound_mean\": null");
    assert_has(text, "}\n]\n");
    char command[400];
    char path[128];
    in_directory("summary.json", path);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    free(text);
    if (access("/usr/bin/python3", X_OK) == 0) { /* a parser that is not ours */
        snprintf(command, sizeof command,
                 "/usr/bin/python3 -c \"import json; rows = json.load(open('%s')); assert len(rows) == 30\"", path);
        assert_int_equal(system(command), 0);
    }
}

static void assert_refused(const char *path, const char *const *words, size_t n_words)
{
    caucus_result *result = NULL;
    assert_int_equal(caucus_result_open(path, &result), CAUCUS_INVALID);
    for (size_t i = 0; i < n_words; i++) {
        assert_has(caucus_error_message(), words[i]);
    }
}
#define ASSERT_REFUSED(path, ...)                                                                                      \
    assert_refused(path, (const char *const[]){__VA_ARGS__},                                                           \
                   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void copy_finished(const char *name, char path[128])
{
    char command[300];
    in_directory(name, path);
    snprintf(command, sizeof command, "cp '%s' '%s'", finished, path);
    assert_int_equal(system(command), 0);
}

static void test_no_results(void **state)
{
    (void)state;
    char path[128];
    in_directory("missing.h5", path);
    ASSERT_REFUSED(path, "missing.h5", "no such file");
    ASSERT_REFUSED(directory, "not a regular file");
    in_directory("notes.h5", path);
    FILE *file = fopen(path, "w");
    fputs("name: two\n", file);
    fclose(file);
    ASSERT_REFUSED(path, "not an HDF5 file");
    in_directory("foreign.h5", path);
    hid_t foreign = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(foreign);
    assert_true(reseal(path));
    ASSERT_REFUSED(path, "HDF5 file, but no result of caucus");
    copy_finished("torn.h5", path);
    assert_int_equal(truncate(path, 9000), 0);
    ASSERT_REFUSED(path, "torn.h5", "seal", "torn");
    char part[192];
    snprintf(part, sizeof part, "%s.parts/segment-00000000.h5", unfinished);
    ASSERT_REFUSED(part, "part of an unfinished run");
}

static void test_newer_format(void **state)
{
    (void)state;
    char path[128];
    copy_finished("newer.h5", path);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t attribute = H5Aopen(file, "format_version", H5P_DEFAULT);
    const int version = CAUCUS_FORMAT_VERSION + 1;
    assert_true(H5Awrite(attribute, H5T_NATIVE_INT, &version) >= 0);
    H5Aclose(attribute);
    H5Fclose(file);
    assert_true(reseal(path));
    ASSERT_REFUSED(path, "format version 4", "reads version 3");
}

static void test_lacking_datasets(void **state)
{
    (void)state;
    static const char *const names[] = {"done", "summary", "share", "size", "method"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        copy_finished("lacking.h5", path);
        hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
        assert_true(H5Ldelete(file, names[i], H5P_DEFAULT) >= 0);
        H5Fclose(file);
        assert_true(reseal(path));
        caucus_result *result = NULL;
        assert_int_not_equal(caucus_result_open(path, &result), CAUCUS_OK);
        assert_has(caucus_error_message(), "lacking.h5");
        assert_has(caucus_error_message(), names[i]);
    }
}

/* A damaged segment is left out of the summary with a notice, and left where it is. */
static void test_damaged_part(void **state)
{
    (void)state;
    char path[192];
    struct stat file;
    snprintf(path, sizeof path, "%s.parts/segment-00000000.h5", unfinished);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(truncate(path, file.st_size - 1), 0);
    char *text = print(unfinished, -1);
    assert_has(text, "0 of 30 blocks");
    assert_has(text, "segment-00000000.h5 is torn");
    free(text);
    assert_int_equal(stat(path, &file), 0);
    text = print(unfinished, CAUCUS_JSON);
    assert_string_equal(text, "[\n\n]\n");
    free(text);
}

static void test_full_device(void **state)
{
    (void)state;
    caucus_result *result = NULL;
    assert_int_equal(caucus_result_open(finished, &result), CAUCUS_OK);
    FILE *full = fopen("/dev/full", "w");
    assert_int_equal(caucus_result_print_summary(result, CAUCUS_TABLE, full), CAUCUS_FAILED);
    assert_has(caucus_error_message(), "No space left");
    fclose(full);
    caucus_result_close(result);
}

int main(void)
{
    assert_int_equal(caucus_h5_begin(), CAUCUS_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_info),         cmocka_unit_test(test_table),
        cmocka_unit_test(test_csv),          cmocka_unit_test(test_json),
        cmocka_unit_test(test_no_results),   cmocka_unit_test(test_newer_format),
        cmocka_unit_test(test_full_device),  cmocka_unit_test(test_lacking_datasets),
        cmocka_unit_test(test_damaged_part),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
