/* Reading a population from a table of people: CSV or HDF5. */
#ifndef CAUCUS_POPULATION_TABLE_H
#define CAUCUS_POPULATION_TABLE_H

#include "population/population.h"
#include "population/spelling.h"
#include "population/table_source.h"

typedef struct caucus_bins { /* numbers of a column cut at increasing edges: (-inf, e0), [e0, e1), ..., [e_last, inf) */
    const char *column;
    uint32_t n_edges;
    const double *edges;
} caucus_bins;

typedef struct caucus_table_spec {
    caucus_table_place place;
    const char *label;           /* column */
    uint32_t n_features;         /* 0: every column but label, weight, and those that only number the rows */
    const char *const *features; /* columns */
    uint32_t n_bins;
    const caucus_bins *bins;
    const char *weight;                  /* column of counts, or NULL: each row is one person */
    const caucus_missing_words *missing; /* NULL: caucus_missing_default */
    bool keep_unlabelled;                /* rows without a label have the label CAUCUS_MISSING, and are not left out */
} caucus_table_spec;

/* Read a table. A message names file, line and column of what is wrong. Unknown columns are CAUCUS_INVALID with the
 * nearest name; *unknown (may be NULL) is then set to the name asked for (borrowed from spec), so that an experiment
 * can point at it. The caller frees the population. */
caucus_status caucus_table_read(const caucus_table_spec *spec, caucus_population **population, const char **unknown);

/* Make numbers be read and written with a decimal point while a function runs, whatever locale the program has set. */
caucus_status caucus_with_plain_numbers(caucus_status (*work)(void *data), void *data);

#endif
