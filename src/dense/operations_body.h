/* The operations by OpenBLAS, in one precision: operations_double.c and operations_single.c include this with REAL,
 * GEMM and NAME defined. Scores, and all that lies between two products of a tile, stay in the processor's cache. */
#include "dense/blas.h"
#include "dense/dense.h"
#include "dense/lanes.h"
#include "dense/vectors.h"

#include <stdlib.h>
#include <string.h>

typedef struct scratch {
    caucus_dense_shape shape;
    const caucus_blas *blas;
    REAL *weights; /* [column][unit][width] */
    REAL *top;     /* of a network's other layers, one after the other */
    REAL *hidden;  /* [row][hidden][width] */
    REAL *above;   /* [row][above][width] */
    REAL *scores;  /* [row][output][width] */
    REAL *slopes;  /* [column][unit][width] of one tile */
    REAL *lane;    /* [3][width] */
} scratch;

static uint32_t units_of(const caucus_dense_shape *shape)
{
    return shape->n_hidden > 0 ? shape->n_hidden : shape->n_outputs;
}

/* Weights of a network above its first layer, those of one trial; of them those of the second hidden layer. */
static size_t middle_weights(const caucus_dense_shape *shape)
{
    return (size_t)(shape->n_hidden + 1) * shape->n_above;
}

static size_t top_weights(const caucus_dense_shape *shape)
{
    const uint32_t last = shape->n_above > 0 ? shape->n_above : shape->n_hidden;
    return middle_weights(shape) + (size_t)(last + 1) * shape->n_outputs;
}

static void table_close(void *table)
{
    free(table);
}

static caucus_status table_open(const double *rows, size_t n_rows, uint32_t n_columns, void **table)
{
    REAL *copy = NULL;
    TRY(caucus_alloc(n_rows * n_columns, sizeof *copy, "rows", &copy));
    for (size_t i = 0; i < n_rows * n_columns; i++) {
        copy[i] = (REAL)rows[i];
    }
    *table = copy;
    return CAUCUS_OK;
}

static void scratch_close(void *space)
{
    scratch *s = space;
    if (s != NULL) {
        free(s->lane);
        free(s->slopes);
        free(s->scores);
        free(s->above);
        free(s->hidden);
        free(s->top);
        free(s->weights);
        free(s);
    }
}

static caucus_status scratch_open(const caucus_dense_shape *shape, void **space)
{
    caucus_status status = CAUCUS_OK;
    scratch *s = NULL;
    const size_t units = (size_t)units_of(shape) * shape->batch;
    const size_t outputs = (size_t)shape->n_outputs * shape->batch;
    TRY(caucus_alloc(1, sizeof *s, "training", &s));
    s->shape = *shape;
    TRY_GOTO(caucus_blas_open(&s->blas), failed);
    TRY_GOTO(caucus_alloc(shape->n_columns * units, sizeof *s->weights, "training", &s->weights), failed);
    TRY_GOTO(caucus_alloc(shape->n_columns * units, sizeof *s->slopes, "training", &s->slopes), failed);
    TRY_GOTO(caucus_alloc(top_weights(shape) * shape->batch, sizeof *s->top, "training", &s->top), failed);
    TRY_GOTO(
        caucus_alloc((size_t)shape->n_hidden * shape->batch * shape->tile, sizeof *s->hidden, "training", &s->hidden),
        failed);
    TRY_GOTO(caucus_alloc((size_t)shape->n_above * shape->batch * shape->tile, sizeof *s->above, "training", &s->above),
             failed);
    TRY_GOTO(caucus_alloc(outputs * shape->tile, sizeof *s->scores, "training", &s->scores), failed);
    TRY_GOTO(caucus_alloc((size_t)3 * shape->batch, sizeof *s->lane, "training", &s->lane), failed);
    *space = s;
    return CAUCUS_OK;
failed:
    scratch_close(s);
    return status;
}

/* ---- elements ---------------------------------------------------------------------------------------------------- */

CAUCUS_CLONES static void squash(REAL *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++) { /* tanh */
        const REAL e = EXP(x[i] < 0 ? 2 * x[i] : -2 * x[i]);
        const REAL t = (1 - e) / (1 + e);
        x[i] = x[i] < 0 ? -t : t;
    }
}

/* Two labels: the probability of label 1. */
CAUCUS_CLONES static void logistic_row(REAL *restrict s, const double *restrict people, uint32_t width)
{
    for (uint32_t b = 0; b < width; b++) {
        const REAL x = s[b];
        const REAL e = EXP(x < 0 ? x : -x);
        const REAL q = (REAL)people[b] / (1 + e);
        s[b] = x < 0 ? e * q : q;
    }
}

CAUCUS_CLONES static void softmax_row(REAL *restrict s, const double *restrict people, uint32_t n_outputs,
                                      uint32_t width, REAL *restrict most, REAL *restrict sum)
{
    for (uint32_t b = 0; b < width; b++) {
        most[b] = 0;
    }
    for (uint32_t k = 0; k < n_outputs; k++) {
        for (uint32_t b = 0; b < width; b++) {
            most[b] = s[k * width + b] > most[b] ? s[k * width + b] : most[b];
        }
    }
    for (uint32_t b = 0; b < width; b++) {
        sum[b] = EXP(-most[b]);
    }
    for (uint32_t k = 0; k < n_outputs; k++) {
        for (uint32_t b = 0; b < width; b++) {
            const REAL e = EXP(s[k * width + b] - most[b]);
            s[k * width + b] = e;
            sum[b] += e;
        }
    }
    for (uint32_t b = 0; b < width; b++) {
        sum[b] = (REAL)people[b] / sum[b];
    }
    for (uint32_t k = 0; k < n_outputs; k++) {
        for (uint32_t b = 0; b < width; b++) {
            s[k * width + b] *= sum[b];
        }
    }
}

CAUCUS_CLONES static void squares_row(REAL *restrict s, const double *restrict people, uint32_t n_outputs,
                                      uint32_t width)
{
    for (uint32_t k = 0; k < n_outputs; k++) {
        for (uint32_t b = 0; b < width; b++) {
            s[k * width + b] = (s[k * width + b] + 1) * (REAL)people[b];
        }
    }
}

/* Take the people of a row from the slopes of their label's output. */
static void take_label(REAL *s, const double *people, uint32_t width, uint32_t label, const uint32_t *varying,
                       REAL times)
{
    if (label < CAUCUS_DENSE_VARYING) {
        for (uint32_t b = 0; label > 0 && b < width; b++) {
            s[(size_t)(label - 1) * width + b] -= times * (REAL)people[b];
        }
        return;
    }
    const uint32_t *of_trial = varying + (size_t)(label - CAUCUS_DENSE_VARYING) * width;
    for (uint32_t b = 0; b < width; b++) {
        if (of_trial[b] > 0) {
            s[(size_t)(of_trial[b] - 1) * width + b] -= times * (REAL)people[b];
        }
    }
}

/* What a layer makes of the units below it, for a row. */
CAUCUS_CLONES static void combine_row(const REAL *restrict hidden, const REAL *restrict top, uint32_t n_hidden,
                                      uint32_t n_outputs, uint32_t width, REAL *restrict s)
{
    const size_t outputs = (size_t)n_outputs * width;
    memcpy(s, top + n_hidden * outputs, outputs * sizeof *s);
    for (uint32_t h = 0; h < n_hidden; h++) {
        for (uint32_t k = 0; k < n_outputs; k++) {
            for (uint32_t b = 0; b < width; b++) {
                s[k * width + b] += hidden[h * width + b] * top[h * outputs + k * width + b];
            }
        }
    }
}

/* From the slopes s of a layer's units: those of the units below it, in their place, and of its weights, into sums. */
CAUCUS_CLONES static void descend_row(const REAL *restrict s, const REAL *restrict top, uint32_t n_hidden,
                                      uint32_t n_outputs, uint32_t width, REAL *restrict hidden, double *restrict sums,
                                      REAL *restrict slope)
{
    const size_t outputs = (size_t)n_outputs * width;
    for (uint32_t h = 0; h < n_hidden; h++) {
        for (uint32_t b = 0; b < width; b++) {
            slope[b] = 0;
        }
        for (uint32_t k = 0; k < n_outputs; k++) {
            for (uint32_t b = 0; b < width; b++) {
                const REAL g = s[k * width + b];
                sums[h * outputs + k * width + b] += (double)(hidden[h * width + b] * g);
                slope[b] += g * top[h * outputs + k * width + b];
            }
        }
        for (uint32_t b = 0; b < width; b++) {
            hidden[h * width + b] = slope[b] * (1 - hidden[h * width + b] * hidden[h * width + b]);
        }
    }
    for (size_t i = 0; i < outputs; i++) {
        sums[n_hidden * outputs + i] += (double)s[i];
    }
}

/* ---- tiles ------------------------------------------------------------------------------------------------------- */

static void convert(const double *from, size_t n, REAL *to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = (REAL)from[i];
    }
}

static void load(void *space, const double *weights, uint32_t width)
{
    scratch *s = space;
    const size_t below = (size_t)s->shape.n_columns * units_of(&s->shape) * width;
    convert(weights, below, s->weights);
    if (s->shape.n_hidden > 0) {
        convert(weights + below, top_weights(&s->shape) * width, s->top);
    }
}

/* A row's scores from its hidden units. */
static void ascend(scratch *s, uint32_t row, uint32_t width)
{
    const caucus_dense_shape *shape = &s->shape;
    const REAL *below = s->hidden + (size_t)row * shape->n_hidden * width;
    uint32_t n_below = shape->n_hidden;
    if (shape->n_above > 0) {
        REAL *above = s->above + (size_t)row * shape->n_above * width;
        combine_row(below, s->top, n_below, shape->n_above, width, above);
        squash(above, (size_t)shape->n_above * width);
        below = above;
        n_below = shape->n_above;
    }
    combine_row(below, s->top + middle_weights(shape) * width, n_below, shape->n_outputs, width,
                s->scores + (size_t)row * shape->n_outputs * width);
}

/* The slopes of a row's hidden units in their place, and of all weights above them into sums. */
static void descend(scratch *s, uint32_t row, uint32_t width, double *sums)
{
    const caucus_dense_shape *shape = &s->shape;
    REAL *hidden = s->hidden + (size_t)row * shape->n_hidden * width;
    REAL *slope = s->lane + (size_t)2 * shape->batch;
    const REAL *scores = s->scores + (size_t)row * shape->n_outputs * width;
    if (shape->n_above == 0) {
        descend_row(scores, s->top, shape->n_hidden, shape->n_outputs, width, hidden, sums, slope);
        return;
    }
    REAL *above = s->above + (size_t)row * shape->n_above * width;
    const size_t middle = middle_weights(shape) * width;
    descend_row(scores, s->top + middle, shape->n_above, shape->n_outputs, width, above, sums + middle, slope);
    descend_row(above, s->top, shape->n_hidden, shape->n_above, width, hidden, sums, slope);
}

static void scores(void *space, const void *table, size_t first, uint32_t n, uint32_t width)
{
    scratch *s = space;
    const uint32_t n_hidden = s->shape.n_hidden;
    const int columns = (int)s->shape.n_columns;
    const int units = (int)(units_of(&s->shape) * width);
    REAL *out = n_hidden > 0 ? s->hidden : s->scores;
    s->blas->GEMM(CAUCUS_BLAS_ROWS, CAUCUS_BLAS_PLAIN, CAUCUS_BLAS_PLAIN, (int)n, units, columns, 1,
                  (const REAL *)table + first * s->shape.n_columns, columns, s->weights, units, 0, out, units);
    if (n_hidden > 0) {
        squash(s->hidden, (size_t)n * units);
        for (uint32_t r = 0; r < n; r++) {
            ascend(s, r, width);
        }
    }
}

static void softmax(void *space, uint32_t n, uint32_t width, const double *people, const uint32_t *labels,
                    const uint32_t *varying)
{
    scratch *s = space;
    const uint32_t n_outputs = s->shape.n_outputs;
    for (uint32_t r = 0; r < n; r++) {
        REAL *row = s->scores + (size_t)r * n_outputs * width;
        const double *of_row = people + (size_t)r * width;
        if (n_outputs == 1) {
            logistic_row(row, of_row, width);
        } else {
            softmax_row(row, of_row, n_outputs, width, s->lane, s->lane + s->shape.batch);
        }
        take_label(row, of_row, width, labels[r], varying, 1);
    }
}

static void squares(void *space, uint32_t n, uint32_t width, const double *people, const uint32_t *labels,
                    const uint32_t *varying)
{
    scratch *s = space;
    for (uint32_t r = 0; r < n; r++) {
        REAL *row = s->scores + (size_t)r * s->shape.n_outputs * width;
        squares_row(row, people + (size_t)r * width, s->shape.n_outputs, width);
        take_label(row, people + (size_t)r * width, width, labels[r], varying, 2);
    }
}

static void read_scores(const void *space, uint32_t n, uint32_t width, double *out)
{
    const scratch *s = space;
    for (size_t i = 0; i < (size_t)n * s->shape.n_outputs * width; i++) {
        out[i] = (double)s->scores[i];
    }
}

static void gather(void *space, const void *table, size_t first, uint32_t n, uint32_t width, double *gradient)
{
    scratch *s = space;
    const uint32_t n_hidden = s->shape.n_hidden;
    const int columns = (int)s->shape.n_columns;
    const int units = (int)(units_of(&s->shape) * width);
    for (uint32_t r = 0; n_hidden > 0 && r < n; r++) {
        descend(s, r, width, gradient + (size_t)columns * units);
    }
    const REAL *slopes = n_hidden > 0 ? s->hidden : s->scores;
    s->blas->GEMM(CAUCUS_BLAS_ROWS, CAUCUS_BLAS_TRANSPOSED, CAUCUS_BLAS_PLAIN, columns, units, (int)n, 1,
                  (const REAL *)table + first * s->shape.n_columns, columns, slopes, units, 0, s->slopes, units);
    for (size_t i = 0; i < (size_t)columns * units; i++) {
        gradient[i] += (double)s->slopes[i];
    }
}

static const caucus_operations operations = {.precision = PRECISION,
                                             .table_open = table_open,
                                             .table_close = table_close,
                                             .scratch_open = scratch_open,
                                             .scratch_close = scratch_close,
                                             .load = load,
                                             .scores = scores,
                                             .softmax = softmax,
                                             .squares = squares,
                                             .read = read_scores,
                                             .gather = gather,
                                             .dots = caucus_vectors_dots,
                                             .add = caucus_vectors_add,
                                             .largest = caucus_vectors_largest,
                                             .penalise = caucus_vectors_penalise,
                                             .apply = caucus_vectors_apply};

caucus_status NAME(const caucus_operations **out)
{
    const caucus_blas *blas = NULL;
    TRY(caucus_blas_open(&blas));
    *out = &operations;
    return CAUCUS_OK;
}
