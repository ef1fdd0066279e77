/* The scenarios that there are, for population/scenario.c alone: others find them by name. */
#ifndef CAUCUS_POPULATION_SCENARIO_LIST_H
#define CAUCUS_POPULATION_SCENARIO_LIST_H

#include "population/scenario.h"

extern const caucus_scenario caucus_scenario_climate;
extern const caucus_scenario caucus_scenario_dirichlet;

#endif
