/* From text to nodes: the events of libfyaml's parser, with anchors, merge keys and duplicate keys seen to here. */
#include "experiment/document.h"

#include <ctype.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 60, MOST_KEYS = 10000, MOST_NODES = 8000000, PARSER_BYTES = 1 << 18 };

typedef struct anchor {
    const char *name;
    const caucus_node *node;
    struct anchor *next;
} anchor;

typedef struct builder {
    caucus_document *document;
    struct fy_parser *parser;
    struct fy_diag *diag;
    struct fy_event *event;
    const char *setting;
    anchor *anchors; /* latest first */
    unsigned depth;
    caucus_node here; /* the last place seen, for what has none of its own */
} builder;

static caucus_status copy_text(caucus_document *document, const char *text, size_t length, const char **copy)
{
    char *made = NULL;
    TRY(caucus_document_alloc(document, length + 1, &made));
    memcpy(made, text, length);
    *copy = made;
    return CAUCUS_OK;
}

static caucus_status make_node(caucus_document *document, caucus_node_kind kind, const caucus_node *origin,
                               caucus_node **node)
{
    if (++document->n_nodes > MOST_NODES) {
        return caucus_document_fail(document, origin, "write long value lists as linspace, logspace or range",
                                    "more than %d values, counting what aliases repeat", MOST_NODES);
    }
    TRY(caucus_document_alloc(document, sizeof **node, node));
    (*node)->kind = kind;
    (*node)->begin = origin->begin;
    (*node)->end = origin->end;
    (*node)->setting = origin->setting;
    return CAUCUS_OK;
}

caucus_status caucus_document_scalar(caucus_document *document, const char *text, const caucus_node *origin,
                                     caucus_node **node)
{
    TRY(make_node(document, CAUCUS_SCALAR, origin, node));
    return copy_text(document, text, strlen(text), &(*node)->text);
}

caucus_status caucus_node_append(caucus_document *document, caucus_node *to, const caucus_node *key, caucus_node *value)
{
    if (to->n_items == to->capacity) {
        uint32_t capacity = to->capacity > 0 ? 2 * to->capacity : 4;
        caucus_item *items = NULL;
        TRY(caucus_document_alloc(document, capacity * sizeof *items, &items));
        if (to->n_items > 0) {
            memcpy(items, to->items, to->n_items * sizeof *items);
        }
        to->items = items;
        to->capacity = capacity;
    }
    to->items[to->n_items++] = (caucus_item){.key = key, .value = value};
    return key != NULL ? caucus_node_index_last(document, to) : CAUCUS_OK;
}

static caucus_status copy_node(caucus_document *document, const caucus_node *from, caucus_node **copy)
{
    TRY(make_node(document, from->kind, from, copy));
    (*copy)->quoted = from->quoted;
    (*copy)->text = from->text;
    for (uint32_t i = 0; i < from->n_items; i++) {
        caucus_node *value = NULL;
        TRY(copy_node(document, from->items[i].value, &value));
        TRY(caucus_node_append(document, *copy, from->items[i].key, value));
    }
    return CAUCUS_OK;
}

/* Whether a line holds a path such as collectives[0].share without quotes inside braces, where YAML takes [ for a list.
 */
static bool has_bare_path(const char *source, const char *end, const char *at)
{
    const char *line = at;
    while (line > source && line[-1] != '\n') {
        line--;
    }
    int depth = 0;
    bool quoted = false;
    for (const char *c = line; c < end && *c != '\n'; c++) {
        quoted ^= *c == '"';
        depth += quoted ? 0 : (*c == '{') - (*c == '}');
        bool after_word = c > line && (isalnum((unsigned char)c[-1]) || c[-1] == '_');
        if (depth > 0 && !quoted && after_word && *c == '[' && c + 1 < end && isdigit((unsigned char)c[1])) {
            return true;
        }
    }
    return false;
}

static caucus_status fail_syntax(builder *b)
{
    void *iterator = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(b->diag, &iterator);
    if (error == NULL) {
        return caucus_document_fail(b->document, &b->here, NULL, "this is no YAML from here on");
    }
    if (b->setting != NULL) {
        return caucus_document_fail(b->document, &b->here, NULL, "%s", error->msg);
    }
    const char *at = b->document->source;
    const char *end = at + b->document->length;
    for (int line = 1; line < error->line && at != NULL && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline != NULL ? newline + 1 : end;
    }
    for (int column = 1; column < error->column && at < end && *at != '\n'; column++) {
        do {
            at++;
        } while (at < end && ((unsigned char)*at & 0xc0) == 0x80);
    }
    size_t begin = (size_t)(at - b->document->source);
    bool tab = strstr(error->msg, "tab character") != NULL;
    const char *hint = tab ? "indent with spaces" : NULL;
    if (has_bare_path(b->document->source, end, at < end ? at : end)) {
        hint = "inside braces a path with [ stands in quotes: {path: \"collectives[0].share\", ...}";
    }
    return caucus_document_fail_bytes(b->document, begin, begin + 1, hint, "%s", error->msg);
}

static caucus_status next(builder *b)
{
    if (b->event != NULL) {
        fy_parser_event_free(b->parser, b->event);
    }
    b->event = fy_parser_parse(b->parser);
    if (b->event == NULL || fy_parser_get_stream_error(b->parser)) {
        return fail_syntax(b);
    }
    const struct fy_mark *begin = fy_event_start_mark(b->event);
    const struct fy_mark *end = fy_event_end_mark(b->event);
    if (begin != NULL && end != NULL) {
        b->here.begin = begin->input_pos;
        b->here.end = end->input_pos;
    }
    return CAUCUS_OK;
}

static caucus_status build_node(builder *b, caucus_node **node);

/* Whether the event's place holds a text that cannot be empty. Without memory for a text libfyaml makes an empty one.
 */
static bool stands_something(const builder *b, enum fy_scalar_style style)
{
    const size_t n = b->here.end - b->here.begin;
    if (b->setting != NULL || b->here.end > b->document->length || style == FYSS_LITERAL || style == FYSS_FOLDED) {
        return false;
    }
    const char *at = b->document->source + b->here.begin;
    return n > 0 && memchr(at, '\\', n) == NULL && memchr(at, '\n', n) == NULL;
}

static caucus_status build_scalar(builder *b, caucus_node **node)
{
    struct fy_token *token = fy_event_get_token(b->event);
    size_t length = 0;
    const char *text = token != NULL ? fy_token_get_text(token, &length) : "";
    enum fy_scalar_style style = token != NULL ? fy_token_scalar_style(token) : FYSS_PLAIN;
    if (text == NULL || (token != NULL && length == 0 && stands_something(b, style))) {
        return caucus_fail_memory(b->here.end - b->here.begin, "a value");
    }
    if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) { /* point at the quotes, not behind them */
        b->here.begin--;
        b->here.end++;
    }
    TRY(make_node(b->document, CAUCUS_SCALAR, &b->here, node));
    if (length > 0 && memchr(text, '\0', length) != NULL) {
        return caucus_document_fail(b->document, *node, NULL, "a text with a NUL character in it");
    }
    (*node)->quoted = style != FYSS_PLAIN;
    return copy_text(b->document, text, length, &(*node)->text);
}

static caucus_status build_alias(builder *b, caucus_node **node)
{
    size_t length = 0;
    const char *name = fy_token_get_text(fy_event_get_token(b->event), &length);
    b->here.begin -= b->here.begin > 0; /* the asterisk too */
    for (const anchor *a = b->anchors; name != NULL && a != NULL; a = a->next) {
        if (strlen(a->name) == length && memcmp(a->name, name, length) == 0) {
            return copy_node(b->document, a->node, node);
        }
    }
    return caucus_document_fail(b->document, &b->here, "an alias repeats a finished value that stands before it",
                                "there is no anchor &%.*s before this", (int)length, name != NULL ? name : "");
}

static caucus_status build_sequence(builder *b, caucus_node **node)
{
    TRY(make_node(b->document, CAUCUS_SEQUENCE, &b->here, node));
    while (true) {
        TRY(next(b));
        if (b->event->type == FYET_SEQUENCE_END) {
            (*node)->end = b->here.end;
            return CAUCUS_OK;
        }
        caucus_node *item = NULL;
        TRY(build_node(b, &item));
        TRY(caucus_node_append(b->document, *node, NULL, item));
    }
}

/* Add the pairs of a merged mapping whose keys are not there yet. */
static caucus_status merge(builder *b, caucus_node *into, const caucus_node *from)
{
    if (from->kind == CAUCUS_SEQUENCE && from->n_items > 0) {
        for (uint32_t i = 0; i < from->n_items; i++) {
            if (from->items[i].value->kind != CAUCUS_MAPPING) {
                return caucus_document_fail(b->document, from->items[i].value, NULL, "<< merges mappings only");
            }
            TRY(merge(b, into, from->items[i].value));
        }
        return CAUCUS_OK;
    }
    if (from->kind != CAUCUS_MAPPING) {
        return caucus_document_fail(b->document, from, "write <<: *name, with &name at a mapping above",
                                    "<< merges mappings only");
    }
    for (uint32_t i = 0; i < from->n_items; i++) {
        if (caucus_node_key(into, from->items[i].key->text) == NULL) {
            TRY(caucus_node_append(b->document, into, from->items[i].key, from->items[i].value));
        }
    }
    return CAUCUS_OK;
}

static caucus_status build_key(builder *b, const caucus_node *mapping, caucus_node **key)
{
    if (b->event->type != FYET_SCALAR) {
        return caucus_document_fail(b->document, &b->here, NULL, "a key must be a single word");
    }
    if (mapping->n_items >= MOST_KEYS) {
        return caucus_document_fail(b->document, &b->here, NULL, "more than %d keys in one mapping", MOST_KEYS);
    }
    TRY(build_node(b, key));
    const caucus_node *first = caucus_node_key(mapping, (*key)->text);
    if (first == NULL) {
        return CAUCUS_OK;
    }
    if (b->setting != NULL) {
        return caucus_document_fail(b->document, *key, NULL, "duplicate key \"%s\"", first->text);
    }
    size_t line = 1;
    for (size_t i = 0; i < first->begin; i++) {
        line += b->document->source[i] == '\n';
    }
    return caucus_document_fail(b->document, *key, "keep one of the two", "duplicate key \"%s\", first on line %zu",
                                first->text, line);
}

static caucus_status build_mapping(builder *b, caucus_node **node)
{
    TRY(make_node(b->document, CAUCUS_MAPPING, &b->here, node));
    caucus_node *merges = NULL;
    TRY(make_node(b->document, CAUCUS_SEQUENCE, &b->here, &merges));
    while (true) {
        TRY(next(b));
        if (b->event->type == FYET_MAPPING_END) {
            (*node)->end = b->here.end;
            break;
        }
        caucus_node *key = NULL;
        caucus_node *value = NULL;
        TRY(build_key(b, *node, &key));
        TRY(next(b));
        TRY(build_node(b, &value));
        bool merging = strcmp(key->text, "<<") == 0 && !key->quoted;
        TRY(caucus_node_append(b->document, merging ? merges : *node, merging ? NULL : key, value));
    }
    for (uint32_t i = 0; i < merges->n_items; i++) {
        TRY(merge(b, *node, merges->items[i].value));
    }
    return CAUCUS_OK;
}

static caucus_status build_node(builder *b, caucus_node **node)
{
    if (b->depth >= DEEPEST) {
        return caucus_document_fail(b->document, &b->here, NULL, "nested more than %d levels deep", DEEPEST);
    }
    struct fy_token *tag = fy_event_get_tag_token(b->event);
    if (tag != NULL) {
        return caucus_document_fail(b->document, &b->here, "leave it out: the key says what kind of value it takes",
                                    "%ss use no tags such as !!str", b->document->what);
    }
    /* The anchor's name is copied now: the event is gone once the node is built. */
    anchor *named = NULL;
    struct fy_token *token = fy_event_get_anchor_token(b->event);
    if (token != NULL && b->event->type != FYET_ALIAS) {
        size_t length = 0;
        const char *text = fy_token_get_text(token, &length);
        TRY(caucus_document_alloc(b->document, sizeof *named, &named));
        TRY(copy_text(b->document, text != NULL ? text : "", length, &named->name));
    }
    b->depth++;
    switch (b->event->type) {
    case FYET_SCALAR:
        TRY(build_scalar(b, node));
        break;
    case FYET_ALIAS:
        TRY(build_alias(b, node));
        break;
    case FYET_SEQUENCE_START:
        TRY(build_sequence(b, node));
        break;
    case FYET_MAPPING_START:
        TRY(build_mapping(b, node));
        break;
    default:
        return caucus_document_fail(b->document, &b->here, NULL, "expected a value here");
    }
    b->depth--;
    if (named != NULL) {
        named->node = *node;
        named->next = b->anchors;
        b->anchors = named;
    }
    return CAUCUS_OK;
}

static caucus_status build_root(builder *b, caucus_node **root)
{
    TRY(next(b)); /* the stream starts */
    TRY(next(b));
    if (b->event->type == FYET_STREAM_END) {
        b->here.begin = 0;
        b->here.end = 0;
        bool experiment = strcmp(b->document->what, "experiment") == 0;
        return caucus_document_fail(b->document, &b->here,
                                    experiment ? "it needs population, platform and collectives" : NULL,
                                    "the %s is empty", b->document->what);
    }
    TRY(next(b)); /* the document has started */
    TRY(build_node(b, root));
    TRY(next(b)); /* it ends */
    TRY(next(b));
    if (b->event->type != FYET_STREAM_END) {
        return caucus_document_fail(b->document, &b->here, "put it into a file of its own",
                                    "a second document in the same file");
    }
    return CAUCUS_OK;
}

static caucus_status build(caucus_document *document, const char *text, size_t length, const char *setting,
                           caucus_node **root)
{
    caucus_status status = CAUCUS_OK;
    builder b = {.document = document, .setting = setting, .here = {.setting = setting}};
    TRY(caucus_reserve(PARSER_BYTES + 2 * length, "a YAML parser"));
    struct fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    quiet.colorize = false;
    b.diag = fy_diag_create(&quiet);
    if (b.diag == NULL) {
        return caucus_fail_memory(0, "a YAML parser");
    }
    fy_diag_set_collect_errors(b.diag, true);
    struct fy_parse_cfg options = {.flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE, .diag = b.diag};
    b.parser = fy_parser_create(&options);
    if (b.parser == NULL || fy_parser_set_string(b.parser, text, length) != 0) {
        TRY_GOTO(caucus_fail_memory(length, "a YAML parser"), done);
    }
    TRY_GOTO(build_root(&b, root), done);
done:
    if (b.event != NULL) {
        fy_parser_event_free(b.parser, b.event);
    }
    fy_parser_destroy(b.parser);
    fy_diag_destroy(b.diag);
    return status;
}

/* Where libfyaml has no memory it says that the text is no YAML. What is true is true twice. */
caucus_status caucus_document_build(caucus_document *document, const char *text, size_t length, const char *setting,
                                    caucus_node **root)
{
    char *said = NULL;
    const size_t n_nodes = document->n_nodes;
    caucus_status status = build(document, text, length, setting, root);
    if (status != CAUCUS_INVALID) {
        return status;
    }
    said = strdup(caucus_error_message());
    if (said == NULL) {
        return caucus_fail_memory(strlen(caucus_error_message()), "an error message");
    }
    document->n_nodes = n_nodes;
    status = build(document, text, length, setting, root);
    if (status == CAUCUS_INVALID && strcmp(said, caucus_error_message()) != 0) {
        status = caucus_fail_memory(length, "a YAML parser");
    }
    free(said);
    return status;
}
