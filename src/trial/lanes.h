/* Trials side by side on the CPU: the steps of a trial compiled for several instruction sets and sizes of counts, from
 * one source (trial/lanes_body.h). All of them give the same numbers. */
#ifndef CAUCUS_TRIAL_LANES_H
#define CAUCUS_TRIAL_LANES_H

#include "trial/row.h"
#include "trial/trial.h"

/* Trials that share a workspace, a lane each. */
typedef struct caucus_trial_group caucus_trial_group;

/* The steps, for the first n lanes of a group, of at most n_lanes. */
typedef struct caucus_lanes {
    const char *name;
    uint32_t n_lanes;
    uint32_t count_bits;

    /* Bytes of a group, a multiple of 64, and the group in so much memory, which is aligned to 64 bytes. */
    size_t (*bytes)(const caucus_compiled *compiled);
    caucus_trial_group *(*lay_out)(const caucus_compiled *compiled, void *memory);

    /* The trial of a lane, for sources with the same lanes and counts. */
    caucus_trial *(*trial)(caucus_trial_group *group, uint32_t lane);

    /* Draw trials first .. first + n - 1 and hand in their data. */
    void (*draw)(caucus_trial_group *group, uint32_t first, uint32_t n);

    /* Learn, where the classifier is not trained. */
    void (*learn)(caucus_trial_group *group, uint32_t n);

    /* Where it is: training `which` of a lane, and what is to be done when all of a lane's are through. */
    void (*trainee)(caucus_trial_group *group, uint32_t lane, uint32_t which, caucus_trainee *trainee);
    void (*measure)(caucus_trial_group *group, uint32_t lane, bool converged);

    /* Test the platform. */
    void (*test)(caucus_trial_group *group);

    /* Bound, and write results: [lane]. */
    void (*finish)(caucus_trial_group *group, uint32_t n, const caucus_row *results);
} caucus_lanes;

/* One trial at a time: what all others are checked against, and what does where they cannot. */
extern const caucus_lanes caucus_lanes_one;

/* Those that this processor runs, the best first; NULL ends them. */
const caucus_lanes *const *caucus_lanes_here(void);

/* Whether they can run a configuration: not with too many people for their counts, nor where a group would be too
 * large, nor person by person. */
bool caucus_lanes_serve(const caucus_lanes *lanes, const caucus_compiled *compiled);

/* The best for a configuration of which about n_trials are run one after another. */
const caucus_lanes *caucus_lanes_for(const caucus_compiled *compiled, uint64_t n_trials);

#endif
