#include "run/cost.h"

#include "rows/rows.h"

/* Evaluations of loss and gradient that trainings usually take. */
static double evaluations(const caucus_training *training)
{
    const caucus_learner *learner = &training->learner;
    if (learner->kind == CAUCUS_NAIVE_BAYES) {
        return 1.0;
    }
    if (learner->kind == CAUCUS_LOGISTIC && learner->is_private) {
        return learner->private_steps;
    }
    const bool exact = training->block == training->n_parameters; /* the preconditioner, at the start */
    const double usual = learner->kind == CAUCUS_MLP ? 300.0 : exact ? 8.0 : 16.0;
    return usual < learner->steps ? usual : learner->steps;
}

/* One training, its counts and labels included; in company, so that no lane is idle. */
static double training_nanoseconds(const caucus_training *training)
{
    const double groups = training->design.n_groups;
    const double labels = training->n_labels;
    const double hidden = training->learner.kind == CAUCUS_MLP ? training->learner.hidden : 0.0;
    const double of_cell =
        hidden > 0.0 ? hidden * (6.0 + groups) + labels * (5.0 + 0.5 * hidden) : labels * (3.0 + groups);
    const double preconditioning = 0.3 * training->n_parameters * training->block;
    return evaluations(training) * (training->design.n_cells * of_cell + preconditioning);
}

/* A binomial for each class of each group, a look at each test class. */
static double drawing_nanoseconds(const caucus_compiled *compiled)
{
    if (compiled->config->individuals) {
        return 50.0 * ((double)compiled->config->consumers + compiled->config->test);
    }
    double draws = compiled->others->n_classes;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        draws += compiled->members[m]->n_classes;
    }
    const double methods = (double)compiled->n_collectives * compiled->config->bounds.n_methods;
    return 500.0 + 30.0 * draws + 4.0 * compiled->test->n_classes + 50.0 * methods * compiled->most_signal_cells;
}

caucus_work caucus_work_of(const caucus_compiled *compiled)
{
    if (compiled->rows != NULL) {
        return CAUCUS_WORK_ROWS;
    }
    if (compiled->training == NULL) {
        return compiled->config->individuals ? CAUCUS_WORK_PEOPLE : CAUCUS_WORK_COUNTS;
    }
    const caucus_learner *learner = &compiled->training->learner;
    if (learner->kind == CAUCUS_LOGISTIC) {
        return learner->is_private ? CAUCUS_WORK_PRIVATE : CAUCUS_WORK_LOGISTIC;
    }
    return learner->kind == CAUCUS_MLP ? CAUCUS_WORK_MLP : CAUCUS_WORK_BAYES;
}

double caucus_trial_nanoseconds(const caucus_compiled *compiled)
{
    if (compiled->rows != NULL) {
        return caucus_rows_nanoseconds(compiled->rows);
    }
    double sum = drawing_nanoseconds(compiled);
    sum += compiled->training != NULL ? training_nanoseconds(compiled->training) : 0.0;
    sum += compiled->raw_training != NULL ? training_nanoseconds(compiled->raw_training) : 0.0;
    return sum;
}
