/* One axis of a sweep as written: its paths, its values, its name. */
#include "base/text.h"
#include "experiment/sweep.h"

#include <string.h>

static const char *const AXIS_KEYS[] = {"name", "path", "paths", "values", "levels"};

/* Names that a result uses for other things than axes. */
static const char *const TAKEN_NAMES[] = {
    "config", "trial", "collective", "method", "success_count", "lower_bound", "upper_bound", "size", "test",
    "consumers", "done", "summary", "family", "knowledge", "inequality", "global_success", "joint_success",
    "joint_count", "accuracy", "suboptimality", "global_bound", "joint_bound", "converged", "accuracy_cost",
    /* of the group summary, which has the axes, too */
    "success_mean", "success_std", "success_q05", "success_median", "success_q95", "bound_mean", "bound_q05",
    "bound_median", "bound_q95", "tightness_mean", "violation_rate", "violation_low", "violation_high", "vacuous_rate",
    "upper_mean", "upper_violation_rate", "upper_violation_low", "upper_violation_high", "upper_vacuous_rate",
    "global_success_mean", "global_success_std", "joint_success_mean", "accuracy_mean", "suboptimality_mean",
    "converged_rate", "accuracy_cost_mean", "standard_error", "global_bound_mean", "joint_bound_mean",
    "global_violation_rate", "joint_violation_rate"};

static const char *const SWEPT_SECTIONS[] = {"population", "platform", "collectives", "bounds"};
static const char *const FIXED_BOUNDS[] = {"families", "knowledge", "inequalities", "upper"};

static bool is_among(const char *word, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/* What makes the result's shape must be the same in all configurations. */
static caucus_status check_path(caucus_document *document, const caucus_node *node, bool *whole, const char **last)
{
    const char *path = NULL;
    const char *first = NULL;
    const char *second = NULL;
    caucus_node **slot = NULL;
    TRY(caucus_read_text(document, node, "path", &path));
    TRY(caucus_document_slot(document, path, node, &slot)); /* complains about what is no path */
    TRY(caucus_document_path_keys(document, path, &first, &second, last));
    if (!is_among(first, SWEPT_SECTIONS, 4)) {
        char hint[CAUCUS_HINT_BYTES];
        return caucus_document_fail(document, node, caucus_hint_names(hint, first, SWEPT_SECTIONS, 4),
                                    "%.300s cannot be swept", path);
    }
    if (strcmp(first, "bounds") == 0 && is_among(second, FIXED_BOUNDS, 3)) {
        return caucus_document_fail(document, node, "list all methods under bounds: they are computed together",
                                    "bound methods cannot be swept");
    }
    if (strcmp(first, "collectives") == 0 && (strcmp(*last, "name") == 0 || strcmp(*last, "names") == 0)) {
        return caucus_document_fail(document, node, NULL, "names of collectives cannot be swept");
    }
    *whole = strcmp(*last, first) == 0;
    return CAUCUS_OK;
}

static caucus_status read_paths(caucus_document *document, const caucus_node *node, caucus_sweep_axis *axis,
                                const char **last)
{
    const caucus_node *path = caucus_node_get(node, "path");
    const caucus_node *paths = caucus_node_get(node, "paths");
    if (path != NULL && paths != NULL) {
        return caucus_document_fail(document, caucus_node_key(node, "paths"), "keep one of the two",
                                    "an axis has both path and paths");
    }
    if (path == NULL && paths == NULL) {
        return caucus_document_fail(document, node, "add path: collectives[0].share, for example",
                                    "an axis lacks \"path\"");
    }
    if (paths != NULL) {
        TRY(caucus_read_list(document, paths, "paths"));
    }
    axis->n_paths = paths != NULL ? paths->n_items : 1;
    TRY(caucus_document_alloc(document, axis->n_paths * sizeof *axis->paths, &axis->paths));
    TRY(caucus_document_alloc(document, axis->n_paths * sizeof *axis->slots, &axis->slots));
    TRY(caucus_document_alloc(document, axis->n_paths * sizeof *axis->originals, &axis->originals));
    axis->mappings = true;
    for (uint32_t p = axis->n_paths; p-- > 0;) { /* backwards, so that the first one names the axis */
        bool whole = false;
        axis->paths[p] = paths != NULL ? paths->items[p].value : path;
        TRY(check_path(document, axis->paths[p], &whole, last));
        axis->mappings = axis->mappings && !whole;
    }
    return CAUCUS_OK;
}

/* values: a list of rows, one value for each path. */
static caucus_status read_rows(caucus_document *document, const caucus_node *node, caucus_sweep_axis *axis)
{
    axis->n_values = node->n_items;
    TRY(caucus_document_alloc(document, (size_t)axis->n_values * axis->n_paths * sizeof *axis->values, &axis->values));
    for (uint32_t v = 0; v < axis->n_values; v++) {
        const caucus_node *row = node->items[v].value;
        if (row->kind != CAUCUS_SEQUENCE || row->n_items != axis->n_paths) {
            char found[CAUCUS_HINT_BYTES];
            char counted[64];
            snprintf(counted, sizeof counted, "a list of %u", row->n_items);
            return caucus_document_fail(document, row, "write one value for each path: [[a1, a2], [b1, b2], ...]",
                                        "a row of values must have %u values, not %s", axis->n_paths,
                                        row->kind == CAUCUS_SEQUENCE ? counted : caucus_node_describe(row, found));
        }
        for (uint32_t p = 0; p < axis->n_paths; p++) {
            axis->values[(size_t)v * axis->n_paths + p] = row->items[p].value;
            TRY(caucus_sweep_value(document, row->items[p].value, axis->mappings));
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_values(caucus_document *document, const caucus_node *node, caucus_sweep_axis *axis)
{
    const caucus_node *values = NULL;
    TRY(caucus_read_required(document, node, "an axis", "values", "[0.1, 0.2], or {linspace: [0.1, 0.5, 5]}", &values));
    bool rows = values->kind == CAUCUS_SEQUENCE && values->n_items > 0 &&
                values->items[0].value->kind == CAUCUS_SEQUENCE && caucus_node_get(node, "paths") != NULL;
    if (rows) {
        return read_rows(document, values, axis);
    }
    caucus_node **common = NULL;
    TRY(caucus_sweep_values(document, values, axis->mappings, &axis->n_values, &common));
    TRY(caucus_document_alloc(document, (size_t)axis->n_values * axis->n_paths * sizeof *axis->values, &axis->values));
    for (uint32_t v = 0; v < axis->n_values; v++) {
        for (uint32_t p = 0; p < axis->n_paths; p++) {
            axis->values[(size_t)v * axis->n_paths + p] = common[v];
        }
    }
    return CAUCUS_OK;
}

/* levels: a name for each value, which results have in its place. */
static caucus_status read_levels(caucus_document *document, const caucus_node *node, caucus_sweep_axis *axis)
{
    if (node == NULL) {
        return CAUCUS_OK;
    }
    TRY(caucus_read_list(document, node, "levels"));
    if (node->n_items != axis->n_values) {
        return caucus_document_fail(document, node, "write one name for each value",
                                    "an axis of %u values has %u levels", axis->n_values, node->n_items);
    }
    TRY(caucus_document_alloc(document, axis->n_values * sizeof *axis->levels, &axis->levels));
    for (uint32_t v = 0; v < axis->n_values; v++) {
        TRY(caucus_read_text(document, node->items[v].value, "levels", &axis->levels[v]));
        if (is_among(axis->levels[v], axis->levels, v)) {
            return caucus_document_fail(document, node->items[v].value, "give each value a name of its own",
                                        "two levels are called \"%.100s\"", axis->levels[v]);
        }
    }
    return CAUCUS_OK;
}

bool caucus_sweep_name_taken(const char *name)
{
    return is_among(name, TAKEN_NAMES, sizeof TAKEN_NAMES / sizeof TAKEN_NAMES[0]);
}

static caucus_status check_name(caucus_document *document, const caucus_node *at, const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-";
    if (name[0] == '\0' || strchr(letters, name[0]) == NULL || strspn(name, rest) != strlen(name)) {
        return caucus_document_fail(document, at, "use letters, digits, _ and -, with a letter first: name: share",
                                    "\"%.100s\" cannot be the name of an axis", name);
    }
    if (caucus_sweep_name_taken(name)) {
        char hint[CAUCUS_HINT_BYTES];
        snprintf(hint, sizeof hint, "give the axis a name of its own, such as name: %s_axis", name);
        return caucus_document_fail(document, at, hint, "an axis cannot be called \"%s\": results use that name", name);
    }
    return CAUCUS_OK;
}

caucus_status caucus_sweep_read_axis(caucus_document *document, const caucus_node *node, caucus_sweep_axis *axis,
                                     const char **name)
{
    TRY(caucus_read_keys(document, node, "an axis of sweep", AXIS_KEYS, sizeof AXIS_KEYS / sizeof AXIS_KEYS[0]));
    TRY(read_paths(document, node, axis, name));
    axis->name = caucus_node_get(node, "name");
    if (axis->name != NULL) {
        TRY(caucus_read_text(document, axis->name, "name", name));
        TRY(check_name(document, axis->name, *name));
    } else {
        axis->name = axis->paths[0];
        axis->named_by_path = true;
    }
    TRY(read_values(document, node, axis));
    return read_levels(document, caucus_node_get(node, "levels"), axis);
}
