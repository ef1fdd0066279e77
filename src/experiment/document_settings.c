/* Settings: values and axes of the command line, put into a document. */
#include "base/text.h"
#include "experiment/document.h"

#include <stdlib.h>
#include <string.h>

static const char AXIS[] = CAUCUS_SETTING_AXIS;

/* Bytes of a path: up to the first = outside quotes. */
static size_t path_length(const char *setting)
{
    size_t length = 0;
    for (bool quoted = false; setting[length] != '\0' && (quoted || setting[length] != '='); length++) {
        quoted ^= setting[length] == '"';
    }
    return length;
}

static caucus_status copy_text(caucus_document *document, const char *text, size_t length, char **copy)
{
    TRY(caucus_document_alloc(document, length + 1, copy));
    memcpy(*copy, text, length);
    return CAUCUS_OK;
}

/* A value as YAML when it begins like a list, a mapping or a text in quotes; else as it stands: a label such as >=75k
 * would be something else to YAML. */
static caucus_status read_value(caucus_document *document, const char *text, const caucus_node *origin,
                                caucus_node **node)
{
    if (text[0] != '\0' && strchr("[{\"'", text[0]) != NULL) {
        return caucus_document_build(document, text, strlen(text), origin->setting, node);
    }
    return caucus_document_scalar(document, text, origin, node);
}

/* ---- axes ------------------------------------------------------------------------------------------------------- */

/* Where a value of a list ends: at a comma outside brackets and quotes. */
static size_t value_length(const char *text)
{
    size_t length = 0;
    int depth = 0;
    char quote = '\0';
    for (; text[length] != '\0' && (quote != '\0' || depth > 0 || text[length] != ','); length++) {
        char c = text[length];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else {
            depth += (c == '[' || c == '{') - (c == ']' || c == '}');
        }
    }
    return length;
}

static caucus_status read_values(caucus_document *document, const char *text, const caucus_node *origin,
                                 caucus_node **list)
{
    TRY(caucus_document_scalar(document, "", origin, list));
    (*list)->kind = CAUCUS_SEQUENCE;
    for (bool more = true; more; text++) {
        size_t length = value_length(text);
        size_t begin = strspn(text, " ");
        size_t end = length;
        char *value = NULL;
        caucus_node *node = NULL;
        more = text[length] != '\0';
        while (end > begin && text[end - 1] == ' ') {
            end--;
        }
        if (begin >= end) {
            return caucus_document_fail(document, origin, "write PATH=V1,V2, for example collectives[0].share=0.1,0.2",
                                        "a value is missing");
        }
        TRY(copy_text(document, text + begin, end - begin, &value));
        TRY(read_value(document, value, origin, &node));
        TRY(caucus_node_append(document, *list, NULL, node));
        text += length;
    }
    /* one mapping such as {linspace: [0, 1, 5]} makes all values */
    const caucus_node *only = (*list)->items[0].value;
    static const char *const makers[] = {"linspace", "logspace", "range"};
    for (size_t i = 0; i < 3 && (*list)->n_items == 1; i++) {
        if (caucus_node_get(only, makers[i]) != NULL) {
            *list = (*list)->items[0].value;
            break;
        }
    }
    return CAUCUS_OK;
}

/* The place in an axis of the sweep where its values stand, when the axis sets this slot; several paths tied: an error,
 * for the others would no longer move with it. */
static caucus_status find_axis(caucus_document *document, caucus_node *sweep, caucus_node *const *wanted,
                               const char *path, const caucus_node *origin, caucus_node ***values)
{
    for (uint32_t a = 0; sweep != NULL && a < sweep->n_items; a++) {
        const caucus_node *axis = sweep->items[a].value;
        const caucus_node *paths = caucus_node_get(axis, "paths");
        const caucus_node *one = caucus_node_get(axis, "path");
        uint32_t n = one != NULL ? 1 : paths != NULL && paths->kind == CAUCUS_SEQUENCE ? paths->n_items : 0;
        for (uint32_t i = 0; i < n; i++) {
            const caucus_node *text = one != NULL ? one : paths->items[i].value;
            caucus_node **slot = NULL;
            if (text->kind != CAUCUS_SCALAR || caucus_document_slot(document, text->text, text, &slot) != CAUCUS_OK ||
                slot != wanted) {
                continue;
            }
            if (n > 1) {
                return caucus_document_fail(document, origin, "leave the file's axes out by --set sweep=[]",
                                            "%.200s moves together with other places in the file's sweep", path);
            }
            for (uint32_t k = 0; k < axis->n_items; k++) {
                if (strcmp(axis->items[k].key->text, "values") == 0) {
                    *values = &axis->items[k].value;
                }
            }
        }
    }
    return CAUCUS_OK;
}

static caucus_status add_pair(caucus_document *document, caucus_node *mapping, const char *key, caucus_node *value,
                              const caucus_node *origin)
{
    caucus_node *node = NULL;
    TRY(caucus_document_scalar(document, key, origin, &node));
    return caucus_node_append(document, mapping, node, value);
}

/* PATH=V1,V2: new values for the axis of the sweep with that path, or an axis of its own behind the others. */
static caucus_status add_axis(caucus_document *document, const char *text, const caucus_node *origin)
{
    size_t length = path_length(text);
    char *path = NULL;
    caucus_node *values = NULL;
    caucus_node *axis = NULL;
    caucus_node *node = NULL;
    caucus_node **slot = NULL;
    caucus_node **sweep = NULL;
    caucus_node **old = NULL;
    if (text[length] == '\0' || length == 0) {
        return caucus_document_fail(document, origin, "write PATH=V1,V2, for example collectives[0].share=0.1,0.2",
                                    "no axis");
    }
    TRY(copy_text(document, text, length, &path));
    TRY(read_values(document, text + length + 1, origin, &values));
    TRY(caucus_document_slot(document, "sweep", origin, &sweep));
    if (*sweep == NULL) {
        TRY(caucus_document_scalar(document, "", origin, sweep));
        (*sweep)->kind = CAUCUS_SEQUENCE;
    }
    caucus_node *list = *sweep;
    if (list->kind != CAUCUS_SEQUENCE) {
        return CAUCUS_OK; /* the sweep's reader says what is wrong with it */
    }
    TRY(caucus_document_slot(document, path, origin, &slot));
    TRY(find_axis(document, list, slot, path, origin, &old));
    if (old != NULL) {
        *old = values;
        return CAUCUS_OK;
    }
    TRY(caucus_document_scalar(document, "", origin, &axis));
    axis->kind = CAUCUS_MAPPING;
    TRY(caucus_document_scalar(document, path, origin, &node));
    TRY(add_pair(document, axis, "path", node, origin));
    TRY(add_pair(document, axis, "values", values, origin));
    return caucus_node_append(document, list, NULL, axis);
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

caucus_status caucus_document_set(caucus_document *document, const char *setting)
{
    char *copy = NULL;
    TRY(copy_text(document, setting, strlen(setting), &copy));
    const caucus_node origin = {.setting = copy};
    if (strncmp(copy, AXIS, sizeof AXIS - 1) == 0) {
        return add_axis(document, copy + sizeof AXIS - 1, &origin);
    }
    size_t length = path_length(setting);
    if (setting[length] == '\0' || length == 0) {
        return caucus_document_fail(document, &origin, "write PATH=VALUE, for example trials=100", "no setting");
    }
    caucus_node *node = NULL;
    char *path = NULL;
    caucus_node **slot = NULL;
    TRY(read_value(document, copy + length + 1, &origin, &node));
    TRY(copy_text(document, setting, length, &path));
    TRY(caucus_document_slot(document, path, &origin, &slot));
    *slot = node;
    return CAUCUS_OK;
}
