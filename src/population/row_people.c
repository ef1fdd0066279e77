#include "math/random.h"
#include "population/row_table.h"

#include <stdlib.h>

void caucus_row_table_free(caucus_row_table *rows)
{
    if (rows != NULL) {
        free(rows->sources);
        free(rows->x);
        free(rows->labels);
        free(rows->weights);
        free(rows);
    }
}

bool caucus_row_is_held_out(const caucus_row_table *rows, uint32_t row, double share)
{
    static const uint64_t key = 0x726f7773; /* apart from the seeds of trials */
    if (rows->n_own < rows->n_rows) {
        return row >= rows->n_own;
    }
    return share > 0 && caucus_uniform_first(caucus_philox(key, row, 0, 0, 0)) < share;
}
