/* Rows of a table that a process of its own reads (base/isolated.h): for formats whose parsers were not made for files
 * of strangers. The process sends what columns there are, is told which ones to read, and sends their rows. */
#include "base/isolated.h"
#include "base/text.h"
#include "base/utf8.h"
#include "population/table_source.h"

#include <stdlib.h>
#include <string.h>

typedef struct isolated_source {
    caucus_table_source base;
    caucus_table_place place;
    caucus_isolated *process;
    char **objects; /* [column] where in the file it is */
    uint64_t row;   /* the next one */
} isolated_source;

/* Each frame begins with one of these. */
typedef enum message { NAMES, OBJECTS, ROW, END, ERROR } message;

/* ---- the process ---- */

static void put_message(caucus_isolated *pipe, message kind)
{
    const uint8_t byte = (uint8_t)kind;
    caucus_isolated_put(pipe, &byte, sizeof byte);
}

static void send_error(caucus_isolated *pipe, caucus_status status)
{
    put_message(pipe, ERROR);
    caucus_isolated_put_failure(pipe, status);
    caucus_isolated_send(pipe);
}

static void send_names(caucus_isolated *pipe, const caucus_table_source *source)
{
    put_message(pipe, NAMES);
    caucus_isolated_put(pipe, &source->n_names, sizeof source->n_names);
    for (uint32_t i = 0; i < source->n_names; i++) {
        const uint8_t aside = source->aside[i];
        caucus_isolated_put_text(pipe, source->names[i], strlen(source->names[i]));
        caucus_isolated_put(pipe, &aside, sizeof aside);
    }
    caucus_isolated_send(pipe);
    caucus_isolated_flush(pipe);
}

static caucus_status select_asked(caucus_isolated *pipe, caucus_table_source *source)
{
    uint32_t n = 0;
    uint32_t *names = NULL;
    TRY(caucus_isolated_receive(pipe));
    caucus_isolated_take(pipe, &n, sizeof n);
    TRY(caucus_alloc(n, sizeof *names, "columns", &names));
    caucus_isolated_take(pipe, names, n * sizeof *names);
    caucus_status status = caucus_table_source_select(source, n, names);
    free(names);
    return status;
}

static void send_objects(caucus_isolated *pipe, const caucus_table_source *source)
{
    put_message(pipe, OBJECTS);
    caucus_isolated_put(pipe, &source->n_rows, sizeof source->n_rows);
    for (uint32_t c = 0; c < source->n_columns; c++) {
        const char *object = source->kind->object(source, c);
        caucus_isolated_put_text(pipe, object, strlen(object));
    }
    caucus_isolated_send(pipe);
}

static void send_row(caucus_isolated *pipe, const caucus_table_source *source)
{
    put_message(pipe, ROW);
    for (uint32_t c = 0; c < source->n_columns; c++) {
        const caucus_value *value = &source->values[c];
        const uint8_t kind = (uint8_t)value->kind;
        caucus_isolated_put(pipe, &kind, sizeof kind);
        if (value->kind == CAUCUS_TEXT) {
            caucus_isolated_put_text(pipe, value->text, value->length);
        } else if (value->kind != CAUCUS_ABSENT) {
            caucus_isolated_put(pipe, &value->natural, sizeof value->natural);
        }
    }
    caucus_isolated_send(pipe);
}

static caucus_status send_table(const caucus_table_place *place, caucus_isolated *pipe)
{
    caucus_table_source *source = NULL;
    TRY(caucus_table_hdf5_open(place, &source)); /* closed with the process */
    send_names(pipe, source);
    TRY(select_asked(pipe, source));
    send_objects(pipe, source);
    for (bool more = true; more;) {
        TRY(caucus_table_source_next(source, &more));
        if (more) {
            send_row(pipe, source);
        }
    }
    put_message(pipe, END);
    caucus_isolated_send(pipe);
    return CAUCUS_OK;
}

static void read_table(void *data, caucus_isolated *pipe)
{
    caucus_status status = send_table(data, pipe);
    if (status != CAUCUS_OK) {
        send_error(pipe, status);
    }
}

/* ---- this side ---- */

/* The next message, which must be one of two. */
static caucus_status receive(const isolated_source *s, message wanted, message other, message *kind)
{
    uint8_t byte = 0;
    TRY(caucus_isolated_receive(s->process));
    caucus_isolated_take(s->process, &byte, sizeof byte);
    *kind = (message)byte;
    if (*kind == wanted || *kind == other) {
        return CAUCUS_OK;
    }
    return *kind == ERROR ? caucus_isolated_take_failure(s->process) : caucus_isolated_fail_nonsense(s->process);
}

/* A text without NUL, as a copy. */
static caucus_status take_name(const isolated_source *s, char **name)
{
    size_t length = 0;
    const char *text = caucus_isolated_take_text(s->process, &length);
    *name = strndup(text, length);
    return *name != NULL ? CAUCUS_OK : caucus_fail_memory(length, "the names of columns");
}

static caucus_status receive_names(isolated_source *s)
{
    message kind = NAMES;
    uint32_t n = 0;
    TRY(receive(s, NAMES, NAMES, &kind));
    caucus_isolated_take(s->process, &n, sizeof n);
    TRY(caucus_alloc(n, sizeof *s->base.names, "the names of columns", &s->base.names));
    TRY(caucus_alloc(n, sizeof *s->base.aside, "the names of columns", &s->base.aside));
    for (uint32_t i = 0; i < n && !caucus_isolated_overrun(s->process); i++) {
        uint8_t aside = 0;
        TRY(take_name(s, &s->base.names[i]));
        s->base.n_names++;
        caucus_isolated_take(s->process, &aside, sizeof aside);
        s->base.aside[i] = aside != 0;
    }
    return caucus_isolated_overrun(s->process) ? caucus_isolated_fail_nonsense(s->process) : CAUCUS_OK;
}

static caucus_status select_columns(caucus_table_source *source, const uint32_t *names)
{
    isolated_source *s = (isolated_source *)source;
    message kind = OBJECTS;
    caucus_isolated_put(s->process, &source->n_columns, sizeof source->n_columns);
    caucus_isolated_put(s->process, names, source->n_columns * sizeof *names);
    caucus_isolated_send(s->process);
    caucus_isolated_flush(s->process);
    TRY(receive(s, OBJECTS, OBJECTS, &kind));
    caucus_isolated_take(s->process, &source->n_rows, sizeof source->n_rows);
    TRY(caucus_alloc(source->n_columns, sizeof *s->objects, "columns", &s->objects));
    for (uint32_t c = 0; c < source->n_columns; c++) {
        TRY(take_name(s, &s->objects[c]));
    }
    return caucus_isolated_overrun(s->process) ? caucus_isolated_fail_nonsense(s->process) : CAUCUS_OK;
}

static bool take_value(caucus_isolated *process, caucus_value *value)
{
    uint8_t kind = 0;
    caucus_isolated_take(process, &kind, sizeof kind);
    value->kind = (caucus_value_kind)kind;
    value->length = 0;
    if (kind > CAUCUS_DOUBLE) {
        return false;
    }
    if (kind == CAUCUS_TEXT) {
        value->text = caucus_isolated_take_text(process, &value->length);
    } else if (kind != CAUCUS_ABSENT) {
        caucus_isolated_take(process, &value->natural, sizeof value->natural);
    }
    return !caucus_isolated_overrun(process);
}

static caucus_status next(caucus_table_source *source, bool *more)
{
    isolated_source *s = (isolated_source *)source;
    message kind = ROW;
    *more = false;
    TRY(receive(s, ROW, END, &kind));
    if (kind == END) {
        return CAUCUS_OK;
    }
    for (uint32_t c = 0; c < source->n_columns; c++) {
        if (!take_value(s->process, &source->values[c])) {
            return caucus_isolated_fail_nonsense(s->process);
        }
    }
    s->row++;
    *more = true;
    return CAUCUS_OK;
}

static const char *object(const caucus_table_source *source, uint32_t column)
{
    const isolated_source *s = (const isolated_source *)source;
    return s->objects != NULL && s->objects[column] != NULL ? s->objects[column] : "";
}

static void prefix(const caucus_table_source *source, uint32_t column)
{
    const isolated_source *s = (const isolated_source *)source;
    caucus_error_prefix("%s:%s[%llu]: ", source->path, object(source, column),
                        (unsigned long long)(s->row > 0 ? s->row - 1 : 0));
}

static void close_isolated(caucus_table_source *source)
{
    isolated_source *s = (isolated_source *)source;
    for (uint32_t c = 0; s->objects != NULL && c < source->n_columns; c++) {
        free(s->objects[c]);
    }
    for (uint32_t i = 0; i < source->n_names; i++) {
        free(source->names[i]);
    }
    caucus_isolated_stop(s->process);
    free(s->objects);
    free(source->names);
    free(s);
}

caucus_status caucus_table_isolated_open(const caucus_table_place *place, caucus_table_source **source)
{
    static const caucus_table_source_kind kind = {select_columns, next, prefix, object, close_isolated};
    caucus_status status = CAUCUS_OK;
    isolated_source *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "a table", &made));
    made->base.kind = &kind;
    made->base.path = place->path;
    made->place = *place;
    const caucus_isolated_limits limits = caucus_isolated_limits_of(place->path);
    TRY_GOTO(caucus_isolated_start(place->path, &limits, read_table, &made->place, &made->process), failed);
    TRY_GOTO(receive_names(made), failed);
    *source = &made->base;
    return CAUCUS_OK;
failed:
    caucus_table_source_close(&made->base);
    return status;
}
