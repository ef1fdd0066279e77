#include "training/training.h"

#include "base/host.h"
#include "math/gaussian_privacy.h"
#include "math/normal.h"
#include "training/expected_start.h"
#include "training/gauss_newton.h"
#include "training/precondition.h"
#include "training/simd.h"
#include "training/unit_blocks.h"
#include "training/workspace.h"

#include <stdlib.h>

static const double LEAST_SMOOTHING = 1e-10;
static const double MOST = 1e15;

static caucus_status check_private(const caucus_learner *learner)
{
    if (!(learner->epsilon > 0)) {
        return caucus_fail(CAUCUS_INVALID, "privacy epsilon %g is not above 0; a promise of 0 lets nothing be learnt",
                           learner->epsilon);
    }
    if (!(learner->delta > 0 && learner->delta < 1)) {
        return caucus_fail(CAUCUS_INVALID,
                           "privacy delta %g is not between 0 and 1; write a number below one over the consumers",
                           learner->delta);
    }
    if (!(learner->clip >= 0 && learner->clip <= MOST)) {
        return caucus_fail(CAUCUS_INVALID, "clip %g is not between 0 and %g; leave it out to shorten nothing",
                           learner->clip, MOST);
    }
    if (!(learner->rate >= 0 && learner->rate <= MOST)) {
        return caucus_fail(CAUCUS_INVALID, "rate %g is not between 0 and %g; leave it out for the usual one",
                           learner->rate, MOST);
    }
    if (!(learner->momentum >= 0 && learner->momentum < 1)) {
        return caucus_fail(CAUCUS_INVALID, "momentum %g is not from 0 to below 1; 0.9 is the default",
                           learner->momentum);
    }
    if (learner->private_steps < 1 || learner->private_steps > CAUCUS_MOST_PRIVATE_STEPS) {
        return caucus_fail(CAUCUS_INVALID, "%u private steps are not between 1 and %d; 100 are usual",
                           learner->private_steps, CAUCUS_MOST_PRIVATE_STEPS);
    }
    return CAUCUS_OK;
}

static caucus_status check(const caucus_learner *learner)
{
    if (learner->kind == CAUCUS_NAIVE_BAYES) {
        if (!(learner->smoothing >= LEAST_SMOOTHING && learner->smoothing <= MOST)) {
            return caucus_fail(CAUCUS_INVALID, "smoothing %g is not between %g and %g; 1 is Laplace's",
                               learner->smoothing, LEAST_SMOOTHING, MOST);
        }
        return CAUCUS_OK;
    }
    if (learner->kind != CAUCUS_LOGISTIC && learner->kind != CAUCUS_MLP) {
        return caucus_fail(CAUCUS_INVALID, "classifier %d is not trained; use logistic, naive_bayes or mlp",
                           (int)learner->kind);
    }
    if (!(learner->penalty >= 0 && learner->penalty <= MOST)) {
        return caucus_fail(CAUCUS_INVALID, "penalty %g is not between 0 and %g; 1 is scikit-learn's C = 1",
                           learner->penalty, MOST);
    }
    if (learner->kind == CAUCUS_LOGISTIC && learner->is_private) {
        return check_private(learner);
    }
    if (!(learner->tolerance > 0 && learner->tolerance < 1)) {
        return caucus_fail(CAUCUS_INVALID, "tolerance %g is not between 0 and 1; 1e-6 is the default",
                           learner->tolerance);
    }
    if (learner->steps < 1) {
        return caucus_fail(CAUCUS_INVALID, "0 steps train nothing; 200 are the default of logistic, 2000 of mlp");
    }
    if (learner->kind == CAUCUS_MLP && learner->hidden < 1) {
        return caucus_fail(CAUCUS_INVALID, "a hidden layer of 0 units; 16 are the default");
    }
    return CAUCUS_OK;
}

static caucus_status check_memory(double bytes, const char *what)
{
    const double memory = (double)caucus_host_this()->memory_total; /* 0: unknown */
    if (memory > 0 && bytes > memory) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s takes %.3g GB, this machine has %.3g GB; use fewer features, wider bins, fewer hidden "
                           "units or no interactions",
                           what, bytes / 1e9, memory / 1e9);
    }
    return CAUCUS_OK;
}

/* Sizes, in floating point first so that nothing wraps round before it is refused. */
static caucus_status set_sizes(caucus_training *training)
{
    const caucus_design *design = &training->design;
    const bool mlp = training->learner.kind == CAUCUS_MLP;
    const double n_outputs = mlp ? training->learner.hidden : training->n_labels;
    const double n_second = mlp ? (double)training->n_labels * (1.0 + training->learner.hidden) : 0.0;
    const double n_parameters = n_outputs * design->n_columns + n_second;
    const double n_scores = n_outputs * design->n_patterns;
    const double numbers = n_parameters * (2.0 * training->memory + 8) + 2 * n_scores +
                           (double)design->n_cells * (1.0 + training->n_labels);
    char what[160];
    snprintf(what, sizeof what, "training with %u cells, %u columns and %.0f parameters", design->n_cells,
             design->n_columns, n_parameters);
    TRY(check_memory(numbers * 8 * caucus_training_width(), what));
    if (n_parameters > INT32_MAX || n_scores > INT32_MAX) {
        return caucus_fail(CAUCUS_INVALID, "%s is more than can be numbered; use fewer features or wider bins", what);
    }
    training->n_outputs = (uint32_t)n_outputs;
    training->n_parameters = (uint32_t)n_parameters;
    return CAUCUS_OK;
}

/* First weights of a network: normal, with a variance of one over the inputs that are not 0 (LeCun et al. 1998). */
static void start_mlp(caucus_training *training)
{
    const uint32_t n_first = training->n_outputs * training->design.n_columns;
    const uint32_t hidden = training->learner.hidden;
    for (uint32_t i = 0; i < training->n_parameters; i++) {
        const bool first = i < n_first;
        const bool constant = first ? i % training->design.n_columns == 0 : (i - n_first) % (1 + hidden) == 0;
        const double inputs = first ? (double)training->design.n_ones : (double)hidden;
        const caucus_words words = caucus_philox(training->learner.seed, i, 0, 0, 0);
        const double z = caucus_normal_quantile(caucus_uniform_first(words));
        training->start[i] = constant ? 0.0 : z / sqrt(inputs);
    }
}

static void set_smoothed(caucus_training *training, const uint32_t *n_values)
{
    for (uint32_t column = 1; column < training->design.n_columns; column++) {
        training->smoothed[column] = training->learner.smoothing * n_values[training->design.column_feature[column]];
    }
}

/* Gradients and steps where nothing is asked for. |p - e_y|^2 is below 2, and a person's gradient is that times a row.
 * The mean loss' Hessian is at most half the squared norm of a row, and the penalty comes on top: one over that is the
 * largest rate at which momentum is stable whatever the data. */
static void set_private(caucus_training *training)
{
    const caucus_learner *learner = &training->learner;
    const double row = (double)training->design.n_ones;
    const double rate = learner->rate > 0 ? learner->rate : 1.0 / (0.5 * row + learner->penalty / training->consumers);
    training->rate = rate / training->consumers;
    training->clip = learner->clip > 0 ? learner->clip : sqrt(2.0 * row);
    if (!isinf(learner->epsilon)) {
        training->noise = training->clip * caucus_gdp_noise(learner->epsilon, learner->delta, learner->private_steps);
    }
}

/* Blocks of the preconditioner that training begins with, if any. */
static uint32_t block_of(const caucus_training *training)
{
    const caucus_learner *learner = &training->learner;
    if (learner->kind == CAUCUS_MLP) {
        return caucus_unit_blocks_size(training);
    }
    return learner->kind == CAUCUS_LOGISTIC && !learner->is_private ? caucus_precondition_block(training) : 0;
}

/* All but what is learnt from the expected counts. */
static caucus_status prepare(const uint32_t *n_values, caucus_training *training)
{
    const caucus_learner *learner = &training->learner;
    TRY(caucus_alloc(training->n_parameters, sizeof *training->start, "a classifier's start", &training->start));
    TRY(caucus_alloc(training->design.n_columns, sizeof *training->smoothed, "columns", &training->smoothed));
    training->block = block_of(training);
    if (learner->kind == CAUCUS_NAIVE_BAYES) {
        set_smoothed(training, n_values);
    } else if (learner->kind == CAUCUS_MLP) {
        start_mlp(training);
    } else if (learner->is_private) {
        set_private(training);
    }
    return CAUCUS_OK;
}

/* Move to the network that the expected counts make of the first weights, and to what is known there. */
static caucus_status go_to_expected(caucus_training *training, const uint64_t *expected, double scale)
{
    const uint32_t whole = caucus_gauss_newton_block(training);
    TRY(caucus_expected_start(training, expected, scale));
    free(training->precondition);
    training->precondition = NULL;
    training->block = whole > 0 ? whole : caucus_unit_blocks_size(training);
    return whole > 0 ? caucus_gauss_newton_init(training, expected, scale)
                     : caucus_unit_blocks_init(training, expected, scale);
}

static caucus_status begin_mlp(caucus_training *training, const uint64_t *expected, double scale)
{
    TRY(caucus_unit_blocks_init(training, expected, scale));
    return training->learner.expected_start ? go_to_expected(training, expected, scale) : CAUCUS_OK;
}

caucus_status caucus_training_begin(caucus_training *training, const uint64_t *expected)
{
    if (training->block == 0) {
        return CAUCUS_OK; /* nothing is asked of them */
    }
    double sum = 0.0;
    for (size_t i = 0; i < (size_t)training->design.n_cells * training->n_labels; i++) {
        sum += (double)expected[i];
    }
    if (!(sum > 0.0)) {
        return caucus_fail(CAUCUS_INVALID, "a classifier is expected to learn from nobody; give it counts");
    }
    const double scale = training->consumers / sum;
    return training->learner.kind == CAUCUS_MLP ? begin_mlp(training, expected, scale)
                                                : caucus_precondition_init(training, expected, scale);
}

caucus_status caucus_training_open(const caucus_learner *learner, uint32_t n_cells, uint32_t n_features,
                                   const uint32_t *codes, const uint32_t *n_values, uint32_t n_labels,
                                   uint64_t consumers, caucus_training **out)
{
    caucus_training *training = NULL;
    caucus_status status = CAUCUS_OK;
    TRY(check(learner));
    if (n_cells < 1 || n_features < 1 || n_labels < 1 || consumers < 1) {
        return caucus_fail(CAUCUS_INVALID,
                           "a classifier needs a cell, a feature, a label and a consumer, not %u, %u, %u and %llu",
                           n_cells, n_features, n_labels, (unsigned long long)consumers);
    }
    const bool interactions = learner->interactions && learner->kind == CAUCUS_LOGISTIC;
    TRY(check_memory((double)caucus_design_bytes(n_cells, n_features, interactions), "the design of a classifier"));
    TRY(caucus_alloc(1, sizeof *training, "a classifier", &training));
    training->learner = *learner;
    training->n_labels = n_labels;
    training->consumers = (double)consumers;
    training->memory = learner->kind == CAUCUS_MLP ? CAUCUS_MEMORY : CAUCUS_MEMORY / 2;
    TRY_GOTO(caucus_design_init(n_cells, n_features, codes, interactions, &training->design), failed);
    TRY_GOTO(set_sizes(training), failed);
    TRY_GOTO(prepare(n_values, training), failed);
    *out = training;
    return CAUCUS_OK;
failed:
    caucus_training_close(training);
    return status;
}

void caucus_training_close(caucus_training *training)
{
    if (training == NULL) {
        return;
    }
    free(training->smoothed);
    free(training->precondition);
    free(training->start);
    caucus_design_free(&training->design);
    free(training);
}

size_t caucus_training_bytes(const caucus_training *training)
{
    const caucus_design *design = &training->design;
    const size_t ids = (size_t)design->n_cells * design->n_groups + /* patterns of cells, cells of patterns */
                       design->pattern_cell_starts[design->n_patterns] +
                       2 * (size_t)design->pattern_column_starts[design->n_patterns];
    return ids * sizeof(uint32_t) + (size_t)training->n_parameters * (1 + training->block) * sizeof(double);
}
