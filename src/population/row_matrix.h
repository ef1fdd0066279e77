/* The rows of a matrix of numbers in an HDF5 file, x: [row][column], beside a table that has their labels. The file is
 * read by a process of its own (base/isolated.h), since its format's parser was not made for files of strangers. */
#ifndef CAUCUS_POPULATION_ROW_MATRIX_H
#define CAUCUS_POPULATION_ROW_MATRIX_H

#include "population/row_matrix_file.h"
#include "population/table_columns.h"
#include "population/table_source.h"

typedef struct caucus_row_matrix {
    caucus_matrix_place place; /* borrowed */
    caucus_isolated *process;  /* NULL: not open */
    uint64_t n_rows;
    uint32_t n_columns;
    uint64_t row;      /* the next one */
    uint64_t slab_end; /* rows before this one are there, or have been */
    double *aside;     /* [column] a row that is skipped */
} caucus_row_matrix;

/* The label of a matrix and its weight, if it has one, among the datasets beside it. */
caucus_status caucus_row_matrix_label(const caucus_table_spec *spec, const caucus_table_source *source,
                                      caucus_table_columns *columns, const char **unknown);

/* source: the datasets of its group. CAUCUS_INVALID for what is no dataset of numbers in two dimensions, or no HDF5
 * file; unknown, unless NULL: its name, where there is none of it. Close also after failure. */
caucus_status caucus_row_matrix_open(caucus_row_matrix *matrix, const caucus_table_source *source, const char **unknown,
                                     caucus_matrix_place place);
void caucus_row_matrix_close(caucus_row_matrix *matrix);

/* The next row into numbers [column]; CAUCUS_INVALID with its column for what cannot be reckoned with. */
caucus_status caucus_row_matrix_read(caucus_row_matrix *matrix, double *numbers);
caucus_status caucus_row_matrix_skip(caucus_row_matrix *matrix);

/* CAUCUS_INVALID where it has other rows than the labels. A matrix that was never opened is as it should be. */
caucus_status caucus_row_matrix_check_end(const caucus_row_matrix *matrix);

#endif
