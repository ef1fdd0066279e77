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

typedef struct caucus_dense {
    caucus_learner learner;
    const caucus_operations *operations; /* of the host */
    caucus_dense_shape shape;
    uint32_t n_labels;
    caucus_dense_table table;
    size_t n_trained;      /* rows that are trained on, in front; the others only get labels */
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

/* table: the rows, the last column 1; it is taken, whatever becomes of it. The first n_trained rows are trained on;
 * expected: [row] of these, people of an expected trial, with labels [row]; consumers: their sum. CAUCUS_INVALID for
 * more parameters than can be; CAUCUS_FAILED without a library. */
caucus_status caucus_dense_open(const caucus_learner *learner, caucus_dense_table *table, size_t n_trained,
                                uint32_t n_labels, const double *expected, const uint32_t *labels, uint64_t consumers,
                                caucus_dense **dense);
void caucus_dense_close(caucus_dense *dense);

/* Bytes that it takes, table included; beside these while it is made; and both, known before there is one. */
size_t caucus_dense_bytes(const caucus_dense *dense);
size_t caucus_dense_making_bytes(const caucus_dense *dense);
caucus_status caucus_dense_measure(const caucus_learner *learner, const caucus_dense_table *table, size_t n_trained,
                                   uint32_t n_labels, size_t *bytes);

/* Room for n_rows rows in the precision that the learner multiplies in, those that were there before kept; the bytes of
 * one; put one there. */
caucus_status caucus_dense_table_resize(const caucus_learner *learner, size_t n_rows, caucus_dense_table *table);
double caucus_dense_largest(const caucus_learner *learner); /* number that a row may have */
size_t caucus_dense_row_bytes(const caucus_learner *learner, uint32_t n_columns);
void caucus_dense_table_put(const caucus_learner *learner, const caucus_dense_table *table, size_t row,
                            const double *numbers);
void caucus_dense_table_close(caucus_dense_table *table);

/* operations: of a device; NULL: of the host. CAUCUS_FAILED without memory. */
caucus_status caucus_dense_space_open(const caucus_dense *dense, const caucus_operations *operations, uint32_t batch,
                                      caucus_dense_space **space);
void caucus_dense_space_close(caucus_dense_space *space);

/* What one takes on the host, by the host's operations; numbers of its vectors. */
size_t caucus_dense_space_bytes(const caucus_dense *dense, uint32_t batch);
size_t caucus_dense_vectors(const caucus_dense *dense, uint32_t batch);

/* Train the batch. people: of the rows that are trained on; fits: [batch]. Weights stay in the space. */
void caucus_dense_train(const caucus_dense *dense, caucus_dense_space *space, const caucus_dense_people *people,
                        caucus_dense_fit *fits);

/* [parameter][batch] as trained last. */
void caucus_dense_weights(const caucus_dense *dense, caucus_dense_space *space, double *weights);

/* Labels [row][batch] that the weights give to all rows; where the two best scores are equal, CAUCUS_DENSE_VARYING. */
void caucus_dense_predict(const caucus_dense *dense, caucus_dense_space *space, uint32_t *labels);

/* CAUCUS_FAILED when a device failed since the space was opened: what was computed then means nothing. */
caucus_status caucus_dense_check(caucus_dense_space *space);

/* Gradient at weights [parameter][batch], for tests. */
void caucus_dense_gradient(const caucus_dense *dense, caucus_dense_space *space, const double *weights,
                           uint32_t *people, const uint32_t *labels, double *gradient);

#endif
