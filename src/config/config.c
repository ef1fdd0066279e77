#include "config/config.h"

#include <stdlib.h>

const char *const caucus_strategy_names[CAUCUS_N_STRATEGIES] = {
    "feature_label", "feature_only", "feature_only_keep", "unplant_naive", "unplant_adaptive", "erase"};
const char *const caucus_classifier_names[CAUCUS_N_CLASSIFIERS] = {"histogram",   "worst_case", "logistic",
                                                                   "naive_bayes", "mlp",        "ridge"};
const char *const caucus_slack_names[CAUCUS_N_SLACKS] = {"contamination", "total_variation"};
const char *const caucus_family_names[CAUCUS_N_FAMILIES] = {"staircase", "budget", "linear"};
const char *const caucus_knowledge_names[CAUCUS_N_KNOWLEDGE] = {"total", "labels", "strategies", "aggregate", "full"};
const char *const caucus_inequality_names[CAUCUS_N_INEQUALITIES] = {
    "population", "hoeffding",       "hoeffding_clipped", "bernstein",
    "kl",         "clopper_pearson", "hypergeometric",    "hypergeometric_joint"};
const char *const caucus_products_names[CAUCUS_N_PRODUCTS] = {"double", "single", "tf32"};

caucus_learner caucus_learner_default(caucus_classifier kind)
{
    return (caucus_learner){
        .kind = kind,
        .penalty = 1.0,
        .tolerance = kind == CAUCUS_MLP ? 1e-4 : 1e-6, /* a network's loss is flat long before its gradient is small */
        .steps = kind == CAUCUS_MLP ? 2000 : 200,
        .smoothing = 1.0,
        .hidden = 16,
        .seed = 1,
        .epsilon = 1.0,
        .delta = 1e-6,
        .momentum = 0.9,
        .private_steps = 100,
    };
}

static void map_free(caucus_row_map *map)
{
    if (map != NULL) {
        free(map->factor);
        free(map);
    }
}

static void predicate_free(caucus_predicate *predicate)
{
    for (uint32_t t = 0; t < predicate->n_terms; t++) {
        free(predicate->terms[t].values);
    }
    free(predicate->terms);
}

static void collective_free(caucus_collective *collective)
{
    for (uint32_t t = 0; t < collective->n_row_terms; t++) {
        free(collective->row_terms[t].columns);
    }
    free(collective->row_terms);
    map_free(collective->outside_map);
    map_free(collective->map);
    predicate_free(&collective->membership.of);
    predicate_free(&collective->members);
    free(collective->outside);
    free(collective->set);
    free(collective->name);
}

void caucus_config_free(caucus_config *config)
{
    if (config == NULL) {
        return;
    }
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        collective_free(&config->collectives[m]);
    }
    free(config->collectives);
    free(config->bounds.methods);
    free(config);
}
