#include "math/random.h"
#include "population/row_table.h"

#include <stdlib.h>
#include <string.h>

void caucus_row_table_free(caucus_row_table *rows)
{
    if (rows != NULL) {
        free(rows->sources);
        free(rows->few);
        free(rows->many);
        free(rows->categories);
        free(rows->labels);
        free(rows->weights);
        free(rows);
    }
}

void caucus_row_get(const caucus_row_table *rows, uint32_t row, double *x)
{
    const uint16_t *category = rows->categories + (size_t)row * rows->n_categories;
    uint32_t number = 0;
    if (rows->n_categories > 0) {
        memset(x, 0, rows->n_columns * sizeof *x);
    }
    for (uint32_t f = 0; f < rows->n_sources; f++) {
        const caucus_row_source *source = &rows->sources[f];
        if (source->numeric) {
            x[source->first_column] = (caucus_row_number(rows, row, number++) - source->mean) / source->scale;
        } else {
            x[source->first_column + *category++] = 1;
        }
    }
    x[rows->n_columns] = 1;
}

size_t caucus_row_table_bytes(const caucus_row_table *rows)
{
    const size_t number = rows->few != NULL ? sizeof *rows->few : sizeof *rows->many;
    const size_t weight = rows->weights != NULL ? sizeof *rows->weights : 0;
    return rows->n_rows *
           (rows->n_numbers * number + rows->n_categories * sizeof *rows->categories + sizeof *rows->labels + weight);
}

bool caucus_row_is_held_out(const caucus_row_table *rows, uint32_t row, double share)
{
    static const uint64_t key = 0x726f7773; /* apart from the seeds of trials */
    if (rows->n_own < rows->n_rows) {
        return row >= rows->n_own;
    }
    return share > 0 && caucus_uniform_first(caucus_philox(key, row, 0, 0, 0)) < share;
}
