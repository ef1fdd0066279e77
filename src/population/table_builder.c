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

/* Those of the missing words that are numbers, to be compared with numbers. */
static caucus_status find_missing_numbers(caucus_table_build *build)
{
    TRY(caucus_alloc(build->missing.n, sizeof *build->missing_numbers, "missing values", &build->missing_numbers));
    for (uint32_t i = 0; i < build->missing.n; i++) {
        const char *word = build->missing.words[i];
        build->n_missing_numbers +=
            caucus_number_parse(word, strlen(word), &build->missing_numbers[build->n_missing_numbers]);
    }
    return CAUCUS_OK;
}

caucus_status caucus_table_build_init(caucus_table_build *build, const caucus_table_spec *spec,
                                      const caucus_table_columns *columns)
{
    *build = (caucus_table_build){.spec = spec,
                                  .n_columns = columns->n_columns,
                                  .missing = spec->missing != NULL ? *spec->missing : caucus_missing_default};
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(columns->n_columns, sizeof *build->columns, "columns", &build->columns), failed);
    TRY_GOTO(find_missing_numbers(build), failed);
    TRY_GOTO(caucus_alloc(CAUCUS_MAX_VALUES, sizeof *build->label_missing, "labels", &build->label_missing), failed);
    TRY_GOTO(caucus_row_counts_init(&build->tally, columns->n_columns), failed);
    TRY_GOTO(caucus_alloc((size_t)build->tally.row_words * 4, sizeof *build->row, "a row", &build->row), failed);
    for (uint32_t c = 0; c < columns->n_columns; c++) {
        build->columns[c].name = columns->columns[c].name;
        build->columns[c].bins = columns->columns[c].bins;
        TRY_GOTO(caucus_intern_init(&build->columns[c].values), failed);
    }
    return CAUCUS_OK;
failed:
    caucus_table_build_free(build);
    return status;
}

void caucus_table_build_free(caucus_table_build *build)
{
    for (uint32_t c = 0; build->columns != NULL && c < build->n_columns; c++) {
        caucus_intern_free(&build->columns[c].values);
    }
    free(build->columns);
    free(build->missing_numbers);
    free(build->label_missing);
    free(build->row);
    caucus_row_counts_free(&build->tally);
    *build = (caucus_table_build){0};
}

/* ---- values --------------------------------------------------------------------------------------------------- */

uint32_t caucus_bins_find(const caucus_bins *bins, double value)
{
    uint32_t low = 0;
    uint32_t high = bins->n_edges;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (bins->edges[middle] <= value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_missing_number(const caucus_table_build *build, double value)
{
    bool missing = false;
    for (uint32_t i = 0; i < build->n_missing_numbers; i++) {
        missing |= build->missing_numbers[i] == value;
    }
    return missing;
}

/* Whether a binned column's value is missing; *number is its number otherwise. */
static caucus_status read_number(const caucus_table_build *build, const caucus_build_column *column,
                                 const caucus_value *value, double *number, bool *missing)
{
    bool is_number = true;
    switch (value->kind) {
    case CAUCUS_ABSENT:
        *missing = true;
        return CAUCUS_OK;
    case CAUCUS_TEXT:
        is_number = caucus_number_parse(value->text, value->length, number);
        break;
    case CAUCUS_SIGNED:
        *number = (double)value->integer;
        break;
    case CAUCUS_UNSIGNED:
        *number = (double)value->natural;
        break;
    case CAUCUS_SINGLE:
    case CAUCUS_DOUBLE:
        *number = value->real;
        is_number = isfinite(*number);
        break;
    }
    *missing = is_number ? is_missing_number(build, *number)
                         : value->kind == CAUCUS_TEXT && caucus_is_missing(&build->missing, value->text, value->length);
    if (is_number || *missing) {
        return CAUCUS_OK;
    }
    char room[CAUCUS_NUMBER_BYTES];
    size_t length = 0;
    const char *text = caucus_value_text(value, room, &length);
    return caucus_fail(CAUCUS_INVALID,
                       "\"%.*s\" is not a number, but column \"%s\" is cut by bins; if it means that the value is "
                       "missing, name it under missing",
                       length < 60 ? (int)length : 60, text, column->name);
}

static caucus_status set_binned(caucus_table_build *build, uint32_t column, const caucus_value *value)
{
    caucus_build_column *c = &build->columns[column];
    double number = 0;
    bool missing = false;
    TRY(read_number(build, c, value, &number, &missing));
    build->row[column] = (uint16_t)(missing ? c->bins->n_edges + 1 : caucus_bins_find(c->bins, number));
    bool is_label = column + 1 == build->n_columns;
    c->any_missing |= missing && (!is_label || build->spec->keep_unlabelled);
    return CAUCUS_OK;
}

caucus_status caucus_check_text(const char *name, const caucus_value *value)
{
    return caucus_utf8_check(value->text, value->length) == value->length
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID, "column \"%s\": a text that is not UTF-8", name);
}

/* A key that was not there before: check its text, and say of a label whether it is one. */
static caucus_status look_at_new(caucus_table_build *build, uint32_t column, const caucus_value *value, bool checked)
{
    const caucus_build_column *c = &build->columns[column];
    if (value->kind == CAUCUS_TEXT && !checked) {
        TRY(caucus_check_text(c->name, value));
    }
    if (column + 1 == build->n_columns) {
        char room[CAUCUS_NUMBER_BYTES];
        size_t length = 0;
        const char *text = caucus_value_text(value, room, &length);
        build->label_missing[build->row[column]] = caucus_is_missing(&build->missing, text, length);
    }
    return CAUCUS_OK;
}

caucus_status caucus_table_build_set(caucus_table_build *build, uint32_t column, const caucus_value *value,
                                     bool checked)
{
    caucus_build_column *c = &build->columns[column];
    if (c->bins != NULL) {
        return set_binned(build, column, value);
    }
    const void *key = value->kind == CAUCUS_TEXT ? (const void *)value->text : &value->integer;
    size_t length = value->kind == CAUCUS_TEXT ? value->length : value->kind == CAUCUS_ABSENT ? 0 : 8;
    bool is_new = false;
    caucus_status status = caucus_intern_id(&c->values, key, length, &build->row[column], &is_new);
    if (status != CAUCUS_OK) {
        caucus_error_prefix("column \"%s\": ", c->name);
        return status;
    }
    if (value->kind != CAUCUS_ABSENT) {
        c->kind = value->kind;
    }
    return is_new ? look_at_new(build, column, value, checked) : CAUCUS_OK;
}

/* ---- weights and rows ----------------------------------------------------------------------------------------- */

caucus_status caucus_table_weight(const char *name, const caucus_value *value, uint64_t *weight)
{
    char room[CAUCUS_NUMBER_BYTES];
    size_t length = 0;
    double number = 0;
    const char *text = caucus_value_text(value, room, &length);
    if (length == 0) {
        return caucus_fail(CAUCUS_INVALID, "no weight in column \"%s\"; write 0 for nobody", name);
    }
    if (!caucus_number_parse(text, length, &number)) {
        return caucus_fail(CAUCUS_INVALID,
                           "\"%.*s\" in column \"%s\" is not a weight: weights are counts, integers from 0 to 2^53",
                           length < 60 ? (int)length : 60, text, name);
    }
    if (!(number >= 0 && number <= MAX_WEIGHT && number == floor(number))) {
        return caucus_fail(CAUCUS_INVALID, "weight %.17g in column \"%s\": weights are counts, integers from 0 to 2^53",
                           number, name);
    }
    *weight = (uint64_t)number;
    return CAUCUS_OK;
}

static caucus_status add_people(uint64_t weight, uint64_t *total)
{
    *total += weight;
    if (*total > UINT64_C(1) << 53) { /* both were at most 2^53 before: no overflow */
        return caucus_fail(CAUCUS_INVALID, "the weights up to here add up to more than 2^53; divide all of them");
    }
    return CAUCUS_OK;
}

caucus_status caucus_table_build_label(caucus_table_build *build, uint64_t weight, bool *labelled)
{
    const uint32_t label = build->n_columns - 1;
    const caucus_bins *bins = build->columns[label].bins;
    uint16_t id = build->row[label];
    bool missing = bins != NULL ? id == bins->n_edges + 1 : build->label_missing[id];
    *labelled = !missing || build->spec->keep_unlabelled;
    build->n_unlabelled_rows += !*labelled;
    return *labelled ? CAUCUS_OK : add_people(weight, &build->n_unlabelled);
}

caucus_status caucus_table_build_add(caucus_table_build *build, uint64_t weight)
{
    build->n_rows++;
    TRY(add_people(weight, &build->total));
    return weight > 0 ? caucus_row_counts_add(&build->tally, build->row, weight) : CAUCUS_OK;
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
    TRY_GOTO(caucus_alloc(n_columns, sizeof *n_values, "columns", &n_values), done);
    TRY_GOTO(caucus_alloc((size_t)sorted->n_rows * n_columns, sizeof *sorted->codes, "rows", &sorted->codes), done);
    TRY_GOTO(caucus_alloc(sorted->n_rows, sizeof *sorted->order, "rows", &sorted->order), done);
    for (uint32_t c = 0; c < n_columns; c++) {
        n_values[c] = c < population->n_features ? population->features[c].n_values : population->n_labels;
    }
    for (uint32_t row = 0; row < sorted->n_rows; row++) {
        for (uint32_t c = 0; c < n_columns; c++) {
            sorted->codes[(size_t)row * n_columns + c] = final_ids[c][caucus_row_counts_id(&build->tally, row, c)];
        }
    }
    TRY_GOTO(caucus_row_order(sorted->codes, sorted->n_rows, n_columns, n_values, sorted->order), done);
done:
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
        population->weights[cell * population->n_labels + codes[n_features]] +=
            caucus_row_counts_count(&build->tally, row);
    }
    return CAUCUS_OK;
}

static char *describe(const caucus_table_build *build)
{
    char rows[CAUCUS_TEXT_GROUPED];
    char people[CAUCUS_TEXT_GROUPED];
    const char *path = build->spec->place.path;
    caucus_text_group(build->n_rows, rows);
    caucus_text_group(build->total, people);
    return build->spec->weight == NULL ? caucus_text_format("%s (%s rows)", path, rows)
                                       : caucus_text_format("%s (%s rows, %s people)", path, rows, people);
}

static caucus_status fill(caucus_table_build *build, caucus_population *population, uint32_t **final_ids)
{
    const char *path = build->spec->place.path;
    population->n_features = build->n_columns - 1;
    population->finite = true;
    population->n_rows = build->n_rows;
    population->n_unlabelled_rows = build->n_unlabelled_rows;
    population->n_unlabelled = build->n_unlabelled;
    TRY(caucus_alloc(population->n_features, sizeof *population->features, "features", &population->features));
    for (uint32_t c = 0; c < build->n_columns; c++) {
        caucus_categories *categories = c < population->n_features ? &population->features[c] : &population->label;
        const bool *drop = c < population->n_features || build->spec->keep_unlabelled ? NULL : build->label_missing;
        TRY(caucus_table_values_sort(&build->columns[c], &build->missing, drop, categories, &final_ids[c]));
    }
    population->n_labels = population->label.n_values;
    if (population->n_labels < 2) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s: the label column \"%s\" has one value only, \"%s\"; there is nothing to "
                           "predict",
                           path, population->label.name, population->label.values[0]);
    }
    population->source = describe(build);
    if (population->source == NULL) {
        return caucus_fail_memory(strlen(path), "a path");
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
        caucus_error_prefix("%s: ", path);
    }
    return status;
}

caucus_status caucus_table_build_finish(caucus_table_build *build, caucus_population **population)
{
    const char *path = build->spec->place.path;
    if (build->n_rows == 0 && build->n_unlabelled_rows > 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: no row has a label in column \"%s\"", path, build->spec->label);
    }
    if (build->n_rows == 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: the table has columns but no rows", path);
    }
    if (build->total == 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: every row has weight 0", path);
    }
    caucus_status status = CAUCUS_OK;
    caucus_population *made = NULL;
    uint32_t **final_ids = NULL; /* [column][id of first appearance] */
    TRY_GOTO(caucus_row_counts_flush(&build->tally), done);
    TRY_GOTO(caucus_alloc(1, sizeof *made, "a population", &made), done);
    TRY_GOTO(caucus_alloc(build->n_columns, sizeof *final_ids, "columns", &final_ids), done);
    TRY_GOTO(fill(build, made, final_ids), done);
    *population = made;
    made = NULL;
done:
    for (uint32_t c = 0; final_ids != NULL && c < build->n_columns; c++) {
        free(final_ids[c]);
    }
    free(final_ids);
    caucus_population_free(made);
    return status;
}
