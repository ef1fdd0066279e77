#include "population/table_source.h"

#include "base/number.h"

#include <stdlib.h>
#include <string.h>

void caucus_table_source_close(caucus_table_source *source)
{
    if (source != NULL) {
        free(source->values);
        free(source->aside);
        source->kind->close(source);
    }
}

caucus_status caucus_table_source_select(caucus_table_source *source, uint32_t n_columns, const uint32_t *names)
{
    TRY(caucus_alloc(n_columns, sizeof *source->values, "a row", &source->values));
    source->n_columns = n_columns;
    return source->kind->select(source, names);
}

caucus_status caucus_table_source_next(caucus_table_source *source, bool *more)
{
    return source->kind->next(source, more);
}

void caucus_table_source_prefix(const caucus_table_source *source, uint32_t column)
{
    source->kind->prefix(source, column);
}

uint32_t caucus_table_source_find(const caucus_table_source *source, const char *name)
{
    uint32_t i = 0;
    while (i < source->n_names && strcmp(source->names[i], name) != 0) {
        i++;
    }
    return i;
}

const char *caucus_value_text(const caucus_value *value, char number[], size_t *length)
{
    switch (value->kind) {
    case CAUCUS_ABSENT:
        *length = 0;
        return "";
    case CAUCUS_TEXT:
        *length = value->length;
        return value->text;
    case CAUCUS_SIGNED:
        snprintf(number, CAUCUS_NUMBER_BYTES, "%lld", (long long)value->integer);
        break;
    case CAUCUS_UNSIGNED:
        snprintf(number, CAUCUS_NUMBER_BYTES, "%llu", (unsigned long long)value->natural);
        break;
    case CAUCUS_SINGLE:
    case CAUCUS_DOUBLE:
        caucus_number_format(value->real, value->kind == CAUCUS_SINGLE, number);
        break;
    }
    *length = strlen(number);
    return number;
}
