/* The rows of a matrix of numbers in an HDF5 file, x: [row][column], beside a table that has their labels. */
#ifndef CAUCUS_POPULATION_ROW_MATRIX_H
#define CAUCUS_POPULATION_ROW_MATRIX_H

#include "population/table_columns.h"
#include "population/table_source.h"

#include <hdf5.h>

typedef struct caucus_row_matrix {
    const char *path, *name; /* borrowed */
    hid_t file, dataset;     /* negative: not open */
    uint64_t n_rows;
    uint32_t n_columns;
    uint64_t row;                  /* the next one */
    uint64_t slab_begin, slab_end; /* rows that are in memory */
    uint64_t slab_rows;
    double *slab; /* [row][column] */
} caucus_row_matrix;

/* The label of a matrix and its weight, if it has one, among the datasets beside it. */
caucus_status caucus_row_matrix_label(const caucus_table_spec *spec, const caucus_table_source *source,
                                      caucus_table_columns *columns, const char **unknown);

/* CAUCUS_INVALID for what is no dataset of numbers in two dimensions. group: NULL is the root. Close also after
 * failure.
 */
caucus_status caucus_row_matrix_open(caucus_row_matrix *matrix, const char *path, const char *group, const char *name);
void caucus_row_matrix_close(caucus_row_matrix *matrix);

/* The next row into numbers [column]; CAUCUS_INVALID with its column for what is not finite. */
caucus_status caucus_row_matrix_read(caucus_row_matrix *matrix, double *numbers);
void caucus_row_matrix_skip(caucus_row_matrix *matrix);

/* CAUCUS_INVALID where it has other rows than the labels. A matrix that was never opened is as it should be. */
caucus_status caucus_row_matrix_check_end(const caucus_row_matrix *matrix);

#endif
