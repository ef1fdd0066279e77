/* One trial: draw the groups, hand in their data, train, test, bound. */
#ifndef CAUCUS_TRIAL_H
#define CAUCUS_TRIAL_H

#include "compiled.h"
#include "trial_result.h"

/* Streams of random numbers: PHASES for each group, then those of the test. Group 0 is the others. */
enum { CAUCUS_DRAW_REST, CAUCUS_DRAW_ESTIMATORS, CAUCUS_DRAW_COMPLIANCE, CAUCUS_DRAW_MISSES, CAUCUS_PHASES };

/* A thread's workspace for trials of one configuration. Every array is counts unless it says otherwise. */
typedef struct caucus_trial {
    const caucus_compiled *compiled;
    caucus_source source;

    uint64_t *total;     /* [position][label] what the platform sees */
    uint64_t *raw;       /* [collective][tracked][label] members' own data */
    uint64_t *base;      /* the same without estimators; is raw where nobody has estimators */
    uint64_t *mass;      /* [collective][tracked] members by the position of g(x) */
    uint64_t *base_mass; /* the same without estimators; is mass likewise */
    uint64_t *submitted; /* [collective][tracked][label] what members handed in */
    uint64_t *planned;   /* the same had all complied; is submitted where nobody is noisy */
    uint64_t
        *crossed; /* by crossed_offset: [other collective][signal cell][label] others' strategies on own base data */
    uint64_t *n_members;    /* [collective] drawn, estimators included */
    uint64_t *n_estimators; /* [collective] */
    uint32_t *good;         /* [collective][tracked] the label that its members mark a signal position with */

    uint32_t *leader; /* [position] the platform's label: lowest id among the most frequent */
    bool *tied;       /* [position] another label is as frequent */
    double spent;     /* suboptimality that the platform used up, as a share of consumers */

    uint64_t *success; /* [collective] test points with the success event */
    uint64_t joint;    /* test points on which every collective succeeds */
    uint64_t correct;  /* test points labelled right */

    void *memory; /* everything above and below is in here */
    size_t memory_bytes;
    size_t cleared_bytes; /* the counts at its front, zero when a trial begins */
    uint64_t *classes;    /* [2 most_classes] heap of a group's draw */
    uint64_t *estimators; /* [2 most_classes] */
    uint64_t *urn;        /* [2 most_classes] people left, without replacement */
    uint64_t *masked;     /* [2 most_classes] those of them who may join */
    uint64_t *acting;     /* [signal cell][label] complying members before misses */
    uint32_t *wins;       /* [signal position] bit m: collective m wins there */
    uint64_t *patterns;   /* two heaps for the test, see success.c */
    void *bound_scratch;
    struct caucus_flip *flips; /* worst_case: candidates */
    struct caucus_view_space *views;
    struct caucus_crowd_space *crowd; /* the person-by-person path */
} caucus_trial;

caucus_status caucus_trial_open(const caucus_compiled *compiled, caucus_trial **trial);
void caucus_trial_close(caucus_trial *trial);

/* Run trial number `number`. Cannot fail. */
void caucus_trial_run(caucus_trial *trial, uint32_t number, caucus_trial_result *result);

/* Where group `group` draws in `phase`. */
static inline caucus_place caucus_trial_place(const caucus_trial *trial, uint32_t group, uint32_t phase)
{
    return (caucus_place){trial->source, group * CAUCUS_PHASES + phase, 0};
}

/* Row of a [collective][tracked][label] array. */
static inline size_t caucus_tracked_row(const caucus_compiled *compiled, uint32_t m, uint32_t position)
{
    return ((size_t)m * compiled->n_tracked + position) * compiled->n_labels;
}

#endif
