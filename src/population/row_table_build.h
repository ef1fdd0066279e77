/* Rows that are being read: numbers and ids of categories, before it is known which categories there are. */
#ifndef CAUCUS_POPULATION_ROW_TABLE_BUILD_H
#define CAUCUS_POPULATION_ROW_TABLE_BUILD_H

#include "population/row_table.h"
#include "population/table_builder.h"

typedef struct caucus_row_build {
    const caucus_row_spec *spec;
    uint32_t n_features;
    const caucus_numeric **numeric; /* [feature] NULL: a category */
    const char **names;             /* [feature] borrowed; NULL where they are x0, x1, ... */
    uint32_t n_numbers;             /* features that are numbers */
    uint32_t n_ids;                 /* the others, and the label */
    caucus_table_columns chosen;    /* the categories and the label, for `categories` */
    caucus_table_build categories;  /* their values */
    uint64_t file_bytes;            /* of memory that the file takes while it is read */
    uint32_t n_rows, capacity;
    double *line;      /* [number] of the row that is being read */
    float *few;        /* [row][number]; NULL from the first number on that is no float exactly */
    double *many;      /* [row][number] then */
    uint16_t *ids;     /* [row][id] */
    uint64_t *weights; /* [row]; NULL where each row is one person */
    uint64_t total;
    uint64_t n_read; /* rows with a label */
} caucus_row_build;

/* CAUCUS_INVALID where there is not even memory for the text of a table. */
caucus_status caucus_row_build_check_file(const caucus_row_spec *spec);

/* What the columns are is known: make room for a row, and for as many as there will be where that is known too (0: it
 * is not). CAUCUS_INVALID where the machine has no memory for so many. */
caucus_status caucus_row_build_begin(caucus_row_build *build, uint64_t n_rows);

/* Room for one more row. */
caucus_status caucus_row_build_grow(caucus_row_build *build);

/* The row of line and the categories' builder. */
caucus_status caucus_row_build_add(caucus_row_build *build, uint64_t weight);

/* The population of all rows. CAUCUS_INVALID without rows, with one label only, with fewer rows than labels, or where
 * memory is too small. */
caucus_status caucus_row_build_finish(caucus_row_build *build, caucus_population **population);

void caucus_row_build_free(caucus_row_build *build);

#endif
