#include "training/unit_blocks.h"

#include "training/curvature.h"
#include "training/invert.h"

#include <stdlib.h>

/* Blocks are inverted where that takes so many operations at most: a second or so, once for all trainings. */
static const double MOST_OPERATIONS = 1e9;

/* Added along every parameter, as a share of the people. Where the loss hardly bends at the start, it may bend on the
 * way from there. */
static const double DAMPING = 0.003;

/* What a cell bends the loss by, for a person in it. */
typedef struct cell_curvature {
    double *inputs;    /* [hidden] along the units' inputs */
    double *units;     /* [1 + hidden] the constant, then the units */
    double *scores;    /* [label] along the scores */
    uint32_t *columns; /* [ones] of the design that are 1 */
} cell_curvature;

/* J' H J along each input of a unit: the variance, over the labels' probabilities, of the scores' slopes. */
static void bend(const caucus_fit *fit, uint32_t cell, caucus_mask wild, cell_curvature *at)
{
    const caucus_training *training = fit->training;
    const caucus_cell_shape shape = caucus_cell_shape_of(training);
    const double *second = caucus_second_layer(fit, training->start, 0);
    double *p = fit->residual;
    caucus_cell_hidden(fit, shape, cell, wild, fit->hidden, fit->outputs);
    caucus_second_scores(fit, shape, training->start, fit->hidden, p);
    const caucus_softmax softmax = caucus_softmax_of(p, shape.labels);
    for (uint32_t y = 0; y < shape.labels; y++) {
        p[y] /= softmax.sum;
        at->scores[y] = p[y] * (1.0 - p[y]);
    }
    at->units[0] = 1.0;
    for (uint32_t h = 0; h < shape.outputs; h++) {
        const double unit = fit->hidden[h];
        const double *weights = second + 1 + h; /* [label * (1 + hidden)] */
        double mean = 0.0;
        double variance = 0.0;
        for (uint32_t y = 0; y < shape.labels; y++) {
            mean += p[y] * weights[y * (1 + shape.outputs)];
        }
        for (uint32_t y = 0; y < shape.labels; y++) {
            const double apart = weights[y * (1 + shape.outputs)] - mean;
            variance += p[y] * (apart * apart);
        }
        const double slope = 1.0 - unit * unit;
        at->inputs[h] = variance * (slope * slope);
        at->units[1 + h] = unit;
    }
    caucus_design_columns(&training->design, cell, at->columns);
}

static void add_first(const caucus_training *training, const cell_curvature *at, double weight)
{
    const uint32_t size = training->block;
    const uint32_t n_ones = training->design.n_ones;
    for (uint32_t h = 0; h < training->learner.hidden; h++) {
        const double bent = weight * at->inputs[h];
        for (uint32_t a = 0; a < n_ones; a++) {
            const size_t i = (size_t)h * training->design.n_columns + at->columns[a];
            double *row = training->precondition + i * size;
            for (uint32_t b = 0; b < (size == 1 ? 1 : n_ones); b++) {
                row[size == 1 ? 0 : at->columns[b]] += bent;
            }
        }
    }
}

/* The diagonal alone: with more of the second layer searches take longer. */
static void add_second(const caucus_training *training, const cell_curvature *at, double weight)
{
    const uint32_t size = training->block;
    const uint32_t width = 1 + training->learner.hidden;
    const size_t n_first = (size_t)training->learner.hidden * training->design.n_columns;
    for (uint32_t y = 0; y < training->n_labels; y++) {
        for (uint32_t k = 0; k < width; k++) {
            const size_t i = n_first + y * width + k;
            training->precondition[i * size + i % size] += weight * at->scores[y] * (at->units[k] * at->units[k]);
        }
    }
}

static void add_cell(const caucus_fit *fit, uint32_t cell, caucus_mask wild, double weight, void *context)
{
    cell_curvature *at = context;
    bend(fit, cell, wild, at);
    add_first(fit->training, at, weight);
    add_second(fit->training, at, weight);
}

static caucus_status invert(const caucus_training *training)
{
    const uint32_t size = training->block;
    const uint32_t n_first = training->learner.hidden * training->design.n_columns;
    for (uint32_t i = 0; i < n_first; i += size) {
        TRY(caucus_invert(training->precondition + (size_t)i * size, size));
    }
    for (uint32_t i = n_first; i < training->n_parameters; i++) {
        double *own = training->precondition + (size_t)i * size + i % size;
        *own = 1.0 / *own;
    }
    return CAUCUS_OK;
}

uint32_t caucus_unit_blocks_size(const caucus_training *training)
{
    const double n = training->design.n_columns;
    return training->learner.hidden * n * n * n <= MOST_OPERATIONS ? training->design.n_columns : 1;
}

caucus_status caucus_unit_blocks_init(caucus_training *training, const uint64_t *expected, double scale)
{
    const uint32_t hidden = training->learner.hidden;
    const size_t n = (size_t)training->n_parameters * training->block;
    caucus_fit fit; /* of width 1 here */
    cell_curvature at = {0};
    void *space = NULL;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(caucus_fit_place(training, NULL, &fit), 1, "a network's curvature", &space), done);
    TRY_GOTO(caucus_alloc(hidden, sizeof *at.inputs, "hidden units", &at.inputs), done);
    TRY_GOTO(caucus_alloc(1 + hidden, sizeof *at.units, "hidden units", &at.units), done);
    TRY_GOTO(caucus_alloc(training->n_labels, sizeof *at.scores, "labels", &at.scores), done);
    TRY_GOTO(caucus_alloc(training->design.n_ones, sizeof *at.columns, "columns of a cell", &at.columns), done);
    TRY_GOTO(caucus_alloc(n, sizeof *training->precondition, "a preconditioner", &training->precondition), done);
    caucus_fit_place(training, space, &fit);
    caucus_curvature_fill(&fit, expected, scale, DAMPING, add_cell, &at);
    TRY_GOTO(invert(training), done);
done:
    free(at.columns);
    free(at.scores);
    free(at.units);
    free(at.inputs);
    free(space);
    return status;
}
