/* The tables of a configuration on rows.
 *
 * Points are the rows that can be handed in: those of the table, then of each collective what its members make of
 * theirs. A test point is a row of the test, and what each collective would make of it. */
#ifndef CAUCUS_ROWS_TABLES_H
#define CAUCUS_ROWS_TABLES_H

#include "dense/dense.h"
#include "rows/group.h"
#include "rows/rows.h"

#define CAUCUS_ROWS_NOBODY UINT32_MAX

typedef struct caucus_row_members { /* of one collective */
    caucus_row_group group;
    uint32_t *point; /* [member row] what an acting member hands in */
    bool *signal;    /* [member row] the row is a signal already; unplant_naive */
    bool any_signal;
    uint32_t first_test; /* of its images of the test rows, among the test points */
    bool one_image;      /* all of them are one */
} caucus_row_members;

struct caucus_rows {
    const caucus_config *config;
    const caucus_row_table *table;
    uint32_t n_collectives;
    uint32_t stride; /* numbers of a point */
    uint64_t others_size;
    double *global_weights; /* [collective] */

    caucus_row_group others; /* the rows that trials train on */
    uint32_t *point;         /* [row of the table] its point, or CAUCUS_ROWS_NOBODY */
    caucus_row_members *members;
    caucus_row_group test; /* rows of the test */

    uint32_t n_points;
    uint32_t *labels; /* [point] */
    caucus_dense *dense;

    uint32_t n_test_points;
    void *test_table; /* of the dense's operations */
};

struct caucus_rows_space {
    const caucus_rows *rows;
    uint32_t batch;
    caucus_row_urn urn;
    uint64_t *counts;       /* [row of the table] of a draw */
    uint64_t *label_counts; /* [label] */
    double *people;         /* [point][trial] */
    double *working;        /* the same, for training to use up */
    uint32_t *varying;      /* [collective][trial] labels that members agree on */
    uint32_t *working_varying;
    uint64_t *test_counts; /* [trial][test row] */
    uint32_t *predicted;   /* [point or test point][trial] */
    caucus_dense_space *training;
    caucus_dense_fit *fits; /* [trial] */
    uint64_t *success;      /* [trial][collective] */
    uint64_t *joint;        /* [trial] */
    uint64_t *correct;      /* [trial] */
    double *suboptimality;  /* [trial] */
};

/* What a collective makes of a row: numbers [stride]. */
void caucus_rows_change(const caucus_row_map *map, const double *row, uint32_t n_columns, double *numbers);

/* Who may join a collective. */
bool caucus_rows_may_join(const caucus_collective *collective, const double *row);

#endif
