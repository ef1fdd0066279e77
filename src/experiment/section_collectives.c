/* The collectives section as a list; as a mapping it generates one. */
#include "base/text.h"
#include "experiment/sections.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_COLLECTIVES = 1000 };

static const char *const ITEM_KEYS[] = {"name",       "share",    "size",  "strategy", "set",        "target",
                                        "members",    "affinity", "noise", "outside",  "estimators", "pilot",
                                        "membership", "add",      "mask",  "box"};
enum { N_ITEM_KEYS = sizeof ITEM_KEYS / sizeof ITEM_KEYS[0] };

static const caucus_node *size_node(const caucus_node *mapping)
{
    const caucus_node *share = caucus_node_get(mapping, "share");
    return share != NULL ? share : caucus_node_get(mapping, "size");
}

/* Sizes of all collectives, which must leave room for one another. */
static caucus_status read_sizes(caucus_document *document, const caucus_node *list, caucus_config *config)
{
    double shares = 0;
    uint64_t total = 0;
    bool all_shares = true;
    uint32_t last_share = UINT32_MAX;
    for (uint32_t m = 0; m < list->n_items; m++) {
        const caucus_node *item = list->items[m].value;
        char what[64];
        snprintf(what, sizeof what, "collective %u", m + 1);
        TRY(caucus_read_keys(document, item, what, ITEM_KEYS, N_ITEM_KEYS));
        bool from_share = false;
        TRY(caucus_read_size(document, item, what, config->consumers, &config->collectives[m].size, &from_share));
        double share = 0;
        if (from_share && caucus_text_number(size_node(item)->text, &share)) {
            shares += share;
            last_share = m;
        }
        all_shares &= from_share;
        total += config->collectives[m].size; /* at most 1000 * 2^53: no overflow */
    }
    const caucus_node *last = size_node(list->items[list->n_items - 1].value);
    if (shares > 1 + 1e-9) {
        return caucus_document_fail(document, size_node(list->items[last_share].value), "lower some of them",
                                    "the shares add up to %.10g, more than 1", shares);
    }
    /* Rounding to whole members may ask for a few too many: the last collective gives them up. */
    uint64_t excess = total > config->consumers ? total - config->consumers : 0;
    if (all_shares && excess <= config->collectives[last_share].size) {
        config->collectives[last_share].size -= excess;
        return CAUCUS_OK;
    }
    if (excess > 0) {
        return caucus_document_fail(document, last, "lower some of them, or raise consumers",
                                    "the collectives have %llu members together, more than the %llu consumers",
                                    (unsigned long long)total, (unsigned long long)config->consumers);
    }
    return CAUCUS_OK;
}

static caucus_status read_names(caucus_document *document, const caucus_node *list, caucus_config *config)
{
    for (uint32_t m = 0; m < list->n_items; m++) {
        const caucus_node *item = list->items[m].value;
        const caucus_node *node = caucus_node_get(item, "name");
        const char *name = NULL;
        if (node != NULL) {
            TRY(caucus_read_text(document, node, "name", &name));
            if (name[0] == '\0') {
                return caucus_document_fail(document, node, "leave it out to be called c1, c2, ...", "name is empty");
            }
        }
        caucus_collective *collective = &config->collectives[m];
        collective->name = name != NULL ? caucus_text_copy(name) : caucus_text_format("c%u", m + 1);
        if (collective->name == NULL) {
            return caucus_fail_memory(0, "a collective's name");
        }
        for (uint32_t j = 0; j < m; j++) {
            if (strcmp(config->collectives[j].name, collective->name) == 0) {
                return caucus_document_fail(document, node != NULL ? node : item, "give each a name of its own",
                                            "two collectives are called \"%s\"", collective->name);
            }
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_read_collectives(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    if (section->kind == CAUCUS_MAPPING && config->population->rows != NULL) {
        return caucus_document_fail(
            document, section, "list them, each with a dash",
            "generated collectives take their signals from the cells of a population, and people with "
            "real-valued features are in none");
    }
    if (section->kind == CAUCUS_MAPPING) {
        return caucus_read_generated(document, section, config);
    }
    if (section->kind != CAUCUS_SEQUENCE) {
        char found[CAUCUS_HINT_BYTES];
        return caucus_document_fail(document, section, "begin each of them with a dash on a line of its own",
                                    "collectives must be a list, or a mapping that makes one, not %s",
                                    caucus_node_describe(section, found));
    }
    TRY(caucus_read_list(document, section, "collectives"));
    if (section->n_items > MOST_COLLECTIVES) {
        return caucus_document_fail(document, section, NULL, "%u collectives are more than the %d allowed",
                                    section->n_items, MOST_COLLECTIVES);
    }
    TRY(caucus_alloc(section->n_items, sizeof *config->collectives, "collectives", &config->collectives));
    config->n_collectives = section->n_items;
    TRY(read_sizes(document, section, config));
    TRY(read_names(document, section, config));
    for (uint32_t m = 0; m < section->n_items; m++) {
        const caucus_node *item = section->items[m].value;
        char what[128];
        snprintf(what, sizeof what, "collective %.80s", config->collectives[m].name);
        const caucus_collective_nodes nodes = {.place = item,
                                               .what = what,
                                               .set_key = "set",
                                               .strategy = caucus_node_get(item, "strategy"),
                                               .set = caucus_node_get(item, "set"),
                                               .target = caucus_node_get(item, "target"),
                                               .members = caucus_node_get(item, "members"),
                                               .affinity = caucus_node_get(item, "affinity"),
                                               .noise = caucus_node_get(item, "noise"),
                                               .outside = caucus_node_get(item, "outside"),
                                               .estimators = caucus_node_get(item, "estimators"),
                                               .membership = caucus_node_get(item, "membership"),
                                               .pilot = caucus_node_get(item, "pilot"),
                                               .add = caucus_node_get(item, "add"),
                                               .mask = caucus_node_get(item, "mask"),
                                               .box = caucus_node_get(item, "box"),
                                               .target_id = -1};
        TRY(caucus_read_collective(document, &nodes, config, &config->collectives[m]));
    }
    return CAUCUS_OK;
}
