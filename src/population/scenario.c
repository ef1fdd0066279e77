#include "population/scenario.h"

#include "population/scenario_list.h"

#include <string.h>

const caucus_scenario *const caucus_scenarios[] = {&caucus_scenario_climate, &caucus_scenario_dirichlet, NULL};

const caucus_scenario *caucus_scenario_find(const char *name)
{
    for (size_t i = 0; caucus_scenarios[i] != NULL; i++) {
        if (strcmp(caucus_scenarios[i]->name, name) == 0) {
            return caucus_scenarios[i];
        }
    }
    return NULL;
}
