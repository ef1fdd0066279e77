/* Trains classifiers on counts, for tests and benchmarks.
 *
 *   fit_counts train PROBLEM FITS       the fits of a problem's trainees
 *   fit_counts time PROBLEM SECONDS     prints trainings a second, evaluations a training and the width of a pack
 *   fit_counts delta MU EPSILON         prints a mu-GDP mechanism's delta
 *   fit_counts noise EPSILON DELTA STEPS  prints the noise multiplier
 *   fit_counts quantile P...            prints normal quantiles
 *
 * Files are doubles in native order. PROBLEM: kind, penalty, interactions, tolerance, steps, smoothing, hidden, seed,
 * private, epsilon, delta, clip, rate, momentum, private steps, expected start; cells, features, labels, trainees,
 * consumers; values of each feature; codes [cell][feature]; expected [cell][label]; counts [trainee][cell][label].
 * FITS, for each trainee: converged, steps, gradient, label [cell], tied [cell], probability [cell][label], parameter.
 */
#include "math/gaussian_privacy.h"
#include "math/normal.h"
#include "training/simd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct fit_problem {
    caucus_training *training;
    uint32_t n_cells;
    uint32_t n_labels;
    uint32_t n_trainees;
    uint64_t *counts; /* [trainee][cell][label] */
    caucus_trainee *trainees;
    void *space;
} fit_problem;

static void *need(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return memory;
}

static double read_one(FILE *file)
{
    double x = 0.0;
    if (fread(&x, sizeof x, 1, file) != 1) {
        fprintf(stderr, "the problem ends too soon\n");
        exit(1);
    }
    return x;
}

static uint32_t *read_ids(FILE *file, size_t n)
{
    uint32_t *ids = need(calloc(n + 1, sizeof *ids));
    for (size_t i = 0; i < n; i++) {
        ids[i] = (uint32_t)read_one(file);
    }
    return ids;
}

static uint64_t *read_counts(FILE *file, size_t n)
{
    uint64_t *counts = need(calloc(n + 1, sizeof *counts));
    for (size_t i = 0; i < n; i++) {
        counts[i] = (uint64_t)read_one(file);
    }
    return counts;
}

static caucus_learner read_learner(FILE *file)
{
    caucus_learner learner = {0};
    learner.kind = (caucus_classifier)read_one(file);
    learner.penalty = read_one(file);
    learner.interactions = read_one(file) != 0;
    learner.tolerance = read_one(file);
    learner.steps = (uint32_t)read_one(file);
    learner.smoothing = read_one(file);
    learner.hidden = (uint32_t)read_one(file);
    learner.seed = (uint64_t)read_one(file);
    learner.is_private = read_one(file) != 0;
    learner.epsilon = read_one(file);
    learner.delta = read_one(file);
    learner.clip = read_one(file);
    learner.rate = read_one(file);
    learner.momentum = read_one(file);
    learner.private_steps = (uint32_t)read_one(file);
    learner.expected_start = read_one(file) != 0;
    return learner;
}

static int open_problem(const char *path, fit_problem *problem)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    const caucus_learner learner = read_learner(file);
    problem->n_cells = (uint32_t)read_one(file);
    const uint32_t n_features = (uint32_t)read_one(file);
    problem->n_labels = (uint32_t)read_one(file);
    problem->n_trainees = (uint32_t)read_one(file);
    const uint64_t consumers = (uint64_t)read_one(file);
    const size_t n_counts = (size_t)problem->n_cells * problem->n_labels;
    uint32_t *n_values = read_ids(file, n_features);
    uint32_t *codes = read_ids(file, (size_t)problem->n_cells * n_features);
    uint64_t *expected = read_counts(file, n_counts);
    problem->counts = read_counts(file, n_counts * problem->n_trainees);
    fclose(file);
    caucus_status status = caucus_training_open(&learner, problem->n_cells, n_features, codes, n_values,
                                                problem->n_labels, consumers, &problem->training);
    status = status == CAUCUS_OK ? caucus_training_begin(problem->training, expected) : status;
    free(expected);
    free(codes);
    free(n_values);
    if (status != CAUCUS_OK) {
        fprintf(stderr, "%s\n", caucus_error_message());
        free(problem->counts);
        return (int)status;
    }
    problem->space = need(aligned_alloc(64, caucus_training_space(problem->training)));
    problem->trainees = need(calloc(problem->n_trainees, sizeof *problem->trainees));
    for (uint32_t i = 0; i < problem->n_trainees; i++) {
        caucus_trainee *trainee = &problem->trainees[i];
        trainee->counts = problem->counts + i * n_counts;
        trainee->labels = need(calloc(problem->n_cells, sizeof *trainee->labels));
        trainee->tied = need(calloc(problem->n_cells, sizeof *trainee->tied));
        trainee->parameters = need(calloc(problem->training->n_parameters, sizeof(double)));
        trainee->stride = 1;
        trainee->scale = 1.0;
        trainee->place = (caucus_place){{learner.seed, i, 0}, CAUCUS_STREAM_TRAINING, 0};
    }
    return 0;
}

static void close_problem(fit_problem *problem)
{
    for (uint32_t i = 0; i < problem->n_trainees; i++) {
        free(problem->trainees[i].labels);
        free(problem->trainees[i].tied);
        free(problem->trainees[i].parameters);
    }
    free(problem->trainees);
    free(problem->space);
    free(problem->counts);
    caucus_training_close(problem->training);
}

static int train(const char *path, const char *fits)
{
    fit_problem problem;
    const int failed = open_problem(path, &problem);
    if (failed != 0) {
        return failed;
    }
    FILE *file = need(fopen(fits, "wb"));
    const size_t n_counts = (size_t)problem.n_cells * problem.n_labels;
    const size_t n_parameters = problem.training->n_parameters;
    double *out = need(malloc((3 + 2 * (size_t)problem.n_cells + n_counts + n_parameters) * sizeof *out));
    caucus_training_run(problem.training, problem.trainees, problem.n_trainees, problem.space);
    for (uint32_t i = 0; i < problem.n_trainees; i++) {
        const caucus_trainee *trainee = &problem.trainees[i];
        double *at = out;
        *at++ = trainee->report.converged;
        *at++ = trainee->report.steps;
        *at++ = trainee->report.gradient;
        for (uint32_t cell = 0; cell < problem.n_cells; cell++) {
            at[cell] = trainee->labels[cell];
            at[problem.n_cells + cell] = trainee->tied[cell];
        }
        at += 2 * problem.n_cells;
        if (caucus_training_probabilities(problem.training, trainee->parameters, at) != CAUCUS_OK) {
            fprintf(stderr, "%s\n", caucus_error_message());
            return 1;
        }
        at += n_counts;
        memcpy(at, trainee->parameters, n_parameters * sizeof *at);
        at += n_parameters;
        need(fwrite(out, sizeof *out, (size_t)(at - out), file) == (size_t)(at - out) ? out : NULL);
    }
    fclose(file);
    free(out);
    close_problem(&problem);
    return 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* The best of the rounds that fit in, since other work can only slow one down. */
static int measure(const char *path, double seconds)
{
    fit_problem problem;
    const int failed = open_problem(path, &problem);
    if (failed != 0) {
        return failed;
    }
    double best = INFINITY;
    double steps = 0.0;
    uint32_t n_converged = 0;
    const double begin = now();
    do {
        const double start = now();
        caucus_training_run(problem.training, problem.trainees, problem.n_trainees, problem.space);
        best = fmin(best, now() - start);
    } while (now() - begin < seconds);
    for (uint32_t i = 0; i < problem.n_trainees; i++) {
        steps += problem.trainees[i].report.steps;
        n_converged += problem.trainees[i].report.converged;
    }
    printf("%.1f %.3f %u %u\n", problem.n_trainees / best, steps / problem.n_trainees, n_converged,
           caucus_training_width());
    close_problem(&problem);
    return 0;
}

static int scalars(int n_arguments, char **arguments)
{
    if (n_arguments == 4 && strcmp(arguments[1], "delta") == 0) {
        printf("%.17g\n", caucus_gdp_delta(atof(arguments[2]), atof(arguments[3])));
    } else if (n_arguments == 5 && strcmp(arguments[1], "noise") == 0) {
        printf("%.17g\n", caucus_gdp_noise(atof(arguments[2]), atof(arguments[3]), (unsigned)atoi(arguments[4])));
    } else if (n_arguments > 2 && strcmp(arguments[1], "quantile") == 0) {
        for (int i = 2; i < n_arguments; i++) {
            printf("%.17g\n", caucus_normal_quantile(atof(arguments[i])));
        }
    } else {
        fprintf(stderr, "usage: see the head of fit_counts.c\n");
        return 2;
    }
    return 0;
}

int main(int n_arguments, char **arguments)
{
    if (n_arguments == 4 && strcmp(arguments[1], "train") == 0) {
        return train(arguments[2], arguments[3]);
    }
    if (n_arguments == 4 && strcmp(arguments[1], "time") == 0) {
        return measure(arguments[2], atof(arguments[3]));
    }
    return scalars(n_arguments, arguments);
}
