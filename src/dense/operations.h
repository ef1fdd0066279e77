/* The operations that the solver is made of, as a table of functions: what a library for matrices, and a device, has to
 * do. The solver (dense/fit.c) is written in these alone.
 *
 * A batch of B trials is trained in lockstep. All arrays have trials last: weights are w [column][output][trial], so
 * that the scores of some rows for all trials are one product, rows [row][column] times w. Rows are gone through in
 * tiles, whose scores stay with whoever computes them. `width` is how many trials are still at work: the first ones.
 *
 * A session is what one thread computes in. "Vectors" lie where it computes, on a device perhaps, and are made by
 * `vectors` or `share`; everything else is memory of the host. Vectors are double; the precision of tables, of products
 * and of what lies between them is the implementation's. Nothing fails before `check` is asked: what goes wrong on a
 * device is kept until then, and numbers after it mean nothing. */
#ifndef CAUCUS_DENSE_OPERATIONS_H
#define CAUCUS_DENSE_OPERATIONS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct caucus_dense_shape {
    uint32_t n_columns; /* of a row, the constant among them */
    uint32_t n_hidden;  /* units of a network's hidden layer; 0: outputs come from rows at once */
    uint32_t n_above;   /* units of a second one above it; 0: there is none */
    uint32_t n_outputs;
    uint32_t batch; /* trials */
    uint32_t tile;  /* rows whose scores are there at a time */
} caucus_dense_shape;

/* A layer: its inputs, the constant, the last of them, among them, and its units. */
typedef struct caucus_dense_layer {
    uint32_t n_in, n_out;
} caucus_dense_layer;

enum { CAUCUS_DENSE_LAYERS = 3 };

/* The layers from rows to outputs, whose weights [input][unit] follow one another; returns how many. */
static inline uint32_t caucus_dense_layers(const caucus_dense_shape *shape,
                                           caucus_dense_layer layers[CAUCUS_DENSE_LAYERS])
{
    const uint32_t units[CAUCUS_DENSE_LAYERS] = {shape->n_hidden, shape->n_above, shape->n_outputs};
    uint32_t n_in = shape->n_columns;
    uint32_t n = 0;
    for (uint32_t i = 0; i < CAUCUS_DENSE_LAYERS; i++) {
        if (units[i] > 0) {
            layers[n].n_in = n_in;
            layers[n].n_out = units[i];
            n++;
            n_in = units[i] + 1;
        }
    }
    return n;
}

/* Units whose weights meet the rows. */
static inline uint32_t caucus_dense_units(const caucus_dense_shape *shape)
{
    return shape->n_hidden > 0 ? shape->n_hidden : shape->n_outputs;
}

/* Labels of rows. One that is CAUCUS_DENSE_VARYING + g is that of group g, different in every trial. */
#define CAUCUS_DENSE_VARYING 0x80000000u

/* Rows in the precision of the operations that they are for. */
typedef struct caucus_dense_table {
    size_t n_rows;
    uint32_t n_columns;
    void *numbers; /* [row][column] */
} caucus_dense_table;

/* How many people are in each row, and what labels rows have, in the trials of a batch. Who computes where they lie
 * changes the order of trials, and puts it back when it is told to. */
typedef struct caucus_dense_people {
    size_t n_rows;
    uint32_t *people;       /* [row][batch] */
    const double *expected; /* [row] of a single trial, in their place: fractions of people; on the host alone */
    const uint32_t *labels; /* [row] */
    uint32_t n_groups;
    uint32_t *varying; /* [group][batch] */
} caucus_dense_people;

/* What a session on a device is to hold. */
typedef struct caucus_dense_need {
    uint32_t precision; /* caucus_products */
    caucus_dense_shape shape;
    size_t n_rows;       /* that are trained on */
    size_t n_other_rows; /* behind them, which only get labels */
    uint32_t n_groups;   /* of rows whose labels vary */
    size_t n_vectors;    /* numbers of all vectors */
    size_t n_shared;     /* numbers of the host that are shared */
} caucus_dense_need;

typedef struct caucus_operations caucus_operations;

struct caucus_operations {
    const void *device; /* where sessions are opened, as those functions understand it that are given the operations */

    /* A session. Where it suits, its shape gets another tile. CAUCUS_FAILED without memory or library. */
    caucus_status (*open)(const caucus_operations *self, caucus_dense_shape *shape, void **session);
    void (*close)(void *session);

    /* What has gone wrong since the session was opened. */
    caucus_status (*check)(const caucus_operations *self, const void *session);

    /* Vectors of n numbers in all, zero, that live as long as the session; numbers of the host as a vector that is only
     * read, and may be the host's memory itself; copies of n numbers of a vector. */
    caucus_status (*vectors)(const caucus_operations *self, void *session, size_t n, double **vectors);
    caucus_status (*share)(const caucus_operations *self, void *session, const double *numbers, size_t n,
                           const double **vector);
    void (*get)(void *session, const double *vector, size_t n, double *numbers);
    void (*put)(void *session, const double *numbers, size_t n, double *vector);
    void (*clear)(void *session, size_t n, double *vector);

    /* Take the people that the next passes count; leave them as they were. */
    void (*take)(void *session, const caucus_dense_people *people, uint32_t width);
    void (*leave)(void *session);

    /* Keep of these the trials `kept` [n_kept], in rising order; of a vector [n][width], which becomes [n][n_kept]. */
    void (*keep_people)(void *session, uint32_t width, const uint32_t *kept, uint32_t n_kept);
    void (*keep)(void *session, size_t n, uint32_t width, const uint32_t *kept, uint32_t n_kept, double *vector);

    /* Take the weights that the next passes use: of each layer [input][unit][width]. */
    void (*load)(void *session, const double *weights, uint32_t width);

    /* scores = rows first .. first + n - 1 by the weights, [row][output][width]. */
    void (*scores)(void *session, const caucus_dense_table *table, size_t first, uint32_t n, uint32_t width);

    /* scores of these rows = the slopes of the loss in them: people times the probabilities of labels 1 .. outputs,
     * label 0 having score 0, less the people who have the label; or, of squares, people times what scores are above 1
     * where they have the label and -1 where not. */
    void (*softmax)(void *session, size_t first, uint32_t n, uint32_t width);
    void (*squares)(void *session, size_t first, uint32_t n, uint32_t width);

    /* gradient += what scores, taken as slopes, mean for the weights. */
    void (*gather)(void *session, const caucus_dense_table *table, size_t first, uint32_t n, uint32_t width,
                   double *gradient);

    /* Scores as they are, [row][output][width]; the label of the best one, [row][width], and CAUCUS_DENSE_VARYING where
     * two are. Label 0 has score 0; or, of squares, what all scores lack to 2 - labels. */
    void (*read)(void *session, uint32_t n, uint32_t width, double *scores);
    void (*best)(void *session, uint32_t n, uint32_t width, bool squares, uint32_t *labels);

    /* Of vectors [n][width], with factors and results [width] of the host: products = x . y; largest |x|;
     * z = y + factors x, which may be y; y = factors x, which may be x; x = one vector [n] for all. */
    void (*dots)(void *session, const double *x, const double *y, size_t n, uint32_t width, double *products);
    void (*largest)(void *session, const double *x, size_t n, uint32_t width, double *values);
    void (*add)(void *session, const double *factors, const double *x, const double *y, size_t n, uint32_t width,
                double *z);
    void (*scale)(void *session, const double *factors, const double *x, size_t n, uint32_t width, double *y);
    void (*spread)(void *session, const double *one, size_t n, uint32_t width, double *x);

    /* Where taken[trial] is not 0: moved = to - from, from = to; elsewhere moved = 0. */
    void (*move)(void *session, const double *taken, const double *to, size_t n, uint32_t width, double *from,
                 double *moved);

    /* Trials b of x become trials places[b] of y [n][batch], but those whose place is UINT32_MAX. */
    void (*scatter)(void *session, const uint32_t *places, const double *x, size_t n, uint32_t width, uint32_t batch,
                    double *y);

    /* gradient += penalty (w - share times the sum of w over outputs), w: [n][output][width] */
    void (*penalise)(void *session, const double *weights, size_t n, uint32_t n_outputs, uint32_t width, double penalty,
                     double share, double *gradient);

    /* y = matrix x with a symmetric matrix [n][n], rows of x and y `stride` apart. */
    void (*apply)(void *session, const double *matrix, uint32_t n, const double *x, size_t stride, uint32_t width,
                  double *y);
};

/* By OpenBLAS on this processor. CAUCUS_FAILED where there is none (dense/blas.h). */
caucus_status caucus_operations_double(const caucus_operations **operations);
caucus_status caucus_operations_single(const caucus_operations **operations);

#endif
