#include "training/precondition.h"

#include "training/invert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Blocks up to this size are inverted. */
enum { MOST_BLOCK = 512 };

/* A search that starts at the start needs no exact one. */
static const double START_TOLERANCE = 1e-9;
enum { START_STEPS = 100 };

uint32_t caucus_precondition_block(const caucus_training *training)
{
    if (training->n_parameters <= MOST_BLOCK) {
        return training->n_parameters;
    }
    return training->design.n_columns <= MOST_BLOCK ? training->design.n_columns : 1;
}

/* Add a cell's part of the Hessian between labels y and z. */
static void add_cell(const caucus_training *training, const uint32_t *columns, uint32_t y, uint32_t z, double weight)
{
    const uint32_t size = training->block;
    const uint32_t n_columns = training->design.n_columns;
    const uint32_t n_ones = size == 1 ? 1 : training->design.n_ones;
    for (uint32_t a = 0; a < training->design.n_ones; a++) {
        const uint32_t i = y * n_columns + columns[a];
        double *row = training->precondition + (size_t)i * size;
        for (uint32_t b = 0; b < n_ones; b++) {
            const uint32_t j = z * n_columns + columns[size == 1 ? a : b];
            row[j % size] += weight;
        }
    }
}

/* The penalty; at least half a person everywhere, lest steps for labels and values that hardly ever occur are huge; and
 * what rounding may have taken from the zero eigenvalues that one-hot columns and softmax have. */
static void add_ridge(const caucus_training *training, double consumers)
{
    const uint32_t size = training->block;
    const double rounding = 1e-11 * consumers;
    for (uint32_t i = 0; i < training->n_parameters; i++) {
        const double penalty = i % training->design.n_columns != 0 ? training->learner.penalty : 0.0;
        training->precondition[(size_t)i * size + i % size] += fmax(penalty, 0.5) + rounding;
    }
}

/* The Hessian's blocks at given probabilities [cell][label], for the expected counts times scale. */
static caucus_status fill_hessian(const caucus_training *training, const uint64_t *expected, double scale,
                                  const double *probabilities)
{
    const uint32_t n_labels = training->n_labels;
    const bool together = training->block == training->n_parameters;
    uint32_t *columns = NULL;
    TRY(caucus_alloc(training->design.n_ones, sizeof *columns, "columns of a cell", &columns));
    memset(training->precondition, 0, (size_t)training->n_parameters * training->block * sizeof(double));
    for (uint32_t cell = 0; cell < training->design.n_cells; cell++) {
        const double *p = probabilities + (size_t)cell * n_labels;
        double total = 0.0;
        for (uint32_t y = 0; y < n_labels; y++) {
            total += (double)expected[(size_t)cell * n_labels + y] * scale;
        }
        if (total <= 0.0) {
            continue;
        }
        caucus_design_columns(&training->design, cell, columns);
        for (uint32_t y = 0; y < n_labels; y++) {
            for (uint32_t z = together ? 0 : y; z < (together ? n_labels : y + 1); z++) {
                add_cell(training, columns, y, z, total * p[y] * ((y == z ? 1.0 : 0.0) - p[z]));
            }
        }
    }
    add_ridge(training, training->consumers);
    free(columns);
    return CAUCUS_OK;
}

/* Precondition with the inverse Hessian at start. */
static caucus_status precondition_at_start(caucus_training *training, const uint64_t *expected, double scale)
{
    const size_t n = (size_t)training->design.n_cells * training->n_labels;
    double *probabilities = NULL;
    caucus_status status = CAUCUS_OK;
    TRY(caucus_alloc(n, sizeof *probabilities, "probabilities of labels", &probabilities));
    TRY_GOTO(caucus_training_probabilities(training, training->start, probabilities), done);
    TRY_GOTO(fill_hessian(training, expected, scale, probabilities), done);
    for (uint32_t i = 0; i < training->n_parameters; i += training->block) {
        TRY_GOTO(caucus_invert(training->precondition + (size_t)i * training->block, training->block), done);
    }
done:
    free(probabilities);
    return status;
}

/* Move the start from where it is to the fit of the expected counts. */
static caucus_status move_start(caucus_training *training, const uint64_t *expected, double scale)
{
    const uint32_t n_cells = training->design.n_cells;
    const caucus_learner learner = training->learner;
    uint32_t *labels = NULL;
    double *parameters = NULL;
    void *space = NULL;
    caucus_status status = CAUCUS_OK;
    training->learner.tolerance = START_TOLERANCE;
    training->learner.steps = START_STEPS;
    TRY_GOTO(caucus_alloc(n_cells, sizeof *labels, "labels", &labels), done);
    TRY_GOTO(caucus_alloc(training->n_parameters, sizeof *parameters, "a classifier's start", &parameters), done);
    const size_t bytes = (caucus_training_space(training) + 63) / 64 * 64;
    space = aligned_alloc(64, bytes);
    if (space == NULL) {
        status = caucus_fail_memory(bytes, "a classifier's start");
        goto done;
    }
    caucus_trainee trainee = {
        .counts = expected, .labels = labels, .stride = 1, .scale = scale, .parameters = parameters};
    caucus_training_run(training, &trainee, 1, space);
    memcpy(training->start, parameters, training->n_parameters * sizeof *parameters);
done:
    free(space);
    free(parameters);
    free(labels);
    training->learner = learner;
    return status;
}

caucus_status caucus_precondition_init(caucus_training *training, const uint64_t *expected, double scale)
{
    TRY(caucus_alloc((size_t)training->n_parameters * training->block, sizeof(double), "a preconditioner",
                     &training->precondition));
    TRY(precondition_at_start(training, expected, scale)); /* at 0 */
    TRY(move_start(training, expected, scale));
    return precondition_at_start(training, expected, scale);
}
