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

static caucus_status out_of_memory(void)
{
    return caucus_fail_memory(CAUCUS_NUMBER_BYTES, "the values of a column");
}

/* ---- texts ----------------------------------------------------------------------------------------------------- */

/* A key as the value that it was. */
static caucus_value key_value(const caucus_build_column *column, const caucus_intern_key *key)
{
    caucus_value value = {.kind = column->kind, .length = key->length, .text = key->bytes};
    if (key->length == 0) {
        value.kind = CAUCUS_ABSENT;
    } else if (column->kind != CAUCUS_TEXT) {
        memcpy(&value.integer, key->bytes, sizeof value.integer);
    }
    return value;
}

/* The texts of all values that are kept, in the order of their ids. Returns how many. */
static caucus_status name_values(const caucus_build_column *column, const caucus_missing_words *missing,
                                 const bool *drop, named_value *named, uint32_t *n)
{
    for (uint32_t id = 0; id < column->values.n_keys; id++) {
        char number[CAUCUS_NUMBER_BYTES];
        size_t length = 0;
        caucus_value value = key_value(column, &column->values.keys[id]);
        const char *text = caucus_value_text(&value, number, &length);
        if (drop != NULL && drop[id]) {
            continue;
        }
        named[*n].id = id;
        if (!caucus_is_missing(missing, text, length)) {
            named[*n].text = strndup(text, length);
            if (named[*n].text == NULL) {
                return out_of_memory();
            }
        }
        (*n)++;
    }
    return CAUCUS_OK;
}

/* Spell numbers and truth values in the one way that there is for them, where a column has nothing else. */
static caucus_status spell_values(named_value *named, uint32_t n)
{
    char number[CAUCUS_NUMBER_BYTES];
    bool numbers = true;
    bool booleans = true;
    for (uint32_t v = 0; v < n && (numbers || booleans); v++) {
        const char *text = named[v].text;
        numbers = numbers && (text == NULL || caucus_spell_number(text, strlen(text), number));
        booleans = booleans && (text == NULL || caucus_spell_boolean(text, strlen(text)) != NULL);
    }
    for (uint32_t v = 0; v < n && (numbers || booleans); v++) {
        if (named[v].text == NULL) {
            continue;
        }
        caucus_spell_number(named[v].text, strlen(named[v].text), number);
        char *spelled = caucus_text_copy(numbers ? number : caucus_spell_boolean(named[v].text, strlen(named[v].text)));
        if (spelled == NULL) {
            return out_of_memory();
        }
        free(named[v].text);
        named[v].text = spelled;
    }
    return CAUCUS_OK;
}

/* ---- order ----------------------------------------------------------------------------------------------------- */

static caucus_status sort_values(const caucus_build_column *column, const caucus_missing_words *missing,
                                 const bool *drop, caucus_categories *categories, uint32_t *final_ids)
{
    named_value *named = NULL;
    uint32_t n = 0;
    caucus_status status = CAUCUS_OK;
    TRY(caucus_alloc(column->values.n_keys, sizeof *named, "the values of a column", &named));
    TRY_GOTO(name_values(column, missing, drop, named, &n), done);
    if (column->kind == CAUCUS_TEXT) {
        TRY_GOTO(spell_values(named, n), done);
    }
    qsort(named, n, sizeof *named, compare_values);
    for (uint32_t v = 0; v < n; v++) {
        if (v == 0 || compare_values(&named[v - 1], &named[v]) != 0) {
            const char *text = named[v].text != NULL ? named[v].text : CAUCUS_MISSING;
            categories->values[categories->n_values] = caucus_text_copy(text);
            if (categories->values[categories->n_values++] == NULL) {
                TRY_GOTO(out_of_memory(), done);
            }
        }
        final_ids[named[v].id] = categories->n_values - 1;
    }
done:
    for (uint32_t v = 0; v < column->values.n_keys; v++) {
        free(named[v].text);
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
    categories->n_values = column->bins->n_edges + 1 + column->any_missing;
    for (uint32_t v = 0; v < categories->n_values; v++) {
        final_ids[v] = v;
        categories->values[v] = bin_text(column->bins, v);
        if (categories->values[v] == NULL) {
            return out_of_memory();
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_table_values_sort(const caucus_build_column *column, const caucus_missing_words *missing,
                                       const bool *drop, caucus_categories *categories, uint32_t **final_ids)
{
    categories->name = caucus_text_copy(column->name);
    if (categories->name == NULL) {
        return out_of_memory();
    }
    uint32_t most = column->bins != NULL ? column->bins->n_edges + 2 : column->values.n_keys;
    TRY(caucus_alloc(most, sizeof *categories->values, "the values of a column", &categories->values));
    TRY(caucus_alloc(most, sizeof **final_ids, "the values of a column", final_ids));
    return column->bins != NULL ? name_bins(column, categories, *final_ids)
                                : sort_values(column, missing, drop, categories, *final_ids);
}
