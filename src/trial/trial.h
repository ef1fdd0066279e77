/* One trial: draw the groups, hand in their data, train, test, bound. Its parts (draw.h, strategy.h, platform.h,
 * success.h, bounds.h) are code that CPU and GPU share; steps.h puts them together. Shared with devices. */
#ifndef CAUCUS_TRIAL_TRIAL_H
#define CAUCUS_TRIAL_TRIAL_H

#include "trial/row.h"
#include "trial/tables.h"

/* Streams of random numbers: PHASES for each group, then those of the test. Group 0 is the others. */
enum { CAUCUS_DRAW_REST, CAUCUS_DRAW_ESTIMATORS, CAUCUS_DRAW_COMPLIANCE, CAUCUS_DRAW_MISSES, CAUCUS_PHASES };

/* Behind them: who of collective m is in its pilot. */
enum { CAUCUS_STREAM_PILOT = 0x8000 };

/* A position that worst_case may turn: its victim then fails on `mass` of the population. */
typedef struct caucus_flip {
    uint32_t position;
    uint32_t rival;      /* the label that it is given */
    double cost;         /* records whose label must change until the rival ties with the leader */
    uint64_t mass;       /* weight of the test people that the victim loses with it */
    uint32_t test_class; /* the test class of x, where x itself is turned and not the signal cell that many x share
                            (erase); else CAUCUS_NOWHERE */
} caucus_flip;

/* Many of them, field by field, so that neighbouring lanes meet neighbouring words. */
typedef struct caucus_flips {
    uint32_t *position, *rival, *test_class;
    double *cost;
    uint64_t *mass;
} caucus_flips;

/* The arrays of a trial, all in one workspace and indexed by CAUCUS_AT. Trials that lie side by side share the
 * workspace: on a device one caucus_trial serves a thread block, on the CPU it serves a lane, and that of lane 0 all
 * lanes in code that goes through them itself. Every array is counts unless it says otherwise. */
typedef struct caucus_trial {
    const caucus_compiled *compiled;
    uint32_t *number; /* [1] of the trial */

    caucus_count *total;     /* [position][label] what the platform sees */
    caucus_count *raw;       /* [collective][tracked][label] members' own data */
    caucus_count *base;      /* the same without estimators; is raw where nobody has estimators */
    caucus_count *mass;      /* [collective][tracked] members by the position of g(x) */
    caucus_count *base_mass; /* the same without estimators; is mass likewise */
    caucus_count *submitted; /* [collective][tracked][label] what members handed in */
    caucus_count *planned;   /* the same had all complied; is submitted where nobody is noisy */
    caucus_count *crossed;   /* by crossed_offset: [other collective][signal cell][label] as others would on own base */
    caucus_count *pilot;     /* the part of base that is the pilot's; these three are empty where nobody has one */
    caucus_count *pilot_mass;       /* and of base_mass */
    caucus_count *pilot_crossed;    /* and of crossed */
    caucus_count *matching_mass;    /* the part of base_mass that matches an affinity; empty where nobody knows one */
    caucus_count *matching_crossed; /* and of crossed */
    caucus_count *n_members;        /* [collective] drawn, estimators included */
    caucus_count *n_estimators;     /* [collective] */
    uint32_t *good;                 /* [collective][tracked] the label that its members mark a signal position with */

    caucus_count *clean; /* [position][label] everybody's raw data, where the accuracy cost is asked for */

    uint32_t *leader;       /* [position] the platform's label: lowest id among the most frequent */
    uint32_t *tied;         /* [position] 1: another label is as frequent */
    double *spent;          /* [1] suboptimality of the platform, as a share of consumers */
    uint32_t *converged;    /* [1] whether all trainings of the trial did; 1 for classifiers that are not trained */
    uint32_t *missing;      /* [1] on a device: 1 where some limit that a bound needs has not been computed yet */
    uint32_t *clean_leader; /* [position] the label of the same platform trained on clean */

    caucus_count *success;       /* [collective] test points with the success event */
    caucus_count *joint;         /* [1] test points on which every collective succeeds */
    caucus_count *correct;       /* [1] test points labelled right */
    caucus_count *clean_correct; /* [1] those that the platform trained on clean labels right */

    caucus_count *classes;    /* [most_classes] a group's draw */
    caucus_count *estimators; /* [most_classes] */
    caucus_count *taken[3];   /* [class] people drawn so far, without replacement: of each urn (caucus_urn) */
    caucus_count *tested;     /* [class of the test partition] test points */
    caucus_count *acting;     /* [signal cell][label] complying members before misses */
    caucus_flips flips;       /* worst_case: candidates */

    /* one collective's counts as bounds read them (caucus_bound_view) */
    uint64_t *view_own, *view_raw, *view_base, *view_others, *view_pooled; /* [signal cell][label] */
    uint64_t *view_pilot;                                                  /* the same */
    uint64_t *view_mass, *view_base_mass, *view_pilot_mass;                /* [signal cell] */
    uint64_t *view_matching_mass, *view_other_mass;                        /* [signal cell] */
    uint64_t *view_matching_crossed;                                       /* [collective][signal cell][label] */
    uint64_t *view_crossed; /* [collective][signal cell][label]; NULL where a trial's own counts are as wide */
    uint32_t *view_good;    /* [signal cell] */
    double *bound_scratch;
    double *kept; /* [collective][reckoning][sharing][knowledge] members of cells that obey: see trial/bounds.h */

    unsigned char *memory; /* everything above, of all lanes */
    uint32_t lane;         /* that the pointers are to */
    size_t bytes;          /* of one trial's share of it */
    size_t n_cleared;      /* counts at its front that are zero when a trial begins */
} caucus_trial;

/* A workspace on the host. */
caucus_status caucus_trial_open(const caucus_compiled *compiled, caucus_trial **trial);
void caucus_trial_close(caucus_trial *trial);

/* Where group `group` draws in `phase`. */
CAUCUS_SHARED caucus_place caucus_trial_place(const caucus_trial *trial, uint32_t group, uint32_t phase)
{
    caucus_place place;
    place.source.seed = trial->compiled->key.seed;
    place.source.trial = trial->number[CAUCUS_AT(0)];
    place.source.config = trial->compiled->key.config;
    place.stream = group * CAUCUS_PHASES + phase;
    place.draw = 0;
    return place;
}

/* Row of a [collective][tracked][label] array. */
CAUCUS_SHARED size_t caucus_tracked_row(const caucus_compiled *compiled, uint32_t m, uint32_t position)
{
    return ((size_t)m * compiled->n_tracked + position) * compiled->n_labels;
}

/* The next array of n elements of a trial: its lanes' shares lie together. */
CAUCUS_SHARED void *caucus_trial_take(caucus_trial *trial, size_t n, size_t element_bytes)
{
    unsigned char *array =
        trial->memory == NULL ? NULL : trial->memory + trial->bytes * CAUCUS_LANES + trial->lane * element_bytes;
    trial->bytes += (n * element_bytes + 15) / 16 * 16;
    return array;
}

CAUCUS_SHARED caucus_count *caucus_trial_take_counts(caucus_trial *trial, size_t n)
{
    return (caucus_count *)caucus_trial_take(trial, n, sizeof(caucus_count));
}

/* Integers that are more than people: weights, and counts as bounds read them. */
CAUCUS_SHARED uint64_t *caucus_trial_take_words(caucus_trial *trial, size_t n)
{
    return (uint64_t *)caucus_trial_take(trial, n, sizeof(uint64_t));
}

/* The counts that every trial starts from zero: they come first. */
CAUCUS_SHARED void caucus_trial_lay_out_cleared(const caucus_compiled *compiled, caucus_trial *trial)
{
    const size_t L = compiled->n_labels;
    const size_t tracked = (size_t)compiled->n_collectives * compiled->n_tracked;
    trial->total = caucus_trial_take_counts(trial, compiled->signals.n_positions * L);
    trial->raw = caucus_trial_take_counts(trial, tracked * L);
    trial->base = compiled->estimating ? caucus_trial_take_counts(trial, tracked * L) : trial->raw;
    trial->mass = caucus_trial_take_counts(trial, tracked);
    trial->base_mass = compiled->estimating ? caucus_trial_take_counts(trial, tracked) : trial->mass;
    trial->submitted = caucus_trial_take_counts(trial, tracked * L);
    trial->planned = compiled->noisy ? caucus_trial_take_counts(trial, tracked * L) : trial->submitted;
    trial->crossed = caucus_trial_take_counts(trial, compiled->n_crossed);
    trial->pilot = caucus_trial_take_counts(trial, compiled->piloting ? tracked * L : 0);
    trial->pilot_mass = caucus_trial_take_counts(trial, compiled->piloting ? tracked : 0);
    trial->pilot_crossed = caucus_trial_take_counts(trial, compiled->piloting ? compiled->n_crossed : 0);
    trial->matching_mass = caucus_trial_take_counts(trial, compiled->matching ? tracked : 0);
    trial->matching_crossed = caucus_trial_take_counts(trial, compiled->matching ? compiled->n_crossed : 0);
    trial->clean =
        caucus_trial_take_counts(trial, compiled->config->accuracy_cost ? compiled->signals.n_positions * L : 0);
    trial->n_cleared = trial->bytes / sizeof(caucus_count);
}

CAUCUS_SHARED void caucus_trial_lay_out_views(const caucus_compiled *compiled, caucus_trial *trial)
{
    const uint32_t n_methods = compiled->config->bounds.n_methods;
    const size_t k = n_methods > 0 ? compiled->most_signal_cells : 0;
    const size_t L = compiled->n_labels;
    trial->view_own = caucus_trial_take_words(trial, k * L);
    trial->view_raw = caucus_trial_take_words(trial, compiled->config->bounds.noisy ? k * L : 0);
    trial->view_base = caucus_trial_take_words(trial, k * L);
    trial->view_others = caucus_trial_take_words(trial, k * L);
    trial->view_pooled = caucus_trial_take_words(trial, k * L);
    trial->view_pilot = caucus_trial_take_words(trial, compiled->piloting ? k * L : 0);
    trial->view_pilot_mass = caucus_trial_take_words(trial, compiled->piloting ? k : 0);
    trial->view_matching_mass = caucus_trial_take_words(trial, compiled->matching ? k : 0);
    trial->view_other_mass = caucus_trial_take_words(trial, compiled->matching ? k : 0);
    trial->view_matching_crossed =
        caucus_trial_take_words(trial, compiled->matching && compiled->crossing ? compiled->n_collectives * k * L : 0);
    trial->view_mass = caucus_trial_take_words(trial, k);
    trial->view_base_mass = caucus_trial_take_words(trial, k);
    trial->view_crossed =
        CAUCUS_COUNT_BITS == 64
            ? NULL
            : caucus_trial_take_words(trial, compiled->crossing ? compiled->n_collectives * k * L : 0);
    trial->view_good = (uint32_t *)caucus_trial_take(trial, k, sizeof(uint32_t));
    trial->bound_scratch = (double *)caucus_trial_take(trial, compiled->bound_scratch, sizeof(double));
    trial->kept = (double *)caucus_trial_take(
        trial, 2 * (size_t)CAUCUS_N_KNOWLEDGE * compiled->n_collectives * compiled->n_reckonings, sizeof(double));
}

/* Lay the arrays of a lane out in memory, CAUCUS_LANES times caucus_trial_bytes; NULL only measures. */
CAUCUS_SHARED void caucus_trial_lay_out_lane(const caucus_compiled *compiled, unsigned char *memory, uint32_t lane,
                                             caucus_trial *trial)
{
    const size_t M = compiled->n_collectives;
    const size_t classes = compiled->most_classes;
    trial->compiled = compiled;
    trial->memory = memory;
    trial->lane = lane;
    trial->bytes = 0;
    caucus_trial_lay_out_cleared(compiled, trial);
    trial->number = (uint32_t *)caucus_trial_take(trial, 1, sizeof(uint32_t));
    trial->n_members = caucus_trial_take_counts(trial, M);
    trial->n_estimators = caucus_trial_take_counts(trial, M);
    trial->good = (uint32_t *)caucus_trial_take(trial, M * compiled->n_tracked, sizeof(uint32_t));
    trial->leader = (uint32_t *)caucus_trial_take(trial, compiled->signals.n_positions, sizeof(uint32_t));
    trial->tied = (uint32_t *)caucus_trial_take(trial, compiled->signals.n_positions, sizeof(uint32_t));
    trial->converged = (uint32_t *)caucus_trial_take(trial, 1, sizeof(uint32_t));
    trial->missing = (uint32_t *)caucus_trial_take(trial, 1, sizeof(uint32_t));
    trial->clean_leader = (uint32_t *)caucus_trial_take(
        trial, compiled->config->accuracy_cost ? compiled->signals.n_positions : 0, sizeof(uint32_t));
    trial->spent = (double *)caucus_trial_take(trial, 1, sizeof(double));
    trial->success = caucus_trial_take_counts(trial, M);
    trial->joint = caucus_trial_take_counts(trial, 1);
    trial->correct = caucus_trial_take_counts(trial, 1);
    trial->clean_correct = caucus_trial_take_counts(trial, 1);
    trial->classes = caucus_trial_take_counts(trial, classes);
    trial->estimators = caucus_trial_take_counts(trial, compiled->estimating || compiled->noisy ? classes : 0);
    trial->taken[0] = caucus_trial_take_counts(trial, compiled->urn.n_classes[0]);
    trial->taken[1] = caucus_trial_take_counts(trial, compiled->urn.n_classes[1]);
    trial->taken[2] = caucus_trial_take_counts(trial, compiled->urn.n_classes[2]);
    trial->tested = caucus_trial_take_counts(trial, compiled->test->n_classes);
    trial->acting = caucus_trial_take_counts(trial, compiled->most_signal_cells * (size_t)compiled->n_labels);
    trial->flips.position = (uint32_t *)caucus_trial_take(trial, compiled->n_flips, sizeof(uint32_t));
    trial->flips.rival = (uint32_t *)caucus_trial_take(trial, compiled->n_flips, sizeof(uint32_t));
    trial->flips.test_class = (uint32_t *)caucus_trial_take(trial, compiled->n_flips, sizeof(uint32_t));
    trial->flips.cost = (double *)caucus_trial_take(trial, compiled->n_flips, sizeof(double));
    trial->flips.mass = (uint64_t *)caucus_trial_take(trial, compiled->n_flips, sizeof(uint64_t));
    caucus_trial_lay_out_views(compiled, trial);
}

CAUCUS_SHARED void caucus_trial_lay_out(const caucus_compiled *compiled, unsigned char *memory, caucus_trial *trial)
{
    caucus_trial_lay_out_lane(compiled, memory, 0, trial);
}

/* Bytes of workspace for one trial of a configuration. */
CAUCUS_SHARED size_t caucus_trial_bytes(const caucus_compiled *compiled)
{
    caucus_trial trial;
    caucus_trial_lay_out(compiled, NULL, &trial);
    return trial.bytes;
}

#endif
