/* Typed values out of nodes. */
#include "base/text.h"
#include "experiment/document.h"

#include <math.h>
#include <string.h>

const caucus_node *caucus_node_get(const caucus_node *mapping, const char *key)
{
    const caucus_item *item = caucus_node_find(mapping, key);
    return item != NULL ? item->value : NULL;
}

const caucus_node *caucus_node_key(const caucus_node *mapping, const char *key)
{
    const caucus_item *item = caucus_node_find(mapping, key);
    return item != NULL ? item->key : NULL;
}

/* Nothing behind the colon. */
static bool is_empty(const caucus_node *node)
{
    return node->kind == CAUCUS_SCALAR && node->text[0] == '\0' && !node->quoted;
}

const char *caucus_node_describe(const caucus_node *node, char out[CAUCUS_HINT_BYTES])
{
    if (node->kind == CAUCUS_SCALAR && !is_empty(node)) {
        size_t length = strlen(node->text);
        size_t shown = length > 80 ? 80 : length;
        while (shown < length && ((unsigned char)node->text[shown] & 0xc0) == 0x80) {
            shown--;
        }
        snprintf(out, CAUCUS_HINT_BYTES, "\"%.*s%s\"", (int)shown, node->text, shown < length ? "..." : "");
    } else {
        snprintf(out, CAUCUS_HINT_BYTES, "%s",
                 node->kind == CAUCUS_SEQUENCE  ? "a list"
                 : node->kind == CAUCUS_MAPPING ? "a mapping"
                                                : "nothing");
    }
    return out;
}

static caucus_status fail_expected(caucus_document *document, const caucus_node *node, const char *what,
                                   const char *expected)
{
    char found[CAUCUS_HINT_BYTES];
    if (is_empty(node)) {
        return caucus_document_fail(document, node, NULL, "%s has no value: it must be %s", what, expected);
    }
    return caucus_document_fail(document, node, NULL, "%s must be %s, not %s", what, expected,
                                caucus_node_describe(node, found));
}

caucus_status caucus_read_keys(caucus_document *document, const caucus_node *node, const char *what,
                               const char *const *keys, size_t n_keys)
{
    if (node->kind != CAUCUS_MAPPING) {
        char found[CAUCUS_HINT_BYTES];
        char hint[CAUCUS_HINT_BYTES];
        return caucus_document_fail(document, node, caucus_hint_names(hint, NULL, keys, n_keys),
                                    "%s must be a mapping of keys to values, not %s", what,
                                    caucus_node_describe(node, found));
    }
    for (uint32_t i = 0; i < node->n_items; i++) {
        const caucus_node *key = node->items[i].key;
        size_t k = 0;
        while (k < n_keys && strcmp(keys[k], key->text) != 0) {
            k++;
        }
        if (k == n_keys) {
            char found[CAUCUS_HINT_BYTES];
            char hint[CAUCUS_HINT_BYTES];
            return caucus_document_fail(document, key, caucus_hint_names(hint, key->text, keys, n_keys),
                                        "unknown key %s in %s", caucus_node_describe(key, found), what);
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_read_required(caucus_document *document, const caucus_node *mapping, const char *what,
                                   const char *key, const char *example, const caucus_node **value)
{
    *value = caucus_node_get(mapping, key);
    if (*value == NULL) {
        char hint[CAUCUS_HINT_BYTES];
        snprintf(hint, sizeof hint, "add %s: %s", key, example);
        return caucus_document_fail(document, mapping, hint, "%s lacks \"%s\"", what, key);
    }
    return CAUCUS_OK;
}

static void describe_range(caucus_range range, char out[CAUCUS_HINT_BYTES])
{
    snprintf(out, CAUCUS_HINT_BYTES, "a number %s %.15g %s %.15g", range.low_open ? "above" : "from", range.low,
             range.high_open ? (range.low_open ? "and below" : "to below") : (range.low_open ? "and at most" : "to"),
             range.high);
    if (range.high == HUGE_VAL) {
        snprintf(out, CAUCUS_HINT_BYTES, "a number %s %.15g%s", range.low_open ? "above" : "of", range.low,
                 range.low_open ? "" : " or more");
    }
}

caucus_status caucus_read_number(caucus_document *document, const caucus_node *node, const char *what,
                                 caucus_range range, double *value)
{
    bool inside = node->kind == CAUCUS_SCALAR && caucus_text_number(node->text, value);
    inside = inside && (range.low_open ? *value > range.low : *value >= range.low);
    inside = inside && (range.high_open ? *value < range.high : *value <= range.high);
    if (!inside) {
        char expected[CAUCUS_HINT_BYTES];
        describe_range(range, expected);
        return fail_expected(document, node, what, expected);
    }
    return CAUCUS_OK;
}

caucus_status caucus_read_count(caucus_document *document, const caucus_node *node, const char *what, uint64_t low,
                                uint64_t high, uint64_t *value)
{
    if (node->kind != CAUCUS_SCALAR || !caucus_text_count(node->text, value) || *value < low || *value > high) {
        char expected[CAUCUS_HINT_BYTES];
        snprintf(expected, sizeof expected, "a whole number from %llu to %llu", (unsigned long long)low,
                 (unsigned long long)high);
        return fail_expected(document, node, what, expected);
    }
    return CAUCUS_OK;
}

caucus_status caucus_read_choice(caucus_document *document, const caucus_node *node, const char *what,
                                 const char *const *names, size_t n_names, uint32_t *value)
{
    for (uint32_t i = 0; node->kind == CAUCUS_SCALAR && i < n_names; i++) {
        if (strcmp(names[i], node->text) == 0) {
            *value = i;
            return CAUCUS_OK;
        }
    }
    char found[CAUCUS_HINT_BYTES];
    char hint[CAUCUS_HINT_BYTES];
    return caucus_document_fail(
        document, node, caucus_hint_names(hint, node->kind == CAUCUS_SCALAR ? node->text : NULL, names, n_names),
        "%s cannot be %s", what, caucus_node_describe(node, found));
}

caucus_status caucus_read_bool(caucus_document *document, const caucus_node *node, const char *what, bool *value)
{
    if (node->kind == CAUCUS_SCALAR && (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0)) {
        *value = node->text[0] == 't';
        return CAUCUS_OK;
    }
    return fail_expected(document, node, what, "true or false");
}

caucus_status caucus_read_text(caucus_document *document, const caucus_node *node, const char *what, const char **text)
{
    if (node->kind != CAUCUS_SCALAR || is_empty(node)) {
        return fail_expected(document, node, what, "a single word or text");
    }
    *text = node->text;
    return CAUCUS_OK;
}

caucus_status caucus_read_list(caucus_document *document, const caucus_node *node, const char *what)
{
    if (node->kind != CAUCUS_SEQUENCE) {
        return fail_expected(document, node, what, "a list");
    }
    return node->n_items > 0 ? CAUCUS_OK : caucus_document_fail(document, node, NULL, "%s is an empty list", what);
}
