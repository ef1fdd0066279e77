/* The grid of configurations: axes, their coordinates in the result, and putting a configuration's values in place. */
#include "experiment/sweep.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_AXES = 16 };
static const uint64_t MOST_CONFIGS = 1ull << 32;

/* ---- coordinates: what the result calls the points of an axis ---- */

static caucus_node *value_of(const caucus_sweep_axis *axis, uint64_t value, uint32_t path)
{
    return axis->values[value * axis->n_paths + path];
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether the first path alone tells the values of an axis apart. */
static caucus_status is_told_by_first(const caucus_sweep_axis *axis, bool *told)
{
    caucus_status status = CAUCUS_OK;
    char **texts = NULL;
    TRY(caucus_alloc(axis->n_values, sizeof *texts, "coordinates", &texts));
    for (uint32_t v = 0; v < axis->n_values; v++) {
        TRY_GOTO(caucus_document_emit_line(value_of(axis, v, 0), &texts[v]), done);
    }
    qsort(texts, axis->n_values, sizeof *texts, compare_texts);
    *told = true;
    for (uint32_t v = 1; v < axis->n_values; v++) {
        *told &= strcmp(texts[v - 1], texts[v]) != 0;
    }
done:
    for (uint32_t v = 0; v < axis->n_values; v++) {
        free(texts[v]);
    }
    free(texts);
    return status;
}

static caucus_status join_row(const caucus_sweep_axis *axis, uint64_t value, char **word)
{
    TRY(caucus_document_emit_line(value_of(axis, value, 0), word));
    for (uint32_t p = 1; p < axis->n_paths; p++) {
        char *text = NULL;
        TRY(caucus_document_emit_line(value_of(axis, value, p), &text));
        char *joined = caucus_text_format("%s, %s", *word, text);
        free(text);
        free(*word);
        *word = joined;
        if (joined == NULL) {
            return caucus_fail_memory(0, "an axis");
        }
    }
    return CAUCUS_OK;
}

static caucus_status make_coordinates(const caucus_sweep_axis *from, const char *name, caucus_axis *axis)
{
    axis->n_values = from->n_values;
    axis->name = caucus_text_copy(name);
    if (axis->name == NULL) {
        return caucus_fail_memory(0, "an axis");
    }
    TRY(caucus_alloc(from->n_values, sizeof *axis->words, "an axis", &axis->words));
    TRY(caucus_alloc(from->n_values, sizeof *axis->numbers, "an axis", &axis->numbers));
    bool told = from->n_paths == 1;
    if (!told) {
        TRY(is_told_by_first(from, &told));
    }
    axis->numeric = told && from->levels == NULL;
    for (uint32_t v = 0; v < from->n_values; v++) {
        const caucus_node *node = value_of(from, v, 0);
        if (from->levels != NULL) {
            axis->words[v] = caucus_text_copy(from->levels[v]);
            TRY(axis->words[v] != NULL ? CAUCUS_OK : caucus_fail_memory(0, "an axis"));
            continue;
        }
        TRY(told ? caucus_document_emit_line(node, &axis->words[v]) : join_row(from, v, &axis->words[v]));
        axis->numeric = axis->numeric && node->kind == CAUCUS_SCALAR && !node->quoted &&
                        caucus_text_number(node->text, &axis->numbers[v]);
    }
    if (!axis->numeric) {
        free(axis->numbers);
        axis->numbers = NULL;
    }
    return CAUCUS_OK;
}

/* ---- opening ---- */

static bool lies_in(const caucus_node *node, caucus_node *const *slot)
{
    for (uint32_t i = 0; node != NULL && i < node->n_items; i++) {
        if (&node->items[i].value == slot || lies_in(node->items[i].value, slot)) {
            return true;
        }
    }
    return false;
}

bool caucus_sweep_moves(const caucus_experiment *experiment, const caucus_node *node)
{
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        const caucus_sweep_axis *axis = &experiment->sweep->axes[a];
        for (uint32_t p = 0; p < axis->n_paths; p++) {
            if (lies_in(node, axis->slots[p])) {
                return true;
            }
        }
    }
    return false;
}

/* Places are taken once all paths have been added, so that none moves any more; no two may set the same thing. */
static caucus_status find_slots(caucus_experiment *experiment)
{
    caucus_document *document = experiment->document;
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        caucus_sweep_axis *axis = &experiment->sweep->axes[a];
        for (uint32_t p = 0; p < axis->n_paths; p++) {
            TRY(caucus_document_slot(document, axis->paths[p]->text, axis->paths[p], &axis->slots[p]));
            axis->originals[p] = *axis->slots[p];
            const char *setting = axis->originals[p] != NULL ? axis->originals[p]->setting : NULL;
            if (setting != NULL && setting != axis->paths[p]->setting) {
                return caucus_document_fail(document, axis->originals[p],
                                            "change the axis instead, or leave all axes out by --set sweep=[]",
                                            "%.200s is swept, so that this would have no effect", axis->paths[p]->text);
            }
            for (uint32_t b = 0; b <= a; b++) {
                const caucus_sweep_axis *other = &experiment->sweep->axes[b];
                for (uint32_t q = 0; q < (b == a ? p : other->n_paths); q++) {
                    if (other->slots[q] == axis->slots[p] || lies_in(*other->slots[q], axis->slots[p]) ||
                        lies_in(*axis->slots[p], other->slots[q])) {
                        return caucus_document_fail(document, axis->paths[p], "each place can be swept once",
                                                    "%.200s is set by %.200s already", axis->paths[p]->text,
                                                    other->paths[q]->text);
                    }
                }
            }
        }
    }
    return CAUCUS_OK;
}

static caucus_status check_unique(caucus_experiment *experiment, uint32_t a)
{
    for (uint32_t b = 0; b < a; b++) {
        if (strcmp(experiment->axes[a].name, experiment->axes[b].name) == 0) {
            return caucus_document_fail(experiment->document, experiment->sweep->axes[a].name,
                                        "give the axis a name of its own by name: ...", "two axes are called \"%s\"",
                                        experiment->axes[a].name);
        }
    }
    return CAUCUS_OK;
}

/* ---- names that nobody gave ---- */

static bool is_free(const caucus_experiment *experiment, uint32_t a, const char *name)
{
    bool free_name = !caucus_sweep_name_taken(name);
    for (uint32_t b = 0; b < experiment->n_axes; b++) {
        bool settled = b < a || !experiment->sweep->axes[b].named_by_path;
        free_name = free_name && (b == a || !settled || strcmp(experiment->axes[b].name, name) != 0);
    }
    return free_name;
}

/* The path as a name: collectives[0].share is collectives_0_share, but with the collective's own name where it has one.
 */
static char *long_name(const caucus_experiment *experiment, const char *path, const char *last)
{
    const caucus_node *list = caucus_node_get(experiment->document->root, "collectives");
    static const char listed[] = "collectives[";
    const bool is_listed = strncmp(path, listed, sizeof listed - 1) == 0;
    const unsigned long index = is_listed ? strtoul(path + sizeof listed - 1, NULL, 10) : 0;
    char *name = NULL;
    if (is_listed && list != NULL && index < list->n_items) {
        const caucus_node *own = caucus_node_get(list->items[index].value, "name");
        name = own != NULL && own->kind == CAUCUS_SCALAR ? caucus_text_format("%s_%s", own->text, last)
                                                         : caucus_text_format("c%lu_%s", index + 1, last);
    }
    bool by_name = strncmp(path, "collectives.", 12) == 0;
    name = name != NULL ? name : caucus_text_copy(by_name ? path + 12 : path);
    char *to = name;
    for (const char *c = name; c != NULL && *c != '\0'; c++) {
        if (isalnum((unsigned char)*c) || *c == '_' || *c == '-') {
            *to++ = *c;
        } else if (to > name && to[-1] != '_' && c[1] != '\0') {
            *to++ = '_';
        }
    }
    if (to != NULL) {
        *to = '\0';
    }
    return name;
}

/* An axis without a name is called by the last key of its path where that is free, else by the path, else numbered. */
static caucus_status choose_name(caucus_experiment *experiment, uint32_t a)
{
    caucus_axis *axis = &experiment->axes[a];
    if (!experiment->sweep->axes[a].named_by_path) {
        return CAUCUS_OK;
    }
    bool plain = isalpha((unsigned char)axis->name[0]) || axis->name[0] == '_';
    for (const char *c = axis->name; *c != '\0'; c++) {
        plain = plain && (isalnum((unsigned char)*c) || *c == '_' || *c == '-');
    }
    for (uint32_t attempt = 0; !plain || !is_free(experiment, a, axis->name); attempt++) {
        const char *path = experiment->sweep->axes[a].paths[0]->text;
        char *name =
            attempt == 0 ? long_name(experiment, path, axis->name) : caucus_text_format("axis_%u", a + attempt);
        if (name == NULL) {
            return caucus_fail_memory(0, "an axis");
        }
        free(axis->name);
        axis->name = name;
        plain = isalpha((unsigned char)name[0]) || name[0] == '_';
    }
    return CAUCUS_OK;
}

caucus_status caucus_sweep_open(caucus_experiment *experiment, const caucus_node *section)
{
    experiment->n_configs = 1;
    if (section == NULL || (section->kind == CAUCUS_SEQUENCE && section->n_items == 0)) {
        return CAUCUS_OK;
    }
    caucus_document *document = experiment->document;
    TRY(caucus_read_list(document, section, "sweep"));
    if (section->n_items > MOST_AXES) {
        return caucus_document_fail(document, section, NULL, "%u axes are more than the %d allowed", section->n_items,
                                    MOST_AXES);
    }
    TRY(caucus_document_alloc(document, sizeof *experiment->sweep, &experiment->sweep));
    TRY(caucus_document_alloc(document, section->n_items * sizeof *experiment->sweep->axes, &experiment->sweep->axes));
    TRY(caucus_alloc(section->n_items, sizeof *experiment->axes, "axes", &experiment->axes));
    for (uint32_t a = 0; a < section->n_items; a++) {
        const caucus_node *node = section->items[a].value;
        caucus_sweep_axis *axis = &experiment->sweep->axes[a];
        const char *name = NULL;
        TRY(caucus_sweep_read_axis(document, node, axis, &name));
        experiment->n_axes = a + 1; /* so that closing frees it */
        TRY(make_coordinates(axis, name, &experiment->axes[a]));
        if (experiment->n_configs > MOST_CONFIGS / axis->n_values) {
            return caucus_document_fail(document, node, "sweep fewer axes, or coarser ones",
                                        "the sweep has more than %llu configurations",
                                        (unsigned long long)MOST_CONFIGS);
        }
        experiment->n_configs *= axis->n_values;
    }
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        TRY(choose_name(experiment, a));
        TRY(check_unique(experiment, a));
    }
    return find_slots(experiment);
}

void caucus_sweep_close(caucus_experiment *experiment)
{
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        caucus_axis *axis = &experiment->axes[a];
        for (uint64_t v = 0; axis->words != NULL && v < axis->n_values; v++) {
            free(axis->words[v]);
        }
        free(axis->words);
        free(axis->numbers);
        free(axis->name);
    }
    free(experiment->axes);
}

/* ---- configurations ---- */

uint64_t caucus_experiment_axis_position(const caucus_experiment *experiment, uint32_t axis, uint64_t index)
{
    for (uint32_t a = experiment->n_axes; a-- > axis + 1;) {
        index /= experiment->axes[a].n_values;
    }
    return index % experiment->axes[axis].n_values;
}

void caucus_sweep_apply(caucus_experiment *experiment, uint64_t index)
{
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        const caucus_sweep_axis *axis = &experiment->sweep->axes[a];
        uint64_t v = caucus_experiment_axis_position(experiment, a, index);
        for (uint32_t p = 0; p < axis->n_paths; p++) {
            *axis->slots[p] = value_of(axis, v, p);
        }
    }
}

void caucus_sweep_restore(caucus_experiment *experiment)
{
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        const caucus_sweep_axis *axis = &experiment->sweep->axes[a];
        for (uint32_t p = 0; p < axis->n_paths; p++) {
            *axis->slots[p] = axis->originals[p];
        }
    }
}

void caucus_sweep_describe(const caucus_experiment *experiment, uint64_t index, char out[CAUCUS_HINT_BYTES])
{
    size_t used = 0;
    for (uint32_t a = 0; a < experiment->n_axes && used < CAUCUS_HINT_BYTES; a++) {
        const caucus_axis *axis = &experiment->axes[a];
        uint64_t v = caucus_experiment_axis_position(experiment, a, index);
        used += (size_t)snprintf(out + used, CAUCUS_HINT_BYTES - used, "%s%s = %s", a == 0 ? " (with " : ", ",
                                 axis->name, axis->words[v]);
    }
    if (used < CAUCUS_HINT_BYTES) {
        snprintf(out + used, CAUCUS_HINT_BYTES - used, ")");
    }
}

const caucus_node *caucus_sweep_node(const caucus_experiment *experiment, uint32_t axis, uint64_t index)
{
    return value_of(&experiment->sweep->axes[axis], caucus_experiment_axis_position(experiment, axis, index), 0);
}

/* Whether a node is part of another. */
static bool holds(const caucus_node *whole, const caucus_node *part)
{
    if (whole == NULL || whole == part) {
        return whole == part;
    }
    for (uint32_t i = 0; i < whole->n_items; i++) {
        if (whole->items[i].key == part || holds(whole->items[i].value, part)) {
            return true;
        }
    }
    return false;
}

bool caucus_sweep_owns(const caucus_experiment *experiment, uint64_t index, const caucus_node *node)
{
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        const caucus_sweep_axis *axis = &experiment->sweep->axes[a];
        uint64_t v = caucus_experiment_axis_position(experiment, a, index);
        for (uint32_t p = 0; p < axis->n_paths; p++) {
            if (holds(value_of(axis, v, p), node) || axis->paths[p] == node) {
                return true;
            }
        }
    }
    return false;
}

/* Whether a place of the document is the size or share of a listed collective. Generated ones have none of their own:
 * sweeping what all sizes are made from is a sweep of the others' sizes. */
static bool is_size(const caucus_document *document, uint32_t collective, caucus_node *const *slot)
{
    const caucus_node *list = caucus_node_get(document->root, "collectives");
    if (list == NULL || list->kind != CAUCUS_SEQUENCE || collective >= list->n_items) {
        return false;
    }
    const caucus_node *mapping = list->items[collective].value;
    for (uint32_t i = 0; i < mapping->n_items; i++) {
        const char *key = mapping->items[i].key->text;
        if (&mapping->items[i].value == slot && (strcmp(key, "size") == 0 || strcmp(key, "share") == 0)) {
            return true;
        }
    }
    return false;
}

caucus_status caucus_experiment_size_is_free(const caucus_experiment *experiment, uint32_t collective, const char *name)
{
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        const caucus_sweep_axis *axis = &experiment->sweep->axes[a];
        for (uint32_t p = 0; p < axis->n_paths; p++) {
            if (is_size(experiment->document, collective, axis->slots[p])) {
                return caucus_document_fail(
                    experiment->document, axis->paths[p],
                    "leave this axis out, or look for the size of another collective with --collective",
                    "caucus solve looks for the size of %s, so the sweep cannot set it", name);
            }
        }
    }
    return CAUCUS_OK;
}
