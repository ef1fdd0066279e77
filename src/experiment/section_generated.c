/* The collectives section as a mapping that makes a list of collectives. */
#include "base/text.h"
#include "experiment/entropy_sizes.h"
#include "experiment/sections.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_GENERATED = 1000 };

static const char *const GENERATE_KEYS[] = {
    "count",   "share",    "size",  "mass_entropy", "label_entropy", "strategy", "set",   "sets",      "targets",
    "members", "affinity", "noise", "outside",      "estimators",    "pilot",    "names", "membership"};
enum { N_GENERATE_KEYS = sizeof GENERATE_KEYS / sizeof GENERATE_KEYS[0] };

/* Labels that the collectives may aim at; NULL when every label in its own order. */
static caucus_status read_targets(caucus_document *document, const caucus_node *section,
                                  const caucus_population *population, uint32_t *n_targets, uint32_t **labels)
{
    const caucus_node *node = caucus_node_get(section, "targets");
    *n_targets = population->n_labels;
    if (node == NULL) {
        return CAUCUS_OK;
    }
    TRY(caucus_read_list(document, node, "targets"));
    TRY(caucus_alloc(node->n_items, sizeof **labels, "targets", labels));
    *n_targets = node->n_items;
    for (uint32_t i = 0; i < node->n_items; i++) {
        const caucus_node *item = node->items[i].value;
        TRY(caucus_read_label(document, item, "target", population, &(*labels)[i]));
        for (uint32_t j = 0; j < i; j++) {
            if ((*labels)[j] == (*labels)[i]) {
                return caucus_document_fail(document, item, NULL, "target \"%s\" is listed twice", item->text);
            }
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_entropy(caucus_document *document, const caucus_node *section, const char *key,
                                  double *entropy)
{
    const caucus_node *node = caucus_node_get(section, key);
    const caucus_range range = {.low = 0, .high = 1};
    *entropy = 1;
    return node != NULL ? caucus_read_number(document, node, key, range, entropy) : CAUCUS_OK;
}

static caucus_status read_names(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    const caucus_node *node = caucus_node_get(section, "names");
    if (node != NULL) {
        TRY(caucus_read_list(document, node, "names"));
        if (node->n_items < config->n_collectives) {
            return caucus_document_fail(document, node, "leave names out to call them c1, c2, ...",
                                        "%u names for %u collectives", node->n_items, config->n_collectives);
        }
    }
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        const caucus_node *item = node != NULL ? node->items[m].value : NULL;
        const char *name = NULL;
        if (item != NULL) {
            TRY(caucus_read_text(document, item, "a name", &name));
            for (uint32_t j = 0; j < m; j++) {
                if (strcmp(config->collectives[j].name, name) == 0) {
                    return caucus_document_fail(document, item, "give each a name of its own",
                                                "two collectives are called \"%s\"", name);
                }
            }
        }
        config->collectives[m].name = name != NULL ? caucus_text_copy(name) : caucus_text_format("c%u", m + 1);
        if (config->collectives[m].name == NULL) {
            return caucus_fail_memory(0, "a collective's name");
        }
    }
    return CAUCUS_OK;
}

/* The transformation of collective m: the only one, or the next in turn. */
static const caucus_node *pick_set(const caucus_node *section, uint32_t m)
{
    const caucus_node *sets = caucus_node_get(section, "sets");
    return sets != NULL ? sets->items[m % sets->n_items].value : caucus_node_get(section, "set");
}

static caucus_status read_each(caucus_document *document, const caucus_node *section, const uint32_t *labels,
                               const uint32_t *targets, caucus_config *config)
{
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        char what[128];
        snprintf(what, sizeof what, "collective %.80s", config->collectives[m].name);
        const caucus_collective_nodes nodes = {
            .place = section,
            .what = what,
            .set_key = "set",
            .strategy = caucus_node_get(section, "strategy"),
            .set = pick_set(section, m),
            .members = caucus_node_get(section, "members"),
            .affinity = caucus_node_get(section, "affinity"),
            .noise = caucus_node_get(section, "noise"),
            .outside = caucus_node_get(section, "outside"),
            .estimators = caucus_node_get(section, "estimators"),
            .membership = caucus_node_get(section, "membership"),
            .pilot = caucus_node_get(section, "pilot"),
            .target_id = labels != NULL ? labels[targets[m]] : targets[m],
        };
        TRY(caucus_read_collective(document, &nodes, config, &config->collectives[m]));
    }
    return CAUCUS_OK;
}

static caucus_status check_keys(caucus_document *document, const caucus_node *section)
{
    TRY(caucus_read_keys(document, section, "collectives", GENERATE_KEYS, N_GENERATE_KEYS));
    const caucus_node *sets = caucus_node_get(section, "sets");
    if (sets != NULL && caucus_node_get(section, "set") != NULL) {
        return caucus_document_fail(document, caucus_node_key(section, "sets"), "keep one of the two",
                                    "collectives have both a set and sets");
    }
    if (sets != NULL) {
        TRY(caucus_read_list(document, sets, "sets"));
    }
    const caucus_node *strategy = caucus_node_get(section, "strategy");
    if (strategy == NULL || strategy->kind != CAUCUS_SCALAR ||
        strcmp(strategy->text, caucus_strategy_names[CAUCUS_ERASE]) != 0) {
        return CAUCUS_OK;
    }
    static const char *const aims[] = {"targets", "label_entropy"};
    for (int i = 0; i < 2; i++) {
        if (caucus_node_get(section, aims[i]) != NULL) {
            return caucus_document_fail(document, caucus_node_key(section, aims[i]), "leave it out",
                                        "erase has no target");
        }
    }
    return CAUCUS_OK;
}

typedef struct draft { /* [collective] */
    double *masses;
    double *remainders;
    uint64_t *sizes;
    uint32_t *targets;
} draft;

static caucus_status draft_alloc(draft *d, uint32_t n)
{
    TRY(caucus_alloc(n, sizeof *d->masses, "generated collectives", &d->masses));
    TRY(caucus_alloc(n, sizeof *d->remainders, "generated collectives", &d->remainders));
    TRY(caucus_alloc(n, sizeof *d->sizes, "generated collectives", &d->sizes));
    return caucus_alloc(n, sizeof *d->targets, "generated collectives", &d->targets);
}

static caucus_status read_total(caucus_document *document, const caucus_node *section, const caucus_config *config,
                                uint64_t *total)
{
    bool from_share = false;
    TRY(caucus_read_size(document, section, "collectives", config->consumers, total, &from_share));
    if (*total > config->consumers) {
        return caucus_document_fail(document, caucus_node_get(section, "size"), "lower size, or raise consumers",
                                    "the collectives have %llu members together, more than the %llu consumers",
                                    (unsigned long long)*total, (unsigned long long)config->consumers);
    }
    return CAUCUS_OK;
}

caucus_status caucus_read_generated(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    TRY(check_keys(document, section));
    const caucus_node *count_node = NULL;
    TRY(caucus_read_required(document, section, "collectives", "count", "4", &count_node));
    uint64_t count = 0;
    uint64_t total = 0;
    double mass_entropy = 1;
    double label_entropy = 1;
    TRY(caucus_read_count(document, count_node, "count", 1, MOST_GENERATED, &count));
    TRY(read_total(document, section, config, &total));
    TRY(read_entropy(document, section, "mass_entropy", &mass_entropy));
    TRY(read_entropy(document, section, "label_entropy", &label_entropy));
    TRY(caucus_alloc(count, sizeof *config->collectives, "collectives", &config->collectives));
    config->n_collectives = (uint32_t)count;

    caucus_status status = CAUCUS_OK;
    uint32_t n_targets = 0;
    uint32_t *labels = NULL;
    draft d = {0};
    TRY_GOTO(draft_alloc(&d, config->n_collectives), done);
    TRY_GOTO(read_targets(document, section, config->population, &n_targets, &labels), done);
    caucus_generate_masses(config->n_collectives, mass_entropy, d.masses);
    caucus_generate_sizes(config->n_collectives, d.masses, total, d.remainders, d.sizes);
    TRY_GOTO(caucus_generate_targets(config->n_collectives, d.masses, n_targets, label_entropy, d.targets), done);
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        config->collectives[m].size = d.sizes[m];
    }
    TRY_GOTO(read_names(document, section, config), done);
    TRY_GOTO(read_each(document, section, labels, d.targets, config), done);
done:
    free(d.targets);
    free(d.sizes);
    free(d.remainders);
    free(d.masses);
    free(labels);
    return status;
}
