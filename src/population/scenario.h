/* Scenarios: populations made from a documented model with parameters instead of read from a file. */
#ifndef CAUCUS_POPULATION_SCENARIO_H
#define CAUCUS_POPULATION_SCENARIO_H

#include "population/population.h"

typedef struct caucus_parameter {
    const char *name;
    double fallback;  /* value when not given */
    double low, high; /* allowed, both ends included */
    bool integer;
    const char *meaning;
} caucus_parameter;

typedef struct caucus_scenario {
    const char *name;
    uint32_t n_parameters;
    const caucus_parameter *parameters;
    /* values: [parameter], within their limits. CAUCUS_INVALID for combinations that make no population. */
    caucus_status (*make)(const double *values, caucus_population **population);
} caucus_scenario;

/* All scenarios; the list ends with NULL. */
extern const caucus_scenario *const caucus_scenarios[];

/* NULL when there is none of that name. */
const caucus_scenario *caucus_scenario_find(const char *name);

#endif
