/* The values of an axis: listed, or made by linspace, logspace, range. */
#include "base/text.h"
#include "experiment/sections.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VALUES = 1000000, NUMBER_BYTES = 32 };

static const char *const MAKERS[] = {"linspace", "logspace", "range"};
enum { LINSPACE, LOGSPACE, RANGE, N_MAKERS };

static caucus_status fail_maker(caucus_document *document, const caucus_node *node, const char *maker)
{
    char hint[64];
    snprintf(hint, sizeof hint, "write %s: [%s]", maker,
             strcmp(maker, "range") == 0 ? "start, stop, step" : "first, last, count");
    return caucus_document_fail(document, node, hint, "%s takes a list of three numbers", maker);
}

static caucus_status read_three(caucus_document *document, const caucus_node *node, const char *maker,
                                double numbers[3])
{
    if (node->kind != CAUCUS_SEQUENCE || node->n_items != 3) {
        return fail_maker(document, node, maker);
    }
    for (int i = 0; i < 3; i++) {
        const caucus_node *item = node->items[i].value;
        if (item->kind != CAUCUS_SCALAR || !caucus_text_number(item->text, &numbers[i])) {
            return fail_maker(document, item, maker);
        }
    }
    return CAUCUS_OK;
}

/* Steps from start to before stop, like Python's range; a last step that only rounding puts before stop is not taken.
 */
static caucus_status count_range(caucus_document *document, const caucus_node *node, const double numbers[3],
                                 double *count)
{
    if (numbers[2] == 0) {
        return caucus_document_fail(document, node->items[2].value, NULL, "the step of a range cannot be 0");
    }
    *count = ceil((numbers[1] - numbers[0]) / numbers[2] - 1e-9);
    if (!(*count >= 1)) {
        return caucus_document_fail(document, node, "stop itself is left out", "this range has no values");
    }
    return CAUCUS_OK;
}

static caucus_status count_values(caucus_document *document, const caucus_node *node, unsigned maker,
                                  const double numbers[3], double *count)
{
    if (maker == RANGE) {
        TRY(count_range(document, node, numbers, count));
    } else {
        *count = numbers[2];
        if (*count < 1 || *count != floor(*count)) {
            return caucus_document_fail(document, node->items[2].value, NULL,
                                        "the count of %s must be a whole number of 1 or more", MAKERS[maker]);
        }
        for (int i = 0; i < 2 && maker == LOGSPACE; i++) {
            if (numbers[i] <= 0) {
                return caucus_document_fail(document, node->items[i].value,
                                            "the ends are the values themselves, not their logarithms",
                                            "the ends of logspace must be above 0");
            }
        }
    }
    if (*count > MOST_VALUES) {
        return caucus_document_fail(document, node, NULL, "%.15g values are more than the %d an axis may have", *count,
                                    MOST_VALUES);
    }
    return CAUCUS_OK;
}

static double value_at(unsigned maker, const double numbers[3], double i, double count)
{
    double a = numbers[0];
    double b = numbers[1];
    if (maker == RANGE) {
        return a + i * numbers[2];
    }
    if (i == 0 || i == count - 1) { /* the ends to the bit */
        return i == 0 ? a : b;
    }
    double part = i / (count - 1);
    return maker == LINSPACE ? a + (b - a) * part : exp(log(a) + (log(b) - log(a)) * part);
}

static caucus_status make_values(caucus_document *document, const caucus_node *node, unsigned maker, uint32_t *n_values,
                                 caucus_node ***values)
{
    double numbers[3] = {0};
    double count = 0;
    TRY(read_three(document, node, MAKERS[maker], numbers));
    TRY(count_values(document, node, maker, numbers, &count));
    *n_values = (uint32_t)count;
    TRY(caucus_document_alloc(document, *n_values * sizeof **values, values));
    for (uint32_t i = 0; i < *n_values; i++) {
        /* 15 digits are what a decimal keeps in a double, so that 0.1 + 2 * 0.1 is 0.3. */
        char text[NUMBER_BYTES];
        snprintf(text, sizeof text, "%.15g", value_at(maker, numbers, i, count));
        TRY(caucus_document_scalar(document, text, node, &(*values)[i]));
    }
    return CAUCUS_OK;
}

caucus_status caucus_sweep_value(caucus_document *document, const caucus_node *node, bool mappings)
{
    if (node->kind == CAUCUS_SCALAR || (node->kind == CAUCUS_MAPPING && mappings)) {
        return CAUCUS_OK;
    }
    char found[CAUCUS_HINT_BYTES];
    return caucus_document_fail(
        document, node, node->kind == CAUCUS_MAPPING ? "sweep what is in it, by paths that go further down" : NULL,
        "a value of an axis must be a single word or text%s, not %s", mappings ? ", or a mapping" : "",
        caucus_node_describe(node, found));
}

caucus_status caucus_sweep_values(caucus_document *document, const caucus_node *node, bool mappings, uint32_t *n_values,
                                  caucus_node ***values)
{
    if (node->kind == CAUCUS_MAPPING) {
        TRY(caucus_read_keys(document, node, "values", MAKERS, N_MAKERS));
        if (node->n_items != 1) {
            return caucus_document_fail(document, node, "write one of linspace, logspace, range",
                                        "values has %u ways to make them", node->n_items);
        }
        unsigned maker = LINSPACE;
        while (strcmp(MAKERS[maker], node->items[0].key->text) != 0) {
            maker++;
        }
        return make_values(document, node->items[0].value, maker, n_values, values);
    }
    TRY(caucus_read_list(document, node, "values"));
    if (node->n_items > MOST_VALUES) {
        return caucus_document_fail(document, node, NULL, "%u values are more than the %d an axis may have",
                                    node->n_items, MOST_VALUES);
    }
    *n_values = node->n_items;
    TRY(caucus_document_alloc(document, *n_values * sizeof **values, values));
    for (uint32_t i = 0; i < *n_values; i++) {
        (*values)[i] = node->items[i].value;
        TRY(caucus_sweep_value(document, (*values)[i], mappings));
    }
    return CAUCUS_OK;
}
