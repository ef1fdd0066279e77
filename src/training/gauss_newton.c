#include "training/gauss_newton.h"

#include "training/curvature.h"
#include "training/invert.h"

#include <stdlib.h>

/* Beyond so many parameters, or additions to the matrix, it is not made. */
enum { MOST_PARAMETERS = 1024 };
static const double MOST_ADDITIONS = 4e9;

/* Added along every parameter, as a share of the people. Where the loss hardly bends, a trial's minimum is far away and
 * the matrix at the start says little of the way there; 0.03 took fewest evaluations among 0 to 0.1. */
static const double DAMPING = 0.03;

/* What a cell's Jacobian is made of. */
typedef struct cell_curvature {
    uint32_t n_labels, n_hidden;
    double *units;     /* [1 + hidden] the constant, then the units */
    double *hessian;   /* [label][label] of the loss in the scores */
    double *inputs;    /* [label][hidden] slopes of the scores in the units' inputs */
    double *product;   /* [label][hidden] hessian times inputs */
    uint32_t *columns; /* [ones] of the design that are 1 */
} cell_curvature;

static double additions(const caucus_training *training)
{
    const double first = (double)training->design.n_ones * training->learner.hidden;
    const double second = (double)training->n_labels * (1.0 + training->learner.hidden);
    return (double)training->design.n_cells * (first + second) * (first + second) / 2;
}

/* The curvature of a cell with this weight; its labels' probabilities are room in fit. */
static void bend(const caucus_fit *fit, uint32_t cell, caucus_mask wild, double weight, cell_curvature *at)
{
    const caucus_training *training = fit->training;
    const caucus_cell_shape shape = caucus_cell_shape_of(training);
    const double *second = caucus_second_layer(fit, training->start, 0);
    double *p = fit->residual;
    caucus_cell_hidden(fit, shape, cell, wild, fit->hidden, fit->outputs);
    caucus_second_scores(fit, shape, training->start, fit->hidden, p);
    const caucus_softmax softmax = caucus_softmax_of(p, at->n_labels);
    at->units[0] = 1.0;
    for (uint32_t h = 0; h < at->n_hidden; h++) {
        const double unit = fit->hidden[h];
        at->units[1 + h] = unit;
        for (uint32_t y = 0; y < at->n_labels; y++) {
            at->inputs[y * at->n_hidden + h] = second[y * (1 + at->n_hidden) + 1 + h] * (1.0 - unit * unit);
        }
    }
    for (uint32_t y = 0; y < at->n_labels; y++) {
        for (uint32_t z = 0; z < at->n_labels; z++) {
            at->hessian[y * at->n_labels + z] =
                weight * (p[y] / softmax.sum) * ((y == z ? 1.0 : 0.0) - p[z] / softmax.sum);
        }
        for (uint32_t h = 0; h < at->n_hidden; h++) {
            at->product[y * at->n_hidden + h] = 0.0;
        }
    }
    for (uint32_t y = 0; y < at->n_labels; y++) {
        for (uint32_t z = 0; z < at->n_labels; z++) {
            for (uint32_t h = 0; h < at->n_hidden; h++) {
                at->product[y * at->n_hidden + h] +=
                    at->hessian[y * at->n_labels + z] * at->inputs[z * at->n_hidden + h];
            }
        }
    }
    caucus_design_columns(&training->design, cell, at->columns);
}

/* Rows of the first layer: against itself, and against the second layer. */
static void add_first(const caucus_training *training, const cell_curvature *at)
{
    const uint32_t n = training->n_parameters;
    const uint32_t n_columns = training->design.n_columns;
    const uint32_t n_ones = training->design.n_ones;
    const uint32_t n_first = at->n_hidden * n_columns;
    for (uint32_t h = 0; h < at->n_hidden; h++) {
        for (uint32_t a = 0; a < n_ones; a++) {
            double *row = training->precondition + (size_t)(h * n_columns + at->columns[a]) * n;
            for (uint32_t g = h; g < at->n_hidden; g++) {
                double bent = 0.0;
                for (uint32_t y = 0; y < at->n_labels; y++) {
                    bent += at->inputs[y * at->n_hidden + h] * at->product[y * at->n_hidden + g];
                }
                for (uint32_t b = 0; b < n_ones; b++) {
                    row[g * n_columns + at->columns[b]] += bent;
                }
            }
            for (uint32_t y = 0; y < at->n_labels; y++) {
                double *to = row + n_first + y * (1 + at->n_hidden);
                for (uint32_t k = 0; k <= at->n_hidden; k++) {
                    to[k] += at->product[y * at->n_hidden + h] * at->units[k];
                }
            }
        }
    }
}

static void add_second(const caucus_training *training, const cell_curvature *at)
{
    const uint32_t n = training->n_parameters;
    const uint32_t width = 1 + at->n_hidden;
    const uint32_t n_first = at->n_hidden * training->design.n_columns;
    for (uint32_t y = 0; y < at->n_labels; y++) {
        for (uint32_t k = 0; k < width; k++) {
            double *row = training->precondition + (size_t)(n_first + y * width + k) * n + n_first;
            for (uint32_t z = y; z < at->n_labels; z++) {
                const double factor = at->hessian[y * at->n_labels + z] * at->units[k];
                for (uint32_t j = 0; j < width; j++) {
                    row[z * width + j] += factor * at->units[j];
                }
            }
        }
    }
}

static void add_cell(const caucus_fit *fit, uint32_t cell, caucus_mask wild, double weight, void *context)
{
    cell_curvature *at = context;
    bend(fit, cell, wild, weight, at);
    add_first(fit->training, at);
    add_second(fit->training, at);
}

uint32_t caucus_gauss_newton_block(const caucus_training *training)
{
    const bool pays = training->n_parameters <= MOST_PARAMETERS && additions(training) <= MOST_ADDITIONS;
    return pays ? training->n_parameters : 0;
}

caucus_status caucus_gauss_newton_init(caucus_training *training, const uint64_t *expected, double scale)
{
    const uint32_t n = training->n_parameters;
    const uint32_t hidden = training->learner.hidden;
    caucus_fit fit; /* of width 1 here */
    cell_curvature at = {.n_labels = training->n_labels, .n_hidden = hidden};
    void *space = NULL;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(caucus_fit_place(training, NULL, &fit), 1, "a network's curvature", &space), done);
    TRY_GOTO(caucus_alloc(1 + hidden, sizeof(double), "hidden units", &at.units), done);
    TRY_GOTO(caucus_alloc((size_t)at.n_labels * at.n_labels, sizeof(double), "a Hessian", &at.hessian), done);
    TRY_GOTO(caucus_alloc((size_t)at.n_labels * hidden, sizeof(double), "slopes", &at.inputs), done);
    TRY_GOTO(caucus_alloc((size_t)at.n_labels * hidden, sizeof(double), "slopes", &at.product), done);
    TRY_GOTO(caucus_alloc(training->design.n_ones, sizeof *at.columns, "columns of a cell", &at.columns), done);
    TRY_GOTO(caucus_alloc((size_t)n * n, sizeof(double), "a preconditioner", &training->precondition), done);
    caucus_fit_place(training, space, &fit);
    caucus_curvature_fill(&fit, expected, scale, DAMPING, add_cell, &at);
    TRY_GOTO(caucus_invert(training->precondition, n), done);
done:
    free(at.columns);
    free(at.product);
    free(at.inputs);
    free(at.hessian);
    free(at.units);
    free(space);
    return status;
}
