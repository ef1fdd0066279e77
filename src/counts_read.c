#include "counts.h"
#include "text.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 256 };

static const char *const document_fields[] = {"consumers", "test",   "delta",       "epsilon", "slack",
                                              "cells",     "labels", "collectives", "columns", "bounds"};
static const char *const collective_fields[] = {"strategy",         "target",  "map",  "counts",
                                                "estimator_counts", "outside", "name", "size"};

/* Where a reader is: messages say "FILE:LINE:COLUMN: FIELD ...". */
typedef struct place {
    const char *file;
    char path[PATH_BYTES]; /* "document 3: collectives[0]." */
} place;

/* Where a node begins: collections by their first scalar. */
static const struct fy_mark *start_of(struct fy_node *node)
{
    while (node != NULL && !fy_node_is_scalar(node)) {
        void *next = NULL;
        struct fy_node_pair *pair = fy_node_is_mapping(node) ? fy_node_mapping_iterate(node, &next) : NULL;
        node = pair != NULL                ? fy_node_pair_key(pair)
               : fy_node_is_sequence(node) ? fy_node_sequence_iterate(node, &next)
                                           : NULL;
    }
    struct fy_token *token = node != NULL ? fy_node_get_scalar_token(node) : NULL;
    return token != NULL ? fy_token_start_mark(token) : NULL;
}

static caucus_status fail_at(const place *at, struct fy_node *node, const char *field, const char *problem)
{
    const struct fy_mark *mark = start_of(node);
    if (mark == NULL) {
        return caucus_fail(CAUCUS_INVALID, "%s: %s%s %s", at->file, at->path, field, problem);
    }
    return caucus_fail(CAUCUS_INVALID, "%s:%d:%d: %s%s %s", at->file, mark->line + 1, mark->column + 1, at->path, field,
                       problem);
}

static bool scalar_text(struct fy_node *node, char *text, size_t bytes)
{
    size_t length = 0;
    const char *scalar = node != NULL && fy_node_is_scalar(node) ? fy_node_get_scalar(node, &length) : NULL;
    if (scalar == NULL || length >= bytes) {
        return false;
    }
    memcpy(text, scalar, length);
    text[length] = '\0';
    return true;
}

static struct fy_node *lookup(struct fy_node *mapping, const char *field)
{
    return fy_node_mapping_lookup_by_string(mapping, field, FY_NT);
}

static caucus_status read_count_node(const place *at, struct fy_node *node, const char *field, uint64_t *value)
{
    char text[64];
    if (!scalar_text(node, text, sizeof text) || !caucus_text_count(text, value)) {
        return fail_at(at, node, field, "must be a count: a whole number from 0 to 2^53");
    }
    return CAUCUS_OK;
}

static caucus_status read_count(const place *at, struct fy_node *mapping, const char *field, uint64_t *value)
{
    struct fy_node *node = lookup(mapping, field);
    return node == NULL ? fail_at(at, mapping, field, "is missing") : read_count_node(at, node, field, value);
}

static caucus_status read_id(const place *at, struct fy_node *node, const char *field, uint32_t *value)
{
    uint64_t wide = 0;
    TRY(read_count_node(at, node, field, &wide));
    if (wide >= UINT32_MAX) {
        return fail_at(at, node, field, "is too large");
    }
    *value = (uint32_t)wide;
    return CAUCUS_OK;
}

static caucus_status read_number(const place *at, struct fy_node *node, const char *field, double *value)
{
    char text[64];
    if (!scalar_text(node, text, sizeof text) || !caucus_text_number(text, value)) {
        return fail_at(at, node, field, "must be a number");
    }
    return CAUCUS_OK;
}

/* One of n names. */
static caucus_status read_name(const place *at, struct fy_node *node, const char *field, const char *const *names,
                               size_t n, uint32_t *value)
{
    char text[64] = "";
    if (scalar_text(node, text, sizeof text)) {
        for (size_t i = 0; i < n; i++) {
            if (strcmp(text, names[i]) == 0) {
                *value = (uint32_t)i;
                return CAUCUS_OK;
            }
        }
    }
    char problem[512];
    int used = snprintf(problem, sizeof problem, "is '%s'; it must be one of", text);
    for (size_t i = 0; i < n && used > 0 && (size_t)used < sizeof problem; i++) {
        used += snprintf(problem + used, sizeof problem - (size_t)used, " %s%s", names[i], i + 1 < n ? "," : "");
    }
    return fail_at(at, node, field, problem);
}

static caucus_status check_fields(const place *at, struct fy_node *mapping, const char *const *known, size_t n_known)
{
    void *next = NULL;
    for (struct fy_node_pair *pair; (pair = fy_node_mapping_iterate(mapping, &next)) != NULL;) {
        char key[64] = "";
        struct fy_node *node = fy_node_pair_key(pair);
        bool found = false;
        if (scalar_text(node, key, sizeof key)) {
            for (size_t i = 0; i < n_known && !found; i++) {
                found = strcmp(key, known[i]) == 0;
            }
        }
        if (!found) {
            size_t nearest = caucus_text_nearest(key, known, n_known);
            char problem[160] = "is no field of a counts document";
            if (nearest < n_known) {
                snprintf(problem, sizeof problem, "is no field of a counts document; did you mean %s?", known[nearest]);
            }
            return fail_at(at, node, key, problem);
        }
    }
    return CAUCUS_OK;
}

/* A list of n items, of which the caller reads each. */
static caucus_status check_list(const place *at, struct fy_node *node, struct fy_node *near, const char *field,
                                size_t n)
{
    if (node == NULL) {
        return fail_at(at, near, field, "is missing");
    }
    if (!fy_node_is_sequence(node) || fy_node_sequence_item_count(node) != (int)n) {
        char problem[96];
        snprintf(problem, sizeof problem, "must be a list of %zu items", n);
        return fail_at(at, node, field, problem);
    }
    return CAUCUS_OK;
}

static caucus_status read_table(const place *at, struct fy_node *mapping, const char *field,
                                const caucus_counts *counts, uint64_t **table)
{
    struct fy_node *rows = lookup(mapping, field);
    TRY(check_list(at, rows, mapping, field, counts->n_cells));
    TRY(caucus_alloc((size_t)counts->n_cells * counts->n_labels, sizeof **table, "counts", table));
    for (uint32_t x = 0; x < counts->n_cells; x++) {
        char name[64];
        snprintf(name, sizeof name, "%s[%u]", field, x);
        struct fy_node *row = fy_node_sequence_get_by_index(rows, (int)x);
        TRY(check_list(at, row, rows, name, counts->n_labels));
        for (uint32_t label = 0; label < counts->n_labels; label++) {
            TRY(read_count_node(at, fy_node_sequence_get_by_index(row, (int)label), name,
                                &(*table)[(size_t)x * counts->n_labels + label]));
        }
    }
    return CAUCUS_OK;
}

static caucus_status check_size(const place *at, struct fy_node *mapping, const caucus_counts *counts,
                                const caucus_counts_collective *collective)
{
    if (lookup(mapping, "size") == NULL) {
        return CAUCUS_OK;
    }
    uint64_t size = 0;
    uint64_t sum = 0;
    TRY(read_count(at, mapping, "size", &size));
    for (size_t i = 0; i < (size_t)counts->n_cells * counts->n_labels; i++) {
        sum += collective->counts[i];
    }
    if (sum == size) {
        return CAUCUS_OK;
    }
    char problem[128];
    snprintf(problem, sizeof problem, "is %llu, but counts add up to %llu; correct one of them",
             (unsigned long long)size, (unsigned long long)sum);
    return fail_at(at, lookup(mapping, "size"), "size", problem);
}

static caucus_status read_collective(const place *at, struct fy_node *node, const caucus_counts *counts,
                                     caucus_counts_collective *collective)
{
    if (!fy_node_is_mapping(node)) {
        return fail_at(at, node, "", "must be a mapping with strategy, target, map and counts");
    }
    TRY(check_fields(at, node, collective_fields, sizeof collective_fields / sizeof collective_fields[0]));
    uint32_t strategy = 0;
    TRY(read_name(at, lookup(node, "strategy") != NULL ? lookup(node, "strategy") : node, "strategy",
                  caucus_strategy_names, CAUCUS_N_STRATEGIES, &strategy));
    collective->strategy = (caucus_strategy)strategy;
    collective->outside = CAUCUS_NO_CELL;
    if (lookup(node, "target") != NULL) {
        TRY(read_id(at, lookup(node, "target"), "target", &collective->target));
    } else if (collective->strategy != CAUCUS_ERASE) {
        return fail_at(at, node, "target", "is missing");
    }
    if (lookup(node, "outside") != NULL) {
        TRY(read_id(at, lookup(node, "outside"), "outside", &collective->outside));
    }
    struct fy_node *map = lookup(node, "map");
    TRY(check_list(at, map, node, "map", counts->n_cells));
    TRY(caucus_alloc(counts->n_cells, sizeof *collective->map, "a map", &collective->map));
    for (uint32_t x = 0; x < counts->n_cells; x++) {
        TRY(read_id(at, fy_node_sequence_get_by_index(map, (int)x), "map", &collective->map[x]));
    }
    TRY(read_table(at, node, "counts", counts, &collective->counts));
    bool adaptive = collective->strategy == CAUCUS_UNPLANT_ADAPTIVE;
    if (adaptive != (lookup(node, "estimator_counts") != NULL)) {
        return fail_at(at, node, "estimator_counts",
                       adaptive ? "is missing; unplant_adaptive needs it" : "belongs to unplant_adaptive only");
    }
    if (adaptive) {
        TRY(read_table(at, node, "estimator_counts", counts, &collective->estimator_counts));
    }
    return check_size(at, node, counts, collective);
}

static caucus_status read_collectives(const place *at, struct fy_node *root, caucus_counts *counts)
{
    struct fy_node *list = lookup(root, "collectives");
    if (list == NULL || !fy_node_is_sequence(list) || fy_node_sequence_item_count(list) < 1) {
        return fail_at(at, list != NULL ? list : root, "collectives", "must be a list of at least one collective");
    }
    uint32_t n = (uint32_t)fy_node_sequence_item_count(list);
    TRY(caucus_alloc(n, sizeof *counts->collectives, "collectives", &counts->collectives));
    counts->n_collectives = n;
    for (uint32_t j = 0; j < n; j++) {
        place inner = {.file = at->file};
        snprintf(inner.path, sizeof inner.path, "%.200scollectives[%u].", at->path, j);
        TRY(read_collective(&inner, fy_node_sequence_get_by_index(list, (int)j), counts, &counts->collectives[j]));
    }
    return CAUCUS_OK;
}

static caucus_status read_dimension(const place *at, struct fy_node *root, const char *field, uint32_t least,
                                    uint32_t *value)
{
    uint64_t wide = 0;
    TRY(read_count(at, root, field, &wide));
    if (wide < least || wide > 1u << 24) {
        char problem[64];
        snprintf(problem, sizeof problem, "must lie between %u and 2^24", least);
        return fail_at(at, lookup(root, field), field, problem);
    }
    *value = (uint32_t)wide;
    return CAUCUS_OK;
}

static caucus_status read_document(const char *path, size_t index, bool listed, struct fy_node *root,
                                   caucus_counts *counts)
{
    place at = {.file = path};
    if (listed) {
        snprintf(at.path, sizeof at.path, "document %zu: ", index);
    }
    if (!fy_node_is_mapping(root)) {
        return fail_at(&at, root, "", "must be a mapping with consumers, test, delta, cells, labels and collectives");
    }
    TRY(check_fields(&at, root, document_fields, sizeof document_fields / sizeof document_fields[0]));
    TRY(read_count(&at, root, "consumers", &counts->consumers));
    TRY(read_count(&at, root, "test", &counts->test));
    TRY(read_dimension(&at, root, "cells", 1, &counts->n_cells));
    TRY(read_dimension(&at, root, "labels", 2, &counts->n_labels));
    if (lookup(root, "delta") == NULL) {
        return fail_at(&at, root, "delta", "is missing");
    }
    TRY(read_number(&at, lookup(root, "delta"), "delta", &counts->delta));
    if (lookup(root, "epsilon") != NULL) {
        TRY(read_number(&at, lookup(root, "epsilon"), "epsilon", &counts->epsilon));
    }
    uint32_t slack = CAUCUS_CONTAMINATION;
    if (lookup(root, "slack") != NULL) {
        TRY(read_name(&at, lookup(root, "slack"), "slack", caucus_slack_names, CAUCUS_N_SLACKS, &slack));
    }
    counts->slack = (caucus_slack)slack;
    TRY(read_collectives(&at, root, counts));
    char name[PATH_BYTES];
    snprintf(name, sizeof name, listed ? "%.200s: document %zu" : "%.200s", path, index);
    return caucus_counts_check(counts, name);
}

static caucus_status read_documents(const char *path, struct fy_node *root, caucus_counts **documents,
                                    size_t *n_documents)
{
    bool listed = fy_node_is_sequence(root);
    size_t n = listed ? (size_t)fy_node_sequence_item_count(root) : 1;
    caucus_counts *read = NULL;
    TRY(caucus_alloc(n, sizeof *read, "counts documents", &read));
    for (size_t i = 0; i < n; i++) {
        struct fy_node *node = listed ? fy_node_sequence_get_by_index(root, (int)i) : root;
        caucus_status status = read_document(path, i, listed, node, &read[i]);
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

/* The first error of the parser, in our words. */
static caucus_status fail_parse(const char *path, struct fy_diag *diag)
{
    void *next = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &next);
    if (error == NULL) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s: cannot be read, or is empty; it must be a counts document in YAML or JSON", path);
    }
    return caucus_fail(CAUCUS_INVALID, "%s:%d:%d: %s", path, error->line, error->column, error->msg);
}

caucus_status caucus_counts_read(const char *path, caucus_counts **documents, size_t *n_documents)
{
    struct fy_diag_cfg silent;
    fy_diag_cfg_default(&silent);
    silent.level = FYET_MAX; /* errors are collected, not printed */
    struct fy_diag *diag = fy_diag_create(&silent);
    if (diag == NULL) {
        return caucus_fail_memory(sizeof(void *), "the YAML parser");
    }
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg configuration = {.flags = FYPCF_QUIET | FYPCF_RESOLVE_DOCUMENT, .diag = diag};
    struct fy_document *document = fy_document_build_from_file(&configuration, path);
    struct fy_node *root = document != NULL ? fy_document_root(document) : NULL;
    caucus_status status = root != NULL ? read_documents(path, root, documents, n_documents) : fail_parse(path, diag);
    fy_document_destroy(document);
    fy_diag_destroy(diag);
    return status;
}
