/* Populations of rows: people whose features are real numbers, one row of a table each.
 *
 * Numeric columns are taken as they are or standardised; categorical ones become a column of 0 and 1 for each value. So
 * a row is a vector, and what it was read from (its sources) says which columns of it belong together. The table keeps
 * what was read, the vector is made when it is asked for: of millions of rows there is one copy, numbers of 4 bytes
 * where these are exact, and a category of many values takes 2 bytes. */
#ifndef CAUCUS_POPULATION_ROW_TABLE_H
#define CAUCUS_POPULATION_ROW_TABLE_H

#include "population/population.h"
#include "population/table.h"

/* Beyond it a number is refused: squares of what is smaller can be added up over all people. */
#define CAUCUS_LARGEST_NUMBER 1e100

typedef struct caucus_row_source { /* a feature, as people know it */
    uint32_t first_column;
    uint32_t n_columns; /* 1 of a number, the values of a category */
    bool numeric;
    double mean; /* of a number x the column is (x - mean) / scale */
    double scale;
} caucus_row_source;

struct caucus_row_table {
    uint64_t memory; /* bytes that rows may take, those that they become among them; 0: what the machine has */
    uint32_t n_rows;
    uint32_t n_own;     /* rows of the population itself; those behind are the test's, of a file of its own */
    uint32_t n_columns; /* without the constant */
    uint32_t n_sources; /* the population's features, in their order */
    caucus_row_source *sources;
    uint32_t n_numbers, n_categories; /* features of either kind */
    float *few;                       /* [row][number] as read, where all of them are floats exactly; else NULL */
    double *many;                     /* the same, where they are not */
    uint16_t *categories;             /* [row][category] which value */
    uint32_t *labels;                 /* [row] */
    uint64_t *weights;                /* [row] people; NULL: each row is one */
};

typedef struct caucus_numeric { /* a column of numbers */
    const char *column;
    uint32_t n_words; /* texts that stand for numbers: "45-54" for 49.5 */
    const char *const *words;
    const double *numbers; /* [word] */
} caucus_numeric;

typedef struct caucus_row_spec {
    caucus_table_spec table; /* features that are no numbers are categories */
    bool all_numeric;
    uint32_t n_numeric;
    const caucus_numeric *numeric;
    bool standard;      /* numbers are standardised over the people of the table */
    const char *matrix; /* HDF5: a dataset of numbers [row][column], features x0, x1, ...; NULL: columns */
    uint64_t memory;    /* bytes that may be taken by rows as they are read, and so by the table; 0: what there is */
    uint64_t taken;     /* of these by other rows */
} caucus_row_spec;

/* Read a population of rows. As caucus_table_read; numbers that are missing, infinite or none are CAUCUS_INVALID with
 * row and column, and so are rows that do not fit into memory, before they take it. The population has rows in place of
 * codes and weights, a cell for each row, and features without values where they are numbers. */
caucus_status caucus_row_table_read(const caucus_row_spec *spec, caucus_population **population, const char **unknown);

void caucus_row_table_free(caucus_row_table *rows);

/* People in a row. */
static inline uint64_t caucus_row_weight(const caucus_row_table *rows, uint32_t row)
{
    return rows->weights != NULL ? rows->weights[row] : 1;
}

/* A number of a row as it was read. */
static inline double caucus_row_number(const caucus_row_table *rows, uint32_t row, uint32_t number)
{
    const size_t at = (size_t)row * rows->n_numbers + number;
    return rows->few != NULL ? (double)rows->few[at] : rows->many[at];
}

/* A row's vector: x [n_columns + 1], the last one the constant 1. */
void caucus_row_get(const caucus_row_table *rows, uint32_t row, double *x);

/* What the table takes of memory. */
size_t caucus_row_table_bytes(const caucus_row_table *rows);

/* Add the rows of another table behind those of a population, in its units: features, categories and labels are found
 * by their names. Both as they are, read with the same spec but `other` not standardised. CAUCUS_INVALID, with other's
 * path, where it has what the population has not. */
caucus_status caucus_row_table_add_test(caucus_population *population, const caucus_population *other,
                                        const char *path);

/* Whether a row is kept for the test: where there is a file of its own, its rows; else about a share of all, always the
 * same ones for a share, and those of a smaller one among them. */
bool caucus_row_is_held_out(const caucus_row_table *rows, uint32_t row, double share);

#endif
