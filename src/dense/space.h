/* The workspace of a batch, and one evaluation in it. */
#ifndef CAUCUS_DENSE_SPACE_H
#define CAUCUS_DENSE_SPACE_H

#include "dense/dense.h"

enum { CAUCUS_DENSE_MEMORY = 6 }; /* moves that are remembered */

struct caucus_dense_space {
    uint32_t batch, tile;
    const caucus_operations *operations;
    void *session;
    /* vectors (dense/operations.h) */
    const double *start;   /* [parameter] */
    const double *inverse; /* of the dense */
    double *point;         /* [parameter][width], as all down to work */
    double *gradient;      /* at point */
    double *direction;
    double *trial;
    double *slopes; /* the gradient at trial */
    double *work;
    double *result;  /* [parameter][batch] */
    double *moves;   /* [memory][parameter][width], each remembered one `batch` wide from the next */
    double *changes; /* likewise, of the gradient */
    /* of the host */
    double *memory;                                /* all doubles below */
    double *inverses;                              /* [memory][width] 1 / (move times change); 0: nothing */
    double *shares;                                /* [memory][width] */
    double *step, *slope, *factor, *value, *other; /* [width] */
    uint32_t *origin;                              /* [width] the trial at work there */
    uint32_t *places;                              /* [width] */
    bool *done;                                    /* [width] */
};

/* slopes = the gradient of the loss at weights. */
void caucus_dense_evaluate(const caucus_dense *dense, caucus_dense_space *space, uint32_t width, const double *weights,
                           double *slopes);

/* What is known of the inverse Hessian times vector: in work, or the vector itself where nothing is. */
const double *caucus_dense_precondition(const caucus_dense *dense, caucus_dense_space *space, uint32_t width,
                                        const double *vector);

/* Which blocks the inverse Hessian has (dense/prepare.c). */
void caucus_dense_choose_block(caucus_dense *dense);

/* The start and the curvature there, from expected counts (dense/prepare.c). */
caucus_status caucus_dense_prepare(caucus_dense *dense, const double *expected, const uint32_t *labels);

#endif
