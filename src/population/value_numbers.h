/* The values of a column as numbers, where they are numbers, and bins for them. */
#ifndef CAUCUS_POPULATION_VALUE_NUMBERS_H
#define CAUCUS_POPULATION_VALUE_NUMBERS_H

#include "population/population.h"
#include "population/round_edges.h"

typedef struct caucus_value_numbers {
    size_t n;         /* different numbers; 0: the column has other values than numbers and missing ones, or bins */
    double *numbers;  /* [n] increasing */
    uint64_t *counts; /* [n] people */
    uint32_t n_edges;
    double edges[CAUCUS_MOST_ROUND_EDGES]; /* for four bins */
    bool row_numbers;                      /* whole numbers without many gaps, one person each */
} caucus_value_numbers;

/* Whether numbers look like those of rows: whole ones without many gaps, each of one person. */
bool caucus_are_row_numbers(const double *numbers, const uint64_t *counts, size_t n);

/* column: a feature, or n_features for the label. */
caucus_status caucus_value_numbers_open(const caucus_population *population, uint32_t column,
                                        caucus_value_numbers *numbers);
void caucus_value_numbers_close(caucus_value_numbers *numbers);

#endif
