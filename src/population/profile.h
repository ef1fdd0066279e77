/* What is in a table: its columns, their kinds and values, before anybody has said what they are for. */
#ifndef CAUCUS_POPULATION_PROFILE_H
#define CAUCUS_POPULATION_PROFILE_H

#include "population/round_edges.h"
#include "population/spelling.h"
#include "population/table_source.h"

typedef enum caucus_column_kind {
    CAUCUS_COLUMN_EMPTY, /* every value is missing */
    CAUCUS_COLUMN_TRUTH,
    CAUCUS_COLUMN_WHOLE, /* numbers without fractions */
    CAUCUS_COLUMN_REAL,
    CAUCUS_COLUMN_TEXT,
    CAUCUS_N_COLUMN_KINDS
} caucus_column_kind;

extern const char *const caucus_column_kind_names[CAUCUS_N_COLUMN_KINDS];

typedef struct caucus_column_profile {
    const char *name;
    caucus_column_kind kind;
    bool aside;         /* without a name, or there to number the rows: no feature unless asked for */
    bool ambiguous;     /* other columns have the same name */
    bool row_numbers;   /* whole numbers without many gaps, one for each row */
    bool nearly_unique; /* nearly every row has a value of its own */
    bool too_many;      /* more values than a column may have: those counted are the first ones */
    uint64_t n_missing;
    uint32_t n_values; /* different ones, the missing not among them; at least that many where too_many */
    char **values;     /* [n_values] in the order of their counts, most frequent first */
    uint64_t *counts;  /* [n_values] rows */
    double low, high;  /* of numbers */
    uint32_t n_edges;  /* bins for numbers, about as many rows in each */
    double edges[CAUCUS_MOST_ROUND_EDGES];
} caucus_column_profile;

typedef struct caucus_profile {
    caucus_table_source *source; /* owns the names */
    uint64_t n_rows;
    uint32_t n_columns;
    caucus_column_profile *columns;
} caucus_profile;

/* Read a table once. missing: as a population's spec. CAUCUS_INVALID for what is no table. The caller closes it. */
caucus_status caucus_profile_open(const caucus_table_place *place, const caucus_missing_words *missing,
                                  caucus_profile *profile);
void caucus_profile_close(caucus_profile *profile);

#endif
