/* The operations by OpenBLAS, in one precision: operations_double.c and operations_single.c include this with REAL,
 * GEMM and NAME defined. Scores, and all that lies between two products of a tile, stay in the processor's cache. */
#include "dense/elements_body.h"
#include "dense/session_body.h"

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
