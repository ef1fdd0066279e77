#include "population/csv.h"

#include "base/text.h"
#include "base/utf8.h"
#include "population/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- places --------------------------------------------------------------------------------------------------- */

/* Counted only when something is wrong: line and column (in characters) of a place, both from 1. */
static void locate(const caucus_csv *csv, const char *where, uint64_t *line, uint64_t *column)
{
    const char *line_begin = csv->begin;
    *line = 1;
    for (const char *at = csv->begin; (at = memchr(at, '\n', (size_t)(where - at))) != NULL;) {
        at++;
        (*line)++;
        line_begin = at;
    }
    *column = 1;
    for (const char *c = line_begin; c < where; c++) {
        *column += ((unsigned char)*c & 0xC0) != 0x80;
    }
}

caucus_status caucus_csv_fail(const caucus_csv *csv, const char *where, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    caucus_fail(CAUCUS_INVALID, "%s", text);
    caucus_csv_prefix(csv, where);
    return CAUCUS_INVALID;
}

void caucus_csv_prefix(const caucus_csv *csv, const char *where)
{
    uint64_t line = 0;
    uint64_t column = 0;
    locate(csv, where, &line, &column);
    caucus_error_prefix("%s:%llu:%llu: ", csv->path, (unsigned long long)line, (unsigned long long)column);
}

/* ---- records -------------------------------------------------------------------------------------------------- */

/* A word whose bytes have their high bit set where they equal the byte that `pattern` repeats. Exact up to the first
 * such byte, which is all that is used. */
static uint64_t equal_bytes(uint64_t word, uint64_t pattern)
{
    uint64_t x = word ^ pattern;
    return (x - UINT64_C(0x0101010101010101)) & ~x & UINT64_C(0x8080808080808080);
}

static uint64_t repeat(char c)
{
    return UINT64_C(0x0101010101010101) * (unsigned char)c;
}

/* The first separator, line end or quote at or after `at`, eight bytes at a time; `end` if there is none. */
static const char *find_special(const char *at, const char *end, char separator)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t separators = repeat(separator);
    while (end - at >= (ptrdiff_t)sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        uint64_t found = equal_bytes(word, separators) | equal_bytes(word, repeat('\n')) |
                         equal_bytes(word, repeat('\r')) | equal_bytes(word, repeat('"'));
        if (found != 0) {
            return at + __builtin_ctzll(found) / 8;
        }
        at += sizeof word;
    }
#endif
    while (at < end && *at != separator && *at != '\n' && *at != '\r' && *at != '"') {
        at++;
    }
    return at;
}

/* A field that begins with a quote at csv position `at`. *escaped: it holds "" still. *next: what follows it. */
static caucus_status read_quoted(const caucus_csv *csv, caucus_csv_field *field, bool *escaped, const char **next)
{
    const char *at = field->start + 1;
    field->text = at;
    *escaped = false;
    for (;;) {
        at = memchr(at, '"', (size_t)(csv->end - at));
        if (at == NULL) {
            return caucus_csv_fail(csv, field->start, "the quote that opens here is never closed");
        }
        if (at + 1 < csv->end && at[1] == '"') {
            *escaped = true;
            at += 2;
            continue;
        }
        break;
    }
    field->length = (size_t)(at - field->text);
    *next = at + 1;
    if (*next < csv->end && **next != csv->separator && **next != '\n' && **next != '\r') {
        return caucus_csv_fail(csv, *next,
                               "text after a closing quote; inside a quoted field write two quotes for one");
    }
    return CAUCUS_OK;
}

/* Where the record goes on: *next is a separator (skipped, *ends false) or the record's end. */
static caucus_status end_field(const caucus_csv *csv, const char **next, bool *ends)
{
    *ends = true;
    if (*next == csv->end) {
        return CAUCUS_OK;
    }
    if (**next == csv->separator) {
        *ends = false;
    } else if (**next == '"') {
        return caucus_csv_fail(csv, *next,
                               "a quote inside a field that is not quoted; quote the whole field and write "
                               "two quotes for one");
    } else if (**next == '\r') {
        (*next)++;
        if (*next == csv->end || **next != '\n') {
            return caucus_csv_fail(csv, *next - 1, "a carriage return without a line feed; end lines in LF or CRLF");
        }
    }
    (*next)++;
    return CAUCUS_OK;
}

static caucus_status grow_fields(caucus_csv *csv)
{
    uint32_t capacity = csv->capacity > 0 ? 2 * csv->capacity : 64;
    caucus_csv_field *fields = realloc(csv->fields, capacity * sizeof *fields);
    if (fields == NULL) {
        return caucus_fail_memory(capacity * sizeof *fields, "the columns of a table");
    }
    csv->fields = fields;
    csv->capacity = capacity;
    return CAUCUS_OK;
}

/* Replace "" by " in the fields of a record that has some; they move to the scratch space. */
static caucus_status unescape(caucus_csv *csv, const char *record, uint32_t n_fields)
{
    size_t bytes = (size_t)(csv->at - record);
    if (bytes > csv->scratch_bytes) {
        free(csv->scratch);
        csv->scratch_bytes = 0;
        csv->scratch = malloc(2 * bytes);
        if (csv->scratch == NULL) {
            return caucus_fail_memory(2 * bytes, "a record");
        }
        csv->scratch_bytes = 2 * bytes;
    }
    char *to = csv->scratch;
    for (uint32_t i = 0; i < n_fields; i++) {
        caucus_csv_field *field = &csv->fields[i];
        if (memchr(field->text, '"', field->length) == NULL) {
            continue;
        }
        char *text = to;
        for (size_t c = 0; c < field->length; c++) {
            *to++ = field->text[c];
            c += field->text[c] == '"';
        }
        field->text = text;
        field->length = (size_t)(to - text);
    }
    return CAUCUS_OK;
}

/* One record from csv->at. Fields beyond the capacity are counted only, unless the header is being read. */
static caucus_status read_record(caucus_csv *csv, uint32_t *n_fields)
{
    const char *record = csv->at;
    const char *at = record;
    uint32_t n = 0;
    bool any_escaped = false;
    for (bool ends = false; !ends;) {
        if (n == csv->capacity && csv->n_columns == 0) {
            TRY(grow_fields(csv));
        }
        caucus_csv_field field = {.text = at, .start = at};
        const char *next = at;
        if (at < csv->end && *at == '"') {
            bool escaped = false;
            TRY(read_quoted(csv, &field, &escaped, &next));
            any_escaped |= escaped;
        } else {
            next = find_special(at, csv->end, csv->separator);
            field.length = (size_t)(next - at);
        }
        if (n < csv->capacity) {
            csv->fields[n] = field;
        }
        n++;
        if (next < csv->end && *next == csv->separator) { /* the common case, without a call */
            at = next + 1;
            continue;
        }
        TRY(end_field(csv, &next, &ends));
        at = next;
    }
    csv->at = at;
    *n_fields = n;
    return any_escaped && n <= csv->capacity ? unescape(csv, record, n) : CAUCUS_OK;
}

caucus_status caucus_csv_next(caucus_csv *csv, bool *more)
{
    *more = false;
    while (csv->n_columns > 1 && csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r')) {
        if (*csv->at == '\r' && (csv->at + 1 == csv->end || csv->at[1] != '\n')) {
            break; /* on its own: read_record says so */
        }
        csv->at += *csv->at == '\r' ? 2 : 1;
    }
    if (csv->at == csv->end) {
        return CAUCUS_OK;
    }
    const char *record = csv->at;
    uint32_t n_fields = 0;
    TRY(read_record(csv, &n_fields));
    if (n_fields != csv->n_columns) {
        return caucus_csv_fail(csv, record, "%u field%s, but the header has %u", n_fields, n_fields == 1 ? "" : "s",
                               csv->n_columns);
    }
    *more = true;
    return CAUCUS_OK;
}

uint64_t caucus_csv_count(const caucus_csv *csv)
{
    uint64_t n = 0;
    for (const char *at = csv->at; at < csv->end; n++) {
        const char *found = memchr(at, '\n', (size_t)(csv->end - at));
        at = found != NULL ? found + 1 : csv->end;
    }
    return n;
}

/* Bytes of a file that are read at a time. */
enum { READ_BYTES = 1 << 22 };

/* ---- opening -------------------------------------------------------------------------------------------------- */

/* Into memory of our own, whole: what others do to the file from now on is no matter. */
static caucus_status read_file(caucus_csv *csv, int file, size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return caucus_fail_memory(bytes, "a table");
    }
    csv->mapping = memory;
    csv->mapping_bytes = bytes;
    for (size_t done = 0; done < bytes;) {
        const size_t n = bytes - done < READ_BYTES ? bytes - done : READ_BYTES;
        ssize_t got = read(file, (char *)memory + done, n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return caucus_fail(CAUCUS_FAILED, "%s: cannot be read: %s", csv->path, strerror(errno));
        }
        if (got == 0) {
            return caucus_fail(CAUCUS_FAILED, "%s: the file was cut from %zu to %zu bytes while it was read; try again",
                               csv->path, bytes, done);
        }
        done += (size_t)got;
    }
    csv->n_bytes = bytes;
    return CAUCUS_OK;
}

static caucus_status load_bytes(caucus_csv *csv)
{
    int file = open(csv->path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: cannot be read: %s", csv->path, strerror(errno));
    }
    caucus_status status = CAUCUS_OK;
    struct stat facts;
    if (fstat(file, &facts) != 0) {
        status = caucus_fail(CAUCUS_FAILED, "%s: %s", csv->path, strerror(errno));
    } else if (facts.st_size == 0) {
        status =
            caucus_fail(CAUCUS_INVALID, "%s: the file is empty; a header line with column names is needed", csv->path);
    } else {
        status = read_file(csv, file, (size_t)facts.st_size);
    }
    close(file);
    return status;
}

/* Put what is in a compressed file in the place of its bytes. */
static caucus_status unpack_file(caucus_csv *csv, caucus_file_kind kind)
{
    char *bytes = NULL;
    size_t length = 0;
    size_t capacity = 0;
    TRY(caucus_file_unpack(csv->path, kind, csv->mapping, csv->mapping_bytes, &bytes, &length, &capacity));
    munmap((void *)(uintptr_t)csv->mapping, csv->mapping_bytes);
    csv->mapping = bytes;
    csv->mapping_bytes = capacity;
    csv->n_bytes = length;
    size_t head = length < CAUCUS_FILE_HEAD ? length : CAUCUS_FILE_HEAD;
    if (caucus_file_kind_of(bytes, head) != CAUCUS_FILE_TEXT) {
        return caucus_fail(CAUCUS_INVALID, "%s: what is compressed in it is no CSV table; unpack it first", csv->path);
    }
    return caucus_file_kind_check(csv->path, bytes, head);
}

static caucus_status load_file(caucus_csv *csv)
{
    caucus_file_kind kind = CAUCUS_FILE_TEXT;
    TRY(caucus_file_kind_find(csv->path, &kind));
    TRY(load_bytes(csv));
    return kind == CAUCUS_FILE_TEXT ? CAUCUS_OK : unpack_file(csv, kind);
}

static caucus_status check_encoding(caucus_csv *csv)
{
    csv->begin = csv->mapping;
    csv->end = csv->mapping + csv->n_bytes;
    if (csv->n_bytes >= 2 && (memcmp(csv->mapping, "\xFF\xFE", 2) == 0 || memcmp(csv->mapping, "\xFE\xFF", 2) == 0)) {
        return caucus_fail(CAUCUS_INVALID, "%s: the file is UTF-16; save it as UTF-8", csv->path);
    }
    if (csv->n_bytes >= 3 && memcmp(csv->mapping, "\xEF\xBB\xBF", 3) == 0) {
        csv->begin += 3;
    }
    size_t length = (size_t)(csv->end - csv->begin);
    size_t bad = caucus_utf8_check(csv->begin, length);
    if (bad < length && csv->begin[bad] == '\0') {
        return caucus_csv_fail(csv, csv->begin + bad, "a NUL byte; this is no text file");
    }
    if (bad < length) {
        return caucus_csv_fail(csv, csv->begin + bad, "byte 0x%02X is not UTF-8 here; save the file as UTF-8",
                               (unsigned char)csv->begin[bad]);
    }
    csv->at = csv->begin;
    return CAUCUS_OK;
}

/* The most frequent candidate in the header, outside quotes; a comma when there is none (a table of one column). */
static char find_separator(const caucus_csv *csv)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    size_t counts[sizeof candidates] = {0};
    bool quoted = false;
    for (const char *c = csv->begin; c < csv->end && (quoted || *c != '\n'); c++) {
        if (*c == '"') {
            quoted = !quoted;
        }
        for (size_t i = 0; !quoted && i < sizeof candidates; i++) {
            counts[i] += *c == candidates[i];
        }
    }
    size_t best = 0;
    for (size_t i = 1; i < sizeof candidates; i++) {
        if (counts[i] > counts[best]) {
            best = i;
        }
    }
    return candidates[best];
}

static caucus_status read_header(caucus_csv *csv)
{
    if (csv->begin == csv->end) {
        return caucus_fail(CAUCUS_INVALID, "%s: the file is empty; a header line with column names is needed",
                           csv->path);
    }
    uint32_t n_columns = 0;
    TRY(read_record(csv, &n_columns));
    TRY(caucus_alloc(n_columns, sizeof *csv->names, "column names", &csv->names));
    csv->n_columns = n_columns;
    csv->capacity = n_columns; /* from here on, more fields than columns are counted only */
    for (uint32_t c = 0; c < n_columns; c++) {
        csv->names[c] = strndup(csv->fields[c].text, csv->fields[c].length);
        if (csv->names[c] == NULL) {
            return caucus_fail_memory(csv->fields[c].length, "column names");
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_csv_open(const char *path, char separator, caucus_csv **csv)
{
    if ((separator & 0x80) != 0 || (separator != '\0' && strchr("\"\r\n", separator) != NULL)) {
        return caucus_fail(CAUCUS_INVALID, "%s: a separator is one ASCII character, no quote and no line end", path);
    }
    caucus_csv *new_csv = NULL;
    TRY(caucus_alloc(1, sizeof *new_csv, "a table", &new_csv));
    caucus_status status = CAUCUS_OK;
    new_csv->path = caucus_text_copy(path);
    if (new_csv->path == NULL) {
        status = caucus_fail_memory(strlen(path), "a path");
        goto done;
    }
    TRY_GOTO(load_file(new_csv), done);
    TRY_GOTO(check_encoding(new_csv), done);
    new_csv->separator = separator != '\0' ? separator : find_separator(new_csv);
    TRY_GOTO(read_header(new_csv), done);
done:
    if (status != CAUCUS_OK) {
        caucus_csv_close(new_csv);
        return status;
    }
    *csv = new_csv;
    return CAUCUS_OK;
}

void caucus_csv_close(caucus_csv *csv)
{
    if (csv == NULL) {
        return;
    }
    if (csv->mapping != NULL) {
        munmap((void *)(uintptr_t)csv->mapping, csv->mapping_bytes);
    }
    if (csv->names != NULL) {
        for (uint32_t c = 0; c < csv->n_columns; c++) {
            free(csv->names[c]);
        }
    }
    free(csv->names);
    free(csv->fields);
    free(csv->scratch);
    free(csv->path);
    free(csv);
}
