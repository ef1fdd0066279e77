/* The points of a configuration, in the making: all vectors that are trained on or tested, in the learner's precision.
 *
 * Equal vectors with equal labels are one point, and all points of one vector are a cell: of tables whose rows repeat
 * only what is different is kept and trained on. Those that are only tested lie behind those that are trained on. */
#ifndef CAUCUS_ROWS_POINTS_H
#define CAUCUS_ROWS_POINTS_H

#include "rows/tables.h"

typedef struct caucus_row_points {
    caucus_rows *rows;
    caucus_dense_table table; /* room for capacity points */
    uint32_t n, capacity;
    uint32_t *labels;          /* [point] */
    uint32_t *expected_labels; /* [point] */
    uint32_t *cell;            /* [point] the first point with its vector */
    uint32_t *next;            /* [point] another one with its vector, or NOBODY */
    uint32_t *slots;           /* [n_slots] of a hash table of cells: point + 1; 0: free */
    uint64_t n_slots;          /* a power of two, at least twice the points */
    double *expected;          /* [point] people of an expected trial */
} caucus_row_points;

caucus_status caucus_row_points_open(caucus_rows *rows, caucus_row_points *points);
void caucus_row_points_close(caucus_row_points *points);

/* Put a vector where the next point will be: the first point that has it, or NOBODY. */
caucus_status caucus_row_points_find(caucus_row_points *points, double *numbers, uint32_t *cell);

/* The point with this vector and label, made if there is none. */
caucus_status caucus_row_points_put(caucus_row_points *points, uint32_t label, uint32_t expected_label, double *numbers,
                                    uint32_t *point);

/* ---- what is handed in and tested (rows/handed_in.c) ------------------------------------------------------------- */

/* The rows of the table that are trained on. numbers: room for a row, here and below. */
caucus_status caucus_row_points_add_raw(caucus_row_points *points, double *numbers);

/* What members of a collective hand in. */
caucus_status caucus_row_points_add(caucus_row_points *points, uint32_t m, double *numbers);

/* People at each point of a trial that is as expected, once all of those are there. */
caucus_status caucus_row_points_expect(caucus_row_points *points);

/* The rows of the test, and what each collective makes of them. */
caucus_status caucus_row_points_add_test(caucus_row_points *points, double *numbers);

#endif
