/* Rows of a table in an HDF5 file. */
#include "population/table_hdf5_columns.h"

#include <stdlib.h>

typedef struct hdf5_source {
    caucus_table_source base;
    caucus_hdf5_columns table;
    uint64_t slab_begin, slab_end; /* rows that are in memory */
    uint64_t row;                  /* the next one */
    H5E_auto2_t print;             /* how the library told errors before: ours name the object */
    void *print_data;
} hdf5_source;

static caucus_status select_columns(caucus_table_source *source, const uint32_t *names)
{
    hdf5_source *s = (hdf5_source *)source;
    TRY(caucus_hdf5_columns_select(&s->table, source->n_columns, names));
    for (uint32_t c = 0; s->table.compound && c < source->n_columns; c++) {
        TRY(caucus_hdf5_pandas_column(&s->table, &s->table.columns[c]));
    }
    source->n_rows = s->table.n_rows;
    return CAUCUS_OK;
}

static caucus_status read_slab(hdf5_source *s)
{
    uint64_t left = s->table.n_rows - s->row;
    uint64_t n = left < s->table.slab_rows ? left : s->table.slab_rows;
    caucus_hdf5_columns_release(&s->table);
    TRY(caucus_hdf5_columns_read(&s->table, s->row, n));
    s->slab_begin = s->row;
    s->slab_end = s->row + n;
    return CAUCUS_OK;
}

static void prefix_row(const hdf5_source *s, uint32_t column, uint64_t row)
{
    caucus_error_prefix("%s:%s[%llu]: ", s->table.path, s->table.columns[column].reader->object,
                        (unsigned long long)row);
}

static caucus_status next(caucus_table_source *source, bool *more)
{
    hdf5_source *s = (hdf5_source *)source;
    *more = s->row < s->table.n_rows;
    if (!*more) {
        return CAUCUS_OK;
    }
    if (s->row == s->slab_end) {
        TRY(read_slab(s));
    }
    for (uint32_t c = 0; c < source->n_columns; c++) {
        caucus_status status = caucus_hdf5_value(&s->table.columns[c], s->row - s->slab_begin, &source->values[c]);
        if (status != CAUCUS_OK) {
            prefix_row(s, c, s->row);
            return status;
        }
    }
    s->row++;
    return CAUCUS_OK;
}

static void prefix(const caucus_table_source *source, uint32_t column)
{
    const hdf5_source *s = (const hdf5_source *)source;
    prefix_row(s, column, s->row - 1);
}

static const char *object(const caucus_table_source *source, uint32_t column)
{
    return ((const hdf5_source *)source)->table.columns[column].reader->object;
}

static void close_hdf5(caucus_table_source *source)
{
    hdf5_source *s = (hdf5_source *)source;
    caucus_hdf5_columns_close(&s->table);
    H5Eset_auto2(H5E_DEFAULT, s->print, s->print_data);
    free(s);
}

caucus_status caucus_table_hdf5_open(const caucus_table_place *place, caucus_table_source **source)
{
    static const caucus_table_source_kind kind = {select_columns, next, prefix, object, close_hdf5};
    caucus_status status = CAUCUS_OK;
    hdf5_source *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "a table", &made));
    made->base.kind = &kind;
    made->base.path = place->path;
    H5Eget_auto2(H5E_DEFAULT, &made->print, &made->print_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    TRY_GOTO(caucus_hdf5_columns_open(&made->table, place->path, -1, place->group), failed);
    made->base.n_names = made->table.n_names;
    made->base.names = made->table.names;
    TRY_GOTO(caucus_alloc(made->base.n_names, sizeof *made->base.aside, "columns", &made->base.aside), failed);
    for (uint32_t i = 0; i < made->base.n_names; i++) {
        made->base.aside[i] = made->table.aside[i];
    }
    *source = &made->base;
    return CAUCUS_OK;
failed:
    caucus_table_source_close(&made->base);
    return status;
}
