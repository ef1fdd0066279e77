/* Reading a population from a table of people: CSV or HDF5. */
#ifndef CAUCUS_TABLE_H
#define CAUCUS_TABLE_H

#include "population/population.h"

typedef struct caucus_bins { /* numbers of a column cut at increasing edges: (-inf, e0), [e0, e1), ..., [e_last, inf) */
    const char *column;
    uint32_t n_edges;
    const double *edges;
} caucus_bins;

typedef struct caucus_table_spec {
    const char *path;
    const char *label;           /* column */
    uint32_t n_features;         /* 0: every column but label and weight */
    const char *const *features; /* columns */
    uint32_t n_bins;
    const caucus_bins *bins;
    const char *weight; /* column of counts, or NULL: each row is one person */
    char separator;     /* CSV: 0 finds out among , ; tab | from the header */
    const char *group;  /* HDF5: the group that holds the columns, NULL for the root */
} caucus_table_spec;

/* Read a table. HDF5 when the file has its signature, CSV else. A message names file, line and column of what is wrong.
 * Unknown columns are CAUCUS_INVALID with the nearest name; *unknown (may be NULL) is then set to the name asked for
 * (borrowed from spec), so that an experiment can point at it. The caller frees the population. */
caucus_status caucus_table_read(const caucus_table_spec *spec, caucus_population **population, const char **unknown);

#endif
