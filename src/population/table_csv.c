/* Rows of a CSV file. */
#include "population/csv.h"
#include "population/table_source.h"

#include <stdlib.h>

typedef struct csv_source {
    caucus_table_source base;
    caucus_csv *csv;
    uint32_t *fields; /* [column] of the record */
} csv_source;

static caucus_status select_fields(caucus_table_source *source, const uint32_t *names)
{
    csv_source *s = (csv_source *)source;
    TRY(caucus_alloc(source->n_columns, sizeof *s->fields, "columns", &s->fields));
    for (uint32_t c = 0; c < source->n_columns; c++) {
        s->fields[c] = names[c];
        source->values[c].kind = CAUCUS_TEXT;
    }
    return CAUCUS_OK;
}

static caucus_status next(caucus_table_source *source, bool *more)
{
    csv_source *s = (csv_source *)source;
    TRY(caucus_csv_next(s->csv, more));
    for (uint32_t c = 0; *more && c < source->n_columns; c++) {
        const caucus_csv_field *field = &s->csv->fields[s->fields[c]];
        source->values[c].text = field->text;
        source->values[c].length = field->length;
    }
    return CAUCUS_OK;
}

static void prefix(const caucus_table_source *source, uint32_t column)
{
    const csv_source *s = (const csv_source *)source;
    caucus_csv_prefix(s->csv, s->csv->fields[s->fields[column]].start);
}

static void close_csv(caucus_table_source *source)
{
    csv_source *s = (csv_source *)source;
    caucus_csv_close(s->csv);
    free(s->fields);
    free(s);
}

caucus_status caucus_table_csv_open(const caucus_table_place *place, caucus_table_source **source)
{
    static const caucus_table_source_kind kind = {select_fields, next, prefix, NULL, close_csv};
    caucus_status status = CAUCUS_OK;
    csv_source *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "a table", &made));
    made->base.kind = &kind;
    made->base.path = place->path;
    made->base.checked = true;
    TRY_GOTO(caucus_csv_open(place->path, place->separator, &made->csv), failed);
    made->base.n_names = made->csv->n_columns;
    made->base.names = made->csv->names;
    made->base.n_rows = caucus_csv_count(made->csv);
    made->base.bytes = made->csv->mapping_bytes;
    TRY_GOTO(caucus_alloc(made->base.n_names, sizeof *made->base.aside, "columns", &made->base.aside), failed);
    for (uint32_t i = 0; i < made->base.n_names; i++) {
        made->base.aside[i] = made->base.names[i][0] == '\0';
    }
    *source = &made->base;
    return CAUCUS_OK;
failed:
    caucus_table_source_close(&made->base);
    return status;
}
