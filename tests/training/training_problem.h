/* Small training problems of every kind, for tests in C. */
#ifndef TRAINING_PROBLEM_H
#define TRAINING_PROBLEM_H

#include "training/fit.h"
#include "training/simd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    PROBLEM_LOGISTIC,
    PROBLEM_INTERACTIONS,
    PROBLEM_NAIVE_BAYES,
    PROBLEM_MLP,
    PROBLEM_PRIVATE,
    PROBLEM_FAR,
    PROBLEM_KINDS
};

enum { PROBLEM_CELLS = 150, PROBLEM_FEATURES = 4, PROBLEM_LABELS = 3 };

typedef struct training_problem {
    caucus_training *training;
    uint32_t n_trainees;
    uint64_t *counts; /* [trainee][cell][label] */
    caucus_trainee *trainees;
    uint32_t *labels; /* [trainee][cell]: where trainings write */
    uint32_t *tied;
    uint32_t *first_labels; /* what problem_train gave */
    uint32_t *first_tied;
} training_problem;

static double problem_uniform(uint32_t a, uint32_t b)
{
    return caucus_uniform_first(caucus_philox(17, a, b, 0, 0));
}

/* A grid of 5 x 3 x 4 x 5 with every second cell left out; the last trainees have fewer people, and empty cells. */
static void problem_counts(training_problem *problem, uint32_t kind, uint64_t *expected)
{
    for (uint32_t cell = 0; cell < PROBLEM_CELLS; cell++) {
        for (uint32_t y = 0; y < PROBLEM_LABELS; y++) {
            const uint32_t i = cell * PROBLEM_LABELS + y;
            const double mean = 40.0 * problem_uniform(i, 1) * (y == cell % 3 ? 3.0 : 1.0);
            expected[i] = (uint64_t)(1000.0 * mean) + 1;
            for (uint32_t t = 0; t < problem->n_trainees; t++) {
                const double share = kind == PROBLEM_FAR ? 4.0 * problem_uniform(i, 3) * (t % 3 == y ? 5.0 : 0.1) : 1.0;
                const double fewer = t % 5 == 4 && kind != PROBLEM_FAR ? 0.02 : 1.0;
                const double count = share * fewer * mean * (0.8 + 0.4 * problem_uniform(i, 10 + t));
                problem->counts[(size_t)t * PROBLEM_CELLS * PROBLEM_LABELS + i] = (uint64_t)count;
            }
        }
    }
}

static caucus_learner problem_learner(uint32_t kind)
{
    const caucus_classifier of[] = {CAUCUS_LOGISTIC, CAUCUS_LOGISTIC, CAUCUS_NAIVE_BAYES,
                                    CAUCUS_MLP,      CAUCUS_LOGISTIC, CAUCUS_LOGISTIC};
    caucus_learner learner = caucus_learner_default(of[kind]);
    learner.interactions = kind == PROBLEM_INTERACTIONS;
    learner.is_private = kind == PROBLEM_PRIVATE;
    learner.private_steps = 5;
    learner.hidden = 5;
    learner.steps = kind == PROBLEM_MLP ? 25 : 200;
    return learner;
}

static void problem_open(training_problem *problem, uint32_t kind, uint32_t n_trainees)
{
    const uint32_t n_values[PROBLEM_FEATURES] = {5, 3, 4, 6}; /* the last value of the last is nobody's */
    const size_t n_counts = PROBLEM_CELLS * PROBLEM_LABELS;
    uint32_t codes[PROBLEM_CELLS * PROBLEM_FEATURES];
    uint64_t expected[PROBLEM_CELLS * PROBLEM_LABELS];
    for (uint32_t cell = 0; cell < PROBLEM_CELLS; cell++) {
        const uint32_t whole = 2 * cell + cell % 2;
        codes[cell * PROBLEM_FEATURES] = whole / 60;
        codes[cell * PROBLEM_FEATURES + 1] = whole / 20 % 3;
        codes[cell * PROBLEM_FEATURES + 2] = whole / 5 % 4;
        codes[cell * PROBLEM_FEATURES + 3] = whole % 5;
    }
    problem->n_trainees = n_trainees;
    problem->counts = calloc(n_trainees * n_counts, sizeof *problem->counts);
    problem->trainees = calloc(n_trainees, sizeof *problem->trainees);
    problem->labels = calloc(n_trainees * PROBLEM_CELLS, sizeof *problem->labels);
    problem->tied = calloc(n_trainees * PROBLEM_CELLS, sizeof *problem->tied);
    problem->first_labels = calloc(n_trainees * PROBLEM_CELLS, sizeof *problem->labels);
    problem->first_tied = calloc(n_trainees * PROBLEM_CELLS, sizeof *problem->tied);
    assert_true(problem->counts && problem->trainees && problem->labels && problem->tied && problem->first_labels &&
                problem->first_tied);
    problem_counts(problem, kind, expected);
    const caucus_learner learner = problem_learner(kind);
    assert_int_equal(caucus_training_open(&learner, PROBLEM_CELLS, PROBLEM_FEATURES, codes, n_values, PROBLEM_LABELS,
                                          15000, &problem->training),
                     CAUCUS_OK);
    assert_int_equal(caucus_training_begin(problem->training, expected), CAUCUS_OK);
    for (uint32_t t = 0; t < n_trainees; t++) {
        problem->trainees[t] = (caucus_trainee){.counts = problem->counts + t * n_counts,
                                                .labels = problem->labels + t * PROBLEM_CELLS,
                                                .tied = problem->tied + t * PROBLEM_CELLS,
                                                .stride = 1,
                                                .scale = 1.0,
                                                .place = {{7, t, 0}, CAUCUS_STREAM_TRAINING, 0}};
        problem->trainees[t].parameters = calloc(problem->training->n_parameters, sizeof(double));
        assert_non_null(problem->trainees[t].parameters);
    }
}

static void problem_close(training_problem *problem)
{
    for (uint32_t t = 0; t < problem->n_trainees; t++) {
        free(problem->trainees[t].parameters);
    }
    caucus_training_close(problem->training);
    free(problem->first_tied);
    free(problem->first_labels);
    free(problem->tied);
    free(problem->labels);
    free(problem->trainees);
    free(problem->counts);
}

/* Train all together, and keep what comes out. */
static void problem_train(const training_problem *problem)
{
    void *space = aligned_alloc(64, caucus_training_space(problem->training));
    assert_non_null(space);
    caucus_training_run(problem->training, problem->trainees, problem->n_trainees, space);
    free(space);
    const size_t n = (size_t)problem->n_trainees * PROBLEM_CELLS;
    memcpy(problem->first_labels, problem->labels, n * sizeof *problem->labels);
    memcpy(problem->first_tied, problem->tied, n * sizeof *problem->tied);
}

static inline void problem_clear_labels(const training_problem *problem)
{
    memset(problem->labels, 0xff, (size_t)problem->n_trainees * PROBLEM_CELLS * sizeof *problem->labels);
    memset(problem->tied, 0, (size_t)problem->n_trainees * PROBLEM_CELLS * sizeof *problem->tied);
}

/* Another training of trainee t gave what problem_train kept, to the bit. */
static inline void problem_check_fit(const training_problem *problem, uint32_t t, const caucus_trainee *again)
{
    const caucus_trainee *first = &problem->trainees[t];
    const size_t row = (size_t)t * PROBLEM_CELLS;
    assert_memory_equal(problem->labels + row, problem->first_labels + row, PROBLEM_CELLS * sizeof *problem->labels);
    assert_memory_equal(problem->tied + row, problem->first_tied + row, PROBLEM_CELLS * sizeof *problem->tied);
    assert_int_equal(again->report.converged, first->report.converged);
    assert_int_equal(again->report.steps, first->report.steps);
    assert_memory_equal(&again->report.gradient, &first->report.gradient, sizeof first->report.gradient);
    if (again->parameters != NULL) {
        assert_memory_equal(again->parameters, first->parameters, problem->training->n_parameters * sizeof(double));
    }
}

#endif
