/* Every given bound of tests/bound/data/bounds.json: documents of counts, each with the bounds that follow from it. */
#include "advice/counts.h"
#include "bound/value.h"

#include <libfyaml.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const path = TEST_SOURCE_DIR "/tests/bound/data/bounds.json";

static double number(struct fy_node *row, int index)
{
    const char *text = fy_node_get_scalar0(fy_node_sequence_get_by_index(row, index));
    assert_non_null(text);
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

static void check_row(const caucus_counts *counts, struct fy_node *row, double *worst)
{
    caucus_method method = {name(row, 1, caucus_family_names, CAUCUS_N_FAMILIES),
                            name(row, 2, caucus_knowledge_names, CAUCUS_N_KNOWLEDGE),
                            name(row, 3, caucus_inequality_names, CAUCUS_N_INEQUALITIES)};
    double expected = number(row, 4);
    caucus_counts_case opened;
    assert_int_equal(caucus_counts_case_open(counts, (uint32_t)number(row, 0), &opened), CAUCUS_OK);
    caucus_bound *bound = NULL;
    assert_int_equal(caucus_bound_open(&opened.setting, method, counts->delta, NULL, &bound), CAUCUS_OK);
    void *scratch = malloc(caucus_bound_scratch(bound) * sizeof(double));
    for (int again = 0; again < 2; again++) { /* the second time from remembered limits */
        double error = fabs(caucus_bound_value(bound, &opened.view, scratch) - expected);
        if (!(error <= 1e-9)) {
            fail_msg("%s/%s/%s of collective %g: off by %g from %.17g", caucus_family_names[method.family],
                     caucus_knowledge_names[method.knowledge], caucus_inequality_names[method.inequality],
                     number(row, 0), error, expected);
        }
        *worst = fmax(*worst, error);
    }
    free(scratch);
    caucus_bound_close(bound);
    caucus_counts_case_close(&opened);
}

static void given_bounds(void **state)
{
    (void)state;
    caucus_counts *documents = NULL;
    size_t n_documents = 0;
    if (caucus_counts_read(path, &documents, &n_documents) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    struct fy_document *vectors = fy_document_build_from_file(NULL, path);
    assert_non_null(vectors);
    struct fy_node *list = fy_document_root(vectors);
    assert_int_equal(fy_node_sequence_item_count(list), (int)n_documents);
    int checked = 0;
    double worst = 0;
    for (size_t i = 0; i < n_documents; i++) {
        struct fy_node *rows =
            fy_node_mapping_lookup_by_string(fy_node_sequence_get_by_index(list, (int)i), "bounds", FY_NT);
        for (int row = 0; row < fy_node_sequence_item_count(rows); row++) {
            check_row(&documents[i], fy_node_sequence_get_by_index(rows, row), &worst);
            checked++;
        }
        caucus_counts_free(&documents[i]);
    }
    print_message("%d bounds, worst error %.3g\n", checked, worst);
    assert_int_equal(checked, 3550);
    fy_document_destroy(vectors);
    free(documents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(given_bounds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
