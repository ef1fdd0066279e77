/* The rows that can be handed in, in the making: those of the table, and what members make of theirs. */
#ifndef CAUCUS_ROWS_POINTS_H
#define CAUCUS_ROWS_POINTS_H

#include "rows/tables.h"

typedef struct caucus_row_points {
    caucus_rows *rows;
    uint32_t n, capacity;
    double *numbers;  /* [point][stride] */
    double *expected; /* [point] people of an expected trial */
    uint32_t *expected_labels;
} caucus_row_points;

/* The rows of the table that are trained on. */
caucus_status caucus_row_points_add_raw(caucus_row_points *points);

/* What members of a collective hand in: one new point each, or one for all where the change leaves no difference.
 * numbers: room for a row. */
caucus_status caucus_row_points_add(caucus_row_points *points, uint32_t m, double *numbers);

/* People at each point of a trial that is as expected. */
void caucus_row_points_expect(caucus_row_points *points);

#endif
