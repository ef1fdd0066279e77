/* The platform: how many people it learns from and is tested on, and what it trains. */
#include <string.h>

#include "experiment_parts.h"

static const uint64_t MOST_CONSUMERS = 1ull << 53;
static const uint64_t MOST_TEST = UINT32_MAX - 1; /* success counts are 32 bits, with one value for "absent" */

static const char *const PLATFORM_KEYS[] = {"consumers", "test", "classifier"};
static const char *const WORST_CASE_KEYS[] = {"name", "epsilon", "victim"};
static const char *const HISTOGRAM_KEYS[] = {"name"};
static const char *const LATER_CLASSIFIERS[] = {"logistic", "naive_bayes", "mlp"};

caucus_status caucus_read_platform(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    TRY(caucus_read_keys(document, section, "platform", PLATFORM_KEYS, 3));
    const caucus_node *consumers = NULL;
    const caucus_node *test_node = NULL;
    TRY(caucus_read_required(document, section, "platform", "consumers", "200K", &consumers));
    TRY(caucus_read_required(document, section, "platform", "test", "20K", &test_node));
    uint64_t test = 0;
    TRY(caucus_read_count(document, consumers, "consumers", 1, MOST_CONSUMERS, &config->consumers));
    TRY(caucus_read_count(document, test_node, "test", 1, MOST_TEST, &test));
    config->test = (uint32_t)test;
    if (config->without_replacement && config->consumers + test > config->population->total) {
        return caucus_document_fail(document, consumers, "lower consumers or test, or write draw: iid",
                                    "%llu consumers and %llu test points are more than the %llu people of the "
                                    "population, of whom each is drawn once at most",
                                    (unsigned long long)config->consumers, (unsigned long long)test,
                                    (unsigned long long)config->population->total);
    }
    return CAUCUS_OK;
}

static caucus_status read_classifier_name(caucus_document *document, const caucus_node *node, uint32_t *classifier)
{
    for (size_t i = 0; node->kind == CAUCUS_SCALAR && i < sizeof LATER_CLASSIFIERS / sizeof LATER_CLASSIFIERS[0]; i++) {
        if (strcmp(node->text, LATER_CLASSIFIERS[i]) == 0) {
            return caucus_document_fail(document, node, "available: histogram, worst_case",
                                        "classifier \"%s\" is not available in this version", node->text);
        }
    }
    return caucus_read_choice(document, node, "classifier", caucus_classifier_names, CAUCUS_N_CLASSIFIERS, classifier);
}

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

caucus_status caucus_read_classifier(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    config->classifier_epsilon = config->bounds.epsilon;
    const caucus_node *node = caucus_node_get(section, "classifier");
    uint32_t classifier = CAUCUS_HISTOGRAM;
    const caucus_node *name = node;
    if (node != NULL && node->kind == CAUCUS_MAPPING) {
        TRY(caucus_read_required(document, node, "classifier", "name", "histogram", &name));
    }
    if (name != NULL) {
        TRY(read_classifier_name(document, name, &classifier));
    }
    config->classifier = (caucus_classifier)classifier;
    if (node == NULL || node->kind != CAUCUS_MAPPING) {
        return CAUCUS_OK;
    }
    if (classifier == CAUCUS_HISTOGRAM) {
        return caucus_read_keys(document, node, "classifier histogram", HISTOGRAM_KEYS, 1);
    }
    TRY(caucus_read_keys(document, node, "classifier worst_case", WORST_CASE_KEYS, 3));
    const caucus_node *epsilon = caucus_node_get(node, "epsilon");
    if (epsilon != NULL) {
        const caucus_range range = {.low = 0, .high = 1, .high_open = true};
        TRY(caucus_read_number(document, epsilon, "epsilon", range, &config->classifier_epsilon));
    }
    const caucus_node *victim = caucus_node_get(node, "victim");
    return victim != NULL ? read_victim(document, victim, config) : CAUCUS_OK;
}
