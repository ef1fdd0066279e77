/* What bounds on rows are made of: how people are counted for them (bounds_tally.c), and what a trial's bounds are
 * concluded from (bounds_trial.c). */
#ifndef CAUCUS_ROWS_BOUNDS_PARTS_H
#define CAUCUS_ROWS_BOUNDS_PARTS_H

#include "bound/value.h"
#include "rows/bounds.h"

typedef struct caucus_row_reckoning { /* methods that differ in knowledge alone */
    caucus_bound_kind kind;
    caucus_knowledge highest;
} caucus_row_reckoning;

struct caucus_row_bounds {
    uint32_t n_collectives, n_labels;
    uint32_t n_reckonings;
    caucus_row_reckoning *reckonings;
    uint32_t *lower, *upper;        /* [method] its reckoning; UINT32_MAX: none */
    caucus_bound_setting *settings; /* [collective] */
    uint64_t *sizes;
    caucus_strategy *strategies;
    uint32_t *targets;
    uint8_t *reach;             /* [collective][other] */
    bool *same;                 /* [collective][other] their points are one */
    uint32_t **own_point;       /* [collective][member row] bits of the points that its own row is; NULL: of none */
    caucus_bound **bounds;      /* [collective][reckoning][sharing] */
    uint64_t *expected;         /* a tally of the population */
    uint32_t *expected_varying; /* [group] */
    size_t scratch;
};

/* A tally is [collective][estimating][acting][place][label]: place 0 counts all, place 1 + p those whose own row is the
 * point of collective p. */
enum { CAUCUS_ROW_PARTS = 4 };

/* As many members in each part as are expected, into `expected`. */
void caucus_row_bounds_expect(const caucus_rows *rows, caucus_row_bounds *b);

/* People of a collective at a place with a label, and of all labels and places; base: without estimators; acting: only
 * those who act. */
uint64_t caucus_row_tally_of(const caucus_row_bounds *b, const uint64_t *tally, uint32_t j, bool base, bool acting,
                             uint32_t place, uint32_t y);
uint64_t caucus_row_tally_all(const caucus_row_bounds *b, const uint64_t *tally, uint32_t j, bool base, bool acting);

#endif
