/* The lexicographic order of rows of small integers. */
#ifndef CAUCUS_POPULATION_ROW_ORDER_H
#define CAUCUS_POPULATION_ROW_ORDER_H

#include "base/status.h"

/* Fill order with the indices of the rows, sorted lexicographically (equal rows in their given order).
 * codes: [row][column], codes[..][c] < n_values[c], else CAUCUS_FAILED; order: [row], at most 2^32 - 1 rows.
 * Takes time proportional to the rows, times the bits of a row over 16. */
caucus_status caucus_row_order(const uint32_t *codes, size_t n_rows, uint32_t n_columns, const uint32_t *n_values,
                               uint32_t *order);

#endif
