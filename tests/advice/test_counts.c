/* Reading counts documents: what is said about wrong ones, and what a view makes of right ones. */
#include "advice/counts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static caucus_status read_text(const char *text, caucus_counts **documents, size_t *n)
{
    char path[] = "/tmp/caucus-counts-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    caucus_status status = caucus_counts_read(path, documents, n);
    unlink(path);
    return status;
}

static const char *const head = "{consumers: 1K, test: 50, delta: 0.1, cells: 3, labels: 2, collectives: [";
static const char *const planter =
    "{strategy: feature_label, target: 1, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]]}";

static void well_formed(void **state)
{
    (void)state;
    char text[1024];
    snprintf(text, sizeof text,
             "- %s %s, {strategy: feature_only, target: 0, map: [1, 1, 2], counts: [[10, 20], [30, 40], [50, 60]]}]}",
             head, planter);
    caucus_counts *documents = NULL;
    size_t n = 0;
    if (read_text(text, &documents, &n) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    assert_int_equal(n, 1);
    assert_int_equal(documents[0].consumers, 1000);
    assert_int_equal(documents[0].slack, CAUCUS_CONTAMINATION);
    assert_int_equal(documents[0].collectives[0].members, 21);
    assert_int_equal(documents[0].collectives[1].outside, 0); /* chosen: the first cell outside {1, 2} */

    caucus_counts_case opened;
    assert_int_equal(caucus_counts_case_open(&documents[0], 0, &opened), CAUCUS_OK);
    assert_int_equal(opened.setting.n_cells, 1);
    assert_int_equal(opened.cells[0], 2);
    assert_int_equal(opened.view.n_own, 21);
    assert_int_equal(opened.view.own[0], 0);
    assert_int_equal(opened.view.own[1], 21);
    assert_int_equal(opened.view.mass[0], 21);
    assert_int_equal(opened.view.base[0], 5);
    assert_int_equal(opened.view.base[1], 6);
    assert_int_equal(opened.view.others[0], 50); /* of the second: cell 2 keeps its zeros, ones go to cell 0 */
    assert_int_equal(opened.view.others[1], 0);
    assert_int_equal(opened.view.pooled[0], 55);
    assert_int_equal(opened.view.n_pooled, 231);
    assert_int_equal(opened.view.crossed[2], 5); /* the second's strategy on the first's members */
    caucus_counts_case_close(&opened);

    assert_int_equal(caucus_counts_case_open(&documents[0], 1, &opened), CAUCUS_OK);
    assert_int_equal(opened.setting.n_cells, 2);
    assert_int_equal(opened.view.own[0], 40); /* cell 1: zeros of cells 0 and 1 */
    assert_int_equal(opened.view.own[2], 50);
    assert_int_equal(opened.view.mass[0], 100);
    assert_int_equal(opened.view.mass[1], 110);
    assert_int_equal(opened.view.others[3], 21);
    caucus_counts_case_close(&opened);
    caucus_counts_free(&documents[0]);
    free(documents);
}

static void malformed(void **state)
{
    (void)state;
    const struct {
        const char *text; /* %s: a good collective */
        const char *about;
    } cases[] = {
        {"", "empty"},
        {"{consumers: [1", ":1:"},
        {"5", "must be a mapping"},
        {"[5]", "document 0: it must be a mapping"},
        {"{consumers: 1, test: 1, delta: 0.1, cells: 3, labels: 2, collectives: []}", "must be a list of one or more"},
        {"{test: 1, delta: 0.1, cells: 3, labels: 2, collectives: [%s]}", "consumers is missing"},
        {"{consumers: 100, test: 1, cells: 3, labels: 2, collectives: [%s]}", "delta is missing"},
        {"{consumers: 100, test: 1, delta: 1, cells: 3, labels: 2, collectives: [%s]}", "delta is 1"},
        {"{consumers: 100, test: 1, delta: x, cells: 3, labels: 2, collectives: [%s]}", "delta must be a number"},
        {"{consumers: 100, test: 0, delta: 0.1, cells: 3, labels: 2, collectives: [%s]}", "test must lie"},
        {"{consumers: 100, test: 1, delta: 0.1, epsilon: 1, cells: 3, labels: 2, collectives: [%s]}", "epsilon is 1"},
        {"{consumers: 100, test: 1, delta: 0.1, slack: loose, cells: 3, labels: 2, collectives: [%s]}",
         "slack cannot be \"loose\""},
        {"{consumers: 100, test: 1, delta: 0.1, cells: 3, labels: 1, collectives: [%s]}", "labels is 1; it must lie"},
        {"{consumers: 20, test: 1, delta: 0.1, cells: 3, labels: 2, collectives: [%s]}",
         "more than the 20 of consumers"},
        {"{consumers: 30, test: 1, delta: 0.1, cells: 3, labels: 2, collectives: [%s, %s]}", "collectives[1].counts"},
        {"{consumer: 100, test: 1, delta: 0.1, cells: 3, labels: 2, collectives: [%s]}", "did you mean \"consumers\"?"},
        {"{consumers: 100, test: 1, delta: 0.1, cells: 4, labels: 2, collectives: [%s]}",
         "map has 3 items for 4 cells"},
        {"{consumers: 100, test: 1, delta: 0.1, cells: 3, labels: 3, collectives: [%s]}",
         "counts[0] has 2 items for 3 labels"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        size_t used = 0;
        for (const char *c = cases[i].text; *c != '\0'; c++) {
            bool insert = c[0] == '%';
            used += (size_t)snprintf(text + used, sizeof text - used, insert ? "%s" : "%.1s", insert ? planter : c);
            c += insert;
        }
        text[used] = '\0';
        caucus_counts *documents = NULL;
        size_t n = 0;
        assert_int_equal(read_text(text, &documents, &n), CAUCUS_INVALID);
        if (strstr(caucus_error_message(), cases[i].about) == NULL) {
            fail_msg("'%s' does not say '%s'", caucus_error_message(), cases[i].about);
        }
    }
}

static void malformed_collectives(void **state)
{
    (void)state;
    const struct {
        const char *text;
        const char *about;
    } cases[] = {
        {"7", "must be a mapping"},
        {"{strategy: plant, target: 1, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]]}",
         "strategy cannot be \"plant\""},
        {"{strategy: feature_label, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]]}", "target is missing"},
        {"{strategy: feature_label, target: 2, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]]}", "target is 2"},
        {"{strategy: feature_label, target: 1, map: [2, 3, 2], counts: [[1, 2], [3, 4], [5, 6]]}", "map[1] is 3"},
        {"{strategy: feature_label, target: 1, map: [2, 2, 2], counts: [[1, -2], [3, 4], [5, 6]]}",
         "counts[0][1] is -2; it cannot be negative"},
        {"{strategy: feature_label, target: 1, map: [2, 2, 2], counts: [[1, 2], [3, 4.5], [5, 6]]}",
         "counts[1][1] is 4.5; it must be a whole number"},
        {"{strategy: feature_label, target: 1, map: [2, 2, 2], counts: [[1, 2], [3, 4]]}",
         "counts has 2 items for 3 cells"},
        {"{strategy: feature_label, target: 1, map: [2, 2, 2]}", "counts is missing"},
        {"{strategy: feature_label, target: 1, size: 20, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]]}",
         "size is 20, but counts add up to 21"},
        {"{strategy: feature_label, traget: 1, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]]}",
         "did you mean \"target\"?"},
        {"{strategy: feature_only, target: 1, outside: 2, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]]}",
         "outside is 2, a cell that map reaches"},
        {"{strategy: feature_only, target: 1, map: [2, 1, 0], counts: [[1, 2], [3, 4], [5, 6]]}",
         "map reaches every cell"},
        {"{strategy: erase, map: [1, 2, 2], counts: [[1, 2], [3, 4], [5, 6]]}",
         "erase needs a map that leaves its images where they are"},
        {"{strategy: unplant_adaptive, target: 1, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]]}",
         "estimator_counts is missing"},
        {"{strategy: feature_label, target: 1, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]], estimator_counts: "
         "[[1, 0], [0, 0], [0, 0]]}",
         "belong to unplant_adaptive"},
        {"{strategy: unplant_adaptive, target: 1, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]], estimator_counts: "
         "[[2, 0], [0, 0], [0, 0]]}",
         "estimator_counts[0][0] is 2, but counts has only 1"},
        {"{strategy: unplant_adaptive, target: 1, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]], estimator_counts: "
         "[[1, 2], [3, 4], [5, 6]]}",
         "add up to 21 of 21"},
        {"{strategy: unplant_adaptive, target: 1, map: [2, 2, 2], counts: [[1, 2], [3, 4], [5, 6]], estimator_counts: "
         "[[0, 0], [0, 0], [0, 0]]}",
         "add up to 0 of 21"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, "[%s %s, %s]}]", head, planter, cases[i].text);
        caucus_counts *documents = NULL;
        size_t n = 0;
        assert_int_equal(read_text(text, &documents, &n), CAUCUS_INVALID);
        const char *message = caucus_error_message();
        if (strstr(message, cases[i].about) == NULL || strstr(message, "document 0") == NULL ||
            strstr(message, "collectives[1]") == NULL) {
            fail_msg("'%s' does not say '%s'", message, cases[i].about);
        }
    }
    caucus_counts *documents = NULL;
    size_t n = 0;
    assert_int_equal(caucus_counts_read("/nonexistent/counts.yaml", &documents, &n), CAUCUS_INVALID);
    assert_non_null(strstr(caucus_error_message(), "/nonexistent/counts.yaml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(well_formed), cmocka_unit_test(malformed),
                                       cmocka_unit_test(malformed_collectives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
