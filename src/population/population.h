/* Populations: the base distribution over (features, label), as integer weights on the cells that occur.
 *
 * A cell is one combination of feature values. Only cells of positive weight are kept, sorted by their codes, so that a
 * population does not depend on the order of the rows it was read from. Weights are integers, so that sums of them are
 * exact in any order and probabilities mean the same on every backend. */
#ifndef CAUCUS_POPULATION_POPULATION_H
#define CAUCUS_POPULATION_POPULATION_H

#include "base/status.h"

/* The values of a feature or of the label; ids are positions in `values`. */
typedef struct caucus_categories {
    char *name;
    uint32_t n_values;
    char *
        *values; /* [value] UTF-8; sorted bytewise when read from data, bins and missing last; a scenario's own order */
} caucus_categories;

typedef struct caucus_row_table caucus_row_table; /* population/row_table.h */

typedef struct caucus_population {
    uint32_t n_features;
    uint32_t n_labels;
    uint64_t n_cells;
    caucus_categories *features; /* [feature] */
    caucus_categories label;
    uint32_t *codes;   /* [cell][feature] value ids; rows sorted lexicographically, all different */
    uint64_t *weights; /* [cell][label]; every cell has a positive sum */
    uint64_t total;    /* sum of all weights, at most 2^53 */
    bool finite;       /* weights are counts of people, so that draws without replacement make sense */
    uint32_t checksum; /* CRC-32 of codes and weights: tells a run that its data changed */
    char *source;      /* in words: "data/income.csv (8,993 rows)" */
    /* what a table's reader has to tell; 0 for scenarios */
    uint64_t n_rows;            /* counted */
    uint64_t n_unlabelled_rows; /* left out because they have no label */
    uint64_t n_unlabelled;      /* people in them */
    uint32_t n_aside;           /* columns left out because they only number the rows, or have no name */
    caucus_row_table *rows;     /* people with real-valued features: then codes and weights are NULL; else NULL */
} caucus_population;

/* Free what categories own. */
void caucus_categories_clear(caucus_categories *categories);

void caucus_population_free(caucus_population *population);

/* Sort the cells, drop empty ones, merge equal ones; fill total and checksum. CAUCUS_INVALID when nothing is left or
 * the total exceeds 2^53. Readers and scenarios end with it. */
caucus_status caucus_population_finish(caucus_population *population);

#endif
