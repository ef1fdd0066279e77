/* Complaints about an experiment: where, what, the line itself, and what to do. */
#include "base/text.h"
#include "experiment/document.h"

#include <stdarg.h>
#include <string.h>

enum { EXCERPT_BYTES = 110, BEFORE_CARET = 60 };

static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static size_t characters(const char *text, size_t bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < bytes; i++) {
        n += !continues(text[i]);
    }
    return n;
}

typedef struct place {
    size_t line, column;     /* from 1; columns are characters */
    const char *text;        /* the line */
    size_t bytes, at, caret; /* of the line, before the caret, under it */
} place;

static place find_place(const caucus_document *document, size_t begin, size_t end)
{
    const char *source = document->source;
    begin = begin < document->length ? begin : document->length;
    /* What ends at the end of the file points at its last line, not at the nothing behind it. */
    size_t line_begin = begin;
    while (line_begin > 0 && source[line_begin - 1] != '\n') {
        line_begin--;
    }
    place p = {.line = 1, .text = source + line_begin};
    for (size_t i = 0; i < line_begin; i++) {
        p.line += source[i] == '\n';
    }
    const char *newline = memchr(p.text, '\n', document->length - line_begin);
    p.bytes = newline != NULL ? (size_t)(newline - p.text) : document->length - line_begin;
    while (p.bytes > 0 && (p.text[p.bytes - 1] == '\r' || p.text[p.bytes - 1] == ' ')) {
        p.bytes--;
    }
    if (line_begin == 0 && p.bytes >= 3 &&
        memcmp(p.text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark is no column */
        p.text += 3;
        p.bytes -= 3;
        line_begin = 3;
    }
    p.at = begin > line_begin ? begin - line_begin : 0;
    p.column = characters(p.text, p.at) + 1;
    size_t stop = end < line_begin + p.bytes ? end : line_begin + p.bytes;
    p.caret = stop > begin ? characters(source + begin, stop - begin) : 1;
    return p;
}

/* The line with a caret under the place; of a long line only the part around it. */
static void put_excerpt(FILE *to, const place *p)
{
    size_t first = p->at > BEFORE_CARET && p->bytes > EXCERPT_BYTES ? p->at - BEFORE_CARET : 0;
    while (first > 0 && continues(p->text[first])) {
        first--;
    }
    size_t last = p->bytes - first > EXCERPT_BYTES ? first + EXCERPT_BYTES : p->bytes;
    while (last < p->bytes && continues(p->text[last])) {
        last++;
    }
    const char *before = first > 0 ? "..." : "";
    fprintf(to, "\n%5zu | %s%.*s%s\n      | %*s", p->line, before, (int)(last - first), p->text + first,
            last < p->bytes ? "..." : "", (int)strlen(before), "");
    for (size_t i = first; i < p->at; i++) {
        if (i >= p->bytes || !continues(p->text[i])) {
            fputc(i < p->bytes && p->text[i] == '\t' ? '\t' : ' ', to); /* tabs stay, so that the caret lines up */
        }
    }
    size_t room = characters(p->text + (p->at < last ? p->at : last), p->at < last ? last - p->at : 0);
    size_t carets = p->caret < room ? p->caret : room;
    for (size_t i = 0; i < (carets > 0 ? carets : 1); i++) {
        fputc('^', to);
    }
}

static caucus_status complain(caucus_document *document, const caucus_node *at, bool excerpt)
{
    char text[4096] = "";
    FILE *to = fmemopen(text, sizeof text, "w");
    if (to == NULL) {
        return caucus_fail_memory(sizeof text, "an error message");
    }
    if (at->setting != NULL) {
        size_t axis = strncmp(at->setting, CAUCUS_SETTING_AXIS, strlen(CAUCUS_SETTING_AXIS)) == 0
                          ? strlen(CAUCUS_SETTING_AXIS)
                          : 0;
        fprintf(to, "--%s %.200s: %s", axis > 0 ? "axis" : "set", at->setting + axis, document->failure.detail);
    } else {
        place p = find_place(document, at->begin, at->end);
        fprintf(to, "%s:%zu:%zu: %s", document->path, p.line, p.column, document->failure.detail);
        if (excerpt) {
            put_excerpt(to, &p);
        }
    }
    if (document->failure.hint[0] != '\0') {
        fprintf(to, "\nhint: %s", document->failure.hint);
    }
    fclose(to);
    text[sizeof text - 1] = '\0';
    return caucus_fail(CAUCUS_INVALID, "%s", text);
}

static void keep(caucus_document *document, const char *hint, const char *format, va_list arguments)
{
    char detail[CAUCUS_DETAIL_BYTES]; /* built aside, since an argument may be the old one */
    vsnprintf(detail, sizeof detail, format, arguments);
    memcpy(document->failure.detail, detail, sizeof detail);
    snprintf(document->failure.hint, sizeof document->failure.hint, "%s", hint != NULL ? hint : "");
}

caucus_status caucus_document_fail(caucus_document *document, const caucus_node *at, const char *hint,
                                   const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep(document, hint, format, arguments);
    va_end(arguments);
    document->failure.at = at;
    return complain(document, at, true);
}

caucus_status caucus_document_fail_again(caucus_document *document, const caucus_node *at, const char *addition)
{
    size_t length = strlen(document->failure.detail);
    snprintf(document->failure.detail + length, sizeof document->failure.detail - length, "%s", addition);
    document->failure.at = at;
    return complain(document, at, true);
}

caucus_status caucus_document_fail_bytes(caucus_document *document, size_t begin, size_t end, const char *hint,
                                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep(document, hint, format, arguments);
    va_end(arguments);
    caucus_node at = {.begin = begin, .end = end};
    document->failure.at = NULL;
    return complain(document, &at, end > begin);
}

const char *caucus_hint_names(char hint[CAUCUS_HINT_BYTES], const char *word, const char *const *names, size_t n)
{
    size_t nearest = word != NULL ? caucus_text_nearest(word, names, n) : n;
    if (nearest < n) {
        snprintf(hint, CAUCUS_HINT_BYTES, "did you mean \"%s\"?", names[nearest]);
        return hint;
    }
    size_t used = (size_t)snprintf(hint, CAUCUS_HINT_BYTES, "allowed: ");
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(names[i]);
        if (used + length + 16 > CAUCUS_HINT_BYTES) {
            snprintf(hint + used, CAUCUS_HINT_BYTES - used, "%s...", i > 0 ? ", " : "");
            break;
        }
        used += (size_t)snprintf(hint + used, CAUCUS_HINT_BYTES - used, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    return hint;
}
