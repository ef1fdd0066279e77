/* The operations by OpenBLAS, in one precision: operations_double.c and operations_single.c include this with REAL,
 * GEMM and NAME defined. Scores, and all that lies between two products of a tile, stay in the processor's cache. */
#include "dense/session_body.h"

/* Trials whose softmax is taken together. */
enum { SOFTMAX_LANES = 64 / sizeof(REAL) };

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
CAUCUS_CLONES static void logistic_row(REAL *restrict s, const REAL *restrict people, uint32_t width)
{
    for (uint32_t b = 0; b < width; b++) {
        const REAL x = s[b];
        const REAL e = EXP(x < 0 ? x : -x);
        const REAL q = people[b] / (1 + e);
        s[b] = x < 0 ? e * q : q;
    }
}

/* People times probabilities of n trials, side by side; outputs lie `width` apart. */
static inline __attribute__((always_inline)) void softmax_lanes(REAL *restrict s, const REAL *restrict people,
                                                                uint32_t n_outputs, size_t width, uint32_t n)
{
    REAL most[SOFTMAX_LANES];
    REAL sum[SOFTMAX_LANES];
    for (uint32_t b = 0; b < n; b++) {
        most[b] = 0;
    }
    for (uint32_t k = 0; k < n_outputs; k++) {
        const REAL *restrict of_output = s + k * width;
        for (uint32_t b = 0; b < n; b++) {
            most[b] = of_output[b] > most[b] ? of_output[b] : most[b];
        }
    }
    for (uint32_t b = 0; b < n; b++) {
        sum[b] = EXP(-most[b]);
    }
    for (uint32_t k = 0; k < n_outputs; k++) {
        REAL *restrict of_output = s + k * width;
        for (uint32_t b = 0; b < n; b++) {
            const REAL e = EXP(of_output[b] - most[b]);
            of_output[b] = e;
            sum[b] += e;
        }
    }
    for (uint32_t b = 0; b < n; b++) {
        sum[b] = people[b] / sum[b];
    }
    for (uint32_t k = 0; k < n_outputs; k++) {
        REAL *restrict of_output = s + k * width;
        for (uint32_t b = 0; b < n; b++) {
            of_output[b] *= sum[b];
        }
    }
}

/* Loops of a length that is known stay in registers. */
CAUCUS_CLONES static void softmax_row(REAL *restrict s, const REAL *restrict people, uint32_t n_outputs, uint32_t width)
{
    uint32_t b = 0;
    for (; b + SOFTMAX_LANES <= width; b += SOFTMAX_LANES) {
        softmax_lanes(s + b, people + b, n_outputs, width, SOFTMAX_LANES);
    }
    if (b < width) {
        softmax_lanes(s + b, people + b, n_outputs, width, width - b);
    }
}

CAUCUS_CLONES static void squares_row(REAL *restrict s, const REAL *restrict people, uint32_t n_outputs, uint32_t width)
{
    for (size_t k = 0; k < n_outputs; k++) {
        for (size_t b = 0; b < width; b++) {
            s[k * width + b] = (s[k * width + b] + 1) * people[b];
        }
    }
}

/* Take the people of a row from the slopes of their label's output. */
static void take_label(REAL *s, const REAL *people, uint32_t width, uint32_t label, const uint32_t *varying,
                       uint32_t batch, REAL times)
{
    if (label < CAUCUS_DENSE_VARYING) {
        for (uint32_t b = 0; label > 0 && b < width; b++) {
            s[(size_t)(label - 1) * width + b] -= times * people[b];
        }
        return;
    }
    const uint32_t *of_trial = varying + (size_t)(label - CAUCUS_DENSE_VARYING) * batch;
    for (uint32_t b = 0; b < width; b++) {
        if (of_trial[b] > 0) {
            s[(size_t)(of_trial[b] - 1) * width + b] -= times * people[b];
        }
    }
}

/* What a layer makes of the units below it, for a row. */
CAUCUS_CLONES static void combine_row(const REAL *restrict hidden, const REAL *restrict top, uint32_t n_hidden,
                                      uint32_t n_outputs, uint32_t width, REAL *restrict s)
{
    const size_t outputs = (size_t)n_outputs * width;
    memcpy(s, top + n_hidden * outputs, outputs * sizeof *s);
    for (size_t h = 0; h < n_hidden; h++) {
        for (size_t k = 0; k < n_outputs; k++) {
            for (size_t b = 0; b < width; b++) {
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
    for (size_t h = 0; h < n_hidden; h++) {
        for (size_t b = 0; b < width; b++) {
            slope[b] = 0;
        }
        for (size_t k = 0; k < n_outputs; k++) {
            for (size_t b = 0; b < width; b++) {
                const REAL g = s[k * width + b];
                sums[h * outputs + k * width + b] += (double)(hidden[h * width + b] * g);
                slope[b] += g * top[h * outputs + k * width + b];
            }
        }
        for (size_t b = 0; b < width; b++) {
            hidden[h * width + b] = slope[b] * (1 - hidden[h * width + b] * hidden[h * width + b]);
        }
    }
    for (size_t i = 0; i < outputs; i++) {
        sums[n_hidden * outputs + i] += (double)s[i];
    }
}

/* ---- tiles ------------------------------------------------------------------------------------------------------- */

CAUCUS_CLONES static void convert(const double *restrict from, size_t n, REAL *restrict to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = (REAL)from[i];
    }
}

CAUCUS_CLONES static void accumulate(const REAL *restrict from, size_t n, double *restrict to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] += (double)from[i];
    }
}

static void load(void *space, const double *weights, uint32_t width)
{
    session *s = space;
    const size_t below = (size_t)s->shape.n_columns * caucus_dense_units(&s->shape) * width;
    convert(weights, below, s->weights);
    if (s->shape.n_hidden > 0) {
        convert(weights + below, top_weights(&s->shape) * width, s->top);
    }
}

/* A row's scores from its hidden units. */
static void ascend(session *s, uint32_t row, uint32_t width)
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
static void descend(session *s, uint32_t row, uint32_t width, double *sums)
{
    const caucus_dense_shape *shape = &s->shape;
    REAL *hidden = s->hidden + (size_t)row * shape->n_hidden * width;
    const REAL *scores = s->scores + (size_t)row * shape->n_outputs * width;
    if (shape->n_above == 0) {
        descend_row(scores, s->top, shape->n_hidden, shape->n_outputs, width, hidden, sums, s->slope);
        return;
    }
    REAL *above = s->above + (size_t)row * shape->n_above * width;
    const size_t middle = middle_weights(shape) * width;
    descend_row(scores, s->top + middle, shape->n_above, shape->n_outputs, width, above, sums + middle, s->slope);
    descend_row(above, s->top, shape->n_hidden, shape->n_above, width, hidden, sums, s->slope);
}

static const REAL *rows_from(const caucus_dense_table *table, size_t first)
{
    return (const REAL *)table->numbers + first * table->n_columns;
}

static void scores(void *space, const caucus_dense_table *table, size_t first, uint32_t n, uint32_t width)
{
    session *s = space;
    const uint32_t n_hidden = s->shape.n_hidden;
    const int columns = (int)s->shape.n_columns;
    const int units = (int)(caucus_dense_units(&s->shape) * width);
    REAL *out = n_hidden > 0 ? s->hidden : s->scores;
    s->blas->GEMM(CAUCUS_BLAS_ROWS, CAUCUS_BLAS_PLAIN, CAUCUS_BLAS_PLAIN, (int)n, units, columns, 1,
                  rows_from(table, first), columns, s->weights, units, 0, out, units);
    if (n_hidden > 0) {
        squash(s->hidden, (size_t)n * units);
        for (uint32_t r = 0; r < n; r++) {
            ascend(s, r, width);
        }
    }
}

static void softmax(void *space, size_t first, uint32_t n, uint32_t width)
{
    session *s = space;
    const caucus_dense_people *people = &s->people;
    const uint32_t n_outputs = s->shape.n_outputs;
    for (uint32_t r = 0; r < n; r++) {
        REAL *row = s->scores + (size_t)r * n_outputs * width;
        const REAL *of_row = people_of(s, first + r, width);
        if (n_outputs == 1) {
            logistic_row(row, of_row, width);
        } else {
            softmax_row(row, of_row, n_outputs, width);
        }
        take_label(row, of_row, width, people->labels[first + r], people->varying, s->shape.batch, 1);
    }
}

static void squares(void *space, size_t first, uint32_t n, uint32_t width)
{
    session *s = space;
    const caucus_dense_people *people = &s->people;
    for (uint32_t r = 0; r < n; r++) {
        REAL *row = s->scores + (size_t)r * s->shape.n_outputs * width;
        const REAL *of_row = people_of(s, first + r, width);
        squares_row(row, of_row, s->shape.n_outputs, width);
        take_label(row, of_row, width, people->labels[first + r], people->varying, s->shape.batch, 2);
    }
}

static void read_scores(void *space, uint32_t n, uint32_t width, double *out)
{
    const session *s = space;
    for (size_t i = 0; i < (size_t)n * s->shape.n_outputs * width; i++) {
        out[i] = (double)s->scores[i];
    }
}

/* The label of the best score of one row and trial: that of label 0 is given, the others lie `width` apart. */
static uint32_t best_label(const REAL *of_trial, uint32_t n_outputs, uint32_t width, bool by_squares)
{
    uint32_t best = 0;
    double most = by_squares ? 1.0 - n_outputs : 0;
    bool tied = false;
    for (uint32_t k = 0; by_squares && k < n_outputs; k++) {
        most -= (double)of_trial[(size_t)k * width];
    }
    for (uint32_t k = 0; k < n_outputs; k++) {
        const double score = (double)of_trial[(size_t)k * width];
        tied = score > most ? false : tied || score == most;
        best = score > most ? k + 1 : best;
        most = score > most ? score : most;
    }
    return tied ? CAUCUS_DENSE_VARYING : best;
}

static void best_labels(void *space, uint32_t n, uint32_t width, bool by_squares, uint32_t *labels)
{
    const session *s = space;
    const uint32_t n_outputs = s->shape.n_outputs;
    for (uint32_t r = 0; r < n; r++) {
        for (uint32_t b = 0; b < width; b++) {
            const REAL *of_trial = s->scores + (size_t)r * n_outputs * width + b;
            labels[(size_t)r * width + b] = best_label(of_trial, n_outputs, width, by_squares);
        }
    }
}

static void gather(void *space, const caucus_dense_table *table, size_t first, uint32_t n, uint32_t width,
                   double *gradient)
{
    session *s = space;
    const uint32_t n_hidden = s->shape.n_hidden;
    const int columns = (int)s->shape.n_columns;
    const int units = (int)(caucus_dense_units(&s->shape) * width);
    for (uint32_t r = 0; n_hidden > 0 && r < n; r++) {
        descend(s, r, width, gradient + (size_t)columns * units);
    }
    const REAL *slopes = n_hidden > 0 ? s->hidden : s->scores;
    s->blas->GEMM(CAUCUS_BLAS_ROWS, CAUCUS_BLAS_TRANSPOSED, CAUCUS_BLAS_PLAIN, columns, units, (int)n, 1,
                  rows_from(table, first), columns, slopes, units, 0, s->slopes, units);
    accumulate(s->slopes, (size_t)columns * units, gradient);
}

static const caucus_operations operations = {.open = session_open,
                                             .close = session_close,
                                             .check = session_check,
                                             .vectors = session_vectors,
                                             .share = session_share,
                                             .get = caucus_vectors_get,
                                             .put = caucus_vectors_get,
                                             .clear = caucus_vectors_clear,
                                             .take = session_take,
                                             .leave = session_leave,
                                             .keep_people = session_keep_people,
                                             .keep = caucus_vectors_keep,
                                             .load = load,
                                             .scores = scores,
                                             .softmax = softmax,
                                             .squares = squares,
                                             .gather = gather,
                                             .read = read_scores,
                                             .best = best_labels,
                                             .dots = caucus_vectors_dots,
                                             .largest = caucus_vectors_largest,
                                             .add = caucus_vectors_add,
                                             .scale = caucus_vectors_scale,
                                             .spread = caucus_vectors_spread,
                                             .move = caucus_vectors_move,
                                             .scatter = caucus_vectors_scatter,
                                             .penalise = caucus_vectors_penalise,
                                             .apply = caucus_vectors_apply};

caucus_status NAME(const caucus_operations **out)
{
    const caucus_blas *blas = NULL;
    TRY(caucus_blas_open(&blas));
    *out = &operations;
    return CAUCUS_OK;
}
