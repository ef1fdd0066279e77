#include "population/table_values.h"

#include "base/number.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct named_value {
    char *text; /* NULL: missing */
    uint32_t id;
} named_value;

static int compare_values(const void *a, const void *b)
{
    const char *left = ((const named_value *)a)->text;
    const char *right = ((const named_value *)b)->text;
    if (left == NULL || right == NULL) {
        return (left == NULL) - (right == NULL);
    }
    return strcmp(left, right); /* as unsigned bytes */
}

/* The text of a key; for numbers, the shortest that reads back as the same. */
static char *key_text(const caucus_build_column *column, const caucus_intern_key *key)
{
    char text[CAUCUS_NUMBER_BYTES];
    int64_t integer;
    uint64_t natural;
    double real;
    switch (column->kind) {
    case CAUCUS_TEXT:
        return caucus_text_copy(key->bytes);
    case CAUCUS_SIGNED:
        memcpy(&integer, key->bytes, sizeof integer);
        return caucus_text_format("%lld", (long long)integer);
    case CAUCUS_UNSIGNED:
        memcpy(&natural, key->bytes, sizeof natural);
        return caucus_text_format("%llu", (unsigned long long)natural);
    case CAUCUS_SINGLE:
    case CAUCUS_DOUBLE:
        break;
    }
    memcpy(&real, key->bytes, sizeof real);
    caucus_number_format(real, column->kind == CAUCUS_SINGLE, text);
    return caucus_text_copy(text);
}

static caucus_status out_of_memory(void)
{
    return caucus_fail_memory(CAUCUS_NUMBER_BYTES, "the values of a column");
}

static caucus_status sort_values(const caucus_build_column *column, caucus_categories *categories, uint32_t *final_ids)
{
    uint32_t n = column->values.n_keys;
    named_value *named = NULL;
    TRY(caucus_alloc(n, sizeof *named, "the values of a column", &named));
    caucus_status status = CAUCUS_OK;
    for (uint32_t id = 0; id < n; id++) {
        named[id].id = id;
        if (column->values.keys[id].length > 0) {
            named[id].text = key_text(column, &column->values.keys[id]);
            status = named[id].text == NULL ? out_of_memory() : status;
        }
    }
    if (status == CAUCUS_OK) {
        qsort(named, n, sizeof *named, compare_values);
    }
    for (uint32_t v = 0; v < n; v++) { /* the categories own the texts, also when something failed */
        final_ids[named[v].id] = v;
        categories->values[v] = named[v].text;
    }
    if (status == CAUCUS_OK && named[n - 1].text == NULL) {
        categories->values[n - 1] = caucus_text_copy(CAUCUS_MISSING);
        status = categories->values[n - 1] == NULL ? out_of_memory() : status;
    }
    free(named);
    return status;
}

static char *bin_text(const caucus_bins *bins, uint32_t bin)
{
    char low[CAUCUS_NUMBER_BYTES];
    char high[CAUCUS_NUMBER_BYTES];
    if (bin > bins->n_edges) {
        return caucus_text_copy(CAUCUS_MISSING);
    }
    if (bin > 0) {
        caucus_number_format(bins->edges[bin - 1], false, low);
    }
    if (bin < bins->n_edges) {
        caucus_number_format(bins->edges[bin], false, high);
    }
    if (bin == 0) {
        return caucus_text_format("<%s", high);
    }
    return bin == bins->n_edges ? caucus_text_format(">=%s", low) : caucus_text_format("%s..%s", low, high);
}

static caucus_status name_bins(const caucus_build_column *column, caucus_categories *categories, uint32_t *final_ids)
{
    for (uint32_t v = 0; v < categories->n_values; v++) {
        final_ids[v] = v;
        categories->values[v] = bin_text(column->bins, v);
        if (categories->values[v] == NULL) {
            return out_of_memory();
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_table_values_sort(const caucus_build_column *column, caucus_categories *categories,
                                       uint32_t **final_ids)
{
    categories->name = caucus_text_copy(column->name);
    if (categories->name == NULL) {
        return out_of_memory();
    }
    uint32_t n = column->bins != NULL ? column->bins->n_edges + 1 + column->any_missing : column->values.n_keys;
    TRY(caucus_alloc(n, sizeof *categories->values, "the values of a column", &categories->values));
    categories->n_values = n;
    TRY(caucus_alloc(n, sizeof **final_ids, "the values of a column", final_ids));
    return column->bins != NULL ? name_bins(column, categories, *final_ids)
                                : sort_values(column, categories, *final_ids);
}
