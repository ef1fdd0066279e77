/* From rows of values to a population. Rows are counted, not kept. */
#ifndef CAUCUS_POPULATION_TABLE_BUILDER_H
#define CAUCUS_POPULATION_TABLE_BUILDER_H

#include "population/row_counts.h"
#include "population/table_columns.h"
#include "population/value_ids.h"

typedef struct caucus_build_column {
    const char *name;
    const caucus_bins *bins;
    caucus_value_kind kind; /* of a categorical column: how its keys become text */
    caucus_intern values;   /* the key of a number is its 8 bytes, that of an absent value is empty */
    bool any_missing;       /* of a binned column */
} caucus_build_column;

typedef struct caucus_table_build {
    const caucus_table_spec *spec;
    uint32_t n_columns;           /* features, then the label */
    caucus_build_column *columns; /* [column] */
    caucus_missing_words missing;
    uint32_t n_missing_numbers;
    double *missing_numbers; /* those of the missing words that are numbers */
    bool *label_missing;     /* [id of the label's first appearance] */
    uint16_t *row;           /* [column] ids of the row that is being put together */
    caucus_row_counts tally;
    uint64_t n_rows;
    uint64_t total; /* of the weights */
    uint64_t n_unlabelled_rows, n_unlabelled;
} caucus_table_build;

/* Spec and columns must outlive the build. On failure there is nothing to free. */
caucus_status caucus_table_build_init(caucus_table_build *build, const caucus_table_spec *spec,
                                      const caucus_table_columns *columns);
void caucus_table_build_free(caucus_table_build *build);

/* Set the value of a column in the current row. Messages name the column; the caller prefixes the place. A column gets
 * values of one kind, and absent ones. checked: texts are known to be UTF-8 without NUL. */
caucus_status caucus_table_build_set(caucus_table_build *build, uint32_t column, const caucus_value *value,
                                     bool checked);

/* After the label of a row was set, before anything else of it: whether the row has one. Rows that have none, and are
 * to be left out, are counted here and must not be added. */
caucus_status caucus_table_build_label(caucus_table_build *build, uint64_t weight, bool *labelled);

/* Count the current row weight times. A row of weight 0 is nobody, but its values become categories. */
caucus_status caucus_table_build_add(caucus_table_build *build, uint64_t weight);

/* Make the population of all rows added. CAUCUS_INVALID without rows, or with a single label. */
caucus_status caucus_table_build_finish(caucus_table_build *build, caucus_population **population);

/* CAUCUS_INVALID for a text that is not UTF-8. name: of its column, for the message. */
caucus_status caucus_check_text(const char *name, const caucus_value *value);

/* A weight: an integer from 0 to 2^53, as text or number. name: of its column, for the message. */
caucus_status caucus_table_weight(const char *name, const caucus_value *value, uint64_t *weight);

/* The bin of a number: how many edges are at or below it. */
uint32_t caucus_bins_find(const caucus_bins *bins, double value);

#endif
