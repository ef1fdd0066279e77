/* The workspace of a batch, and one evaluation in it. */
#ifndef CAUCUS_DENSE_SPACE_H
#define CAUCUS_DENSE_SPACE_H

#include "dense/dense.h"

enum { CAUCUS_DENSE_MEMORY = 6 }; /* moves that are remembered */

struct caucus_dense_space {
    uint32_t batch;
    const caucus_operations *operations;
    void *scratch;    /* of the operations */
    double *memory;   /* everything below */
    double *point;    /* [parameter][width], as all down to slopes */
    double *gradient; /* at point */
    double *direction;
    double *trial;
    double *slopes; /* the gradient at trial */
    double *work;
    double *result;                                /* [parameter][batch] */
    double *moves;                                 /* [memory][parameter][width] */
    double *changes;                               /* [memory][parameter][width] of the gradient */
    double *inverses;                              /* [memory][width] 1 / (move times change); 0: nothing remembered */
    double *shares;                                /* [memory][width] */
    double *step, *slope, *factor, *value, *other; /* [width] */
    double *scores;                                /* [tile][output][batch] */
    uint32_t *origin;                              /* [width] the trial at work there */
    bool *done;                                    /* [width] */
};

/* People and labels of the trials at work. */
typedef struct caucus_dense_data {
    double *people; /* [row][width] */
    const uint32_t *labels;
    uint32_t n_groups;
    uint32_t *varying; /* [group][width] */
} caucus_dense_data;

/* slopes = the gradient of the loss at weights. */
void caucus_dense_evaluate(const caucus_dense *dense, caucus_dense_space *space, const caucus_dense_data *data,
                           uint32_t width, const double *weights, double *slopes);

/* work = what is known of the inverse Hessian times vector. */
void caucus_dense_precondition(const caucus_dense *dense, caucus_dense_space *space, uint32_t width,
                               const double *vector);

/* The start and the curvature there, from expected counts (dense/prepare.c). */
caucus_status caucus_dense_prepare(caucus_dense *dense, const double *rows, const double *expected,
                                   const uint32_t *labels);

#endif
