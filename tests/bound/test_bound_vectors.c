/* Every given bound of tests/bound/data/bounds.json: documents of counts, each with the bounds that follow from it,
 * from below and from above. */
#include "advice/counts.h"
#include "bound_value.h"

#include <libfyaml.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const path = TEST_SOURCE_DIR "/tests/bound/data/bounds.json";

enum { COLLECTIVE, FAMILY, KNOWLEDGE, INEQUALITY, BOUND, UPPER };

typedef struct tally {
    int checked;
    int missing; /* bounds that there are none of */
    double worst;
} tally;

/* NaN for null. */
static double number(struct fy_node *row, int index)
{
    const char *text = fy_node_get_scalar0(fy_node_sequence_get_by_index(row, index));
    assert_non_null(text);
    if (strcmp(text, "null") == 0) {
        return NAN;
    }
    char *end = NULL;
    double value = strtod(text, &end);
    assert_true(end != text && *end == '\0');
    return value;
}

static uint32_t name(struct fy_node *row, int index, const char *const *names, uint32_t n)
{
    const char *text = fy_node_get_scalar0(fy_node_sequence_get_by_index(row, index));
    assert_non_null(text);
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(text, names[i]) == 0) {
            return i;
        }
    }
    fail_msg("no such name: %s", text);
    return 0;
}

static void check(double got, double expected, const char *what, tally *seen)
{
    seen->checked++;
    seen->missing += isnan(expected) ? 1 : 0;
    if (isnan(expected) != isnan(got)) {
        fail_msg("%s: %.17g instead of %.17g", what, got, expected);
    }
    const double error = isnan(expected) ? 0 : fabs(got - expected);
    if (!(error <= 1e-9)) {
        fail_msg("%s: off by %g from %.17g", what, error, expected);
    }
    seen->worst = fmax(seen->worst, error);
}

static void check_row(const caucus_counts *counts, size_t document, struct fy_node *row, tally *seen)
{
    const caucus_family family = name(row, FAMILY, caucus_family_names, CAUCUS_N_FAMILIES);
    const caucus_knowledge knowledge = name(row, KNOWLEDGE, caucus_knowledge_names, CAUCUS_N_KNOWLEDGE);
    const caucus_inequality inequality = name(row, INEQUALITY, caucus_inequality_names, CAUCUS_N_INEQUALITIES);
    caucus_counts_case opened;
    assert_int_equal(caucus_counts_case_open(counts, (uint32_t)number(row, COLLECTIVE), &opened), CAUCUS_OK);
    for (int side = CAUCUS_LOWER; side < CAUCUS_N_SIDES; side++) {
        caucus_bound *bound = NULL;
        const caucus_bound_kind kind = {family, inequality, side};
        assert_int_equal(caucus_bound_open(&opened.setting, kind, counts->delta, NULL, &bound), CAUCUS_OK);
        double *scratch = malloc(caucus_bound_scratch(bound) * sizeof(double));
        for (int again = 0; again < 2; again++) { /* the second time from remembered limits */
            char what[160];
            snprintf(what, sizeof what, "document %zu, collective %g, %s/%s/%s, %s", document, number(row, COLLECTIVE),
                     caucus_family_names[family], caucus_knowledge_names[knowledge],
                     caucus_inequality_names[inequality], side == CAUCUS_LOWER ? "lower" : "upper");
            check(bound_value(bound, &opened.view, knowledge, scratch), number(row, BOUND + side), what, seen);
        }
        free(scratch);
        caucus_bound_close(bound);
    }
    caucus_counts_case_close(&opened);
}

static void given_bounds(void **state)
{
    (void)state;
    caucus_counts *documents = NULL;
    size_t n_documents = 0;
    tally seen = {0};
    if (caucus_counts_read(path, &documents, &n_documents) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    struct fy_document *vectors = fy_document_build_from_file(NULL, path);
    assert_non_null(vectors);
    struct fy_node *list = fy_document_root(vectors);
    assert_int_equal(fy_node_sequence_item_count(list), (int)n_documents);
    for (size_t i = 0; i < n_documents; i++) {
        struct fy_node *rows =
            fy_node_mapping_lookup_by_string(fy_node_sequence_get_by_index(list, (int)i), "bounds", FY_NT);
        for (int row = 0; row < fy_node_sequence_item_count(rows); row++) {
            check_row(&documents[i], i, fy_node_sequence_get_by_index(rows, row), &seen);
        }
        caucus_counts_free(&documents[i]);
    }
    print_message("%d bounds, %d of them none, worst error %.3g\n", seen.checked, seen.missing, seen.worst);
    assert_int_equal(seen.checked, 4 * 6930);
    assert_true(seen.missing > 0);
    fy_document_destroy(vectors);
    free(documents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(given_bounds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
