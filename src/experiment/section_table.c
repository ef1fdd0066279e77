/* The part of a population section that says how its table is read. */
#include "base/text.h"
#include "experiment/sections.h"
#include "population/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const FILE_KEYS[] = {"file",   "group",   "separator",  "label",    "features", "bins",
                                        "weight", "missing", "unlabelled", "draw",     "by",       "numeric",
                                        "scale",  "x",       "words",      "test_file"};
enum { N_FILE_KEYS = sizeof FILE_KEYS / sizeof FILE_KEYS[0] };

void caucus_table_parts_free(caucus_table_parts *parts, const caucus_table_spec *spec)
{
    for (uint32_t i = 0; parts->edges != NULL && i < spec->n_bins; i++) {
        free(parts->edges[i]);
    }
    free(parts->edges);
    free(parts->bins);
    free(parts->features);
    free(parts->words);
    free(parts->path);
}

static bool exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

caucus_status caucus_find_file(caucus_document *document, const char *beside, const caucus_node *node, const char *what,
                               char **path)
{
    const char *name = NULL;
    TRY(caucus_read_text(document, node, what, &name));
    const char *slash = strrchr(beside, '/');
    int directory = slash != NULL ? (int)(slash - beside) + 1 : 0;
    char *places[3] = {NULL, NULL, caucus_text_copy(name)};
    if (name[0] != '/') {
        places[0] = caucus_text_format("%.*s%s", directory, beside, name);
        places[1] = caucus_text_format("%.*s../%s", directory, beside, name);
    }
    *path = NULL;
    for (int i = 0; i < 3; i++) {
        if (*path == NULL && places[i] != NULL && exists(places[i])) {
            *path = places[i];
            places[i] = NULL;
        }
    }
    caucus_status status = CAUCUS_OK;
    if (*path == NULL) {
        char hint[CAUCUS_HINT_BYTES];
        bool many = places[0] != NULL && places[1] != NULL;
        bool beside_is_here = directory == 0;
        snprintf(hint, sizeof hint, "looked for %s%s%s%s%s", many ? places[0] : name, many ? ", " : "",
                 many ? places[1] : "", many && !beside_is_here ? ", " : "", many && !beside_is_here ? name : "");
        status = caucus_document_fail(document, node, hint, "there is no file %.300s", name);
    }
    for (int i = 0; i < 3; i++) {
        free(places[i]);
    }
    return status;
}

static caucus_status read_features(caucus_document *document, const caucus_node *section, caucus_table_spec *spec,
                                   caucus_table_parts *parts)
{
    const caucus_node *node = caucus_node_get(section, "features");
    if (node == NULL) {
        return CAUCUS_OK;
    }
    TRY(caucus_read_list(document, node, "features"));
    TRY(caucus_alloc(node->n_items, sizeof *parts->features, "features", &parts->features));
    for (uint32_t i = 0; i < node->n_items; i++) {
        const caucus_node *item = node->items[i].value;
        TRY(caucus_read_text(document, item, "a feature", &parts->features[i]));
        if (strcmp(item->text, spec->label) == 0) {
            return caucus_document_fail(document, item, NULL, "\"%s\" is the label: it cannot be a feature too",
                                        item->text);
        }
        if (spec->weight != NULL && strcmp(item->text, spec->weight) == 0) {
            return caucus_document_fail(document, item, NULL, "\"%s\" is the weight: it cannot be a feature too",
                                        item->text);
        }
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(parts->features[j], item->text) == 0) {
                return caucus_document_fail(document, item, NULL, "feature \"%s\" is listed twice", item->text);
            }
        }
    }
    spec->features = parts->features;
    spec->n_features = node->n_items;
    return CAUCUS_OK;
}

static caucus_status read_edges(caucus_document *document, const caucus_node *node, const char *column, double **edges)
{
    char what[CAUCUS_HINT_BYTES];
    snprintf(what, sizeof what, "bins of %.100s", column);
    TRY(caucus_read_list(document, node, what));
    TRY(caucus_alloc(node->n_items, sizeof **edges, "bin edges", edges));
    for (uint32_t i = 0; i < node->n_items; i++) {
        const caucus_node *item = node->items[i].value;
        double edge = 0;
        char found[CAUCUS_HINT_BYTES];
        if (item->kind != CAUCUS_SCALAR || !caucus_text_number(item->text, &edge)) {
            return caucus_document_fail(document, item, NULL, "%s must be numbers, not %s", what,
                                        caucus_node_describe(item, found));
        }
        if (i > 0 && edge <= (*edges)[i - 1]) {
            return caucus_document_fail(document, item, "write the edges in increasing order",
                                        "%s do not increase: %.15g after %.15g", what, edge, (*edges)[i - 1]);
        }
        (*edges)[i] = edge;
    }
    return CAUCUS_OK;
}

static bool is_used(const caucus_table_spec *spec, const char *column)
{
    bool used = spec->n_features == 0 || strcmp(column, spec->label) == 0;
    for (uint32_t i = 0; i < spec->n_features; i++) {
        used |= strcmp(spec->features[i], column) == 0;
    }
    return used;
}

static caucus_status read_bins(caucus_document *document, const caucus_node *section, caucus_table_spec *spec,
                               caucus_table_parts *parts)
{
    const caucus_node *node = caucus_node_get(section, "bins");
    if (node == NULL) {
        return CAUCUS_OK;
    }
    if (node->kind != CAUCUS_MAPPING) {
        char found[CAUCUS_HINT_BYTES];
        return caucus_document_fail(document, node, "write bins: {age: [18, 65]}",
                                    "bins must be a mapping of columns to edges, not %s",
                                    caucus_node_describe(node, found));
    }
    TRY(caucus_alloc(node->n_items, sizeof *parts->bins, "bins", &parts->bins));
    TRY(caucus_alloc(node->n_items, sizeof *parts->edges, "bins", &parts->edges));
    spec->bins = parts->bins;
    for (uint32_t i = 0; i < node->n_items; i++) {
        const caucus_item *item = &node->items[i];
        if (item->value == NULL) {
            continue;
        }
        const char *column = item->key->text;
        if (!is_used(spec, column)) {
            char hint[CAUCUS_HINT_BYTES];
            return caucus_document_fail(document, item->key,
                                        caucus_hint_names(hint, column, spec->features, spec->n_features),
                                        "bins for \"%s\", which is no feature", column);
        }
        uint32_t b = spec->n_bins++;
        TRY(read_edges(document, item->value, column, &parts->edges[b]));
        parts->bins[b] = (caucus_bins){.column = column, .n_edges = item->value->n_items, .edges = parts->edges[b]};
    }
    return CAUCUS_OK;
}

static caucus_status read_separator(caucus_document *document, const caucus_node *section, char *separator)
{
    const caucus_node *node = caucus_node_get(section, "separator");
    if (node == NULL) {
        return CAUCUS_OK;
    }
    static const char *const names[] = {",", ";", "|", "tab", "\t"};
    uint32_t choice = 0;
    char found[CAUCUS_HINT_BYTES];
    if (node->kind != CAUCUS_SCALAR ||
        caucus_read_choice(document, node, "separator", names, 5, &choice) != CAUCUS_OK) {
        return caucus_document_fail(document, node, "allowed: \",\", \";\", \"|\", tab", "separator cannot be %s",
                                    caucus_node_describe(node, found));
    }
    *separator = choice < 3 ? names[choice][0] : '\t';
    return CAUCUS_OK;
}

/* A list of words, or one; an empty list for none. */
static caucus_status read_missing(caucus_document *document, const caucus_node *section, caucus_table_spec *spec,
                                  caucus_table_parts *parts)
{
    const caucus_node *node = caucus_node_get(section, "missing");
    if (node == NULL) {
        return CAUCUS_OK;
    }
    bool list = node->kind == CAUCUS_SEQUENCE;
    uint32_t n = list ? node->n_items : 1;
    TRY(caucus_alloc(n, sizeof *parts->words, "missing values", &parts->words));
    for (uint32_t i = 0; i < n; i++) {
        TRY(caucus_read_text(document, list ? node->items[i].value : node, "a word for what is missing",
                             &parts->words[i]));
    }
    parts->missing = (caucus_missing_words){.n = n, .words = parts->words};
    spec->missing = &parts->missing;
    return CAUCUS_OK;
}

static caucus_status read_unlabelled(caucus_document *document, const caucus_node *section, bool *keep)
{
    static const char *const names[] = {"leave_out", "keep"};
    const caucus_node *node = caucus_node_get(section, "unlabelled");
    uint32_t choice = 0;
    if (node != NULL) {
        TRY(caucus_read_choice(document, node, "unlabelled", names, 2, &choice));
    }
    *keep = choice == 1;
    return CAUCUS_OK;
}

caucus_status caucus_read_table_spec(caucus_experiment *experiment, const caucus_node *section, caucus_table_spec *spec,
                                     caucus_table_parts *parts)
{
    caucus_document *document = experiment->document;
    TRY(caucus_read_keys(document, section, "a population from a file", FILE_KEYS, N_FILE_KEYS));
    const caucus_node *label = NULL;
    TRY(caucus_read_required(document, section, "population", "label", "the column to predict", &label));
    TRY(caucus_read_text(document, label, "label", &spec->label));
    const caucus_node *weight = caucus_node_get(section, "weight");
    if (weight != NULL) {
        TRY(caucus_read_text(document, weight, "weight", &spec->weight));
        if (strcmp(spec->weight, spec->label) == 0) {
            return caucus_document_fail(document, weight, NULL, "\"%s\" is the label: it cannot be the weight too",
                                        spec->weight);
        }
    }
    const caucus_node *group = caucus_node_get(section, "group");
    if (group != NULL) {
        TRY(caucus_read_text(document, group, "group", &spec->place.group));
    }
    TRY(read_separator(document, section, &spec->place.separator));
    TRY(read_features(document, section, spec, parts));
    TRY(read_bins(document, section, spec, parts));
    TRY(read_missing(document, section, spec, parts));
    TRY(read_unlabelled(document, section, &spec->keep_unlabelled));
    TRY(caucus_find_file(experiment->document, experiment->path, caucus_node_get(section, "file"), "file",
                         &parts->path));
    spec->place.path = parts->path;
    return CAUCUS_OK;
}

caucus_status caucus_experiment_table(caucus_experiment *experiment, caucus_table_spec *spec, caucus_table_parts *parts)
{
    const caucus_node *section = caucus_node_get(experiment->document->root, "population");
    return caucus_node_get(section, "file") != NULL ? caucus_read_table_spec(experiment, section, spec, parts)
                                                    : CAUCUS_OK;
}
