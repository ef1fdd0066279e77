/* What scenarios have in common: an empty population with named values, and weights from probabilities. */
#ifndef CAUCUS_POPULATION_SCENARIO_BUILD_H
#define CAUCUS_POPULATION_SCENARIO_BUILD_H

#include "population/population.h"

/* Scenarios give weights that add up to about this, far finer than any platform can see. */
#define CAUCUS_SCENARIO_TOTAL (UINT64_C(1) << 50)

typedef struct caucus_names { /* of a feature or the label, and its values */
    const char *name;
    uint32_t n_values;
    const char *const *values; /* NULL: the prefix and a number, from 0 */
    const char *prefix;
} caucus_names;

/* A population of n_cells cells with all codes and weights zero, to be filled in and finished. names: [n_features],
 * then the label. The names and the source are copied; the caller frees the population. */
caucus_status caucus_scenario_build(const caucus_names *names, uint32_t n_features, uint64_t n_cells,
                                    const char *source, caucus_population **population);

/* Split total into n integer parts that add up to it, part i within 1 of its share of it. shares: >= 0, adding up to 1
 * but for rounding. total <= 2^52. */
void caucus_scenario_split(uint64_t total, const double *shares, uint64_t n, uint64_t *parts);

#endif
