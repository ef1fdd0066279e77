/* Counts documents out of YAML. */
#include "advice/counts.h"
#include "base/text.h"
#include "experiment/document.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 128, LARGEST_DIMENSION = 1 << 24 };

static const char *const document_fields[] = {"consumers", "test",      "delta",  "epsilon",     "slack",   "draw",
                                              "cells",     "raw_cells", "labels", "collectives", "columns", "bounds"};
static const char *const collective_fields[] = {"strategy",         "target",  "map",  "counts", "membership",
                                                "estimator_counts", "outside", "name", "size",   "pilot_counts"};
static const char *const membership_fields[] = {"ratio", "affinity", "of"};
static const char *const draw_names[] = {"iid", "without_replacement"};

/* Where a reader is: messages say "FILE:LINE:COLUMN: document 3: collectives[0].FIELD ...". */
typedef struct place {
    caucus_document *document;
    size_t index;          /* of the counts document */
    char path[PATH_BYTES]; /* "collectives[0]." */
} place;

static caucus_status fail_at(const place *at, const caucus_node *node, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static caucus_status fail_at(const place *at, const caucus_node *node, const char *hint, const char *format, ...)
{
    char problem[CAUCUS_DETAIL_BYTES - PATH_BYTES - 64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem, sizeof problem, format, arguments);
    va_end(arguments);
    return caucus_document_fail(at->document, node, hint, "document %zu: %s%s", at->index, at->path, problem);
}

static caucus_status fail_kind(const place *at, const caucus_node *node, const char *field, const char *expected)
{
    char found[CAUCUS_HINT_BYTES];
    return fail_at(at, node, NULL, "%s must be %s, not %s", field, expected, caucus_node_describe(node, found));
}

static caucus_status require(const place *at, const caucus_node *mapping, const char *field, const char *meaning,
                             const caucus_node **node)
{
    *node = caucus_node_get(mapping, field);
    return *node != NULL ? CAUCUS_OK : fail_at(at, mapping, NULL, "%s is missing: %s", field, meaning);
}

static caucus_status read_count(const place *at, const caucus_node *node, const char *field, uint64_t *value)
{
    double number = 0;
    if (node->kind == CAUCUS_SCALAR && caucus_text_count(node->text, value)) {
        return CAUCUS_OK;
    }
    if (node->kind != CAUCUS_SCALAR || !caucus_text_number(node->text, &number)) {
        return fail_kind(at, node, field, "a whole number from 0 to 2^53");
    }
    const char *problem = number < 0                    ? "it cannot be negative"
                          : number > 9007199254740992.0 ? "it cannot be over 2^53"
                                                        : "it must be a whole number";
    return fail_at(at, node, NULL, "%s is %s; %s", field, node->text, problem);
}

static caucus_status read_id(const place *at, const caucus_node *node, const char *field, uint32_t *value)
{
    uint64_t wide = 0;
    TRY(read_count(at, node, field, &wide));
    *value = wide < CAUCUS_NOWHERE ? (uint32_t)wide : CAUCUS_NOWHERE - 1; /* out of any range, as checks will say */
    return CAUCUS_OK;
}

static caucus_status read_number(const place *at, const caucus_node *node, const char *field, double *value)
{
    if (node->kind != CAUCUS_SCALAR || !caucus_text_number(node->text, value)) {
        return fail_kind(at, node, field, "a number");
    }
    return CAUCUS_OK;
}

static caucus_status read_name(const place *at, const caucus_node *node, const char *field, const char *const *names,
                               size_t n, uint32_t *value)
{
    const char *text = node->kind == CAUCUS_SCALAR ? node->text : NULL;
    for (size_t i = 0; text != NULL && i < n; i++) {
        if (strcmp(text, names[i]) == 0) {
            *value = (uint32_t)i;
            return CAUCUS_OK;
        }
    }
    char found[CAUCUS_HINT_BYTES];
    char hint[CAUCUS_HINT_BYTES];
    return fail_at(at, node, caucus_hint_names(hint, text, names, n), "%s cannot be %s", field,
                   caucus_node_describe(node, found));
}

static caucus_status check_fields(const place *at, const caucus_node *mapping, const char *const *known, size_t n_known)
{
    for (uint32_t i = 0; i < mapping->n_items; i++) {
        const caucus_node *key = mapping->items[i].key;
        size_t k = 0;
        while (k < n_known && strcmp(key->text, known[k]) != 0) {
            k++;
        }
        if (k == n_known) {
            char found[CAUCUS_HINT_BYTES];
            char hint[CAUCUS_HINT_BYTES];
            return fail_at(at, key, caucus_hint_names(hint, key->text, known, n_known), "unknown key %s",
                           caucus_node_describe(key, found));
        }
    }
    return CAUCUS_OK;
}

/* A list of n items, of which the caller reads each. what: of which there are n. */
static caucus_status check_list(const place *at, const caucus_node *node, const char *field, size_t n, const char *what)
{
    if (node->kind != CAUCUS_SEQUENCE) {
        return fail_kind(at, node, field, "a list");
    }
    if (node->n_items != n) {
        return fail_at(at, node, NULL, "%s has %u items for %zu %s", field, node->n_items, n, what);
    }
    return CAUCUS_OK;
}

static caucus_status read_table(const place *at, const caucus_node *rows, const char *field,
                                const caucus_counts *counts, uint64_t **table)
{
    TRY(check_list(at, rows, field, counts->n_cells, "cells"));
    TRY(caucus_alloc((size_t)counts->n_cells * counts->n_labels, sizeof **table, "counts", table));
    for (uint32_t x = 0; x < counts->n_cells; x++) {
        char name[64];
        snprintf(name, sizeof name, "%s[%u]", field, x);
        const caucus_node *row = rows->items[x].value;
        TRY(check_list(at, row, name, counts->n_labels, "labels"));
        for (uint32_t label = 0; label < counts->n_labels; label++) {
            snprintf(name, sizeof name, "%s[%u][%u]", field, x, label);
            TRY(read_count(at, row->items[label].value, name, &(*table)[(size_t)x * counts->n_labels + label]));
        }
    }
    return CAUCUS_OK;
}

static caucus_status check_size(const place *at, const caucus_node *node, const caucus_counts *counts,
                                const caucus_counts_collective *collective)
{
    uint64_t size = 0;
    uint64_t sum = 0;
    if (node == NULL) {
        return CAUCUS_OK;
    }
    TRY(read_count(at, node, "size", &size));
    for (size_t i = 0; i < (size_t)counts->n_cells * counts->n_labels; i++) {
        sum += collective->counts[i];
    }
    return sum == size
               ? CAUCUS_OK
               : fail_at(at, node, "correct one of them, or leave size out", "size is %llu, but counts add up to %llu",
                         (unsigned long long)size, (unsigned long long)sum);
}

static caucus_status read_map(const place *at, const caucus_node *node, const caucus_counts *counts,
                              caucus_counts_collective *collective)
{
    TRY(check_list(at, node, "map", counts->n_cells, "cells"));
    TRY(caucus_alloc(counts->n_cells, sizeof *collective->map, "a map", &collective->map));
    for (uint32_t x = 0; x < counts->n_cells; x++) {
        char name[32];
        snprintf(name, sizeof name, "map[%u]", x);
        TRY(read_id(at, node->items[x].value, name, &collective->map[x]));
    }
    return CAUCUS_OK;
}

static caucus_status read_act(const place *at, const caucus_node *node, caucus_counts_collective *collective)
{
    const caucus_node *field = NULL;
    uint32_t strategy = 0;
    TRY(require(at, node, "strategy", "what the members do", &field));
    TRY(read_name(at, field, "strategy", caucus_strategy_names, CAUCUS_N_STRATEGIES, &strategy));
    collective->strategy = (caucus_strategy)strategy;
    collective->outside = CAUCUS_NOWHERE;
    field = caucus_node_get(node, "target");
    if (field == NULL && collective->strategy != CAUCUS_ERASE) {
        TRY(require(at, node, "target", "the number of a label", &field));
    }
    if (field != NULL) {
        TRY(read_id(at, field, "target", &collective->target));
    }
    field = caucus_node_get(node, "outside");
    if (field != NULL && collective->strategy != CAUCUS_FEATURE_ONLY) {
        return fail_at(at, field, "leave it out", "outside belongs to feature_only, not to %s",
                       caucus_strategy_names[collective->strategy]);
    }
    return field != NULL ? read_id(at, field, "outside", &collective->outside) : CAUCUS_OK;
}

/* A list of cells by number, one or more. */
static caucus_status read_cells(const place *at, const caucus_node *node, const char *field,
                                const caucus_counts *counts, bool **cells)
{
    if (node->kind != CAUCUS_SEQUENCE || node->n_items == 0) {
        return fail_kind(at, node, field, "a list of cells, one or more");
    }
    TRY(caucus_alloc(counts->n_cells, sizeof **cells, "cells", cells));
    for (uint32_t i = 0; i < node->n_items; i++) {
        char name[32];
        uint32_t cell = 0;
        snprintf(name, sizeof name, "%s[%u]", field, i);
        TRY(read_id(at, node->items[i].value, name, &cell));
        if (cell >= counts->n_cells) {
            return fail_at(at, node->items[i].value, NULL, "%s is %u, but cells are numbered 0 to %u", name, cell,
                           counts->n_cells - 1);
        }
        (*cells)[cell] = true;
    }
    return CAUCUS_OK;
}

/* People in some cells are so many times as likely as others to join. */
static caucus_status read_affinity(const place *at, const caucus_node *node, const caucus_counts *counts,
                                   caucus_counts_collective *collective)
{
    const caucus_node *field = NULL;
    const caucus_node *of = NULL;
    if (caucus_node_get(node, "ratio") != NULL) {
        return fail_at(at, caucus_node_get(node, "ratio"), "leave one of them out",
                       "membership has a ratio and an affinity: bounds reckon with one of them");
    }
    TRY(require(at, node, "affinity", "how many times as likely as others those in the cells `of` are to join",
                &field));
    TRY(require(at, node, "of", "the cells of people who are so many times as likely to join", &of));
    TRY(read_number(at, field, "membership.affinity", &collective->affinity));
    if (!(collective->affinity >= 1e-6 && collective->affinity <= 1e6)) {
        return fail_at(at, field, NULL,
                       "membership.affinity is %g: it must lie between 1e-06 and 1e+06; where those in the cells `of` "
                       "never join, members say nothing of them, and nothing is sure",
                       collective->affinity);
    }
    return read_cells(at, of, "membership.of", counts, &collective->matching);
}

/* How the members may differ from everybody. */
static caucus_status read_membership(const place *at, const caucus_node *node, const caucus_counts *counts,
                                     caucus_counts_collective *collective)
{
    const caucus_node *field = NULL;
    collective->ratio = 1;
    if (node == NULL) {
        return CAUCUS_OK;
    }
    if (node->kind != CAUCUS_MAPPING) {
        return fail_kind(at, node, "membership", "a mapping such as {ratio: 1.3}");
    }
    TRY(check_fields(at, node, membership_fields, sizeof membership_fields / sizeof membership_fields[0]));
    if (caucus_node_get(node, "affinity") != NULL || caucus_node_get(node, "of") != NULL) {
        return read_affinity(at, node, counts, collective);
    }
    TRY(require(at, node, "ratio", "how many times as likely as others people may be to join", &field));
    TRY(read_number(at, field, "membership.ratio", &collective->ratio));
    return collective->ratio >= 1 && collective->ratio <= 1e9
               ? CAUCUS_OK
               : fail_at(at, field, NULL,
                         "membership.ratio is %g: it says how many times as likely as others people may be to join, "
                         "1 or more",
                         collective->ratio);
}

static caucus_status read_collective(const place *at, const caucus_node *node, const caucus_counts *counts,
                                     caucus_counts_collective *collective)
{
    const caucus_node *field = NULL;
    TRY(check_fields(at, node, collective_fields, sizeof collective_fields / sizeof collective_fields[0]));
    TRY(read_act(at, node, collective));
    TRY(require(at, node, "map", "for each cell, the one that members there report", &field));
    TRY(read_map(at, field, counts, collective));
    TRY(require(at, node, "counts", "for each cell, the members with each label", &field));
    TRY(read_table(at, field, "counts", counts, &collective->counts));
    TRY(check_size(at, caucus_node_get(node, "size"), counts, collective));
    TRY(read_membership(at, caucus_node_get(node, "membership"), counts, collective));
    field = caucus_node_get(node, "pilot_counts");
    if (field != NULL) {
        TRY(read_table(at, field, "pilot_counts", counts, &collective->pilot_counts));
    }
    field = caucus_node_get(node, "estimator_counts");
    if (collective->strategy != CAUCUS_UNPLANT_ADAPTIVE) {
        return field == NULL
                   ? CAUCUS_OK
                   : fail_at(at, field, "leave it out", "estimator_counts belong to unplant_adaptive, not to %s",
                             caucus_strategy_names[collective->strategy]);
    }
    TRY(require(at, node, "estimator_counts", "unplant_adaptive needs members that only choose the labels", &field));
    return read_table(at, field, "estimator_counts", counts, &collective->estimator_counts);
}

static caucus_status read_collectives(const place *at, const caucus_node *root, caucus_counts *counts)
{
    const caucus_node *list = NULL;
    TRY(require(at, root, "collectives", "a list of who acts", &list));
    if (list->kind != CAUCUS_SEQUENCE || list->n_items == 0) {
        return fail_kind(at, list, "collectives", list->kind == CAUCUS_SEQUENCE ? "a list of one or more" : "a list");
    }
    TRY(caucus_alloc(list->n_items, sizeof *counts->collectives, "collectives", &counts->collectives));
    counts->n_collectives = list->n_items;
    for (uint32_t j = 0; j < list->n_items; j++) {
        if (list->items[j].value->kind != CAUCUS_MAPPING) {
            char name[64];
            snprintf(name, sizeof name, "collectives[%u]", j);
            return fail_kind(at, list->items[j].value, name, "a mapping with strategy, target, map and counts");
        }
        place inner = *at;
        snprintf(inner.path, sizeof inner.path, "collectives[%u].", j);
        TRY(read_collective(&inner, list->items[j].value, counts, &counts->collectives[j]));
    }
    return CAUCUS_OK;
}

static caucus_status read_dimension(const place *at, const caucus_node *root, const char *field, uint32_t least,
                                    uint32_t *value)
{
    uint64_t wide = 0;
    const caucus_node *node = NULL;
    TRY(require(at, root, field, "how many there are", &node));
    TRY(read_count(at, node, field, &wide));
    if (wide < least || wide > LARGEST_DIMENSION) {
        return fail_at(at, node, NULL, "%s is %llu; it must lie between %u and 2^24", field, (unsigned long long)wide,
                       least);
    }
    *value = (uint32_t)wide;
    return CAUCUS_OK;
}

/* The cells that people can have. */
static caucus_status read_raw_cells(const place *at, const caucus_node *node, caucus_counts *counts)
{
    return node != NULL ? read_cells(at, node, "raw_cells", counts, &counts->raw_cells) : CAUCUS_OK;
}

static caucus_status read_levels(const place *at, const caucus_node *root, caucus_counts *counts)
{
    const caucus_node *node = NULL;
    uint32_t slack = CAUCUS_CONTAMINATION;
    TRY(require(at, root, "delta", "the probability with which a bound may fail", &node));
    TRY(read_number(at, node, "delta", &counts->delta));
    node = caucus_node_get(root, "epsilon");
    if (node != NULL) {
        TRY(read_number(at, node, "epsilon", &counts->epsilon));
    }
    node = caucus_node_get(root, "slack");
    if (node != NULL) {
        TRY(read_name(at, node, "slack", caucus_slack_names, CAUCUS_N_SLACKS, &slack));
    }
    counts->slack = (caucus_slack)slack;
    node = caucus_node_get(root, "draw");
    if (node != NULL) {
        uint32_t draw = 0;
        TRY(read_name(at, node, "draw", draw_names, 2, &draw));
        counts->without_replacement = draw == 1;
    }
    return CAUCUS_OK;
}

/* The node of a field that a check has failed at. */
static const caucus_node *find_fault(const caucus_node *root, const caucus_counts_fault *fault)
{
    const caucus_node *from = root;
    if (fault->collective != CAUCUS_NOWHERE) {
        from = caucus_node_get(root, "collectives")->items[fault->collective].value;
    }
    const caucus_node *node = fault->field != NULL ? caucus_node_get(from, fault->field) : NULL;
    const uint32_t indices[2] = {fault->cell, fault->label};
    for (int i = 0; i < 2 && node != NULL && indices[i] != CAUCUS_NOWHERE; i++) {
        node = node->items[indices[i]].value;
    }
    return node != NULL ? node : from;
}

static caucus_status read_document(const place *at, const caucus_node *root, caucus_counts *counts)
{
    const caucus_node *node = caucus_node_key(root, "population");
    node = node != NULL ? node : caucus_node_key(root, "platform");
    if (node != NULL) {
        return fail_at(at, node,
                       "add --collective NAME --members DATA.csv to ask what one of its collectives can guarantee",
                       "this is an experiment, not a document of counts");
    }
    if (root->kind != CAUCUS_MAPPING) {
        return fail_kind(at, root, "it", "a mapping with consumers, test, delta, cells, labels and collectives");
    }
    TRY(check_fields(at, root, document_fields, sizeof document_fields / sizeof document_fields[0]));
    TRY(require(at, root, "consumers", "how many people the platform learns from", &node));
    TRY(read_count(at, node, "consumers", &counts->consumers));
    TRY(require(at, root, "test", "how many people success is measured on", &node));
    TRY(read_count(at, node, "test", &counts->test));
    TRY(read_dimension(at, root, "cells", 1, &counts->n_cells));
    TRY(read_dimension(at, root, "labels", 2, &counts->n_labels));
    TRY(read_raw_cells(at, caucus_node_get(root, "raw_cells"), counts));
    TRY(read_levels(at, root, counts));
    TRY(read_collectives(at, root, counts));
    caucus_counts_fault fault = {CAUCUS_NOWHERE, NULL, CAUCUS_NOWHERE, CAUCUS_NOWHERE};
    caucus_status status = caucus_counts_check(counts, &fault);
    if (status != CAUCUS_INVALID) {
        return status;
    }
    place whole = {.document = at->document, .index = at->index};
    return fail_at(&whole, find_fault(root, &fault), NULL, "%s", caucus_error_message());
}

static caucus_status read_documents(caucus_document *document, caucus_counts **documents, size_t *n_documents)
{
    const caucus_node *root = document->root;
    bool listed = root->kind == CAUCUS_SEQUENCE;
    size_t n = listed ? root->n_items : 1;
    caucus_counts *read = NULL;
    if (n == 0) {
        return caucus_document_fail(document, root, NULL, "the list has no counts document in it");
    }
    TRY(caucus_alloc(n, sizeof *read, "counts documents", &read));
    for (size_t i = 0; i < n; i++) {
        place at = {.document = document, .index = i};
        caucus_status status = read_document(&at, listed ? root->items[i].value : root, &read[i]);
        if (status != CAUCUS_OK) {
            for (size_t j = 0; j <= i; j++) {
                caucus_counts_free(&read[j]);
            }
            free(read);
            return status;
        }
    }
    *documents = read;
    *n_documents = n;
    return CAUCUS_OK;
}

caucus_status caucus_counts_read(const char *path, caucus_counts **documents, size_t *n_documents)
{
    caucus_document *document = NULL;
    TRY(caucus_document_read(path, "counts document", &document));
    caucus_status status = read_documents(document, documents, n_documents);
    caucus_document_close(document);
    return status;
}
