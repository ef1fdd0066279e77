/* What one thread computes in, in one precision: a part of operations_body.h, with REAL as there. */
#include "dense/blas.h"
#include "dense/dense.h"
#include "dense/lanes.h"
#include "dense/vectors.h"

#include <stdlib.h>
#include <string.h>

typedef struct session {
    caucus_dense_shape shape;
    const caucus_blas *blas;
    caucus_dense_people people;
    double **vectors; /* [n_vectors] allocations */
    uint32_t n_vectors;
    REAL *weights;    /* [column][unit][width] */
    REAL *top;        /* of a network's other layers, one after the other */
    REAL *hidden;     /* [row][hidden][width] */
    REAL *above;      /* [row][above][width] */
    REAL *scores;     /* [row][output][width] */
    REAL *slopes;     /* [column][unit][width] of one tile */
    REAL *of_row;     /* [width] people of a row */
    REAL *slope;      /* [width] of a hidden unit */
    uint32_t *column; /* [batch] the trial whose people lie there */
    uint32_t *places; /* [batch] an order of trials */
    uint32_t *row;    /* [batch] scratch */
    bool reordered;
} session;

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

static void session_close(void *space)
{
    session *s = space;
    if (s != NULL) {
        for (uint32_t i = 0; i < s->n_vectors; i++) {
            free(s->vectors[i]);
        }
        free(s->vectors);
        free(s->row);
        free(s->places);
        free(s->column);
        free(s->slope);
        free(s->of_row);
        free(s->slopes);
        free(s->scores);
        free(s->above);
        free(s->hidden);
        free(s->top);
        free(s->weights);
        free(s);
    }
}

static caucus_status session_open(const caucus_operations *self, caucus_dense_shape *shape, void **space)
{
    caucus_status status = CAUCUS_OK;
    session *s = NULL;
    const size_t units = (size_t)caucus_dense_units(shape) * shape->batch;
    const size_t outputs = (size_t)shape->n_outputs * shape->batch;
    (void)self;
    TRY(caucus_alloc(1, sizeof *s, "training", &s));
    s->shape = *shape;
    TRY_GOTO(caucus_blas_open(&s->blas), failed);
    TRY_GOTO(caucus_blas_reserve(), failed);
    TRY_GOTO(caucus_alloc(shape->n_columns * units, sizeof *s->weights, "training", &s->weights), failed);
    TRY_GOTO(caucus_alloc(shape->n_columns * units, sizeof *s->slopes, "training", &s->slopes), failed);
    TRY_GOTO(caucus_alloc(top_weights(shape) * shape->batch, sizeof *s->top, "training", &s->top), failed);
    TRY_GOTO(
        caucus_alloc((size_t)shape->n_hidden * shape->batch * shape->tile, sizeof *s->hidden, "training", &s->hidden),
        failed);
    TRY_GOTO(caucus_alloc((size_t)shape->n_above * shape->batch * shape->tile, sizeof *s->above, "training", &s->above),
             failed);
    TRY_GOTO(caucus_alloc(outputs * shape->tile, sizeof *s->scores, "training", &s->scores), failed);
    TRY_GOTO(caucus_alloc(shape->batch, sizeof *s->of_row, "training", &s->of_row), failed);
    TRY_GOTO(caucus_alloc(shape->batch, sizeof *s->slope, "training", &s->slope), failed);
    TRY_GOTO(caucus_alloc(shape->batch, sizeof *s->column, "training", &s->column), failed);
    TRY_GOTO(caucus_alloc(shape->batch, sizeof *s->places, "training", &s->places), failed);
    TRY_GOTO(caucus_alloc(shape->batch, sizeof *s->row, "training", &s->row), failed);
    *space = s;
    return CAUCUS_OK;
failed:
    session_close(s);
    return status;
}

static caucus_status session_check(const caucus_operations *self, const void *space)
{
    (void)self;
    (void)space;
    return CAUCUS_OK; /* nothing of a session can fail once it is open */
}

static caucus_status session_vectors(const caucus_operations *self, void *space, size_t n, double **vectors)
{
    (void)self;
    session *s = space;
    double **all = realloc(s->vectors, (s->n_vectors + 1) * sizeof *all);
    if (all == NULL) {
        return caucus_fail_memory((s->n_vectors + 1) * sizeof *all, "training");
    }
    s->vectors = all;
    TRY(caucus_alloc(n, sizeof **vectors, "training", vectors));
    s->vectors[s->n_vectors++] = *vectors;
    return CAUCUS_OK;
}

static caucus_status session_share(const caucus_operations *self, void *space, const double *numbers, size_t n,
                                   const double **vector)
{
    (void)self;
    (void)space;
    (void)n;
    *vector = numbers;
    return CAUCUS_OK;
}

static void session_take(void *space, const caucus_dense_people *people, uint32_t width)
{
    session *s = space;
    s->people = *people;
    s->reordered = false;
    for (uint32_t b = 0; b < width; b++) {
        s->column[b] = b;
    }
}

/* Of every row the trials places [width], in this order. */
static void reorder(const session *s, uint32_t *rows, size_t n, uint32_t width)
{
    for (size_t r = 0; r < n; r++) {
        uint32_t *at = rows + r * s->shape.batch;
        memcpy(s->row, at, width * sizeof *at);
        for (uint32_t j = 0; j < width; j++) {
            at[j] = s->row[s->places[j]];
        }
    }
}

static void reorder_people(const session *s, uint32_t width)
{
    reorder(s, s->people.people, s->people.n_rows, width);
    reorder(s, s->people.varying, s->people.n_groups, width);
}

/* Those who are kept go to the front, the others behind them. */
static void session_keep_people(void *space, uint32_t width, const uint32_t *kept, uint32_t n_kept)
{
    session *s = space;
    uint32_t front = 0;
    uint32_t back = n_kept;
    for (uint32_t b = 0; b < width; b++) {
        const bool stays = front < n_kept && kept[front] == b;
        s->places[stays ? front : back] = b;
        front += stays;
        back += !stays;
    }
    reorder_people(s, width);
    reorder(s, s->column, 1, width);
    s->reordered = true;
}

static void session_leave(void *space)
{
    session *s = space;
    const uint32_t width = s->shape.batch;
    for (uint32_t b = 0; s->reordered && b < width; b++) {
        s->places[s->column[b]] = b;
    }
    if (s->reordered) {
        reorder_people(s, width);
    }
}

/* The people of a row, as numbers to multiply by. */
CAUCUS_CLONES static void convert_people(const uint32_t *restrict people, uint32_t width, REAL *restrict to)
{
    for (uint32_t b = 0; b < width; b++) {
        to[b] = (REAL)people[b];
    }
}

static const REAL *people_of(const session *s, size_t row, uint32_t width)
{
    if (s->people.expected != NULL) {
        s->of_row[0] = (REAL)s->people.expected[row];
    } else {
        convert_people(s->people.people + row * s->shape.batch, width, s->of_row);
    }
    return s->of_row;
}
