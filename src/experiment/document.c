#include "experiment/document.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST_FILE = 256 << 20 };

/* path NULL: standard input. */
static caucus_status open_file(const caucus_document *document, const char *path, FILE **file)
{
    *file = path != NULL ? fopen(path, "rb") : stdin;
    if (*file == NULL) {
        return caucus_fail(errno == ENOENT ? CAUCUS_INVALID : CAUCUS_FAILED, "cannot open %s %s: %s", document->what,
                           path, strerror(errno));
    }
    struct stat info;
    if (fstat(fileno(*file), &info) == 0 && S_ISDIR(info.st_mode)) {
        if (path != NULL) {
            fclose(*file);
        }
        return caucus_fail(CAUCUS_INVALID, "%s is a directory; name the %s file in it", document->path, document->what);
    }
    return CAUCUS_OK;
}

static caucus_status read_file(caucus_document *document, const char *path)
{
    caucus_status status = CAUCUS_OK;
    char *buffer = NULL;
    FILE *file = NULL;
    TRY(open_file(document, path, &file));
    size_t capacity = 1 << 16;
    size_t used = 0;
    TRY_GOTO(caucus_alloc(capacity, 1, document->what, &buffer), done);
    while (true) {
        used += fread(buffer + used, 1, capacity - used, file);
        if (used < capacity) {
            break;
        }
        if (capacity >= LARGEST_FILE) {
            TRY_GOTO(caucus_fail(CAUCUS_INVALID, "%s is over %d MB: no %s is that long", document->path,
                                 LARGEST_FILE >> 20, document->what),
                     done);
        }
        char *larger = realloc(buffer, 2 * capacity);
        if (larger == NULL) {
            TRY_GOTO(caucus_fail_memory(2 * capacity, document->what), done);
        }
        buffer = larger;
        capacity *= 2;
    }
    if (ferror(file)) {
        TRY_GOTO(caucus_fail(CAUCUS_FAILED, "cannot read %s %s: %s", document->what, document->path, strerror(errno)),
                 done);
    }
    buffer[used] = '\0';
    document->source = buffer;
    document->length = used;
    buffer = NULL;
done:
    free(buffer);
    if (path != NULL) {
        fclose(file);
    }
    return status;
}

/* Bytes of the UTF-8 character at the start of text, 0 when it is none that YAML allows. */
static size_t character(const unsigned char *text, size_t length, uint32_t *code)
{
    size_t n = text[0] < 0x80   ? 1
               : text[0] < 0xc2 ? 0
               : text[0] < 0xe0 ? 2
               : text[0] < 0xf0 ? 3
               : text[0] < 0xf5 ? 4
                                : 0;
    if (n == 0 || n > length) {
        return 0;
    }
    static const uint32_t lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    *code = text[0] & lead[n];
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
        *code = (*code << 6) | (text[i] & 0x3f);
    }
    bool surrogate = *code >= 0xd800 && *code < 0xe000;
    return *code < least[n] || *code > 0x10ffff || surrogate ? 0 : n;
}

/* libfyaml takes bytes that are no text for the end of the file, so that the rest would be lost without a word. */
static caucus_status check_text(caucus_document *document)
{
    const unsigned char *bytes = (const unsigned char *)document->source;
    for (size_t i = 0; i < document->length;) {
        uint32_t code = 0;
        size_t n = character(bytes + i, document->length - i, &code);
        if (n == 0) {
            return caucus_document_fail_bytes(document, i, i, "save the file as UTF-8", "byte 0x%02x is no UTF-8 text",
                                              bytes[i]);
        }
        bool control = (code < 0x20 && code != '\t' && code != '\n' && code != '\r') || code == 0x7f ||
                       (code >= 0x80 && code < 0xa0 && code != 0x85) || code == 0xfffe || code == 0xffff;
        if (control) {
            return caucus_document_fail_bytes(document, i, i, "it must be a YAML text file", "control character U+%04X",
                                              (unsigned)code);
        }
        i += n;
    }
    return CAUCUS_OK;
}

caucus_status caucus_document_read(const char *path, const char *what, caucus_document **document)
{
    caucus_status status = CAUCUS_OK;
    caucus_document *made = NULL;
    bool standard_input = strcmp(path, "-") == 0;
    TRY(caucus_alloc(1, sizeof *made, what, &made));
    made->what = what;
    made->path = caucus_text_copy(standard_input ? "standard input" : path);
    if (made->path == NULL) {
        TRY_GOTO(caucus_fail_memory(strlen(path), "a path"), done);
    }
    TRY_GOTO(read_file(made, standard_input ? NULL : path), done);
    TRY_GOTO(check_text(made), done);
    TRY_GOTO(caucus_document_build(made, made->source, made->length, NULL, &made->root), done);
    *document = made;
    made = NULL;
done:
    caucus_document_close(made);
    return status;
}

caucus_status caucus_document_recall(const char *text, const char *path, caucus_document **document)
{
    caucus_status status = CAUCUS_OK;
    caucus_document *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "experiment", &made));
    made->what = "experiment";
    made->path = caucus_text_copy(path);
    made->source = caucus_text_copy(text);
    made->length = strlen(text);
    if (made->path == NULL || made->source == NULL) {
        TRY_GOTO(caucus_fail_memory(made->length, "an experiment"), done);
    }
    TRY_GOTO(check_text(made), done);
    TRY_GOTO(caucus_document_build(made, made->source, made->length, NULL, &made->root), done);
    *document = made;
    made = NULL;
done:
    caucus_document_close(made);
    return status;
}

caucus_status caucus_document_open(const char *path, const char *const *settings, size_t n_settings,
                                   caucus_document **document)
{
    caucus_status status = CAUCUS_OK;
    caucus_document *made = NULL;
    TRY(caucus_document_read(path, "experiment", &made));
    if (made->root->kind != CAUCUS_MAPPING) {
        char found[CAUCUS_HINT_BYTES];
        TRY_GOTO(caucus_document_fail(made, made->root, "start with \"population:\" on a line of its own",
                                      "an experiment is a mapping of keys to values, not %s",
                                      caucus_node_describe(made->root, found)),
                 done);
    }
    for (size_t i = 0; i < n_settings; i++) {
        TRY_GOTO(caucus_document_set(made, settings[i]), done);
    }
    *document = made;
    made = NULL;
done:
    caucus_document_close(made);
    return status;
}
