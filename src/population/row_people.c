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

bool caucus_row_is_held_out(uint32_t row, double share)
{
    static const uint64_t key = 0x726f7773; /* apart from the seeds of trials */
    return share > 0 && caucus_uniform_first(caucus_philox(key, row, 0, 0, 0)) < share;
}
