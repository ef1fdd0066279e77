/* One collective: strategy, transformation, target, who joins, and how reliably its members act. */
#include "config/strategy.h"
#include "experiment/sections.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const NOISE_KEYS[] = {"compliance", "miss"};
enum { MOST_RATIO = 1000000 };

static const char *const MEMBERSHIP_KEYS[] = {"ratio", "affinity", "of"};

static caucus_status check_mapping(caucus_document *document, const caucus_node *node, const char *what,
                                   const char *example)
{
    uint32_t n_present = 0;
    for (uint32_t i = 0; node->kind == CAUCUS_MAPPING && i < node->n_items; i++) {
        n_present += node->items[i].value != NULL;
    }
    if (n_present > 0) {
        return CAUCUS_OK;
    }
    char found[CAUCUS_HINT_BYTES];
    if (node->kind == CAUCUS_MAPPING) {
        return caucus_document_fail(document, node, example, "%s is empty", what);
    }
    return caucus_document_fail(document, node, example, "%s must be a mapping of features to values, not %s", what,
                                caucus_node_describe(node, found));
}

/* {feature: value, ...}, each of one value. */
static caucus_status read_assignments(caucus_document *document, const caucus_node *node, const char *what,
                                      const caucus_population *population, uint32_t *n, caucus_assignment **assignments)
{
    TRY(check_mapping(document, node, what, "write {feature: value}"));
    TRY(caucus_alloc(node->n_items, sizeof **assignments, "a transformation", assignments));
    for (uint32_t i = 0; i < node->n_items; i++) {
        const caucus_item *item = &node->items[i];
        if (item->value == NULL) {
            continue;
        }
        caucus_assignment *assignment = &(*assignments)[*n];
        TRY(caucus_read_feature(document, item->key, what, population, &assignment->feature));
        TRY(caucus_read_value(document, item->value, population, assignment->feature, &assignment->value));
        (*n)++;
    }
    return CAUCUS_OK;
}

static caucus_status read_term(caucus_document *document, const caucus_item *item, const char *what,
                               const caucus_population *population, caucus_term *term)
{
    TRY(caucus_read_feature(document, item->key, what, population, &term->feature));
    uint32_t n = 1;
    if (item->value->kind == CAUCUS_SEQUENCE) {
        TRY(caucus_read_list(document, item->value, what));
        n = item->value->n_items;
    }
    TRY(caucus_alloc(n, sizeof *term->values, "a predicate", &term->values));
    for (uint32_t v = 0; v < n; v++) {
        const caucus_node *node = item->value->kind == CAUCUS_SEQUENCE ? item->value->items[v].value : item->value;
        TRY(caucus_read_value(document, node, population, term->feature, &term->values[v]));
        for (uint32_t j = 0; j < v; j++) {
            if (term->values[j] == term->values[v]) {
                return caucus_document_fail(document, node, NULL, "%s: \"%s\" is listed twice", what, node->text);
            }
        }
        term->n_values = v + 1;
    }
    return CAUCUS_OK;
}

static bool matches(const caucus_predicate *members, const uint32_t *codes)
{
    for (uint32_t t = 0; t < members->n_terms; t++) {
        const caucus_term *term = &members->terms[t];
        bool any = false;
        for (uint32_t v = 0; v < term->n_values; v++) {
            any |= codes[term->feature] == term->values[v];
        }
        if (!any) {
            return false;
        }
    }
    return true;
}

/* Weight of the people who match. */
static uint64_t count_matches(const caucus_predicate *members, const caucus_population *population)
{
    uint64_t sum = 0;
    for (uint64_t x = 0; x < population->n_cells; x++) {
        if (matches(members, population->codes + x * population->n_features)) {
            for (uint32_t y = 0; y < population->n_labels; y++) {
                sum += population->weights[x * population->n_labels + y];
            }
        }
    }
    return sum;
}

/* Of whom something is said: {feature: value or list of values, ...}. */
static caucus_status read_predicate(caucus_document *document, const caucus_node *node, const char *what,
                                    const caucus_population *population, caucus_predicate *predicate)
{
    TRY(check_mapping(document, node, what, "write {feature: value} or {feature: [value, value]}"));
    TRY(caucus_alloc(node->n_items, sizeof *predicate->terms, "a predicate", &predicate->terms));
    for (uint32_t i = 0; i < node->n_items; i++) {
        if (node->items[i].value != NULL) {
            predicate->n_terms++; /* before it is read, so that what it holds is freed when that fails */
            TRY(read_term(document, &node->items[i], what, population, &predicate->terms[predicate->n_terms - 1]));
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_members(caucus_document *document, const caucus_collective_nodes *nodes,
                                  const caucus_config *config, caucus_collective *collective)
{
    if (nodes->affinity != NULL) {
        TRY(caucus_read_affinity(document, nodes, config, collective));
    }
    const caucus_node *node = nodes->members;
    if (node == NULL) {
        return CAUCUS_OK;
    }
    caucus_predicate *members = &collective->members;
    TRY(read_predicate(document, node, "members", config->population, members));
    uint64_t n_matching = count_matches(members, config->population);
    if (n_matching == 0) {
        return caucus_document_fail(document, node, NULL, "nobody in the population matches members of %s",
                                    nodes->what);
    }
    if (config->without_replacement && n_matching < collective->size) {
        return caucus_document_fail(document, node, "make the collective smaller, or its members less particular",
                                    "%s wants %llu members, but only %llu people match and each is drawn once at most",
                                    nodes->what, (unsigned long long)collective->size, (unsigned long long)n_matching);
    }
    return CAUCUS_OK;
}

/* That people who match are so many times as likely to join as others. */
static caucus_status read_known_affinity(caucus_document *document, const caucus_node *node,
                                         const caucus_config *config, caucus_collective *collective)
{
    const caucus_node *affinity = caucus_node_get(node, "affinity");
    const caucus_node *of = caucus_node_get(node, "of");
    const caucus_range range = {.low = 0, .high = MOST_RATIO};
    if (affinity == NULL || of == NULL) {
        return caucus_document_fail(document, node, "write membership: {affinity: 3, of: {feature: value}}",
                                    "membership lacks \"%s\": %s", affinity == NULL ? "affinity" : "of",
                                    affinity == NULL ? "how many times as likely as others those who match are to join"
                                                     : "who is so many times as likely as others to join");
    }
    TRY(caucus_read_number(document, affinity, "affinity", range, &collective->membership.affinity));
    if (!(collective->membership.affinity >= 1.0 / MOST_RATIO)) {
        return caucus_document_fail(document, affinity, NULL,
                                    "membership: affinity must be above 0 (%g or more): where those who match never "
                                    "join, members say nothing of them, and nothing is sure",
                                    1.0 / MOST_RATIO);
    }
    if (config->without_replacement) {
        return caucus_document_fail(document, affinity, "write a ratio, or draw: iid in population",
                                    "bounds that know an affinity are not proved for draws without replacement");
    }
    TRY(read_predicate(document, of, "of", config->population, &collective->membership.of));
    return count_matches(&collective->membership.of, config->population) > 0
               ? CAUCUS_OK
               : caucus_document_fail(document, of, NULL, "membership: nobody in the population matches \"of\"");
}

/* What bounds assume of who joins. */
static caucus_status read_membership(caucus_document *document, const caucus_node *node, const caucus_config *config,
                                     caucus_collective *collective)
{
    collective->membership.ratio = 1;
    if (node == NULL) {
        return CAUCUS_OK;
    }
    TRY(caucus_read_keys(document, node, "membership", MEMBERSHIP_KEYS, 3));
    const caucus_node *ratio = caucus_node_get(node, "ratio");
    const caucus_node *affinity = caucus_node_get(node, "affinity");
    affinity = affinity != NULL ? affinity : caucus_node_get(node, "of");
    if (ratio != NULL && affinity != NULL) {
        return caucus_document_fail(document, affinity, "leave one of them out",
                                    "membership has a ratio and an affinity: bounds reckon with one of them");
    }
    if (affinity != NULL) {
        return read_known_affinity(document, node, config, collective);
    }
    if (ratio == NULL) {
        return caucus_document_fail(
            document, node, "write membership: {ratio: 1.3}, or leave it out",
            "membership lacks \"ratio\": how many times as likely as the average person anybody "
            "may be to join");
    }
    const caucus_range range = {.low = 1, .high = MOST_RATIO};
    return caucus_read_number(document, ratio, "ratio", range, &collective->membership.ratio);
}

static caucus_status read_noise(caucus_document *document, const caucus_node *node, caucus_collective *collective)
{
    collective->compliance = 1;
    if (node == NULL) {
        return CAUCUS_OK;
    }
    const caucus_range range = {.low = 0, .high = 1};
    TRY(caucus_read_keys(document, node, "noise", NOISE_KEYS, 2));
    const caucus_node *compliance = caucus_node_get(node, "compliance");
    const caucus_node *miss = caucus_node_get(node, "miss");
    if (compliance != NULL) {
        TRY(caucus_read_number(document, compliance, "compliance", range, &collective->compliance));
    }
    return miss != NULL ? caucus_read_number(document, miss, "miss", range, &collective->miss) : CAUCUS_OK;
}

static caucus_status read_outside(caucus_document *document, const caucus_collective_nodes *nodes,
                                  const caucus_population *population, caucus_collective *collective)
{
    if (nodes->outside == NULL) {
        return CAUCUS_OK;
    }
    if (collective->strategy != CAUCUS_FEATURE_ONLY) {
        return caucus_document_fail(document, nodes->outside, "leave it out",
                                    "outside belongs to strategy feature_only, not to %s",
                                    caucus_strategy_names[collective->strategy]);
    }
    TRY(read_assignments(document, nodes->outside, "outside", population, &collective->n_outside,
                         &collective->outside));
    for (uint32_t o = 0; o < collective->n_outside; o++) {
        for (uint32_t s = 0; s < collective->n_set; s++) {
            if (collective->outside[o].feature == collective->set[s].feature &&
                collective->outside[o].value != collective->set[s].value) {
                return CAUCUS_OK;
            }
        }
    }
    return caucus_document_fail(document, nodes->outside, "give a feature of set another value",
                                "outside does not leave the signal set of %s", nodes->what);
}

static caucus_status read_estimators(caucus_document *document, const caucus_collective_nodes *nodes,
                                     caucus_collective *collective)
{
    bool adaptive = collective->strategy == CAUCUS_UNPLANT_ADAPTIVE;
    if (nodes->estimators == NULL) {
        return !adaptive ? CAUCUS_OK
                         : caucus_document_fail(document, nodes->place,
                                                "add estimators: 2000, the members that only choose the labels",
                                                "%s lacks \"estimators\", which unplant_adaptive needs", nodes->what);
    }
    if (!adaptive) {
        return caucus_document_fail(document, nodes->estimators, "leave it out",
                                    "estimators belong to strategy unplant_adaptive, not to %s",
                                    caucus_strategy_names[collective->strategy]);
    }
    TRY(caucus_read_count(document, nodes->estimators, "estimators", 1, 1ull << 53, &collective->estimators));
    if (collective->estimators >= collective->size) {
        return caucus_document_fail(document, nodes->estimators, "leave members that act",
                                    "%llu estimators of %llu members in %s", (unsigned long long)collective->estimators,
                                    (unsigned long long)collective->size, nodes->what);
    }
    return CAUCUS_OK;
}

/* Members who fix how bounds share delta out, and then prove nothing. */
static caucus_status read_pilot(caucus_document *document, const caucus_collective_nodes *nodes,
                                const caucus_config *config, caucus_collective *collective)
{
    bool served = false;
    if (nodes->pilot == NULL) {
        return CAUCUS_OK;
    }
    if (!caucus_strategy_takes_pilot(collective->strategy)) {
        return caucus_document_fail(document, nodes->pilot, "leave it out",
                                    "a pilot serves no bound of %s, whose labels the data of all members choose",
                                    caucus_strategy_names[collective->strategy]);
    }
    if (collective->membership.affinity > 0) {
        return caucus_document_fail(document, nodes->pilot, "leave the pilot out, or the membership",
                                    "a pilot serves bounds in one step, which take members for a sample of everybody, "
                                    "but %s knows an affinity of its members",
                                    nodes->what);
    }
    for (uint32_t i = 0; i < config->bounds.n_methods; i++) {
        served = served || config->bounds.methods[i].inequality == CAUCUS_HYPERGEOMETRIC_JOINT;
    }
    if (!served) {
        return caucus_document_fail(
            document, nodes->pilot,
            "add hypergeometric_joint to the bounds' inequalities, with family budget, or leave "
            "it out",
            "a pilot serves bounds by hypergeometric_joint only, and there are none");
    }
    TRY(caucus_read_count(document, nodes->pilot, "pilot", 1, 1ull << 53, &collective->pilot));
    if (collective->pilot >= collective->size - collective->estimators) {
        return caucus_document_fail(document, nodes->pilot, "leave members that prove something",
                                    "a pilot of %llu leaves nobody of %llu members in %s",
                                    (unsigned long long)collective->pilot,
                                    (unsigned long long)(collective->size - collective->estimators), nodes->what);
    }
    return CAUCUS_OK;
}

static caucus_status read_target(caucus_document *document, const caucus_collective_nodes *nodes,
                                 const caucus_population *population, caucus_collective *collective)
{
    bool unplants = caucus_strategy_unplants(collective->strategy);
    if (collective->strategy == CAUCUS_ERASE) {
        return nodes->target == NULL
                   ? CAUCUS_OK
                   : caucus_document_fail(document, nodes->target, "leave it out", "erase has no target");
    }
    if (unplants && population->n_labels < 2) {
        return caucus_document_fail(document, nodes->strategy, NULL,
                                    "%s needs another label than the target, but the population has only one",
                                    caucus_strategy_names[collective->strategy]);
    }
    if (nodes->target != NULL) {
        return caucus_read_label(document, nodes->target, "target", population, &collective->target);
    }
    if (nodes->target_id >= 0) {
        collective->target = (uint32_t)nodes->target_id;
        return CAUCUS_OK;
    }
    char hint[CAUCUS_HINT_BYTES];
    return caucus_document_fail(
        document, nodes->place,
        caucus_hint_names(hint, NULL, (const char *const *)population->label.values, population->n_labels),
        "%s lacks \"target\"", nodes->what);
}

/* Changes of numbers, where there are none. */
static caucus_status refuse_row_changes(caucus_document *document, const caucus_collective_nodes *nodes)
{
    const caucus_node *node = nodes->add != NULL ? nodes->add : nodes->mask != NULL ? nodes->mask : nodes->box;
    return node == NULL ? CAUCUS_OK
                        : caucus_document_fail(document, node,
                                               "write set: {feature: value}, or name numeric columns in "
                                               "population",
                                               "add, mask and box change numbers, but %s has categories", nodes->what);
}

caucus_status caucus_read_collective(caucus_document *document, const caucus_collective_nodes *nodes,
                                     const caucus_config *config, caucus_collective *collective)
{
    if (nodes->strategy == NULL) {
        char hint[CAUCUS_HINT_BYTES];
        return caucus_document_fail(document, nodes->place,
                                    caucus_hint_names(hint, NULL, caucus_strategy_names, CAUCUS_N_STRATEGIES),
                                    "%s lacks \"strategy\"", nodes->what);
    }
    uint32_t strategy = 0;
    TRY(caucus_read_choice(document, nodes->strategy, "strategy", caucus_strategy_names, CAUCUS_N_STRATEGIES,
                           &strategy));
    collective->strategy = (caucus_strategy)strategy;
    if (config->population->rows != NULL) {
        TRY(caucus_read_row_collective(document, nodes, config, collective));
        return read_estimators(document, nodes, collective);
    }
    TRY(refuse_row_changes(document, nodes));
    if (nodes->set == NULL) {
        return caucus_document_fail(document, nodes->place, "add set: {feature: value}, what its members change",
                                    "%s lacks \"%s\"", nodes->what, nodes->set_key);
    }
    TRY(read_assignments(document, nodes->set, "set", config->population, &collective->n_set, &collective->set));
    TRY(read_target(document, nodes, config->population, collective));
    TRY(read_members(document, nodes, config, collective));
    TRY(read_noise(document, nodes->noise, collective));
    TRY(read_membership(document, nodes->membership, config, collective));
    TRY(read_outside(document, nodes, config->population, collective));
    TRY(read_estimators(document, nodes, collective));
    return read_pilot(document, nodes, config, collective);
}
