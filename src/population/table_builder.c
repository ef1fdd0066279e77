#include "population/table_builder.h"

#include "base/number.h"
#include "base/text.h"
#include "base/utf8.h"
#include "population/row_order.h"
#include "population/table_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double MAX_WEIGHT = 9007199254740992.0; /* 2^53 */

caucus_status caucus_table_build_init(caucus_table_build *build, const caucus_table_columns *columns)
{
    *build = (caucus_table_build){.n_columns = columns->n_columns};
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(columns->n_columns, sizeof *build->columns, "columns", &build->columns), out);
    TRY_GOTO(caucus_tally_init(&build->tally, columns->n_columns), out);
    TRY_GOTO(caucus_alloc((size_t)build->tally.row_words * 4, sizeof *build->row, "a row", &build->row), out);
    for (uint32_t c = 0; c < columns->n_columns; c++) {
        build->columns[c].name = columns->columns[c].name;
        build->columns[c].bins = columns->columns[c].bins;
        TRY_GOTO(caucus_intern_init(&build->columns[c].values), out);
    }
out:
    if (status != CAUCUS_OK) {
        caucus_table_build_free(build);
    }
    return status;
}

void caucus_table_build_free(caucus_table_build *build)
{
    for (uint32_t c = 0; build->columns != NULL && c < build->n_columns; c++) {
        caucus_intern_free(&build->columns[c].values);
    }
    free(build->columns);
    free(build->row);
    caucus_tally_free(&build->tally);
    *build = (caucus_table_build){0};
}

/* ---- values --------------------------------------------------------------------------------------------------- */

static caucus_status set_key(caucus_table_build *build, uint32_t column, const void *key, size_t length, bool *is_new)
{
    caucus_build_column *c = &build->columns[column];
    caucus_status status = caucus_intern_id(&c->values, key, length, &build->row[column], is_new);
    if (status != CAUCUS_OK) {
        caucus_error_prefix("column \"%s\": ", c->name);
    }
    return status;
}

static void set_bin(caucus_table_build *build, uint32_t column, double value)
{
    const caucus_bins *bins = build->columns[column].bins;
    uint32_t low = 0;
    uint32_t high = bins->n_edges; /* the bin is the number of edges at or below the value */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (bins->edges[middle] <= value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    build->row[column] = (uint16_t)low;
}

static void set_missing_bin(caucus_table_build *build, uint32_t column)
{
    build->columns[column].any_missing = true;
    build->row[column] = (uint16_t)(build->columns[column].bins->n_edges + 1);
}

caucus_status caucus_table_build_text(caucus_table_build *build, uint32_t column, const char *text, size_t length,
                                      bool check)
{
    caucus_build_column *c = &build->columns[column];
    if (length == sizeof CAUCUS_MISSING - 1 && memcmp(text, CAUCUS_MISSING, length) == 0) {
        length = 0;
    }
    if (c->bins == NULL) {
        bool is_new = false;
        TRY(set_key(build, column, text, length, &is_new));
        if (is_new && check && caucus_utf8_check(text, length) < length) {
            return caucus_fail(CAUCUS_INVALID, "column \"%s\": a text that is not UTF-8", c->name);
        }
        return CAUCUS_OK;
    }
    if (length == 0) {
        set_missing_bin(build, column);
        return CAUCUS_OK;
    }
    double value = 0;
    if (!caucus_number_parse(text, length, &value)) {
        return caucus_fail(CAUCUS_INVALID,
                           "\"%.*s\" is not a number, but column \"%s\" is cut by bins (leave missing values empty)",
                           length < 60 ? (int)length : 60, text, c->name);
    }
    set_bin(build, column, value);
    return CAUCUS_OK;
}

static caucus_status set_number(caucus_table_build *build, uint32_t column, caucus_value_kind kind, const void *key,
                                double value)
{
    bool is_new;
    if (build->columns[column].bins != NULL) {
        set_bin(build, column, value);
        return CAUCUS_OK;
    }
    build->columns[column].kind = kind;
    return set_key(build, column, key, 8, &is_new);
}

caucus_status caucus_table_build_signed(caucus_table_build *build, uint32_t column, int64_t value)
{
    return set_number(build, column, CAUCUS_SIGNED, &value, (double)value);
}

caucus_status caucus_table_build_unsigned(caucus_table_build *build, uint32_t column, uint64_t value)
{
    return set_number(build, column, CAUCUS_UNSIGNED, &value, (double)value);
}

caucus_status caucus_table_build_real(caucus_table_build *build, uint32_t column, double value, bool single)
{
    if (isnan(value)) {
        bool is_new;
        if (build->columns[column].bins == NULL) {
            return set_key(build, column, "", 0, &is_new);
        }
        set_missing_bin(build, column);
        return CAUCUS_OK;
    }
    value += 0.0; /* -0 becomes 0 */
    return set_number(build, column, single ? CAUCUS_SINGLE : CAUCUS_DOUBLE, &value, value);
}

/* ---- weights and rows ----------------------------------------------------------------------------------------- */

caucus_status caucus_table_weight_number(const char *name, double value, uint64_t *weight)
{
    if (!(value >= 0 && value <= MAX_WEIGHT && value == floor(value))) {
        return caucus_fail(CAUCUS_INVALID, "weight %.17g in column \"%s\": weights are counts, integers from 0 to 2^53",
                           value, name);
    }
    *weight = (uint64_t)value;
    return CAUCUS_OK;
}

caucus_status caucus_table_weight_text(const char *name, const char *text, size_t length, uint64_t *weight)
{
    double value = 0;
    if (length == 0) {
        return caucus_fail(CAUCUS_INVALID, "no weight in column \"%s\"; write 0 for nobody", name);
    }
    if (!caucus_number_parse(text, length, &value)) {
        return caucus_fail(CAUCUS_INVALID,
                           "\"%.*s\" in column \"%s\" is not a weight: weights are counts, integers from "
                           "0 to 2^53",
                           length < 60 ? (int)length : 60, text, name);
    }
    return caucus_table_weight_number(name, value, weight);
}

caucus_status caucus_table_build_add(caucus_table_build *build, uint64_t weight)
{
    build->n_rows++;
    build->total += weight;
    if (build->total > UINT64_C(1) << 53) { /* both were at most 2^53 before: no overflow */
        return caucus_fail(CAUCUS_INVALID, "the weights up to here add up to more than 2^53; divide all of them");
    }
    return weight > 0 ? caucus_tally_add(&build->tally, build->row, weight) : CAUCUS_OK;
}

/* ---- the population ------------------------------------------------------------------------------------------- */

/* The rows of the tally with final ids, label last, and the order of these rows. */
typedef struct sorted_rows {
    uint32_t n_rows;
    uint32_t n_columns;
    uint32_t *codes; /* [row][column] */
    uint32_t *order; /* [row] */
} sorted_rows;

static caucus_status sort_rows(const caucus_table_build *build, const caucus_population *population,
                               uint32_t *const *final_ids, sorted_rows *sorted)
{
    uint32_t n_columns = build->n_columns;
    *sorted = (sorted_rows){.n_rows = build->tally.n_rows, .n_columns = n_columns};
    caucus_status status = CAUCUS_OK;
    uint32_t *n_values = NULL; /* [column] */
    TRY_GOTO(caucus_alloc(n_columns, sizeof *n_values, "columns", &n_values), out);
    TRY_GOTO(caucus_alloc((size_t)sorted->n_rows * n_columns, sizeof *sorted->codes, "rows", &sorted->codes), out);
    TRY_GOTO(caucus_alloc(sorted->n_rows, sizeof *sorted->order, "rows", &sorted->order), out);
    for (uint32_t c = 0; c < n_columns; c++) {
        n_values[c] = c < population->n_features ? population->features[c].n_values : population->n_labels;
    }
    for (uint32_t row = 0; row < sorted->n_rows; row++) {
        for (uint32_t c = 0; c < n_columns; c++) {
            sorted->codes[(size_t)row * n_columns + c] = final_ids[c][caucus_tally_id(&build->tally, row, c)];
        }
    }
    TRY_GOTO(caucus_row_order(sorted->codes, sorted->n_rows, n_columns, n_values, sorted->order), out);
out:
    free(n_values);
    return status;
}

static bool same_cell(const sorted_rows *sorted, uint32_t a, uint32_t b)
{
    size_t n_features = sorted->n_columns - 1;
    return memcmp(sorted->codes + (size_t)a * sorted->n_columns, sorted->codes + (size_t)b * sorted->n_columns,
                  n_features * sizeof *sorted->codes) == 0;
}

static caucus_status fill_cells(const caucus_table_build *build, const sorted_rows *sorted,
                                caucus_population *population)
{
    uint32_t n_features = population->n_features;
    for (uint32_t i = 0; i < sorted->n_rows; i++) {
        population->n_cells += i == 0 || !same_cell(sorted, sorted->order[i - 1], sorted->order[i]);
    }
    TRY(caucus_alloc(population->n_cells * n_features, sizeof *population->codes, "cells", &population->codes));
    size_t n_weights = 0;
    if (__builtin_mul_overflow(population->n_cells, population->n_labels, &n_weights)) {
        return caucus_fail_memory(SIZE_MAX, "the weights of cells x labels");
    }
    TRY(caucus_alloc(n_weights, sizeof *population->weights, "the weights of cells x labels", &population->weights));
    uint64_t cell = 0;
    for (uint32_t i = 0; i < sorted->n_rows; i++) {
        uint32_t row = sorted->order[i];
        const uint32_t *codes = sorted->codes + (size_t)row * sorted->n_columns;
        cell += i > 0 && !same_cell(sorted, sorted->order[i - 1], row);
        memcpy(population->codes + cell * n_features, codes, n_features * sizeof *codes);
        population->weights[cell * population->n_labels + codes[n_features]] += caucus_tally_count(&build->tally, row);
    }
    return CAUCUS_OK;
}

/* A count with commas. */
static void format_count(uint64_t count, char text[32])
{
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    char *to = text;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = '\0';
}

static char *describe(const caucus_table_build *build, const caucus_table_spec *spec)
{
    char rows[32];
    char people[32];
    format_count(build->n_rows, rows);
    format_count(build->total, people);
    if (spec->weight == NULL) {
        return caucus_text_format("%s (%s rows)", spec->path, rows);
    }
    return caucus_text_format("%s (%s rows, %s people)", spec->path, rows, people);
}

static caucus_status fill(caucus_table_build *build, const caucus_table_spec *spec, caucus_population *population,
                          uint32_t **final_ids)
{
    population->n_features = build->n_columns - 1;
    population->finite = true;
    TRY(caucus_alloc(population->n_features, sizeof *population->features, "features", &population->features));
    for (uint32_t c = 0; c < build->n_columns; c++) {
        caucus_categories *categories = c < population->n_features ? &population->features[c] : &population->label;
        TRY(caucus_table_values_sort(&build->columns[c], categories, &final_ids[c]));
    }
    population->n_labels = population->label.n_values;
    if (population->n_labels < 2) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s: the label column \"%s\" has one value only, \"%s\"; there is nothing to "
                           "predict",
                           spec->path, population->label.name, population->label.values[0]);
    }
    population->source = describe(build, spec);
    if (population->source == NULL) {
        return caucus_fail_memory(strlen(spec->path), "a path");
    }
    sorted_rows sorted;
    caucus_status status = sort_rows(build, population, final_ids, &sorted);
    if (status == CAUCUS_OK) {
        status = fill_cells(build, &sorted, population);
    }
    free(sorted.order);
    free(sorted.codes);
    TRY(status);
    status = caucus_population_finish(population);
    if (status != CAUCUS_OK) {
        caucus_error_prefix("%s: ", spec->path);
    }
    return status;
}

caucus_status caucus_table_build_finish(caucus_table_build *build, const caucus_table_spec *spec,
                                        caucus_population **population)
{
    if (build->n_rows == 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: the table has columns but no rows", spec->path);
    }
    if (build->total == 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: every row has weight 0", spec->path);
    }
    caucus_status status = CAUCUS_OK;
    caucus_population *made = NULL;
    uint32_t **final_ids = NULL; /* [column][id of first appearance] */
    TRY_GOTO(caucus_tally_flush(&build->tally), out);
    TRY_GOTO(caucus_alloc(1, sizeof *made, "a population", &made), out);
    TRY_GOTO(caucus_alloc(build->n_columns, sizeof *final_ids, "columns", &final_ids), out);
    TRY_GOTO(fill(build, spec, made, final_ids), out);
    *population = made;
    made = NULL;
out:
    for (uint32_t c = 0; final_ids != NULL && c < build->n_columns; c++) {
        free(final_ids[c]);
    }
    free(final_ids);
    caucus_population_free(made);
    return status;
}
