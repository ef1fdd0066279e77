/* Trained classifiers: the same bits in any company and on any instruction set, gradients, corner cases, bad input. */
#include "training_problem.h"

/* Each lane's functions against libm. */
static void pack_functions_agree_with_libm(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 100000; i++) {
        const caucus_words words = caucus_philox(3, i, 0, 0, 0);
        const double u = caucus_uniform_first(words);
        const double x = 30.0 * (caucus_uniform_second(words) - 0.5);
        const double large = 1400.0 * (u - 0.5);
        assert_true(fabs(caucus_pack_exp(x) - exp(x)) <= 4e-15 * exp(x)); /* the argument's rounding, times 15 */
        assert_true(fabs(caucus_pack_exp(large) - exp(large)) <= 1.6e-13 * exp(large));
        const double above = 1.0 + exp(20.0 * (u - 0.5));
        assert_true(fabs(caucus_pack_log(above) - log(above)) <= 3e-16 * fmax(1.0, log(above)));
        const double far = exp(large);
        assert_true(fabs(caucus_pack_log(far) - log(far)) <= 3e-16 * fmax(1.0, fabs(log(far))));
        assert_true(fabs(caucus_pack_tanh(x) - tanh(x)) <= 4e-16);
    }
    assert_true(caucus_pack_exp(0.0) == 1.0);
    assert_true(caucus_pack_exp(-709.0) == 0.0);
    assert_true(caucus_pack_exp(-1e300) == 0.0);
    assert_true(caucus_pack_exp(-708.0) > 0.0);
    assert_true(caucus_pack_exp(1e300) > 1e307);
    assert_true(caucus_pack_log(1.0) == 0.0);
    assert_true(caucus_pack_tanh(0.0) == 0.0);
    assert_true(caucus_pack_tanh(1e300) == 1.0 && caucus_pack_tanh(-1e300) == -1.0);
}

static void check_flavour(const caucus_training_flavour *flavour, const training_problem *problem)
{
    const uint32_t sizes[] = {1, 7, 8, 64};
    void *space = aligned_alloc(64, flavour->space(problem->training));
    const size_t n_parameters = problem->training->n_parameters;
    double *parameters = malloc(64 * n_parameters * sizeof *parameters);
    assert_true(space != NULL && parameters != NULL);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (uint32_t first = 0; first < problem->n_trainees; first += sizes[s]) {
            caucus_trainee batch[64];
            const uint32_t left = problem->n_trainees - first;
            const uint32_t n = left < sizes[s] ? left : sizes[s];
            for (uint32_t i = 0; i < n; i++) { /* backwards, for another order and other company */
                batch[i] = problem->trainees[problem->n_trainees - 1 - first - i];
                batch[i].parameters = parameters + i * n_parameters;
            }
            problem_clear_labels(problem);
            flavour->run(problem->training, batch, n, space);
            for (uint32_t i = 0; i < n; i++) {
                problem_check_fit(problem, problem->n_trainees - 1 - first - i, &batch[i]);
            }
        }
    }
    free(parameters);
    free(space);
}

static void company_and_instructions_change_no_bit(void **state)
{
    (void)state;
    for (uint32_t kind = 0; kind < PROBLEM_KINDS; kind++) {
        training_problem problem;
        problem_open(&problem, kind, 64);
        problem_train(&problem);
        check_flavour(&caucus_training_pairs, &problem);
#ifdef __x86_64__
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
            check_flavour(&caucus_training_avx2, &problem);
        }
        if (caucus_training_flavour_here() == &caucus_training_avx512) {
            check_flavour(&caucus_training_avx512, &problem);
        }
#endif
        problem_close(&problem);
    }
}

/* Central differences: error of second order in h, and rounding over h. spread: of the parameters. */
static void check_gradient(uint32_t kind, double spread, double error)
{
    training_problem problem;
    problem_open(&problem, kind, 1);
    caucus_fit fit;
    void *space = calloc(caucus_fit_place(problem.training, NULL, &fit), 1);
    assert_non_null(space);
    caucus_fit_place(problem.training, space, &fit);
    const double weight = caucus_load(&fit, &problem.trainees[0], 0);
    const uint32_t n = problem.training->n_parameters;
    double *gradient = malloc(n * sizeof *gradient);
    assert_non_null(gradient);
    for (uint32_t i = 0; i < n; i++) {
        fit.trial[i] = spread * caucus_normal_quantile(caucus_uniform_first(caucus_philox(5, i, 0, 0, 0)));
    }
    caucus_evaluate(&fit);
    memcpy(gradient, fit.slopes, n * sizeof *gradient);
    const double h = 1e-5;
    for (uint32_t i = 0; i < n; i++) {
        const double at = fit.trial[i];
        fit.trial[i] = at + h;
        const double above = caucus_evaluate(&fit);
        fit.trial[i] = at - h;
        const double below = caucus_evaluate(&fit);
        fit.trial[i] = at;
        assert_true(fabs((above - below) / (2 * h) - gradient[i]) < error * weight);
    }
    free(gradient);
    free(space);
    problem_close(&problem);
}

static void gradients_are_those_of_the_loss(void **state)
{
    (void)state;
    check_gradient(PROBLEM_LOGISTIC, 0.3, 1e-8);
    check_gradient(PROBLEM_INTERACTIONS, 0.3, 1e-8);
    check_gradient(PROBLEM_MLP, 0.3, 1e-8);
    /* so far out that patterns' exponentials cannot be multiplied; losses are as much larger */
    check_gradient(PROBLEM_LOGISTIC, 200.0, 1e-6);
    check_gradient(PROBLEM_INTERACTIONS, 200.0, 1e-6);
    check_gradient(PROBLEM_MLP, 200.0, 1e-6);
}

/* Slopes of the logarithms of all cells' probabilities along each parameter of a training at its start:
 * [parameter][cell][label], by central differences. */
static double *score_slopes(training_problem *problem)
{
    const caucus_training *training = problem->training;
    const size_t n_outcomes = PROBLEM_CELLS * PROBLEM_LABELS;
    const double h = 1e-5;
    double *slopes = calloc(training->n_parameters * n_outcomes, sizeof *slopes);
    double *parameters = malloc(training->n_parameters * sizeof *parameters);
    double *below = malloc(n_outcomes * sizeof *below);
    assert_true(slopes && parameters && below);
    memcpy(parameters, training->start, training->n_parameters * sizeof *parameters);
    for (uint32_t i = 0; i < training->n_parameters; i++) {
        double *above = slopes + i * n_outcomes;
        parameters[i] = training->start[i] + h;
        assert_int_equal(caucus_training_probabilities(training, parameters, above), CAUCUS_OK);
        parameters[i] = training->start[i] - h;
        assert_int_equal(caucus_training_probabilities(training, parameters, below), CAUCUS_OK);
        parameters[i] = training->start[i];
        for (size_t k = 0; k < n_outcomes; k++) {
            above[k] = (log(above[k]) - log(below[k])) / (2 * h);
        }
    }
    free(below);
    free(parameters);
    return slopes;
}

/* An element of the Gauss-Newton matrix, which is Fisher's information: the mean over cells and their probabilities of
 * the product of two slopes. weights: [cell][label] of probabilities. */
static double information(const double *slopes, const double *weights, uint32_t i, uint32_t j)
{
    double sum = 0.0;
    for (size_t k = 0; k < PROBLEM_CELLS * PROBLEM_LABELS; k++) {
        const size_t n = PROBLEM_CELLS * PROBLEM_LABELS;
        sum += weights[k] * slopes[i * n + k] * slopes[j * n + k];
    }
    return sum;
}

/* What a network's searches begin with, times what it is the inverse of: blocks of the first layer and the diagonal of
 * the second, with 0.003 of the people and the penalty along every parameter. */
static void networks_begin_with_the_inverse_of_their_curvature(void **state)
{
    (void)state;
    training_problem problem;
    uint64_t expected[PROBLEM_CELLS * PROBLEM_LABELS];
    double weights[PROBLEM_CELLS * PROBLEM_LABELS];
    problem_open(&problem, PROBLEM_MLP, 1);
    problem_counts(&problem, PROBLEM_MLP, expected);
    const caucus_training *training = problem.training;
    const uint32_t size = training->design.n_columns;
    const uint32_t n_first = training->learner.hidden * size;
    double sum = 0.0;
    for (uint32_t k = 0; k < PROBLEM_CELLS * PROBLEM_LABELS; k++) {
        sum += (double)expected[k];
    }
    assert_int_equal(training->block, size);
    assert_int_equal(caucus_training_probabilities(training, training->start, weights), CAUCUS_OK);
    for (uint32_t cell = 0; cell < PROBLEM_CELLS; cell++) {
        uint64_t total = 0;
        for (uint32_t y = 0; y < PROBLEM_LABELS; y++) {
            total += expected[cell * PROBLEM_LABELS + y];
        }
        for (uint32_t y = 0; y < PROBLEM_LABELS; y++) {
            weights[cell * PROBLEM_LABELS + y] *= (double)total * training->consumers / sum;
        }
    }
    double *slopes = score_slopes(&problem);
    for (uint32_t i = 0; i < training->n_parameters; i++) {
        const double *row = training->precondition + (size_t)i * size;
        const uint32_t first = i - i % size;
        const double ridge = 1.0 + 0.003 * training->consumers;
        for (uint32_t j = first; j < first + size && i < n_first; j++) { /* of the product with the matrix */
            double product = row[j - first] * (j == first ? ridge - 0.5 : ridge);
            for (uint32_t k = first; k < first + size; k++) {
                product += row[k - first] * information(slopes, weights, k, j);
            }
            assert_true(fabs(product - (i == j ? 1.0 : 0.0)) < 1e-6);
        }
        if (i >= n_first) {
            const bool constant = (i - n_first) % (1 + training->learner.hidden) == 0;
            const double own = information(slopes, weights, i, i) + (constant ? ridge - 0.5 : ridge);
            assert_true(fabs(row[i % size] * own - 1.0) < 1e-6);
        }
    }
    free(slopes);
    problem_close(&problem);
}

/* A row of the design has one column of each feature and of each pair, whatever groups they were put in. */
static void design_has_every_column_once(void **state)
{
    (void)state;
    for (uint32_t n_features = 1; n_features <= 7; n_features++) {
        for (int interactions = 0; interactions < 2; interactions++) {
            uint32_t codes[50 * 7];
            for (uint32_t i = 0; i < 50 * n_features; i++) { /* cells by counting in base 3, some left out */
                uint32_t cell = (i / n_features) * 3 + 1;
                for (uint32_t f = 0; f < i % n_features; f++) {
                    cell /= 3;
                }
                codes[i] = n_features < 5 ? i / n_features * (i % n_features + 1) : cell % 3;
            }
            caucus_design design;
            assert_int_equal(caucus_design_init(50, n_features, codes, interactions != 0, &design), CAUCUS_OK);
            const uint32_t pairs = interactions != 0 ? n_features * (n_features - 1) / 2 : 0;
            assert_int_equal(design.n_ones, 1 + n_features + pairs);
            uint32_t *ones = calloc(design.n_columns, sizeof *ones);
            assert_non_null(ones);
            for (uint32_t cell = 0; cell < 50; cell++) {
                uint32_t n = 0;
                for (uint32_t k = 0; k < design.n_groups; k++) {
                    const uint32_t p = design.cell_patterns[cell * design.n_groups + k];
                    for (uint32_t j = design.pattern_column_starts[p]; j < design.pattern_column_starts[p + 1]; j++) {
                        ones[design.pattern_columns[j]]++;
                        n++;
                    }
                }
                assert_int_equal(n, design.n_ones);
            }
            assert_int_equal(ones[0], 50);
            uint32_t sum = 0;
            for (uint32_t column = 0; column < design.n_columns; column++) {
                assert_true(ones[column] >= 1); /* no column without a cell */
                uint32_t n = 0;                 /* the same ones, from the columns' side */
                for (uint32_t j = design.column_starts[column]; j < design.column_starts[column + 1]; j++) {
                    const uint32_t p = design.column_patterns[j];
                    n += (uint32_t)(design.pattern_cell_starts[p + 1] - design.pattern_cell_starts[p]);
                }
                assert_int_equal(n, ones[column]);
                sum += n;
            }
            assert_int_equal(sum, 50 * design.n_ones);
            free(ones);
            caucus_design_free(&design);
        }
    }
}

/* Labels that nothing tells apart are tied, and the first of them is predicted. */
static void equal_counts_tie(void **state)
{
    (void)state;
    const uint32_t codes[] = {0, 1};
    const uint32_t n_values[] = {2};
    const uint64_t counts[][6] = {{5, 5, 5, 7, 7, 7}, {2, 5, 5, 3, 7, 7}};
    const caucus_classifier kinds[] = {CAUCUS_LOGISTIC, CAUCUS_NAIVE_BAYES};
    for (uint32_t k = 0; k < 2; k++) {
        const caucus_learner learner = caucus_learner_default(kinds[k]);
        caucus_training *training = NULL;
        assert_int_equal(caucus_training_open(&learner, 2, 1, codes, n_values, 3, 30, &training), CAUCUS_OK);
        assert_int_equal(caucus_training_begin(training, counts[k]), CAUCUS_OK);
        uint32_t labels[2];
        uint32_t tied[2];
        caucus_trainee trainee = {.counts = counts[k], .labels = labels, .tied = tied, .stride = 1, .scale = 1.0};
        void *space = aligned_alloc(64, caucus_training_space(training));
        assert_non_null(space);
        caucus_training_run(training, &trainee, 1, space);
        assert_true(trainee.report.converged);
        assert_true(tied[0] && labels[0] == k);
        assert_true(tied[1] && labels[1] == k);
        free(space);
        caucus_training_close(training);
    }
}

static void too_few_steps_are_recorded(void **state)
{
    (void)state;
    training_problem problem;
    problem_open(&problem, PROBLEM_FAR, 8);
    problem.training->learner.steps = 2;
    problem_train(&problem);
    for (uint32_t i = 0; i < problem.n_trainees; i++) {
        const caucus_fit_report *report = &problem.trainees[i].report;
        assert_false(report->converged);
        assert_int_equal(report->steps, 2);
        assert_true(report->gradient > problem.training->learner.tolerance);
    }
    problem.training->learner.steps = 200;
    problem_train(&problem);
    for (uint32_t i = 0; i < problem.n_trainees; i++) {
        const caucus_fit_report *report = &problem.trainees[i].report;
        assert_true(report->converged && report->steps > 2);
        assert_true(report->gradient <= problem.training->learner.tolerance);
    }
    problem_close(&problem);
}

/* Nobody in the population with some label, one person, a penalty of 0: no crash, and convergence as it is. */
static void corners_converge(void **state)
{
    (void)state;
    const uint32_t codes[] = {0, 0, 1, 1, 0, 1};
    const uint32_t n_values[] = {2, 5};
    const uint64_t expected[] = {10, 0, 0, 20, 1, 0, 5, 5, 0};
    const uint64_t counts[][9] = {
        {0, 0, 0, 0, 0, 0, 0, 1, 0}, {3, 0, 1, 0, 0, 9, 0, 0, 0}, {10, 0, 0, 20, 1, 0, 5, 5, 0}};
    for (int k = CAUCUS_LOGISTIC; k <= CAUCUS_MLP; k++) {
        caucus_learner learner = caucus_learner_default((caucus_classifier)k);
        for (int i = 0; i < 2; i++) {
            learner.penalty = i == 0 ? 1.0 : 0.0;
            caucus_training *training = NULL;
            assert_int_equal(caucus_training_open(&learner, 3, 2, codes, n_values, 3, 41, &training), CAUCUS_OK);
            assert_int_equal(caucus_training_begin(training, expected), CAUCUS_OK);
            uint32_t labels[3][3];
            uint32_t tied[3][3];
            caucus_trainee trainees[3] = {0};
            for (uint32_t t = 0; t < 3; t++) {
                trainees[t] = (caucus_trainee){
                    .counts = counts[t], .labels = labels[t], .tied = tied[t], .stride = 1, .scale = 1.0};
            }
            void *space = aligned_alloc(64, caucus_training_space(training));
            assert_non_null(space);
            caucus_training_run(training, trainees, 3, space);
            for (uint32_t t = 0; t < 3; t++) {
                assert_true(trainees[t].report.converged);
            }
            assert_int_equal(labels[0][2], 1); /* whoever has one label only is given it */
            assert_int_equal(labels[2][0], 0);
            assert_int_equal(labels[1][1], 2);
            free(space);
            caucus_training_close(training);
        }
    }
}

static void expect_refusal(const caucus_learner *learner, const char *word)
{
    const uint32_t codes[] = {0, 1};
    const uint32_t n_values[] = {2};
    caucus_training *training = NULL;
    assert_int_equal(caucus_training_open(learner, 2, 1, codes, n_values, 2, 10, &training), CAUCUS_INVALID);
    assert_null(training);
    assert_non_null(strstr(caucus_error_message(), word));
}

#define REFUSE(the_kind, field, value, word)                                                                           \
    do {                                                                                                               \
        caucus_learner learner = caucus_learner_default(the_kind);                                                     \
        learner.field = (value);                                                                                       \
        expect_refusal(&learner, word);                                                                                \
    } while (0)

#define REFUSE_PRIVATE(field, value, word)                                                                             \
    do {                                                                                                               \
        caucus_learner learner = caucus_learner_default(CAUCUS_LOGISTIC);                                              \
        learner.is_private = true;                                                                                     \
        learner.field = (value);                                                                                       \
        expect_refusal(&learner, word);                                                                                \
    } while (0)

static void bad_parameters_are_refused(void **state)
{
    (void)state;
    REFUSE(CAUCUS_LOGISTIC, penalty, -0.5, "penalty -0.5");
    REFUSE(CAUCUS_LOGISTIC, penalty, (double)NAN, "penalty");
    REFUSE(CAUCUS_LOGISTIC, tolerance, 0.0, "tolerance 0");
    REFUSE(CAUCUS_LOGISTIC, steps, 0, "steps");
    REFUSE(CAUCUS_MLP, hidden, 0, "0 units");
    REFUSE(CAUCUS_MLP, penalty, -1.0, "penalty");
    REFUSE(CAUCUS_MLP, tolerance, -1.0, "tolerance");
    REFUSE(CAUCUS_NAIVE_BAYES, smoothing, 0.0, "smoothing 0");
    REFUSE(CAUCUS_HISTOGRAM, penalty, 1.0, "not trained");
    REFUSE_PRIVATE(epsilon, 0.0, "epsilon 0");
    REFUSE_PRIVATE(delta, 0.0, "delta 0");
    REFUSE_PRIVATE(delta, 1.0, "delta 1");
    REFUSE_PRIVATE(clip, -0.5, "clip -0.5");
    REFUSE_PRIVATE(rate, -1.0, "rate -1");
    REFUSE_PRIVATE(momentum, 1.0, "momentum 1");
    REFUSE_PRIVATE(momentum, -0.1, "momentum -0.1");
    REFUSE_PRIVATE(private_steps, 0, "0 private steps");
    REFUSE_PRIVATE(private_steps, 65536, "65536 private steps");
    REFUSE(CAUCUS_MLP, hidden, UINT32_MAX, "GB"); /* more memory than there is: with figures */
    caucus_learner learner = caucus_learner_default(CAUCUS_LOGISTIC);
    learner.interactions = true;
    caucus_training *training = NULL;
    assert_int_equal(caucus_training_open(&learner, 1u << 30, 1000, NULL, NULL, 2, 10, &training), CAUCUS_INVALID);
    assert_non_null(strstr(caucus_error_message(), "GB"));
    const uint32_t codes[] = {0, 1};
    const uint32_t n_values[] = {2};
    const uint64_t nobody[4] = {0};
    assert_int_equal(caucus_training_open(&learner, 2, 0, codes, n_values, 2, 10, &training), CAUCUS_INVALID);
    assert_int_equal(caucus_training_open(&learner, 2, 1, codes, n_values, 2, 10, &training), CAUCUS_OK);
    assert_int_equal(caucus_training_begin(training, nobody), CAUCUS_INVALID);
    caucus_training_close(training);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pack_functions_agree_with_libm),
        cmocka_unit_test(company_and_instructions_change_no_bit),
        cmocka_unit_test(gradients_are_those_of_the_loss),
        cmocka_unit_test(networks_begin_with_the_inverse_of_their_curvature),
        cmocka_unit_test(design_has_every_column_once),
        cmocka_unit_test(equal_counts_tie),
        cmocka_unit_test(too_few_steps_are_recorded),
        cmocka_unit_test(corners_converge),
        cmocka_unit_test(bad_parameters_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
