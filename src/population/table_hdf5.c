#include "population/table_builder.h"
#include "population/table_hdf5_columns.h"
#include "population/table_readers.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

bool caucus_table_is_hdf5(const char *path)
{
    htri_t is_hdf5;
    H5E_BEGIN_TRY
    {
        is_hdf5 = H5Fis_hdf5(path);
    }
    H5E_END_TRY
    return is_hdf5 > 0;
}

static caucus_status fail_enum(const caucus_hdf5_column *column)
{
    return caucus_fail(CAUCUS_INVALID, "column \"%s\": a value that its enumeration has no name for", column->name);
}

/* Text of a fixed-length string without its padding. */
static size_t fixed_length(const caucus_hdf5_column *column, const char *text)
{
    size_t length = strnlen(text, column->size);
    while (column->space_padded && length > 0 && text[length - 1] == ' ') {
        length--;
    }
    return length;
}

static caucus_status set_value(caucus_table_build *build, uint32_t c, const caucus_hdf5_column *column,
                               const char *bytes)
{
    const char *text = NULL;
    char name[256];
    int64_t integer = 0;
    uint64_t natural = 0;
    double real = 0;
    switch (column->kind) {
    case CAUCUS_HDF5_FIXED:
        return caucus_table_build_text(build, c, bytes, fixed_length(column, bytes), true);
    case CAUCUS_HDF5_VARIABLE:
        memcpy(&text, bytes, sizeof text);
        return caucus_table_build_text(build, c, text != NULL ? text : "", text != NULL ? strlen(text) : 0, true);
    case CAUCUS_HDF5_ENUM:
        if (H5Tenum_nameof(column->memory_type, bytes, name, sizeof name) < 0) {
            return fail_enum(column);
        }
        return caucus_table_build_text(build, c, name, strlen(name), true);
    case CAUCUS_HDF5_SIGNED:
        memcpy(&integer, bytes, sizeof integer);
        return caucus_table_build_signed(build, c, integer);
    case CAUCUS_HDF5_UNSIGNED:
        memcpy(&natural, bytes, sizeof natural);
        return caucus_table_build_unsigned(build, c, natural);
    case CAUCUS_HDF5_SINGLE:
    case CAUCUS_HDF5_DOUBLE:
        break;
    }
    memcpy(&real, bytes, sizeof real);
    return caucus_table_build_real(build, c, real, column->kind == CAUCUS_HDF5_SINGLE);
}

static caucus_status get_weight(const caucus_hdf5_column *column, const char *bytes, uint64_t *weight)
{
    const char *text = NULL;
    int64_t integer = 0;
    uint64_t natural = 0;
    double real = 0;
    switch (column->kind) {
    case CAUCUS_HDF5_FIXED:
        return caucus_table_weight_text(column->name, bytes, fixed_length(column, bytes), weight);
    case CAUCUS_HDF5_VARIABLE:
        memcpy(&text, bytes, sizeof text);
        return caucus_table_weight_text(column->name, text != NULL ? text : "", text != NULL ? strlen(text) : 0,
                                        weight);
    case CAUCUS_HDF5_ENUM:
        return caucus_fail(CAUCUS_INVALID, "column \"%s\" is an enumeration; weights are counts", column->name);
    case CAUCUS_HDF5_SIGNED:
        memcpy(&integer, bytes, sizeof integer);
        return caucus_table_weight_number(column->name, (double)integer, weight);
    case CAUCUS_HDF5_UNSIGNED:
        memcpy(&natural, bytes, sizeof natural);
        return caucus_table_weight_number(column->name, (double)natural, weight);
    case CAUCUS_HDF5_SINGLE:
    case CAUCUS_HDF5_DOUBLE:
        break;
    }
    memcpy(&real, bytes, sizeof real);
    return caucus_table_weight_number(column->name, real, weight);
}

/* Add the rows of the slab that was read last. The weight, if there is one, is the last column. */
static caucus_status add_slab(const caucus_hdf5_columns *table, caucus_table_build *build, uint64_t first_row,
                              uint64_t n_rows)
{
    bool weighted = table->n_columns > build->n_columns;
    for (uint64_t row = 0; row < n_rows; row++) {
        uint64_t weight = 1;
        const caucus_hdf5_column *column = &table->columns[0];
        caucus_status status = CAUCUS_OK;
        for (uint32_t c = 0; c < build->n_columns && status == CAUCUS_OK; c++) {
            column = &table->columns[c];
            status = set_value(build, c, column, caucus_hdf5_value(column, row));
        }
        if (status == CAUCUS_OK && weighted) {
            column = &table->columns[build->n_columns];
            status = get_weight(column, caucus_hdf5_value(column, row), &weight);
        }
        if (status == CAUCUS_OK) {
            status = caucus_table_build_add(build, weight);
        }
        if (status != CAUCUS_OK) {
            caucus_error_prefix("%s:%s[%llu]: ", table->path, column->reader->object,
                                (unsigned long long)(first_row + row));
            return status;
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_rows(caucus_hdf5_columns *table, caucus_table_build *build)
{
    for (uint64_t row = 0; row < table->n_rows;) {
        uint64_t n = table->n_rows - row < table->slab_rows ? table->n_rows - row : table->slab_rows;
        TRY(caucus_hdf5_columns_read(table, row, n));
        caucus_status status = add_slab(table, build, row, n);
        caucus_hdf5_columns_release(table);
        TRY(status);
        row += n;
    }
    return CAUCUS_OK;
}

static caucus_status read_quietly(const caucus_table_spec *spec, caucus_population **population, const char **unknown)
{
    caucus_status status = CAUCUS_OK;
    caucus_hdf5_columns table = {0};
    caucus_table_columns columns = {0};
    caucus_table_build build = {0};
    TRY_GOTO(caucus_hdf5_columns_open(&table, spec->path, spec->group), out);
    TRY_GOTO(caucus_table_columns_find(spec, table.n_names, (const char *const *)table.names, &columns, unknown), out);
    TRY_GOTO(caucus_hdf5_columns_select(&table, &columns), out);
    TRY_GOTO(caucus_table_build_init(&build, &columns), out);
    TRY_GOTO(read_rows(&table, &build), out);
    TRY_GOTO(caucus_table_build_finish(&build, spec, population), out);
out:
    caucus_table_build_free(&build);
    caucus_table_columns_free(&columns);
    caucus_hdf5_columns_close(&table);
    return status;
}

caucus_status caucus_table_read_hdf5(const caucus_table_spec *spec, caucus_population **population,
                                     const char **unknown)
{
    /* The library prints its own stack of errors unless told not to; ours name the object. */
    H5E_auto2_t print = NULL;
    void *print_data = NULL;
    H5Eget_auto2(H5E_DEFAULT, &print, &print_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    caucus_status status = read_quietly(spec, population, unknown);
    H5Eset_auto2(H5E_DEFAULT, print, print_data);
    return status;
}
