/* From bytes in an HDF5 file to values. */
#include "population/table_hdf5_columns.h"

#include <math.h>
#include <string.h>

/* Text of a fixed-length string without its padding. */
static size_t fixed_length(const caucus_hdf5_column *column, const char *text)
{
    size_t length = strnlen(text, column->size);
    while (column->space_padded && length > 0 && text[length - 1] == ' ') {
        length--;
    }
    return length;
}

static void set_text(const caucus_hdf5_column *column, const char *text, size_t length, caucus_value *value)
{
    const char *missing = column->missing_text;
    bool absent = missing != NULL && strlen(missing) == length && memcmp(text, missing, length) == 0;
    *value = (caucus_value){.kind = absent ? CAUCUS_ABSENT : CAUCUS_TEXT, .length = length, .text = text};
}

static caucus_status set_category(caucus_hdf5_column *column, int64_t code, caucus_value *value)
{
    caucus_hdf5_columns *categories = column->categories;
    if (code < 0) {
        *value = (caucus_value){.kind = CAUCUS_ABSENT};
        return CAUCUS_OK;
    }
    if ((uint64_t)code >= categories->n_rows) {
        return caucus_fail(CAUCUS_INVALID, "column \"%s\": category %lld, but %s has %llu", column->name,
                           (long long)code, categories->object, (unsigned long long)categories->n_rows);
    }
    return caucus_hdf5_value(&categories->columns[0], (uint64_t)code, value);
}

static caucus_status set_enum(caucus_hdf5_column *column, const char *bytes, caucus_value *value)
{
    if (H5Tenum_nameof(column->memory_type, bytes, column->enum_name, CAUCUS_HDF5_NAME_BYTES) < 0) {
        return caucus_fail(CAUCUS_INVALID, "column \"%s\": a value that its enumeration has no name for", column->name);
    }
    set_text(column, column->enum_name, strlen(column->enum_name), value);
    return CAUCUS_OK;
}

caucus_status caucus_hdf5_value(caucus_hdf5_column *column, uint64_t row, caucus_value *value)
{
    const char *bytes = column->reader->slab + row * column->reader->stride + column->offset;
    const char *text = NULL;
    switch (column->kind) {
    case CAUCUS_HDF5_FIXED:
        set_text(column, bytes, fixed_length(column, bytes), value);
        return CAUCUS_OK;
    case CAUCUS_HDF5_VARIABLE:
        memcpy(&text, bytes, sizeof text);
        *value = (caucus_value){.kind = CAUCUS_ABSENT};
        if (text != NULL) {
            set_text(column, text, strlen(text), value);
        }
        return CAUCUS_OK;
    case CAUCUS_HDF5_ENUM:
        return set_enum(column, bytes, value);
    case CAUCUS_HDF5_SIGNED:
    case CAUCUS_HDF5_CATEGORY:
        *value = (caucus_value){.kind = CAUCUS_SIGNED};
        memcpy(&value->integer, bytes, sizeof value->integer);
        return column->kind == CAUCUS_HDF5_CATEGORY ? set_category(column, value->integer, value) : CAUCUS_OK;
    case CAUCUS_HDF5_UNSIGNED:
    case CAUCUS_HDF5_BOOLEAN:
        *value = (caucus_value){.kind = CAUCUS_UNSIGNED};
        memcpy(&value->natural, bytes, sizeof value->natural);
        if (column->kind == CAUCUS_HDF5_BOOLEAN) {
            text = value->natural != 0 ? "true" : "false";
            set_text(column, text, strlen(text), value);
        }
        return CAUCUS_OK;
    case CAUCUS_HDF5_SINGLE:
    case CAUCUS_HDF5_DOUBLE:
        break;
    }
    *value = (caucus_value){.kind = column->kind == CAUCUS_HDF5_SINGLE ? CAUCUS_SINGLE : CAUCUS_DOUBLE};
    memcpy(&value->real, bytes, sizeof value->real);
    value->kind = isnan(value->real) ? CAUCUS_ABSENT : value->kind;
    value->real += 0.0; /* -0 becomes 0 */
    return CAUCUS_OK;
}
