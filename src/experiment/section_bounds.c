/* The bounds: what collectives assume and know, and by which methods they reckon. */
#include "experiment/sections.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_NAMES = 8 };

static const char *const BOUNDS_KEYS[] = {"delta",        "epsilon", "slack", "families", "knowledge",
                                          "inequalities", "weights", "upper", "noise"};
static const char *const WEIGHT_NAMES[] = {"size", "equal"};

typedef struct selection {
    uint32_t n;
    uint32_t ids[MOST_NAMES];
} selection;

/* One name or a list of different ones. */
static caucus_status read_names(caucus_document *document, const caucus_node *section, const char *key,
                                const char *const *names, uint32_t n_names, selection *chosen)
{
    const caucus_node *node = caucus_node_get(section, key);
    if (node == NULL) {
        return CAUCUS_OK; /* the caller's default stays */
    }
    chosen->n = 1;
    if (node->kind == CAUCUS_SCALAR) {
        return caucus_read_choice(document, node, key, names, n_names, &chosen->ids[0]);
    }
    TRY(caucus_read_list(document, node, key));
    chosen->n = 0;
    for (uint32_t i = 0; i < node->n_items; i++) {
        uint32_t id = 0;
        TRY(caucus_read_choice(document, node->items[i].value, key, names, n_names, &id));
        for (uint32_t j = 0; j < chosen->n; j++) {
            if (chosen->ids[j] == id) {
                return caucus_document_fail(document, node->items[i].value, NULL, "\"%s\" is twice in %s", names[id],
                                            key);
            }
        }
        chosen->ids[chosen->n++] = id;
    }
    return CAUCUS_OK;
}

/* An exact step from sample to sample leaves no fixed set of cells for a staircase. */
static caucus_status check_exact_steps(caucus_document *document, const caucus_node *section, const selection *families,
                                       const selection *inequalities)
{
    bool budget = false;
    for (uint32_t f = 0; f < families->n; f++) {
        budget |= families->ids[f] == CAUCUS_BUDGET;
    }
    const caucus_node *node = caucus_node_get(section, "inequalities");
    for (uint32_t i = 0; i < inequalities->n && !budget; i++) {
        if (inequalities->ids[i] >= CAUCUS_HYPERGEOMETRIC) {
            return caucus_document_fail(document, node->kind == CAUCUS_SEQUENCE ? node->items[i].value : node,
                                        "add budget to families, or leave it out",
                                        "the inequality %s has a bound in family budget only",
                                        caucus_inequality_names[inequalities->ids[i]]);
        }
    }
    return CAUCUS_OK;
}

static caucus_status make_methods(caucus_document *document, const caucus_node *section, const selection *families,
                                  const selection *knowledge, const selection *inequalities, caucus_bounds *bounds)
{
    TRY(check_exact_steps(document, section, families, inequalities));
    size_t most = (size_t)families->n * knowledge->n * inequalities->n + 1;
    TRY(caucus_alloc(most, sizeof *bounds->methods, "bound methods", &bounds->methods));
    for (uint32_t f = 0; f < families->n; f++) {
        if (families->ids[f] == CAUCUS_LINEAR) { /* it knows everything, and says nothing of finite data */
            bool population = false;
            for (uint32_t i = 0; i < inequalities->n; i++) {
                population |= inequalities->ids[i] == CAUCUS_POPULATION;
            }
            if (!population) {
                return caucus_document_fail(document, caucus_node_get(section, "families"),
                                            "add population to inequalities",
                                            "family linear has no bound but the population's");
            }
            bounds->methods[bounds->n_methods++] =
                (caucus_method){.family = CAUCUS_LINEAR, .knowledge = CAUCUS_FULL, .inequality = CAUCUS_POPULATION};
            continue;
        }
        for (uint32_t k = 0; k < knowledge->n; k++) {
            for (uint32_t i = 0; i < inequalities->n; i++) {
                if (families->ids[f] == CAUCUS_STAIRCASE && inequalities->ids[i] >= CAUCUS_HYPERGEOMETRIC) {
                    continue; /* exact steps are budget's alone */
                }
                bounds->methods[bounds->n_methods++] =
                    (caucus_method){.family = (caucus_family)families->ids[f],
                                    .knowledge = (caucus_knowledge)knowledge->ids[k],
                                    .inequality = (caucus_inequality)inequalities->ids[i]};
            }
        }
    }
    return CAUCUS_OK;
}

/* Noise that bounds reckon with: they have something to say of it in family budget, from below, and not of erasing. */
static caucus_status read_noise(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    static const char *const keys[] = {"compliance", "miss"};
    const caucus_node *node = caucus_node_get(section, "noise");
    caucus_bounds *bounds = &config->bounds;
    bounds->compliance = 1;
    if (node == NULL) {
        return CAUCUS_OK;
    }
    const caucus_range range = {.low = 0, .high = 1};
    TRY(caucus_read_keys(document, node, "noise", keys, 2));
    for (int i = 0; i < 2; i++) {
        const caucus_node *value = caucus_node_get(node, keys[i]);
        if (value != NULL) {
            TRY(caucus_read_number(document, value, keys[i], range, i == 0 ? &bounds->compliance : &bounds->miss));
        }
    }
    bounds->noisy = bounds->compliance < 1 || bounds->miss > 0;
    for (uint32_t i = 0; bounds->noisy && i < bounds->n_methods; i++) {
        if (bounds->methods[i].family == CAUCUS_BUDGET) {
            return CAUCUS_OK;
        }
    }
    return !bounds->noisy ? CAUCUS_OK
                          : caucus_document_fail(document, node, "add budget to families, or leave noise out",
                                                 "bounds that reckon with noise are in family budget only");
}

/* A measured one is a distance in total variation, so that its slack is too. */
static caucus_status read_epsilon(caucus_document *document, const caucus_node *node, caucus_bounds *bounds)
{
    const caucus_range range = {.low = 0, .high = 1, .high_open = true};
    bounds->measured = node->kind == CAUCUS_SCALAR && strcmp(node->text, "measured") == 0;
    bounds->slack = bounds->measured ? CAUCUS_TOTAL_VARIATION : bounds->slack;
    return bounds->measured ? CAUCUS_OK : caucus_read_number(document, node, "epsilon", range, &bounds->epsilon);
}

static caucus_status read_levels(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    const caucus_node *node = caucus_node_get(section, "delta");
    if (node != NULL) {
        const caucus_range range = {.low = 0, .high = 1, .low_open = true, .high_open = true};
        TRY(caucus_read_number(document, node, "delta", range, &config->bounds.delta));
    }
    node = caucus_node_get(section, "epsilon");
    if (node != NULL) {
        TRY(read_epsilon(document, node, &config->bounds));
    }
    node = caucus_node_get(section, "slack");
    if (node != NULL) {
        uint32_t slack = 0;
        TRY(caucus_read_choice(document, node, "slack", caucus_slack_names, CAUCUS_N_SLACKS, &slack));
        config->bounds.slack = (caucus_slack)slack;
        if (config->bounds.measured && slack == CAUCUS_CONTAMINATION) {
            return caucus_document_fail(document, node, "write total_variation, or leave slack out",
                                        "the slack contamination is not right for a measured epsilon, which bounds a "
                                        "total variation");
        }
    }
    node = caucus_node_get(section, "upper");
    if (node != NULL) {
        TRY(caucus_read_bool(document, node, "upper", &config->bounds.upper));
    }
    node = caucus_node_get(section, "weights");
    if (node != NULL) {
        uint32_t weights = 0;
        TRY(caucus_read_choice(document, node, "weights", WEIGHT_NAMES, 2, &weights));
        config->equal_weights = weights == 1;
    }
    return CAUCUS_OK;
}

caucus_status caucus_read_bounds(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    config->bounds.delta = 0.05;
    if (section == NULL) {
        return CAUCUS_OK;
    }
    TRY(caucus_read_keys(document, section, "bounds", BOUNDS_KEYS, sizeof BOUNDS_KEYS / sizeof BOUNDS_KEYS[0]));
    TRY(read_levels(document, section, config));
    selection families = {.n = 1, .ids = {CAUCUS_STAIRCASE}};
    selection knowledge = {.n = CAUCUS_N_KNOWLEDGE};
    for (uint32_t k = 0; k < CAUCUS_N_KNOWLEDGE; k++) {
        knowledge.ids[k] = k;
    }
    selection inequalities = {.n = 1, .ids = {CAUCUS_HOEFFDING}};
    TRY(read_names(document, section, "families", caucus_family_names, CAUCUS_N_FAMILIES, &families));
    TRY(read_names(document, section, "knowledge", caucus_knowledge_names, CAUCUS_N_KNOWLEDGE, &knowledge));
    TRY(read_names(document, section, "inequalities", caucus_inequality_names, CAUCUS_N_INEQUALITIES, &inequalities));
    TRY(make_methods(document, section, &families, &knowledge, &inequalities, &config->bounds));
    return read_noise(document, section, config);
}
