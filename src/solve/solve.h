/* Solutions: the critical masses of an experiment. */
#ifndef CAUCUS_SOLVE_SOLVE_H
#define CAUCUS_SOLVE_SOLVE_H

#include "base/claim.h"
#include "run/plan.h"

struct caucus_solution {
    const caucus_experiment *experiment; /* borrowed, or recalled */
    caucus_experiment *recalled;         /* of a file; NULL: there is none */
    uint64_t n_configs, n_trials;
    uint32_t n_quantities; /* success, the methods, and where asked for the methods from above */
    uint32_t n_methods;
    double target, confidence, delta;
    char *collective, *statistic;
    uint64_t *consumers;          /* [config] */
    char **names;                 /* [quantity] */
    caucus_critical_mass *masses; /* [config][quantity] */
};

/* Write the result file that was claimed, whole or not at all (replace: base/claim.h). started: when the search began,
 * ISO 8601 UTC. */
caucus_status caucus_solution_write(const caucus_solution *solution, const caucus_plan *plan, const char *started,
                                    const caucus_claim *claim, bool replace);

/* The value of a configuration on an axis, as the experiment spells it. */
const char *caucus_solution_axis_word(const caucus_solution *solution, uint64_t config, uint32_t axis);

#endif
