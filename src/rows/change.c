/* What collectives make of a row, and whose rows may be theirs. */
#include "rows/tables.h"

void caucus_rows_change(const caucus_row_map *map, const double *row, uint32_t n_columns, double *numbers)
{
    for (uint32_t j = 0; j < n_columns; j++) {
        double x = map->factor[j] * row[j] + map->offset[j];
        x = x < map->low[j] ? map->low[j] : x;
        numbers[j] = x > map->high[j] ? map->high[j] : x;
    }
    numbers[n_columns] = 1;
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
