/* From rows of values to a population: what the readers of CSV and HDF5 tables have in common.
 *
 * A reader sets the value of every column of a row, then adds the row. Rows are counted, not kept. */
#ifndef CAUCUS_TABLE_BUILD_H
#define CAUCUS_TABLE_BUILD_H

#include "population/row_counts.h"
#include "population/table_columns.h"
#include "population/value_ids.h"

/* The category of an empty field, a null string, or a NaN. A field that spells it is the same. */
#define CAUCUS_MISSING "(missing)"

typedef enum caucus_value_kind {
    CAUCUS_TEXT,
    CAUCUS_SIGNED,
    CAUCUS_UNSIGNED,
    CAUCUS_SINGLE,
    CAUCUS_DOUBLE
} caucus_value_kind;

typedef struct caucus_build_column {
    const char *name;
    const caucus_bins *bins;
    caucus_value_kind kind; /* of a categorical column: how its keys become text */
    caucus_intern values;   /* the key of a number is its 8 bytes, that of a missing value is empty */
    bool any_missing;       /* of a binned column */
} caucus_build_column;

typedef struct caucus_table_build {
    uint32_t n_columns;           /* features, then the label */
    caucus_build_column *columns; /* [column] */
    uint16_t *row;                /* [column] ids of the row that is being put together */
    caucus_tally tally;
    uint64_t n_rows;
    uint64_t total; /* of the weights */
} caucus_table_build;

/* Columns must outlive the build. On failure there is nothing to free. */
caucus_status caucus_table_build_init(caucus_table_build *build, const caucus_table_columns *columns);
void caucus_table_build_free(caucus_table_build *build);

/* Set the value of a column in the current row. Messages name the column; the reader prefixes the place. A column gets
 * text, or numbers of one kind. Text must be checked UTF-8 without NUL, unless check is true. */
caucus_status caucus_table_build_text(caucus_table_build *build, uint32_t column, const char *text, size_t length,
                                      bool check);
caucus_status caucus_table_build_signed(caucus_table_build *build, uint32_t column, int64_t value);
caucus_status caucus_table_build_unsigned(caucus_table_build *build, uint32_t column, uint64_t value);
caucus_status caucus_table_build_real(caucus_table_build *build, uint32_t column, double value, bool single);

/* A weight spelled as text or as a double: an integer from 0 to 2^53. name: of its column, for the message. */
caucus_status caucus_table_weight_text(const char *name, const char *text, size_t length, uint64_t *weight);
caucus_status caucus_table_weight_number(const char *name, double value, uint64_t *weight);

/* Count the current row weight times. A row of weight 0 is nobody, but its values become categories. */
caucus_status caucus_table_build_add(caucus_table_build *build, uint64_t weight);

/* Make the population of all rows added. CAUCUS_INVALID without rows, or with a single label. */
caucus_status caucus_table_build_finish(caucus_table_build *build, const caucus_table_spec *spec,
                                        caucus_population **population);

#endif
