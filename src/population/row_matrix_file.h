/* Reading a matrix of numbers from an HDF5 file, in the process that does it (row_matrix.c is the other side). */
#ifndef CAUCUS_POPULATION_ROW_MATRIX_FILE_H
#define CAUCUS_POPULATION_ROW_MATRIX_FILE_H

#include "base/isolated.h"

/* Each frame begins with one of these, as a byte. */
typedef enum caucus_matrix_frame {
    CAUCUS_MATRIX_SHAPE, /* rows and columns, 8 bytes each; the first one */
    CAUCUS_MATRIX_SLAB,  /* doubles [row][column], the next so many rows; the caller knows when all are there */
    CAUCUS_MATRIX_ERROR  /* a failure (base/isolated.h); the last one */
} caucus_matrix_frame;

typedef struct caucus_matrix_place {
    const char *path, *group, *name; /* group: NULL is the root */
} caucus_matrix_place;

/* Columns of a matrix, at most. */
enum { CAUCUS_MATRIX_MOST_COLUMNS = (1 << 20) - 1 };

/* Rows of a frame of so many columns. */
uint64_t caucus_matrix_slab_rows(uint64_t n_columns);

/* What the process does. data: a caucus_matrix_place. */
void caucus_matrix_send(void *data, caucus_isolated *pipe);

#endif
