/* Paths such as collectives[0].share or collectives.renters.share, as written in --set and sweeps. */
#include "experiment/document.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STEPS = 32 };

typedef struct step {
    const char *key; /* NULL: an index */
    uint32_t index;
    size_t end; /* bytes of the path up to and with this step, for messages */
} step;

static caucus_status fail_path(caucus_document *document, const caucus_node *origin, const char *path)
{
    return caucus_document_fail(
        document, origin,
        "write it like collectives[0].share or collectives.NAME.share, with keys that hold dots in "
        "quotes",
        "\"%s\" is no path", path);
}

static caucus_status read_key(caucus_document *document, const char **at, const char **key)
{
    const char *begin = *at;
    size_t length = 0;
    if (*begin == '"') {
        const char *end = strchr(begin + 1, '"');
        length = end != NULL ? (size_t)(end - begin - 1) : 0;
        begin++;
        *at = end != NULL ? end + 1 : begin;
    } else {
        length = strcspn(begin, ".[\"");
        *at += length;
    }
    if (length == 0) {
        *key = NULL;
        return CAUCUS_OK;
    }
    char *copy = NULL;
    TRY(caucus_document_alloc(document, length + 1, &copy));
    memcpy(copy, begin, length);
    *key = copy;
    return CAUCUS_OK;
}

static bool read_index(const char **at, uint32_t *index)
{
    if (!isdigit((unsigned char)(*at)[1])) {
        return false;
    }
    char *end = NULL;
    unsigned long value = strtoul(*at + 1, &end, 10);
    if (*end != ']' || value > UINT32_MAX) {
        return false;
    }
    *index = (uint32_t)value;
    *at = end + 1;
    return true;
}

static caucus_status read_path(caucus_document *document, const char *path, const caucus_node *origin,
                               step steps[MOST_STEPS], size_t *n_steps)
{
    const char *at = path;
    size_t n = 0;
    while (*at != '\0') {
        if (n == MOST_STEPS) {
            return fail_path(document, origin, path);
        }
        step *s = &steps[n++];
        s->key = NULL;
        if (*at == '[') {
            if (n == 1 || !read_index(&at, &s->index)) {
                return fail_path(document, origin, path);
            }
        } else {
            if (n > 1 && *at++ != '.') {
                return fail_path(document, origin, path);
            }
            TRY(read_key(document, &at, &s->key));
            if (s->key == NULL) {
                return fail_path(document, origin, path);
            }
        }
        s->end = (size_t)(at - path);
    }
    *n_steps = n;
    return n > 0 ? CAUCUS_OK : fail_path(document, origin, path);
}

/* The item of a list that a name stands for: the one with that name, or c1, c2, ... where collectives have none. */
static bool find_named(const caucus_node *list, const char *name, uint32_t *index)
{
    for (uint32_t i = 0; i < list->n_items; i++) {
        const caucus_node *own = caucus_node_get(list->items[i].value, "name");
        char number[32];
        snprintf(number, sizeof number, "c%u", i + 1);
        const char *text = own != NULL && own->kind == CAUCUS_SCALAR ? own->text : own == NULL ? number : "";
        if (strcmp(text, name) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

/* Turn names of a list's items into their positions: collectives.renters.share. */
static void resolve_names(const caucus_document *document, step *steps, size_t n)
{
    const caucus_node *node = document->root;
    for (size_t i = 0; i < n && node != NULL; i++) {
        uint32_t index = 0;
        if (node->kind == CAUCUS_SEQUENCE && steps[i].key != NULL && find_named(node, steps[i].key, &index)) {
            steps[i].key = NULL;
            steps[i].index = index;
        }
        if (node->kind == CAUCUS_SEQUENCE && steps[i].key == NULL) {
            node = steps[i].index < node->n_items ? node->items[steps[i].index].value : NULL;
        } else {
            node = node->kind == CAUCUS_MAPPING && steps[i].key != NULL ? caucus_node_get(node, steps[i].key) : NULL;
        }
    }
}

caucus_status caucus_document_path_keys(caucus_document *document, const char *path, const char **first,
                                        const char **second, const char **last)
{
    step steps[MOST_STEPS];
    size_t n = 0;
    TRY(read_path(document, path, document->root, steps, &n));
    resolve_names(document, steps, n);
    *first = steps[0].key;
    *second = n > 1 && steps[1].key != NULL ? steps[1].key : "";
    for (size_t i = 0; i < n; i++) {
        *last = steps[i].key != NULL ? steps[i].key : *last;
    }
    return CAUCUS_OK;
}

static caucus_status enter_index(caucus_document *document, const caucus_node *origin, const char *path,
                                 const step *before, const step *s, caucus_node *node, caucus_node ***slot)
{
    int length = (int)before->end;
    if (node->kind != CAUCUS_SEQUENCE) {
        return caucus_document_fail(document, origin, "lists are numbered, mappings have keys behind a dot",
                                    "%.*s is no list, so that %.*s leads nowhere", length, path, (int)s->end, path);
    }
    if (s->index >= node->n_items) {
        return caucus_document_fail(document, origin, "the first is [0]", "%.*s leads nowhere: %.*s has %u item%s",
                                    (int)s->end, path, length, path, node->n_items, node->n_items == 1 ? "" : "s");
    }
    *slot = &node->items[s->index].value;
    return CAUCUS_OK;
}

/* A name in a list that none of its items has. */
static caucus_status fail_name(caucus_document *document, const caucus_node *origin, const char *path, int length,
                               const char *name, const caucus_node *list)
{
    const char **names = NULL;
    size_t n = 0;
    TRY(caucus_alloc(list->n_items, sizeof *names, "names", &names));
    for (uint32_t i = 0; i < list->n_items; i++) {
        const caucus_node *own = caucus_node_get(list->items[i].value, "name");
        if (own != NULL && own->kind == CAUCUS_SCALAR) {
            names[n++] = own->text;
        }
    }
    char hint[CAUCUS_HINT_BYTES];
    caucus_status status = caucus_document_fail(
        document, origin, n > 0 ? caucus_hint_names(hint, name, names, n) : "pick an item of it by [0], [1], ...",
        "%.*s is a list, and none of its items is called \"%.100s\"", length, path, name);
    free(names);
    return status;
}

static caucus_status enter_key(caucus_document *document, const caucus_node *origin, const char *path,
                               const step *before, const step *s, caucus_node *node, caucus_node ***slot)
{
    if (node->kind != CAUCUS_MAPPING) {
        int length = (int)before->end;
        if (node->kind == CAUCUS_SEQUENCE) {
            return fail_name(document, origin, path, length, s->key, node);
        }
        return caucus_document_fail(document, origin, "give it its keys as a mapping first",
                                    "%.*s is a single value, so that %.*s leads nowhere", length, path, (int)s->end,
                                    path);
    }
    const caucus_item *found = caucus_node_find(node, s->key);
    if (found != NULL) {
        *slot = &node->items[found - node->items].value;
        return CAUCUS_OK;
    }
    caucus_node *key = NULL;
    TRY(caucus_document_scalar(document, s->key, origin, &key));
    TRY(caucus_node_append(document, node, key, NULL));
    *slot = &node->items[node->n_items - 1].value;
    return CAUCUS_OK;
}

static caucus_status fail_missing(caucus_document *document, const caucus_node *origin, const char *path, const step *s,
                                  const caucus_node *parent)
{
    const char **names = NULL;
    TRY(caucus_alloc(parent->n_items, sizeof *names, "names", &names));
    size_t n = 0;
    for (uint32_t i = 0; i < parent->n_items; i++) {
        if (parent->items[i].value != NULL) {
            names[n++] = parent->items[i].key->text;
        }
    }
    char hint[CAUCUS_HINT_BYTES];
    caucus_status status = caucus_document_fail(document, origin, caucus_hint_names(hint, s->key, names, n),
                                                "%s leads nowhere: there is no list \"%s\"", path, s->key);
    free(names);
    return status;
}

caucus_status caucus_document_slot(caucus_document *document, const char *path, const caucus_node *origin,
                                   caucus_node ***slot)
{
    step steps[MOST_STEPS];
    size_t n = 0;
    TRY(read_path(document, path, origin, steps, &n));
    resolve_names(document, steps, n);
    caucus_node *node = document->root;
    for (size_t i = 0; i < n; i++) {
        const step *before = i > 0 ? &steps[i - 1] : &steps[0];
        if (steps[i].key == NULL) {
            TRY(enter_index(document, origin, path, before, &steps[i], node, slot));
        } else {
            TRY(enter_key(document, origin, path, before, &steps[i], node, slot));
        }
        if (i + 1 == n) {
            break;
        }
        if (**slot == NULL) { /* a mapping on the way that the file leaves out, such as noise */
            if (steps[i + 1].key == NULL) {
                return fail_missing(document, origin, path, &steps[i], node);
            }
            caucus_node *mapping = NULL;
            TRY(caucus_document_scalar(document, "", origin, &mapping));
            mapping->kind = CAUCUS_MAPPING;
            **slot = mapping;
        }
        node = **slot;
    }
    return CAUCUS_OK;
}
