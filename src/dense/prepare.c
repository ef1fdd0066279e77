/* Where training begins: at the fit of the expected counts, with the inverse of the Hessian there. */
#include "dense/blas.h"
#include "dense/space.h"

#include "math/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Parameters up to which the Hessian is taken whole; beyond, output by output; and of these at most so many columns. */
enum { MOST_WHOLE = 1536, MOST_COLUMNS = 4096 };

/* Multiplications that one Hessian may take: of longer tables every few rows stand for all. */
static const double MOST_PRODUCTS = 5e10;

typedef struct hessian {
    const caucus_dense *dense;
    const caucus_blas *blas;
    const double *expected;
    double *slopes;  /* [row][output] people times probabilities; NULL: all labels are as probable, or least squares */
    double *base;    /* [column][column] then: the sum over rows of people x x' */
    double *plain;   /* [tile][column] rows in double precision */
    double *weighed; /* [tile][column] */
    double *part;    /* [column][column] of a pair of outputs */
    size_t every;    /* rows from one that is looked at to the next */
} hessian;

/* The second derivative of the loss in the scores of outputs k and l at a row; the people in it before there are
 * slopes. */
static double curvature(const hessian *h, size_t row, uint32_t k, uint32_t l)
{
    const uint32_t n_outputs = h->dense->shape.n_outputs;
    const double people = h->expected[row];
    if (h->slopes == NULL || people <= 0) {
        return people;
    }
    const double of_k = h->slopes[row * n_outputs + k] / people;
    const double of_l = h->slopes[row * n_outputs + l] / people;
    return people * of_k * ((k == l ? 1 : 0) - of_l);
}

static double number_of(const caucus_dense *dense, size_t at)
{
    return dense->learner.precision == CAUCUS_IN_DOUBLE ? ((const double *)dense->table.numbers)[at]
                                                        : (double)((const float *)dense->table.numbers)[at];
}

/* part = the sum over rows of curvature x x'. */
static void sum_part(hessian *h, uint32_t k, uint32_t l)
{
    const caucus_dense_shape *shape = &h->dense->shape;
    const size_t d = shape->n_columns;
    memset(h->part, 0, d * d * sizeof *h->part);
    for (size_t first = 0; first < h->dense->n_trained; first += shape->tile * h->every) {
        uint32_t n = 0;
        for (size_t r = first; n < shape->tile && r < h->dense->n_trained; r += h->every, n++) {
            const double weight = curvature(h, r, k, l) * (double)h->every;
            for (size_t j = 0; j < d; j++) {
                h->plain[n * d + j] = number_of(h->dense, r * d + j);
                h->weighed[n * d + j] = weight * h->plain[n * d + j];
            }
        }
        h->blas->dgemm(CAUCUS_BLAS_ROWS, CAUCUS_BLAS_TRANSPOSED, CAUCUS_BLAS_PLAIN, (int)d, (int)d, (int)n, 1, h->plain,
                       (int)d, h->weighed, (int)d, 1, h->part, (int)d);
    }
}

/* The same where curvatures are the people times something that all rows share. */
static void scale_base(hessian *h, uint32_t k, uint32_t l)
{
    const size_t d = h->dense->shape.n_columns;
    const double each = 1.0 / h->dense->n_labels;
    const double same = k == l ? 1 : 0;
    const double factor = h->dense->learner.kind == CAUCUS_RIDGE ? same : each * (same - each);
    for (size_t i = 0; i < d * d; i++) {
        h->part[i] = factor * h->base[i];
    }
}

/* The penalty's part, on all columns but the constant; and a little of the mean curvature, so that what the rows leave
 * open can be inverted too. */
static void add_penalty(const hessian *h, bool same_output)
{
    const caucus_dense *dense = h->dense;
    const size_t d = dense->shape.n_columns;
    const double share = dense->learner.kind == CAUCUS_RIDGE ? 0 : 1.0 / dense->n_labels;
    double trace = 0;
    for (size_t j = 0; j < d; j++) {
        trace += h->part[j * d + j];
    }
    for (size_t j = 0; j < d; j++) {
        h->part[j * d + j] += same_output ? 1e-10 * trace / (double)d : 0;
        if (j + 1 < d) {
            h->part[j * d + j] += dense->learner.penalty * ((same_output ? 1 : 0) - share);
        }
    }
}

/* Invert a symmetric matrix [n][n]; where it is not positive, by its diagonal. */
static void invert(const caucus_blas *blas, double *matrix, uint32_t n)
{
    const int size = (int)n;
    int info = 0;
    double *diagonal = malloc(n * sizeof *diagonal);
    for (uint32_t i = 0; diagonal != NULL && i < n; i++) {
        diagonal[i] = matrix[(size_t)i * n + i];
    }
    blas->dpotrf("L", &size, matrix, &size, &info);
    if (info == 0) {
        blas->dpotri("L", &size, matrix, &size, &info);
    }
    for (uint32_t i = 0; i < n; i++) { /* column-major "L" is the upper triangle of rows */
        for (uint32_t j = 0; j < i; j++) {
            matrix[(size_t)i * n + j] = info == 0 ? matrix[(size_t)j * n + i] : 0;
            matrix[(size_t)j * n + i] = info == 0 ? matrix[(size_t)j * n + i] : 0;
        }
        if (info != 0) {
            const double value = diagonal != NULL ? diagonal[i] : 1;
            matrix[(size_t)i * n + i] = value > 0 ? 1 / value : 1;
        }
    }
    free(diagonal);
}

/* Put part where outputs k and l of all columns meet. */
static void place_part(const hessian *h, uint32_t k, uint32_t l, double *whole)
{
    const size_t d = h->dense->shape.n_columns;
    const size_t n_outputs = h->dense->shape.n_outputs;
    const size_t n = h->dense->n_parameters;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            whole[(i * n_outputs + k) * n + j * n_outputs + l] = h->part[i * d + j];
            whole[(i * n_outputs + l) * n + j * n_outputs + k] = h->part[j * d + i];
        }
    }
}

static void fill_inverse(hessian *h, caucus_dense *dense)
{
    const uint32_t n_outputs = dense->shape.n_outputs;
    const bool whole = dense->block == dense->n_parameters;
    for (uint32_t k = 0; k < n_outputs; k++) {
        for (uint32_t l = whole ? 0 : k; l <= k; l++) {
            if (h->slopes == NULL) {
                scale_base(h, k, l);
            } else {
                sum_part(h, k, l);
            }
            add_penalty(h, k == l);
            if (whole) {
                place_part(h, k, l, dense->inverse);
            } else {
                double *block = dense->inverse + (size_t)k * dense->block * dense->block;
                memcpy(block, h->part, (size_t)dense->block * dense->block * sizeof *block);
                invert(h->blas, block, dense->block);
            }
        }
    }
    if (whole) {
        invert(h->blas, dense->inverse, dense->n_parameters);
    }
}

/* People times probabilities at the start, for every row. */
static caucus_status find_slopes(hessian *h, caucus_dense_space *space)
{
    const caucus_dense *dense = h->dense;
    const caucus_dense_shape *shape = &dense->shape;
    const caucus_operations *ops = dense->operations;
    const size_t n_rows = dense->n_trained;
    uint32_t *none = NULL; /* label 0 takes nothing away */
    TRY(caucus_alloc(n_rows * shape->n_outputs, sizeof *h->slopes, "training", &h->slopes));
    TRY(caucus_alloc(n_rows, sizeof *none, "training", &none));
    const caucus_dense_people people = {.n_rows = n_rows, .expected = h->expected, .labels = none};
    ops->take(space->session, &people, 1);
    ops->load(space->session, dense->start, 1);
    for (size_t first = 0; first < n_rows; first += shape->tile) {
        const size_t left = n_rows - first;
        const uint32_t n = left < shape->tile ? (uint32_t)left : shape->tile;
        ops->scores(space->session, &dense->table, first, n, 1);
        ops->softmax(space->session, first, n, 1);
        ops->read(space->session, n, 1, h->slopes + first * shape->n_outputs);
    }
    free(none);
    return CAUCUS_OK;
}

void caucus_dense_choose_block(caucus_dense *dense)
{
    const caucus_dense_shape *shape = &dense->shape;
    const bool whole = dense->n_parameters <= MOST_WHOLE && dense->learner.kind != CAUCUS_RIDGE;
    const bool none = shape->n_hidden > 0 || shape->n_columns > MOST_COLUMNS;
    dense->block = none ? 0 : whole ? dense->n_parameters : shape->n_columns;
}

size_t caucus_dense_making_bytes(const caucus_dense *dense)
{
    const caucus_dense_shape *shape = &dense->shape;
    const size_t d = shape->n_columns;
    const size_t curvature = 2 * (shape->tile + d) * d + dense->n_trained * shape->n_outputs;
    return caucus_dense_space_bytes(dense, 1) + (dense->block > 0 ? curvature * sizeof(double) : 0) +
           dense->n_trained * sizeof(uint32_t);
}

static caucus_status open_hessian(const caucus_dense *dense, const double *expected, hessian *h)
{
    const caucus_dense_shape *shape = &dense->shape;
    const size_t d = shape->n_columns;
    const double pairs = shape->n_outputs * (shape->n_outputs + 1.0) / 2;
    const double every = ceil((double)dense->n_trained * (double)(d * d) * pairs / MOST_PRODUCTS);
    const double most_every = (double)dense->n_trained / (4.0 * (double)d); /* enough rows for the columns */
    *h = (hessian){.dense = dense, .expected = expected};
    h->every = every <= 1 || most_every <= 1 ? 1 : (size_t)fmin(every, most_every);
    TRY(caucus_blas_open(&h->blas));
    TRY(caucus_blas_reserve());
    TRY(caucus_alloc(shape->tile * d, sizeof *h->plain, "training", &h->plain));
    TRY(caucus_alloc(shape->tile * d, sizeof *h->weighed, "training", &h->weighed));
    TRY(caucus_alloc(d * d, sizeof *h->part, "training", &h->part));
    TRY(caucus_alloc(d * d, sizeof *h->base, "training", &h->base));
    sum_part(h, 0, 0);
    memcpy(h->base, h->part, d * d * sizeof *h->base);
    return CAUCUS_OK;
}

static void close_hessian(hessian *h)
{
    free(h->base);
    free(h->part);
    free(h->weighed);
    free(h->plain);
    free(h->slopes);
}

/* First weights of a network, as Glorot and Bengio (2010) have them. */
static void draw_start(caucus_dense *dense)
{
    caucus_dense_layer layers[CAUCUS_DENSE_LAYERS];
    const uint32_t n_layers = caucus_dense_layers(&dense->shape, layers);
    uint32_t p = 0;
    for (uint32_t l = 0; l < n_layers; l++) {
        const caucus_dense_layer *layer = &layers[l];
        const double size = sqrt(6.0 / ((double)layer->n_in - (l > 0 ? 1 : 0) + layer->n_out));
        for (uint32_t i = 0; i < layer->n_in * layer->n_out; i++, p++) {
            const bool constant = i / layer->n_out + 1 == layer->n_in;
            const double u = caucus_uniform_first(caucus_philox(dense->learner.seed, p, 0, 0, 0));
            dense->start[p] = constant ? 0 : (2 * u - 1) * size;
        }
    }
}

/* Train on the expected counts alone, from start to start. */
static caucus_status fit_expected(caucus_dense *dense, const double *expected, const uint32_t *labels, hessian *h)
{
    caucus_status status = CAUCUS_OK;
    caucus_dense_space *space = NULL;
    caucus_dense_fit fit;
    const caucus_dense_people all = {.n_rows = dense->n_trained, .expected = expected, .labels = labels};
    TRY_GOTO(caucus_dense_space_open(dense, NULL, 1, &space), done);
    caucus_dense_train(dense, space, &all, &fit);
    caucus_dense_weights(dense, space, dense->start);
    if (dense->block > 0 && dense->learner.kind != CAUCUS_RIDGE) {
        TRY_GOTO(find_slopes(h, space), done);
        fill_inverse(h, dense);
    }
done:
    caucus_dense_space_close(space);
    return status;
}

caucus_status caucus_dense_prepare(caucus_dense *dense, const double *expected, const uint32_t *labels)
{
    const caucus_dense_shape *shape = &dense->shape;
    hessian h = {0};
    caucus_status status = CAUCUS_OK;
    TRY(caucus_alloc(dense->n_parameters, sizeof *dense->start, "training", &dense->start));
    caucus_dense_choose_block(dense);
    if (shape->n_hidden > 0) {
        draw_start(dense);
    }
    if (dense->block == 0) {
        return fit_expected(dense, expected, labels, &h);
    }
    const size_t n_blocks = dense->n_parameters / dense->block;
    TRY_GOTO(open_hessian(dense, expected, &h), done);
    TRY_GOTO(caucus_alloc(n_blocks * dense->block * dense->block, sizeof *dense->inverse, "training", &dense->inverse),
             done);
    fill_inverse(&h, dense);
    TRY_GOTO(fit_expected(dense, expected, labels, &h), done);
done:
    close_hessian(&h);
    return status;
}
