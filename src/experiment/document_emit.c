/* Text from nodes: what a run stores as its experiment, and compares to tell whether it is the same. Our own writer, so
 * that the text does not change with the version of a library. */
#include "base/text_stream.h"
#include "experiment/document.h"

#include <string.h>

static bool is_plain(const caucus_node *node)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+-";
    size_t length = strlen(node->text);
    if (node->quoted || length == 0 || strspn(node->text, safe) != length) {
        return false;
    }
    return node->text[0] != '-' || (length > 1 && strchr("0123456789.", node->text[1]) != NULL);
}

static void put_scalar(FILE *to, const caucus_node *node)
{
    if (is_plain(node)) {
        fputs(node->text, to);
        return;
    }
    fputc('"', to);
    for (const char *at = node->text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte == '"' || byte == '\\') {
            fprintf(to, "\\%c", byte);
        } else if (byte < 0x20 || byte == 0x7f) {
            fprintf(to, "\\x%02x", byte);
        } else {
            fputc(byte, to);
        }
    }
    fputc('"', to);
}

static bool is_omitted(const caucus_item *item, const char *const *omit)
{
    if (item->value == NULL) {
        return true;
    }
    for (; omit != NULL && item->key != NULL && *omit != NULL; omit++) {
        if (strcmp(item->key->text, *omit) == 0) {
            return true;
        }
    }
    return false;
}

/* Collections of scalars go on one line. */
static bool is_flat(const caucus_node *node)
{
    for (uint32_t i = 0; i < node->n_items; i++) {
        if (node->items[i].value != NULL && node->items[i].value->kind != CAUCUS_SCALAR) {
            return false;
        }
    }
    return true;
}

static void put_flat(FILE *to, const caucus_node *node)
{
    if (node->kind == CAUCUS_SCALAR) {
        put_scalar(to, node);
        return;
    }
    bool mapping = node->kind == CAUCUS_MAPPING;
    bool first = true;
    fputc(mapping ? '{' : '[', to);
    for (uint32_t i = 0; i < node->n_items; i++) {
        if (node->items[i].value == NULL) {
            continue;
        }
        fputs(first ? "" : ", ", to);
        first = false;
        if (mapping) {
            put_scalar(to, node->items[i].key);
            fputs(": ", to);
        }
        put_flat(to, node->items[i].value);
    }
    fputc(mapping ? '}' : ']', to);
}

/* A collection in block form; the writer stands at column `indent`. */
static void put_block(FILE *to, const caucus_node *node, const char *const *omit, int indent)
{
    bool first = true;
    for (uint32_t i = 0; i < node->n_items; i++) {
        const caucus_item *item = &node->items[i];
        if (is_omitted(item, omit)) {
            continue;
        }
        fprintf(to, "%*s", first ? 0 : indent, "");
        first = false;
        bool flat = item->value->kind == CAUCUS_SCALAR || is_flat(item->value);
        if (node->kind == CAUCUS_MAPPING) {
            put_scalar(to, item->key);
            fputs(flat ? ": " : ":\n", to);
            fprintf(to, "%*s", flat ? 0 : indent + 2, "");
        } else {
            fputs("- ", to);
        }
        if (flat) {
            put_flat(to, item->value);
            fputc('\n', to);
        } else {
            put_block(to, item->value, NULL, indent + 2);
        }
    }
}

caucus_status caucus_document_emit_line(const caucus_node *node, char **text)
{
    caucus_text_stream made;
    TRY(caucus_text_stream_open(&made, "a value's text"));
    if (node->kind == CAUCUS_SCALAR) {
        fputs(node->text, made.to);
    } else {
        put_flat(made.to, node);
    }
    TRY(caucus_text_stream_close(&made, "a value's text"));
    *text = made.text;
    return CAUCUS_OK;
}

caucus_status caucus_document_emit(const caucus_node *node, const char *const *omit, char **text)
{
    caucus_text_stream made;
    TRY(caucus_text_stream_open(&made, "an experiment's text"));
    if (node->kind == CAUCUS_SCALAR) {
        put_scalar(made.to, node);
    } else {
        put_block(made.to, node, omit, 0);
    }
    TRY(caucus_text_stream_close(&made, "an experiment's text"));
    *text = made.text;
    return CAUCUS_OK;
}
