/* Which columns of a table make the population: the part that each plays, checked against the table's names. */
#ifndef CAUCUS_POPULATION_TABLE_COLUMNS_H
#define CAUCUS_POPULATION_TABLE_COLUMNS_H

#include "population/table.h"

#define CAUCUS_NO_COLUMN UINT32_MAX
enum { CAUCUS_MAX_EDGES = 65534 }; /* and their bins and a missing value still have 16-bit ids */

typedef struct caucus_table_column {
    const char *name;        /* borrowed from the table's names */
    uint32_t source;         /* its index among them */
    const caucus_bins *bins; /* borrowed from the spec; NULL: categorical */
} caucus_table_column;

typedef struct caucus_table_columns {
    uint32_t n_columns;           /* features + 1 */
    caucus_table_column *columns; /* the features in the spec's order (or the table's), then the label */
    uint32_t weight;              /* index among the table's names, or CAUCUS_NO_COLUMN */
    uint32_t n_aside;             /* columns that were no features only because nobody asked for them */
} caucus_table_columns;

/* Find the spec's columns among those of a source. CAUCUS_INVALID for unknown names (nearest named, *unknown set),
 * names that several columns have (all of them in one message), a column in two parts, and bins that are not increasing
 * or belong to no column used. The caller frees the columns. */
caucus_status caucus_table_columns_find(const caucus_table_spec *spec, const caucus_table_source *source,
                                        caucus_table_columns *columns, const char **unknown);

/* Have the source read these: features, label, then the weight if there is one. */
caucus_status caucus_table_columns_select(const caucus_table_columns *columns, caucus_table_source *source);

void caucus_table_columns_free(caucus_table_columns *columns);

#endif
