/* What collectives make of a row, and whose rows may be theirs. */
#include "rows/tables.h"

#include <math.h>

void caucus_rows_change(const caucus_row_map *map, const double *row, uint32_t n_columns, double *numbers)
{
    for (uint32_t j = 0; j < n_columns; j++) {
        double x = map->factor[j] * row[j] + map->offset[j];
        x = x < map->low[j] ? map->low[j] : x;
        numbers[j] = x > map->high[j] ? map->high[j] : x;
    }
    numbers[n_columns] = 1;
}

static caucus_status fail_large(const caucus_rows *rows, uint32_t row, const caucus_collective *by, uint32_t column,
                                double number)
{
    const caucus_row_table *table = rows->table;
    uint32_t f = 0;
    while (column >= table->sources[f].first_column + table->sources[f].n_columns) {
        f++;
    }
    const bool own = row < table->n_own;
    return caucus_fail(CAUCUS_INVALID,
                       "%s of row %u of %s (from 0, of those that were read)%s%s%s is %g as it is trained on, and "
                       "products with precision: %s take numbers up to %g; write scale: standard or precision: double, "
                       "or keep it smaller",
                       rows->config->population->features[f].name, own ? row : row - table->n_own,
                       own ? "the population" : "the test's file", by != NULL ? ", as changed by " : "",
                       by != NULL ? by->name : "", by != NULL ? "," : "", number,
                       caucus_products_names[rows->config->learner.precision],
                       caucus_dense_largest(&rows->config->learner));
}

caucus_status caucus_rows_vector(const caucus_rows *rows, uint32_t row, const caucus_collective *collective,
                                 const caucus_row_map *map, double *numbers)
{
    const uint32_t n_columns = rows->table->n_columns;
    const double largest = caucus_dense_largest(&rows->config->learner);
    caucus_row_get(rows->table, row, numbers);
    if (map != NULL) {
        caucus_rows_change(map, numbers, n_columns, numbers);
    }
    for (uint32_t j = 0; j < n_columns; j++) {
        if (!(fabs(numbers[j]) <= largest)) {
            return fail_large(rows, row, map != NULL ? collective : NULL, j, numbers[j]);
        }
    }
    return CAUCUS_OK;
}

bool caucus_rows_is_constant(const caucus_row_map *map, uint32_t n_columns)
{
    bool constant = true;
    for (uint32_t j = 0; j < n_columns; j++) {
        constant = constant && map->factor[j] == 0;
    }
    return constant;
}

bool caucus_rows_may_join(const caucus_collective *collective, const double *row)
{
    bool may = true;
    for (uint32_t t = 0; may && t < collective->n_row_terms; t++) {
        const caucus_row_term *term = &collective->row_terms[t];
        double sum = 0;
        for (uint32_t j = 0; j < term->n_columns; j++) {
            sum += row[term->columns[j]];
        }
        may = sum >= term->low && sum < term->below;
    }
    return may;
}
