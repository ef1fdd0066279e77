/* Bounds on rows: where every collective sets all columns, its signal set is a single point, and what is counted there
 * is what bounds over cells count (bound/bound.h). */
#ifndef CAUCUS_ROWS_BOUNDS_H
#define CAUCUS_ROWS_BOUNDS_H

#include "rows/tables.h"

/* What a configuration's bounds are; NULL where it asks for none. Every collective makes one row of all, and none
 * erases (experiment/section_rows.c sees to it). CAUCUS_INVALID for more collectives than are counted. */
caucus_status caucus_row_bounds_open(const caucus_rows *rows, caucus_row_bounds **made);
void caucus_row_bounds_close(caucus_row_bounds *bounds);

/* People by what bounds ask of them: words of a trial's tally. */
size_t caucus_row_bounds_words(const caucus_row_bounds *bounds);

/* Add members of collective m, drawn as counts of its rows, to a tally. */
void caucus_row_bounds_tally(const caucus_rows *rows, uint32_t m, bool estimating, bool acting, const uint64_t *counts,
                             uint64_t *tally);

/* Scratch of a thread, in doubles. */
size_t caucus_row_bounds_scratch(const caucus_row_bounds *bounds);

/* A trial's bounds into its result. epsilon: its suboptimality; varying: the label of each group that agrees on one. */
void caucus_row_bounds_conclude(const caucus_rows *rows, const uint64_t *tally, double epsilon, const uint32_t *varying,
                                double *scratch, const caucus_row *result);

#endif
