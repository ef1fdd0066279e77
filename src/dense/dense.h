/* Training on rows of real numbers: thousands of retrainings on the same rows, each with its own counts of people.
 *
 * A caucus_dense is what a configuration fixes: the rows, the classifier, where training begins and what is known of
 * the loss' curvature there. It is read-only once made, and all threads share it. A batch of trials is trained in
 * lockstep; what comes out depends on the batch and on the library that multiplies, and on nothing else: neither on
 * which thread trains it nor on how fast others are.
 *
 * The outputs are the labels but the first, whose score is 0 (logistic, mlp) or what is left (ridge). */
#ifndef CAUCUS_DENSE_DENSE_H
#define CAUCUS_DENSE_DENSE_H

#include "config/config.h"
#include "dense/operations.h"

/* Labels of rows. One that is CAUCUS_DENSE_VARYING + g is that of group g, different in every trial. */
#define CAUCUS_DENSE_VARYING 0x80000000u

typedef struct caucus_dense {
    caucus_learner learner;
    const caucus_operations *operations;
    caucus_dense_shape shape;
    uint32_t n_labels;
    size_t n_rows;
    void *table;
    uint32_t n_parameters; /* of each layer [input][unit] (dense/operations.h) */
    double consumers;      /* a gradient is to fall to tolerance times it */
    double *start;         /* [parameter] */
    uint32_t block;        /* size of the blocks of inverse: all parameters, or the columns of each output; 0: none */
    double *inverse;       /* [parameter / block][block][block] of the Hessian at the expected counts */
} caucus_dense;

typedef struct caucus_dense_fit { /* how the training of one trial ended */
    bool converged;
    uint32_t steps;  /* evaluations of the gradient */
    double gradient; /* its largest component, as a share of the consumers */
} caucus_dense_fit;

typedef struct caucus_dense_space caucus_dense_space; /* what one thread trains a batch in */

/* Trials that are trained together where the experiment does not say. */
uint32_t caucus_dense_batch(const caucus_learner *learner, uint32_t n_labels);

/* rows: [n_rows][n_columns], the last column 1; expected: [row] people of an expected trial, with labels [row];
 * consumers: their sum. CAUCUS_INVALID for parameters out of range, or for more memory than the machine has;
 * CAUCUS_FAILED without a library. */
caucus_status caucus_dense_open(const caucus_learner *learner, const double *rows, size_t n_rows, uint32_t n_columns,
                                uint32_t n_labels, const double *expected, const uint32_t *labels, uint64_t consumers,
                                caucus_dense **dense);
void caucus_dense_close(caucus_dense *dense);
size_t caucus_dense_bytes(const caucus_dense *dense);

caucus_status caucus_dense_space_open(const caucus_dense *dense, uint32_t batch, caucus_dense_space **space);
void caucus_dense_space_close(caucus_dense_space *space);
size_t caucus_dense_space_bytes(const caucus_dense *dense, uint32_t batch);

/* Train the batch. people: [row][batch], overwritten; labels: [row]; varying: [group][batch] or NULL, overwritten;
 * fits: [batch]. Weights stay in the space. */
void caucus_dense_train(const caucus_dense *dense, caucus_dense_space *space, double *people, const uint32_t *labels,
                        uint32_t n_groups, uint32_t *varying, caucus_dense_fit *fits);

/* [parameter][batch] as trained last. */
const double *caucus_dense_weights(const caucus_dense_space *space);

/* The rows as its operations have them. */
static inline const void *caucus_dense_table(const caucus_dense *dense)
{
    return dense->table;
}

/* Labels [row][batch] that the weights give to rows of a table of the same operations; where the two best scores are
 * equal, CAUCUS_DENSE_VARYING. */
void caucus_dense_predict(const caucus_dense *dense, caucus_dense_space *space, const void *table, size_t n_rows,
                          uint32_t *labels);

/* Gradient at weights [parameter][batch], for tests. */
void caucus_dense_gradient(const caucus_dense *dense, caucus_dense_space *space, const double *weights,
                           const double *people, const uint32_t *labels, double *gradient);

#endif
