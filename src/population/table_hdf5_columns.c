#include "population/table_hdf5_columns.h"

#include "base/text.h"

#include <hdf5_hl.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SLAB_ROWS = 1 << 16, SLAB_BYTES = 16 << 20, DEFAULT_CHUNK_CACHE = 1 << 20 };

/* ---- messages ------------------------------------------------------------------------------------------------- */

static caucus_status fail_library(const caucus_hdf5_columns *table, const char *object, const char *what)
{
    return caucus_hdf5_fail(table->path, object, what);
}

static caucus_status fail_name_memory(void)
{
    return caucus_fail_memory(sizeof(char *), "the names of columns");
}

/* ---- listing -------------------------------------------------------------------------------------------------- */

typedef struct name_list {
    uint32_t n;
    uint32_t capacity;
    char **names;
} name_list;

static bool append_name(name_list *list, const char *name)
{
    if (list->n == list->capacity) {
        uint32_t capacity = list->capacity > 0 ? 2 * list->capacity : 32;
        char **names = realloc(list->names, capacity * sizeof *names);
        if (names == NULL) {
            return false;
        }
        list->names = names;
        list->capacity = capacity;
    }
    list->names[list->n] = caucus_text_copy(name);
    return list->names[list->n] != NULL && ++list->n > 0;
}

/* Links that lead nowhere and subgroups are no columns. */
static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *data)
{
    (void)info;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0) {
        return 0;
    }
    bool keep = H5Iget_type(object) == H5I_DATASET;
    H5Oclose(object);
    return keep && !append_name(data, name) ? -1 : 0;
}

static caucus_status list_members(caucus_hdf5_columns *table, hid_t dataset, name_list *list)
{
    hid_t type = H5Dget_type(dataset);
    caucus_status status = CAUCUS_OK;
    if (H5Tget_class(type) != H5T_COMPOUND) {
        status = caucus_fail(CAUCUS_INVALID,
                             "%s:%s: neither a group nor a dataset of compounds; name the group that "
                             "holds the columns",
                             table->path, table->object);
    }
    int n = status == CAUCUS_OK ? H5Tget_nmembers(type) : 0;
    for (int i = 0; i < n && status == CAUCUS_OK; i++) {
        char *name = H5Tget_member_name(type, (unsigned)i);
        if (name == NULL || !append_name(list, name)) {
            status = fail_name_memory();
        }
        H5free_memory(name);
    }
    H5Tclose(type);
    return status;
}

/* What numbers the rows is there for programs: the index of a pandas table, the coordinates that netCDF (xarray) writes
 * as dimension scales. */
static caucus_status mark_aside(caucus_hdf5_columns *table, hid_t object)
{
    TRY(caucus_alloc(table->n_names, sizeof *table->aside, "columns", &table->aside));
    bool pandas = table->compound && H5Aexists(object, "index_kind") > 0;
    uint32_t n_packed = 0; /* columns that pandas put together, several values a row */
    for (uint32_t i = 0; i < table->n_names; i++) {
        if (table->compound) {
            bool packed = pandas && strncmp(table->names[i], "values_block_", 13) == 0;
            n_packed += packed;
            table->aside[i] = packed || (pandas && strcmp(table->names[i], "index") == 0);
            continue;
        }
        hid_t dataset = H5Dopen2(object, table->names[i], H5P_DEFAULT);
        table->aside[i] = dataset >= 0 && H5DSis_scale(dataset) > 0;
        if (dataset >= 0) {
            H5Dclose(dataset);
        }
    }
    return n_packed == 0 || n_packed + 1 < table->n_names
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID,
                             "%s:%s: pandas packed the columns together; write the frame with "
                             "frame.to_hdf(\"people.h5\", key=\"people\", format=\"table\", data_columns=True)",
                             table->path, table->object);
}

static caucus_status list_columns(caucus_hdf5_columns *table, hid_t object)
{
    name_list list = {0};
    caucus_status status = CAUCUS_OK;
    H5I_type_t type = H5Iget_type(object);
    if (type == H5I_GROUP) {
        if (H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_link, &list) < 0) {
            status = fail_library(table, table->object, "cannot be listed");
        }
    } else if (type == H5I_DATASET) {
        table->compound = true;
        status = list_members(table, object, &list);
    } else {
        status = caucus_fail(CAUCUS_INVALID, "%s:%s: neither a group nor a dataset", table->path, table->object);
    }
    table->names = list.names;
    table->n_names = list.n;
    TRY(status);
    if (list.n == 0) {
        return caucus_fail(CAUCUS_INVALID, "%s:%s: the group holds no datasets; name the group that holds the columns",
                           table->path, table->object);
    }
    return mark_aside(table, object);
}

caucus_status caucus_hdf5_columns_open(caucus_hdf5_columns *table, const char *path, hid_t file, const char *object)
{
    *table = (caucus_hdf5_columns){.path = path, .file = -1};
    table->file = file >= 0 ? H5Freopen(file) : H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (table->file < 0) {
        return fail_library(table, "/", "the file cannot be opened; is it complete?");
    }
    TRY(caucus_hdf5_place_find(table->file, path, object, &table->object));
    hid_t opened = H5Oopen(table->file, table->object, H5P_DEFAULT);
    if (opened < 0) {
        return caucus_fail(CAUCUS_INVALID, "%s:%s: there is no such group or dataset", path, table->object);
    }
    caucus_status status = list_columns(table, opened);
    H5Oclose(opened);
    return status;
}

/* ---- types ---------------------------------------------------------------------------------------------------- */

/* How values of a type are read. The column's memory type is its own, to be closed. */
static caucus_status choose_kind(const caucus_hdf5_columns *table, const char *object, hid_t type,
                                 caucus_hdf5_column *column)
{
    switch (H5Tget_class(type)) {
    case H5T_STRING:
        column->kind = H5Tis_variable_str(type) > 0 ? CAUCUS_HDF5_VARIABLE : CAUCUS_HDF5_FIXED;
        column->space_padded = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
        column->memory_type = H5Tcopy(type);
        break;
    case H5T_ENUM:
        column->kind = CAUCUS_HDF5_ENUM;
        column->memory_type = H5Tget_native_type(type, H5T_DIR_ASCEND);
        break;
    case H5T_INTEGER:
        column->kind = H5Tget_sign(type) == H5T_SGN_NONE ? CAUCUS_HDF5_UNSIGNED : CAUCUS_HDF5_SIGNED;
        column->memory_type = H5Tcopy(column->kind == CAUCUS_HDF5_UNSIGNED ? H5T_NATIVE_UINT64 : H5T_NATIVE_INT64);
        break;
    case H5T_BITFIELD: /* how PyTables stores booleans */
        column->kind = H5Tget_size(type) == 1 ? CAUCUS_HDF5_BOOLEAN : CAUCUS_HDF5_UNSIGNED;
        column->memory_type = H5Tcopy(H5T_NATIVE_B64);
        break;
    case H5T_FLOAT:
        column->kind = H5Tget_size(type) <= sizeof(float) ? CAUCUS_HDF5_SINGLE : CAUCUS_HDF5_DOUBLE;
        column->memory_type = H5Tcopy(H5T_NATIVE_DOUBLE);
        break;
    case H5T_ARRAY:
        return caucus_fail(CAUCUS_INVALID,
                           "%s:%s: column \"%s\" holds several values a row; only single values make a "
                           "column (pandas: write with data_columns=True)",
                           table->path, object, column->name);
    case H5T_COMPOUND:
        return caucus_fail(CAUCUS_INVALID,
                           "%s:%s: a dataset of compounds; give its path as the group to use its "
                           "members as columns",
                           table->path, object);
    default:
        return caucus_fail(CAUCUS_INVALID,
                           "%s:%s: column \"%s\" is of a type that is no category: use strings, "
                           "integers, floats or enumerations",
                           table->path, object, column->name);
    }
    if (column->memory_type < 0) {
        return fail_library(table, object, "its type cannot be read");
    }
    column->size = H5Tget_size(column->memory_type);
    return CAUCUS_OK;
}

/* ---- opening -------------------------------------------------------------------------------------------------- */

/* A chunk that does not fit the library's cache would be decompressed anew for every slab that touches it. */
static hid_t reopen_with_cache(const caucus_hdf5_columns *table, const char *object, hid_t dataset)
{
    hid_t creation = H5Dget_create_plist(dataset);
    hid_t type = H5Dget_type(dataset);
    hsize_t chunk_rows = 0;
    if (H5Pget_layout(creation) == H5D_CHUNKED) {
        H5Pget_chunk(creation, 1, &chunk_rows);
    }
    size_t bytes = (size_t)chunk_rows * H5Tget_size(type);
    H5Tclose(type);
    H5Pclose(creation);
    if (bytes <= DEFAULT_CHUNK_CACHE) {
        return dataset;
    }
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, 101, bytes, 1.0);
    H5Dclose(dataset);
    dataset = H5Dopen2(table->file, object, access);
    H5Pclose(access);
    return dataset;
}

static caucus_status check_shape(caucus_hdf5_columns *table, const caucus_hdf5_reader *reader)
{
    hid_t space = H5Dget_space(reader->dataset);
    int rank = H5Sget_simple_extent_ndims(space);
    hsize_t n_rows = 0;
    if (rank == 1) {
        H5Sget_simple_extent_dims(space, &n_rows, NULL);
    }
    H5Sclose(space);
    if (rank != 1) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s:%s: it has %d dimensions, but a column has one; list the features to use", table->path,
                           reader->object, rank);
    }
    if (reader != table->readers && n_rows != table->n_rows) {
        return caucus_fail(CAUCUS_INVALID, "%s:%s: it has %llu rows, but %s has %llu", table->path, reader->object,
                           (unsigned long long)n_rows, table->readers[0].object, (unsigned long long)table->n_rows);
    }
    table->n_rows = n_rows;
    return CAUCUS_OK;
}

/* Open a dataset as the next reader. */
static caucus_status open_reader(caucus_hdf5_columns *table, char *object)
{
    if (object == NULL) {
        return fail_name_memory();
    }
    caucus_hdf5_reader *reader = &table->readers[table->n_readers++];
    *reader = (caucus_hdf5_reader){.object = object, .memory_type = -1, .slab_space = -1};
    reader->dataset = H5Dopen2(table->file, object, H5P_DEFAULT);
    if (reader->dataset < 0) {
        return fail_library(table, object, "cannot be opened");
    }
    TRY(check_shape(table, reader));
    reader->dataset = reopen_with_cache(table, object, reader->dataset);
    return reader->dataset < 0 ? fail_library(table, object, "cannot be opened") : CAUCUS_OK;
}

static caucus_status select_dataset(caucus_hdf5_columns *table, caucus_hdf5_column *column)
{
    const char *group = strcmp(table->object, "/") == 0 ? "" : table->object;
    TRY(open_reader(table, caucus_text_format("%s/%s", group, column->name)));
    caucus_hdf5_reader *reader = &table->readers[table->n_readers - 1];
    hid_t type = H5Dget_type(reader->dataset);
    caucus_status status = choose_kind(table, reader->object, type, column);
    H5Tclose(type);
    TRY(status);
    char *dtype = caucus_hdf5_attribute(reader->dataset, "dtype"); /* how xarray marks truth values */
    if (column->kind == CAUCUS_HDF5_SIGNED && dtype != NULL && strcmp(dtype, "bool") == 0) {
        column->kind = CAUCUS_HDF5_BOOLEAN;
    }
    free(dtype);
    reader->memory_type = H5Tcopy(column->memory_type);
    reader->stride = column->size;
    reader->variable = column->kind == CAUCUS_HDF5_VARIABLE;
    column->reader = reader;
    return CAUCUS_OK;
}

/* All members selected are read together, so that every chunk is decompressed once. */
static caucus_status select_members(caucus_hdf5_columns *table, const uint32_t *names)
{
    TRY(open_reader(table, caucus_text_copy(table->object)));
    caucus_hdf5_reader *reader = &table->readers[0];
    hid_t type = H5Dget_type(reader->dataset);
    caucus_status status = CAUCUS_OK;
    for (uint32_t c = 0; c < table->n_columns && status == CAUCUS_OK; c++) {
        caucus_hdf5_column *column = &table->columns[c];
        hid_t member = H5Tget_member_type(type, names[c]);
        status = choose_kind(table, reader->object, member, column);
        H5Tclose(member);
        column->reader = reader;
        column->offset = reader->stride;
        reader->stride += column->size;
        reader->variable |= column->kind == CAUCUS_HDF5_VARIABLE;
    }
    H5Tclose(type);
    TRY(status);
    reader->memory_type = H5Tcreate(H5T_COMPOUND, reader->stride);
    for (uint32_t c = 0; c < table->n_columns; c++) {
        const caucus_hdf5_column *column = &table->columns[c];
        if (H5Tinsert(reader->memory_type, column->name, column->offset, column->memory_type) < 0) {
            return fail_library(table, reader->object, "its type cannot be read");
        }
    }
    return CAUCUS_OK;
}

static caucus_status allocate_slabs(caucus_hdf5_columns *table)
{
    size_t row_bytes = 0;
    for (uint32_t r = 0; r < table->n_readers; r++) {
        row_bytes += table->readers[r].stride;
    }
    table->slab_rows = SLAB_BYTES / (row_bytes > 0 ? row_bytes : 1);
    table->slab_rows = table->slab_rows > MAX_SLAB_ROWS ? MAX_SLAB_ROWS : table->slab_rows;
    table->slab_rows = table->slab_rows > 0 ? table->slab_rows : 1;
    for (uint32_t r = 0; r < table->n_readers; r++) {
        TRY(caucus_alloc(table->slab_rows, table->readers[r].stride, "rows of a table", &table->readers[r].slab));
    }
    return CAUCUS_OK;
}

caucus_status caucus_hdf5_columns_select(caucus_hdf5_columns *table, uint32_t n_columns, const uint32_t *names)
{
    TRY(caucus_alloc(n_columns, sizeof *table->columns, "columns", &table->columns));
    TRY(caucus_alloc(n_columns, sizeof *table->readers, "columns", &table->readers));
    table->n_columns = n_columns;
    for (uint32_t c = 0; c < n_columns; c++) {
        table->columns[c].name = table->names[names[c]];
        table->columns[c].memory_type = -1;
    }
    if (table->compound) {
        TRY(select_members(table, names));
    }
    for (uint32_t c = 0; c < n_columns && !table->compound; c++) {
        TRY(select_dataset(table, &table->columns[c]));
    }
    return allocate_slabs(table);
}

/* ---- reading -------------------------------------------------------------------------------------------------- */

static caucus_status read_slab(const caucus_hdf5_columns *table, caucus_hdf5_reader *reader, hsize_t first_row,
                               hsize_t n_rows)
{
    hid_t file_space = H5Dget_space(reader->dataset);
    reader->slab_space = H5Screate_simple(1, &n_rows, NULL);
    herr_t error = H5Sselect_hyperslab(file_space, H5S_SELECT_SET, &first_row, NULL, &n_rows, NULL);
    memset(reader->slab, 0, n_rows * reader->stride); /* pointers that a failed read did not set are then NULL */
    if (error >= 0) {
        error =
            H5Dread(reader->dataset, reader->memory_type, reader->slab_space, file_space, H5P_DEFAULT, reader->slab);
    }
    H5Sclose(file_space);
    return error < 0 ? fail_library(table, reader->object, "cannot be read") : CAUCUS_OK;
}

caucus_status caucus_hdf5_columns_read(caucus_hdf5_columns *table, uint64_t first_row, uint64_t n_rows)
{
    for (uint32_t r = 0; r < table->n_readers; r++) {
        TRY(read_slab(table, &table->readers[r], first_row, n_rows));
    }
    return CAUCUS_OK;
}

void caucus_hdf5_columns_release(caucus_hdf5_columns *table)
{
    for (uint32_t r = 0; r < table->n_readers; r++) {
        caucus_hdf5_reader *reader = &table->readers[r];
        if (reader->slab_space < 0) {
            continue;
        }
        if (reader->variable) {
            H5Dvlen_reclaim(reader->memory_type, reader->slab_space, H5P_DEFAULT, reader->slab);
        }
        H5Sclose(reader->slab_space);
        reader->slab_space = -1;
    }
}

void caucus_hdf5_columns_close(caucus_hdf5_columns *table)
{
    caucus_hdf5_columns_release(table);
    for (uint32_t c = 0; c < table->n_columns; c++) {
        if (table->columns[c].memory_type >= 0) {
            H5Tclose(table->columns[c].memory_type);
        }
        free(table->columns[c].missing_text);
        if (table->columns[c].categories != NULL) {
            caucus_hdf5_columns_close(table->columns[c].categories);
            free(table->columns[c].categories);
        }
    }
    for (uint32_t r = 0; r < table->n_readers; r++) {
        caucus_hdf5_reader *reader = &table->readers[r];
        if (reader->memory_type >= 0) {
            H5Tclose(reader->memory_type);
        }
        if (reader->dataset >= 0) {
            H5Dclose(reader->dataset);
        }
        free(reader->slab);
        free(reader->object);
    }
    for (uint32_t i = 0; i < table->n_names; i++) {
        free(table->names[i]);
    }
    if (table->path != NULL && table->file >= 0) {
        H5Fclose(table->file);
    }
    free(table->names);
    free(table->aside);
    free(table->columns);
    free(table->readers);
    free(table->object);
    *table = (caucus_hdf5_columns){.file = -1};
}
