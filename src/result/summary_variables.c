/* What a summary has, and room for one. */
#include "result/summary.h"

#include <stdlib.h>

enum {
    ON_COLLECTIVE = CAUCUS_ON_CONFIG | CAUCUS_ON_COLLECTIVE,
    ON_METHOD = CAUCUS_ON_CONFIG | CAUCUS_ON_METHOD,
    ON_BOTH = ON_COLLECTIVE | CAUCUS_ON_METHOD
};

const double caucus_summary_confidence = 0.95;
const double caucus_summary_levels[CAUCUS_SUMMARY_LEVELS] = {0.05, 0.5, 0.95};

const caucus_summary_variable caucus_summary_variables[CAUCUS_N_SUMMARY] = {
    [CAUCUS_SUCCESS_MEAN] = {"success_mean", "mean success", ON_COLLECTIVE, 0},
    [CAUCUS_SUCCESS_STD] = {"success_std", "standard deviation of success over trials", ON_COLLECTIVE, 0},
    [CAUCUS_SUCCESS_Q05] = {"success_q05", "5 % quantile of success", ON_COLLECTIVE, 0},
    [CAUCUS_SUCCESS_MEDIAN] = {"success_median", "median success", ON_COLLECTIVE, 0},
    [CAUCUS_SUCCESS_Q95] = {"success_q95", "95 % quantile of success", ON_COLLECTIVE, 0},
    [CAUCUS_BOUND_MEAN] = {"bound_mean", "mean lower bound", ON_BOTH, 0},
    [CAUCUS_BOUND_Q05] = {"bound_q05", "5 % quantile of the lower bound", ON_BOTH, 0},
    [CAUCUS_BOUND_MEDIAN] = {"bound_median", "median lower bound", ON_BOTH, 0},
    [CAUCUS_BOUND_Q95] = {"bound_q95", "95 % quantile of the lower bound", ON_BOTH, 0},
    [CAUCUS_TIGHTNESS_MEAN] = {"tightness_mean", "mean of success less its lower bound", ON_BOTH, 0},
    [CAUCUS_VIOLATION_RATE] = {"violation_rate", "share of trials whose lower bound exceeds the success", ON_BOTH, 0},
    [CAUCUS_VIOLATION_LOW] = {"violation_low", "lower end of the 95 % Clopper-Pearson interval of violation_rate",
                              ON_BOTH, 0},
    [CAUCUS_VIOLATION_HIGH] = {"violation_high", "upper end of the 95 % Clopper-Pearson interval of violation_rate",
                               ON_BOTH, 0},
    [CAUCUS_VACUOUS_RATE] = {"vacuous_rate", "share of trials whose lower bound is at most 0", ON_BOTH, 0},
    [CAUCUS_UPPER_MEAN] = {"upper_mean", "mean upper bound", ON_BOTH, CAUCUS_NEEDS_UPPER},
    [CAUCUS_UPPER_VIOLATION_RATE] = {"upper_violation_rate", "share of trials whose success exceeds its upper bound",
                                     ON_BOTH, CAUCUS_NEEDS_UPPER},
    [CAUCUS_UPPER_VIOLATION_LOW] = {"upper_violation_low",
                                    "lower end of the 95 % Clopper-Pearson interval of upper_violation_rate", ON_BOTH,
                                    CAUCUS_NEEDS_UPPER},
    [CAUCUS_UPPER_VIOLATION_HIGH] = {"upper_violation_high",
                                     "upper end of the 95 % Clopper-Pearson interval of upper_violation_rate", ON_BOTH,
                                     CAUCUS_NEEDS_UPPER},
    [CAUCUS_UPPER_VACUOUS_RATE] = {"upper_vacuous_rate", "share of trials whose upper bound is at least 1", ON_BOTH,
                                   CAUCUS_NEEDS_UPPER},
    [CAUCUS_GLOBAL_SUCCESS_MEAN] = {"global_success_mean", "mean global success", CAUCUS_ON_CONFIG, 0},
    [CAUCUS_GLOBAL_SUCCESS_STD] = {"global_success_std", "standard deviation of global success over trials",
                                   CAUCUS_ON_CONFIG, 0},
    [CAUCUS_JOINT_SUCCESS_MEAN] = {"joint_success_mean", "mean joint success", CAUCUS_ON_CONFIG, 0},
    [CAUCUS_ACCURACY_MEAN] = {"accuracy_mean", "mean accuracy of the platform", CAUCUS_ON_CONFIG, 0},
    [CAUCUS_SUBOPTIMALITY_MEAN] = {"suboptimality_mean", "mean suboptimality of the platform's classifier",
                                   CAUCUS_ON_CONFIG, 0},
    [CAUCUS_CONVERGED_RATE] = {"converged_rate", "share of trials whose training converged", CAUCUS_ON_CONFIG,
                               CAUCUS_NEEDS_TRAINED},
    [CAUCUS_ACCURACY_COST_MEAN] = {"accuracy_cost_mean", "mean accuracy that the collectives cost the platform",
                                   CAUCUS_ON_CONFIG, CAUCUS_NEEDS_COMPARED},
    [CAUCUS_STANDARD_ERROR] = {"standard_error", "largest standard error of what until.of names", CAUCUS_ON_CONFIG,
                               CAUCUS_NEEDS_UNTIL},
    [CAUCUS_GLOBAL_BOUND_MEAN] = {"global_bound_mean", "mean lower bound on global success", ON_METHOD, 0},
    [CAUCUS_JOINT_BOUND_MEAN] = {"joint_bound_mean", "mean lower bound on joint success", ON_METHOD, 0},
    [CAUCUS_GLOBAL_VIOLATION_RATE] = {"global_violation_rate",
                                      "share of trials whose bound on global success exceeds it", ON_METHOD, 0},
    [CAUCUS_JOINT_VIOLATION_RATE] = {"joint_violation_rate", "share of trials whose bound on joint success exceeds it",
                                     ON_METHOD, 0},
    [CAUCUS_GLOBAL_UPPER_MEAN] = {"global_upper_mean", "mean upper bound on global success", ON_METHOD,
                                  CAUCUS_NEEDS_UPPER},
    [CAUCUS_JOINT_UPPER_MEAN] = {"joint_upper_mean", "mean upper bound on joint success", ON_METHOD,
                                 CAUCUS_NEEDS_UPPER},
    [CAUCUS_GLOBAL_UPPER_VIOLATION_RATE] = {"global_upper_violation_rate",
                                            "share of trials whose global success exceeds its upper bound", ON_METHOD,
                                            CAUCUS_NEEDS_UPPER},
    [CAUCUS_JOINT_UPPER_VIOLATION_RATE] = {"joint_upper_violation_rate",
                                           "share of trials whose joint success exceeds its upper bound", ON_METHOD,
                                           CAUCUS_NEEDS_UPPER},
};

size_t caucus_summary_width(int variable, const caucus_shape *shape)
{
    const caucus_summary_variable *one = &caucus_summary_variables[variable];
    return caucus_shape_width(shape, one->dimensions, one->needs);
}

uint64_t caucus_summary_bytes(const caucus_shape *shape)
{
    uint64_t n = 0;
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        n += caucus_summary_width(v, shape);
    }
    return n * sizeof(double);
}

caucus_status caucus_summary_alloc(const caucus_shape *shape, caucus_summary **summary)
{
    char *memory = NULL;
    TRY(caucus_alloc(1, sizeof(caucus_summary) + caucus_summary_bytes(shape), "a summary", &memory));
    caucus_summary *made = (caucus_summary *)memory;
    double *next = (double *)(memory + sizeof(caucus_summary));
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        made->values[v] = next;
        next += caucus_summary_width(v, shape);
    }
    *summary = made;
    return CAUCUS_OK;
}
