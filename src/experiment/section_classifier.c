/* The platform's classifier, with its parameters. */
#include "experiment/sections.h"

#include <string.h>

static const char *const WORST_CASE_KEYS[] = {"name", "epsilon", "victim"};
static const char *const LOGISTIC_KEYS[] = {"name", "penalty", "interactions", "tolerance", "steps", "privacy"};
static const char *const NAIVE_BAYES_KEYS[] = {"name", "smoothing"};
static const char *const MLP_KEYS[] = {"name", "hidden", "penalty", "tolerance", "steps", "seed", "start"};
static const char *const STARTS[] = {"random", "expected"};
static const char *const PRIVACY_KEYS[] = {"epsilon", "delta", "clip", "rate", "momentum", "steps"};

static const caucus_range PENALTIES = {.low = 0, .high = 1e12};
static const caucus_range SHARES = {.low = 0, .high = 1, .low_open = true, .high_open = true};
static const caucus_range POSITIVE = {.low = 0, .high = 1e12, .low_open = true};
static const caucus_range SMOOTHINGS = {.low = 1e-10, .high = 1e12};
static const caucus_range MOMENTA = {.low = 0, .high = 1, .high_open = true};

static caucus_status read_victim(caucus_document *document, const caucus_node *node, caucus_config *config)
{
    const char *name = NULL;
    TRY(caucus_read_text(document, node, "victim", &name));
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        if (strcmp(config->collectives[m].name, name) == 0) {
            config->victim = m;
            return CAUCUS_OK;
        }
    }
    const char **names = NULL; /* of the document's memory: this is the end of it */
    TRY(caucus_document_alloc(document, config->n_collectives * sizeof *names, &names));
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        names[m] = config->collectives[m].name;
    }
    char hint[CAUCUS_HINT_BYTES];
    return caucus_document_fail(document, node, caucus_hint_names(hint, name, names, config->n_collectives),
                                "victim \"%s\" is no collective", name);
}

/* Values that keep their default where the key is absent. */
static caucus_status optional_number(caucus_document *document, const caucus_node *mapping, const char *key,
                                     caucus_range range, double *value)
{
    const caucus_node *node = caucus_node_get(mapping, key);
    return node != NULL ? caucus_read_number(document, node, key, range, value) : CAUCUS_OK;
}

static caucus_status optional_count(caucus_document *document, const caucus_node *mapping, const char *key,
                                    uint32_t most, uint32_t *value)
{
    const caucus_node *node = caucus_node_get(mapping, key);
    uint64_t count = *value;
    if (node != NULL) {
        TRY(caucus_read_count(document, node, key, 1, most, &count));
    }
    *value = (uint32_t)count;
    return CAUCUS_OK;
}

/* "none", so that a sweep can compare with it. */
static bool is_none(const caucus_node *node)
{
    return node == NULL || (node->kind == CAUCUS_SCALAR && !node->quoted && strcmp(node->text, "none") == 0);
}

static caucus_status read_privacy(caucus_document *document, const caucus_node *node, caucus_learner *learner)
{
    if (is_none(node)) {
        return CAUCUS_OK;
    }
    TRY(caucus_read_keys(document, node, "privacy", PRIVACY_KEYS, sizeof PRIVACY_KEYS / sizeof PRIVACY_KEYS[0]));
    learner->is_private = true;
    TRY(optional_number(document, node, "epsilon", POSITIVE, &learner->epsilon));
    TRY(optional_number(document, node, "delta", SHARES, &learner->delta));
    TRY(optional_number(document, node, "clip", POSITIVE, &learner->clip));
    TRY(optional_number(document, node, "rate", POSITIVE, &learner->rate));
    TRY(optional_number(document, node, "momentum", MOMENTA, &learner->momentum));
    return optional_count(document, node, "steps", CAUCUS_MOST_PRIVATE_STEPS, &learner->private_steps);
}

/* What decides when training ends decides nothing where the number of noisy steps is fixed. */
static caucus_status refuse_unused(caucus_document *document, const caucus_node *classifier)
{
    static const char *const keys[] = {"tolerance", "steps"};
    for (int i = 0; i < 2; i++) {
        const caucus_node *node = caucus_node_get(classifier, keys[i]);
        if (node != NULL) {
            return caucus_document_fail(document, node, "leave it out; privacy has steps of its own",
                                        "%s is not used with privacy, which always takes the same number of steps",
                                        keys[i]);
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_logistic(caucus_document *document, const caucus_node *node, caucus_learner *learner)
{
    TRY(caucus_read_keys(document, node, "classifier logistic", LOGISTIC_KEYS,
                         sizeof LOGISTIC_KEYS / sizeof LOGISTIC_KEYS[0]));
    const caucus_node *interactions = caucus_node_get(node, "interactions");
    if (interactions != NULL) {
        TRY(caucus_read_bool(document, interactions, "interactions", &learner->interactions));
    }
    TRY(optional_number(document, node, "penalty", PENALTIES, &learner->penalty));
    TRY(optional_number(document, node, "tolerance", SHARES, &learner->tolerance));
    TRY(optional_count(document, node, "steps", UINT32_MAX, &learner->steps));
    const caucus_node *privacy = caucus_node_get(node, "privacy");
    if (!is_none(privacy)) {
        TRY(refuse_unused(document, node));
    }
    return read_privacy(document, privacy, learner);
}

static caucus_status read_mlp(caucus_document *document, const caucus_node *node, caucus_learner *learner)
{
    TRY(caucus_read_keys(document, node, "classifier mlp", MLP_KEYS, sizeof MLP_KEYS / sizeof MLP_KEYS[0]));
    const caucus_node *seed = caucus_node_get(node, "seed");
    if (seed != NULL) {
        TRY(caucus_read_count(document, seed, "seed", 0, UINT64_MAX, &learner->seed));
    }
    const caucus_node *start = caucus_node_get(node, "start");
    if (start != NULL) {
        uint32_t choice = 0;
        TRY(caucus_read_choice(document, start, "start", STARTS, sizeof STARTS / sizeof STARTS[0], &choice));
        learner->expected_start = choice == 1;
    }
    TRY(optional_count(document, node, "hidden", 1u << 16, &learner->hidden));
    TRY(optional_number(document, node, "penalty", PENALTIES, &learner->penalty));
    TRY(optional_number(document, node, "tolerance", SHARES, &learner->tolerance));
    return optional_count(document, node, "steps", UINT32_MAX, &learner->steps);
}

static const char *const ROW_KEYS[] = {"name", "penalty", "tolerance", "steps", "precision", "batch", "hidden", "seed"};

/* Units of one hidden layer, or a list of those of two. */
static caucus_status read_layers(caucus_document *document, const caucus_node *node, caucus_learner *learner)
{
    static const uint64_t most = 1u << 12;
    if (node == NULL) {
        return CAUCUS_OK;
    }
    const bool list = node->kind == CAUCUS_SEQUENCE;
    if (list && (node->n_items < 1 || node->n_items > 2)) {
        return caucus_document_fail(document, node, "hidden: 16, or hidden: [32, 16]",
                                    "a network has one or two hidden layers, not %u", node->n_items);
    }
    uint64_t units[2] = {0, 0};
    for (uint32_t i = 0; i < (list ? node->n_items : 1); i++) {
        TRY(caucus_read_count(document, list ? node->items[i].value : node, "hidden", 1, most, &units[i]));
    }
    learner->hidden = (uint32_t)units[0];
    learner->hidden_above = (uint32_t)units[1];
    return CAUCUS_OK;
}

/* On people with real-valued features. */
static caucus_status read_on_rows(caucus_document *document, const caucus_node *node, caucus_learner *learner)
{
    const bool network = learner->kind == CAUCUS_MLP;
    char what[64];
    uint32_t precision = 0;
    snprintf(what, sizeof what, "classifier %s on rows", caucus_classifier_names[learner->kind]);
    TRY(caucus_read_keys(document, node, what, ROW_KEYS, network ? 8 : 6));
    TRY(optional_number(document, node, "penalty", PENALTIES, &learner->penalty));
    TRY(optional_number(document, node, "tolerance", SHARES, &learner->tolerance));
    TRY(optional_count(document, node, "steps", UINT32_MAX, &learner->steps));
    const caucus_node *precision_node = caucus_node_get(node, "precision");
    if (precision_node != NULL) {
        TRY(caucus_read_choice(document, precision_node, "precision", caucus_products_names, CAUCUS_N_PRODUCTS,
                               &precision));
        learner->precision = (caucus_products)precision;
    }
    TRY(optional_count(document, node, "batch", 4096, &learner->batch));
    TRY(read_layers(document, caucus_node_get(node, "hidden"), learner));
    const caucus_node *seed = caucus_node_get(node, "seed");
    return seed != NULL ? caucus_read_count(document, seed, "seed", 0, UINT64_MAX, &learner->seed) : CAUCUS_OK;
}

static bool is_on_rows(caucus_classifier classifier)
{
    return classifier == CAUCUS_LOGISTIC || classifier == CAUCUS_MLP || classifier == CAUCUS_RIDGE;
}

static caucus_status check_rows(caucus_document *document, const caucus_node *name, const caucus_config *config)
{
    const bool rows = config->population->rows != NULL;
    if (rows && !is_on_rows(config->classifier)) {
        return caucus_document_fail(document, name, "use logistic, ridge or mlp",
                                    "%s counts people in cells, and people with real-valued features are in none",
                                    caucus_classifier_names[config->classifier]);
    }
    if (!rows && config->classifier == CAUCUS_RIDGE) {
        return caucus_document_fail(document, name, "use logistic, or name numeric columns in population",
                                    "ridge is for people with real-valued features");
    }
    return CAUCUS_OK;
}

static caucus_status read_worst_case(caucus_document *document, const caucus_node *node, caucus_config *config)
{
    const caucus_range epsilons = {.low = 0, .high = 1, .high_open = true};
    TRY(caucus_read_keys(document, node, "classifier worst_case", WORST_CASE_KEYS, 3));
    TRY(optional_number(document, node, "epsilon", epsilons, &config->classifier_epsilon));
    const caucus_node *victim = caucus_node_get(node, "victim");
    return victim != NULL ? read_victim(document, victim, config) : CAUCUS_OK;
}

caucus_status caucus_read_classifier(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    config->classifier_epsilon = config->bounds.epsilon;
    const caucus_node *node = caucus_node_get(section, "classifier");
    const caucus_node *parameters = node != NULL && node->kind == CAUCUS_MAPPING ? node : NULL;
    const caucus_node *name = node;
    uint32_t classifier = config->population->rows != NULL ? CAUCUS_LOGISTIC : CAUCUS_HISTOGRAM;
    if (parameters != NULL) {
        TRY(caucus_read_required(document, node, "classifier", "name", "histogram", &name));
    }
    if (name != NULL) {
        TRY(caucus_read_choice(document, name, "classifier", caucus_classifier_names, CAUCUS_N_CLASSIFIERS,
                               &classifier));
    }
    config->classifier = (caucus_classifier)classifier;
    TRY(check_rows(document, name, config));
    config->learner = caucus_learner_default(config->classifier);
    if (parameters == NULL) {
        return CAUCUS_OK;
    }
    if (config->population->rows != NULL) {
        return read_on_rows(document, parameters, &config->learner);
    }
    switch (config->classifier) {
    case CAUCUS_WORST_CASE:
        return read_worst_case(document, parameters, config);
    case CAUCUS_LOGISTIC:
        return read_logistic(document, parameters, &config->learner);
    case CAUCUS_NAIVE_BAYES:
        TRY(caucus_read_keys(document, parameters, "classifier naive_bayes", NAIVE_BAYES_KEYS, 2));
        return optional_number(document, parameters, "smoothing", SMOOTHINGS, &config->learner.smoothing);
    case CAUCUS_MLP:
        return read_mlp(document, parameters, &config->learner);
    case CAUCUS_RIDGE: /* on rows only */
    case CAUCUS_HISTOGRAM:
    case CAUCUS_N_CLASSIFIERS:
        break;
    }
    return caucus_read_keys(document, parameters, "classifier histogram", WORST_CASE_KEYS, 1);
}
