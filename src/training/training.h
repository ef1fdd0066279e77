/* Trained classifiers: thousands of retrainings on counts, each with its own counts and all with the same cells.
 *
 * A caucus_training is what a configuration fixes, made once; it is read-only tables that are copied to devices as they
 * are. A trainee is one set of counts to be trained on. Whoever trains it, in whatever company, on CPU or device, gives
 * it the same bits. */
#ifndef CAUCUS_TRAINING_TRAINING_H
#define CAUCUS_TRAINING_TRAINING_H

#include "config/config.h"
#include "math/random.h"
#include "training/one_hot.h"

/* Streams of random numbers of a trial that trainings use; groups' streams stay far below. */
enum { CAUCUS_STREAM_TRAINING = 0xfff0, CAUCUS_STREAM_RAW_TRAINING = 0xfff1 };

/* Threads that train a classifier together on a device: a team, a thread block. A multiprocessor holds so many teams;
 * more would not have the registers. */
enum { CAUCUS_TEAM_THREADS = 128, CAUCUS_TEAMS_RESIDENT = 4 };

typedef struct caucus_training {
    caucus_learner learner;
    caucus_design design;
    uint32_t n_labels;
    uint32_t n_outputs;    /* numbers that a cell's patterns add up: labels, or hidden units */
    uint32_t n_parameters; /* logistic, naive_bayes: [label][column]; mlp: [hidden][column], then [label][1 + hidden] */
    uint32_t block;        /* size of the blocks of precondition, but for a shorter last one; 0: none */
    uint32_t memory;       /* steps that a search remembers */
    double *start;         /* [parameter] where training begins */
    double *precondition;  /* [parameter][block] rows of the inverse of the Hessian at the start, or of its blocks */
    double *smoothed;      /* naive_bayes: [column] smoothing times the values of its feature */
    double consumers;      /* weight that a trainee is expected to have */
    double clip;           /* private: the norm that a person's gradient is shortened to */
    double noise;          /* private: standard deviation of the noise in each component of a summed gradient */
    double rate;           /* private: of a step, per consumer */
} caucus_training;

/* What training gave, besides labels. */
typedef struct caucus_fit_report {
    bool converged;  /* logistic, mlp: gradient below tolerance; naive_bayes, private: always */
    uint32_t steps;  /* evaluations of loss and gradient */
    double gradient; /* largest component at the end, as a share of the weights; NaN where none is taken to zero */
} caucus_fit_report;

typedef struct caucus_trainee {
    const uint64_t *counts; /* [cell][label], element i at counts[i * stride] */
    uint32_t *labels;       /* [cell] the most probable label, lowest id on ties; with the same stride */
    uint32_t *tied;         /* [cell] 1: another label is as probable; with the same stride; may be NULL */
    size_t stride;
    double scale;       /* counts are multiplied by it; 1 for counts of people */
    caucus_place place; /* private: where its noise is drawn; draw is ignored */
    double *parameters; /* [parameter] what was learnt, or NULL */
    caucus_fit_report report;
} caucus_trainee;

/* Fix a classifier's training, but for what it begins with.
 * codes: [cell][feature], all different. n_values: [feature] values, those that no cell has included. consumers: the
 * weight that a trainee is expected to have.
 * CAUCUS_INVALID for parameters out of range, or for more memory than the machine has, with figures. */
caucus_status caucus_training_open(const caucus_learner *learner, uint32_t n_cells, uint32_t n_features,
                                   const uint32_t *codes, const uint32_t *n_values, uint32_t n_labels,
                                   uint64_t consumers, caucus_training **training);

/* Once, before anything is trained: where training begins, and what is known of the loss there. It takes a training of
 * its own.
 * expected: [cell][label] counts that a trainee is expected to have, in any scale. CAUCUS_INVALID where they are 0. */
caucus_status caucus_training_begin(caucus_training *training, const uint64_t *expected);
void caucus_training_close(caucus_training *training);

/* Bytes of its tables, about. */
size_t caucus_training_bytes(const caucus_training *training);

/* Bytes of workspace for caucus_training_run, aligned to 64. */
size_t caucus_training_space(const caucus_training *training);

/* The same for a team of threads on a device, which trains one trainee at a time. */
size_t caucus_training_team_space(const caucus_training *training);

/* Train n trainees, several at a time. Cannot fail. */
void caucus_training_run(const caucus_training *training, caucus_trainee *trainees, uint32_t n, void *space);

/* Trainees that caucus_training_run trains side by side: batches of many times as many waste least. */
uint32_t caucus_training_width(void);

/* Probabilities [cell][label] that parameters give. */
caucus_status caucus_training_probabilities(const caucus_training *training, const double *parameters,
                                            double *probabilities);

#endif
