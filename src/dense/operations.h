/* The operations that the solver is made of, as a table of functions: what a library for matrices, and a device, has to
 * do. The solver (dense/fit.c) is written in these alone.
 *
 * A batch of B trials is trained in lockstep. All arrays have trials last: weights are w [column][output][trial], so
 * that the scores of some rows for all trials are one product, rows [row][column] times w. Rows are gone through in
 * tiles, whose scores stay with whoever computes them. `width` is how many trials are still at work: the first ones.
 *
 * Arrays of the solver are double; the precision of tables, of products and of what lies between them is the
 * implementation's. */
#ifndef CAUCUS_DENSE_OPERATIONS_H
#define CAUCUS_DENSE_OPERATIONS_H

#include "base/status.h"

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
            layers[n++] = (caucus_dense_layer){n_in, units[i]};
            n_in = units[i] + 1;
        }
    }
    return n;
}

typedef struct caucus_operations {
    const char *precision;

    /* A table of rows in this precision, shared by all. */
    caucus_status (*table_open)(const double *rows, size_t n_rows, uint32_t n_columns, void **table);
    void (*table_close)(void *table);

    /* What one thread needs to go through tiles. */
    caucus_status (*scratch_open)(const caucus_dense_shape *shape, void **scratch);
    void (*scratch_close)(void *scratch);

    /* Take the weights that the next passes use: of each layer [input][unit][width]. */
    void (*load)(void *scratch, const double *weights, uint32_t width);

    /* scores = rows first .. first + n - 1 by the weights, [row][output][width]. */
    void (*scores)(void *scratch, const void *table, size_t first, uint32_t n, uint32_t width);

    /* scores = the slopes of the loss in them: people times the probabilities of labels 1 .. outputs, label 0 having
     * score 0, less the people who have the label; or, of squares, people times what scores are above 1 where they have
     * the label and -1 where not. people: [row][width]; labels: [row], those of varying groups by varying
     * [group][width] (dense/dense.h). */
    void (*softmax)(void *scratch, uint32_t n, uint32_t width, const double *people, const uint32_t *labels,
                    const uint32_t *varying);
    void (*squares)(void *scratch, uint32_t n, uint32_t width, const double *people, const uint32_t *labels,
                    const uint32_t *varying);

    /* Scores as they are, in double: [row][output][width]. */
    void (*read)(const void *scratch, uint32_t n, uint32_t width, double *scores);

    /* gradient += what scores, taken as slopes, mean for the weights. */
    void (*gather)(void *scratch, const void *table, size_t first, uint32_t n, uint32_t width, double *gradient);

    /* Vectors [n][width]: products[trial] = x . y; y += factors[trial] x; the largest |x|; y = matrix x with a
     * symmetric matrix [n][n], rows of x and y `stride` apart. */
    void (*dots)(const double *x, const double *y, size_t n, uint32_t width, double *products);
    void (*add)(const double *factors, const double *x, size_t n, uint32_t width, double *y);
    void (*largest)(const double *x, size_t n, uint32_t width, double *values);
    /* gradient += penalty (w - share times the sum of w over outputs), w: [n][output][width] */
    void (*penalise)(const double *weights, size_t n, uint32_t n_outputs, uint32_t width, double penalty, double share,
                     double *gradient);
    void (*apply)(const double *matrix, uint32_t n, const double *x, size_t stride, uint32_t width, double *y);
} caucus_operations;

/* By OpenBLAS on this processor. CAUCUS_FAILED where there is none (dense/blas.h). */
caucus_status caucus_operations_double(const caucus_operations **operations);
caucus_status caucus_operations_single(const caucus_operations **operations);

#endif
