/* The tables of a configuration on rows.
 *
 * Points are the rows that can be handed in: those of the table, and of each collective what its members make of
 * theirs; behind them lies what is only tested: other rows of the test, and what each collective would make of one. */
#ifndef CAUCUS_ROWS_TABLES_H
#define CAUCUS_ROWS_TABLES_H

#include "config/strategy.h"
#include "dense/dense.h"
#include "rows/group.h"
#include "rows/rows.h"

#define CAUCUS_ROWS_NOBODY UINT32_MAX

typedef struct caucus_row_bounds caucus_row_bounds; /* rows/bounds.h */

typedef struct caucus_row_members { /* of one collective */
    caucus_row_group group;
    uint32_t *point; /* [member row] what an acting member hands in */
    bool *signal;    /* [member row] the row is a signal already; of unplant_naive alone */
    bool any_signal;
    uint32_t first_group; /* of labels that members agree on: one, or one for each image that is somebody's own row */
    uint32_t n_groups;
    uint32_t
        *own_group; /* [member row] the one that its own row is the image of, or NOBODY; NULL where all are of one */
} caucus_row_members;

struct caucus_rows {
    const caucus_config *config;
    const caucus_row_table *table;
    uint32_t n_collectives;
    uint32_t stride;     /* numbers of a point */
    uint64_t base_bytes; /* of memory that rows take as they are, without points */
    uint64_t others_size;
    double *global_weights; /* [collective] */

    caucus_row_group others; /* the rows that trials train on */
    uint32_t *point;         /* [row of the table] its point, or CAUCUS_ROWS_NOBODY */
    caucus_row_members *members;
    caucus_row_group test; /* rows of the test */

    uint32_t n_points;          /* that are trained on */
    uint32_t *cell;             /* [point] the first one that has its numbers */
    uint32_t *next;             /* [point] another one that has, with another label, or CAUCUS_ROWS_NOBODY */
    uint32_t *expected_varying; /* [group] its label where people are as expected */
    caucus_row_bounds *bounds;  /* NULL: none are asked for */
    uint32_t n_groups;          /* of labels that differ in every trial, of all collectives */
    uint32_t *labels;           /* [point] CAUCUS_DENSE_VARYING + group where they do */
    caucus_dense *dense;

    uint32_t *test_points; /* [test row][1 + collective] the point of the row as it is, and of each one's image */
};

struct caucus_rows_space {
    const caucus_rows *rows;
    uint32_t batch;
    caucus_row_urn urn;
    uint64_t *counts;          /* [row of the table] of a draw */
    uint64_t *label_counts;    /* [group of a collective][label] */
    uint32_t *people;          /* [point][trial] */
    uint32_t *clean;           /* the same of everybody's own rows; NULL where the cost of accuracy is not asked for */
    uint32_t *varying;         /* [group][trial] labels that members agree on */
    uint32_t *test_counts;     /* [trial][test row]; NULL: all who are held out */
    uint32_t *predicted;       /* [point][trial] */
    caucus_count *cell_counts; /* [label] of a cell */
    uint64_t *tallies;         /* [trial][word] for bounds, where there are some */
    double *bound_scratch;
    uint32_t *agreed; /* [group] labels of the trial whose bounds are concluded */
    caucus_dense_space *training;
    caucus_dense_fit *fits;  /* [trial] */
    uint64_t *success;       /* [trial][collective] */
    uint64_t *joint;         /* [trial] */
    uint64_t *correct;       /* [trial] */
    uint64_t *clean_correct; /* [trial] of the platform that learnt from everybody's own rows */
    double *suboptimality;   /* [trial] */
};

/* What a point takes beside its numbers while points are made: labels, cells, expected people, and slots, of which
 * there are up to four times as many. */
enum { CAUCUS_ROWS_POINT_BYTES = 4 * 4 + 8 + 4 * 4 };

/* What one thread's draws take for each row of the table: counts, the urn, and what is told of them. */
enum { CAUCUS_ROWS_DRAW_BYTES = 52 };

/* The group of labels that a member with this row has a say in, or NOBODY. */
static inline uint32_t caucus_rows_group_of(const caucus_row_members *members, uint32_t i)
{
    if (members->own_group != NULL) {
        return members->own_group[i];
    }
    return members->n_groups > 0 && (!members->any_signal || members->signal[i]) ? 0 : CAUCUS_ROWS_NOBODY;
}

/* The label that a collective's members never agree on; the number of labels: none. */
static inline uint32_t caucus_rows_unwanted(const caucus_rows *rows, uint32_t m)
{
    const caucus_collective *collective = &rows->config->collectives[m];
    return caucus_strategy_unplants(collective->strategy) ? collective->target : rows->config->population->n_labels;
}

/* Draw a trial as number b of the space's batch, whose people are still 0 (rows/draw.c). */
void caucus_rows_draw(const caucus_rows *rows, caucus_rows_space *space, uint32_t trial, uint32_t b);

/* What a map makes of a row: numbers [stride]. */
void caucus_rows_change(const caucus_row_map *map, const double *row, uint32_t n_columns, double *numbers);

/* The vector of a row of the table, or what a map of a collective makes of it; NULL: as it is. numbers: [stride].
 * CAUCUS_INVALID, with row and feature, for numbers that products in the learner's precision cannot add up. */
caucus_status caucus_rows_vector(const caucus_rows *rows, uint32_t row, const caucus_collective *collective,
                                 const caucus_row_map *map, double *numbers);

/* Whether a map makes the same of all rows. */
bool caucus_rows_is_constant(const caucus_row_map *map, uint32_t n_columns);

/* Who may join a collective. */
bool caucus_rows_may_join(const caucus_collective *collective, const double *row);

#endif
