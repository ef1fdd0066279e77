#include "population/row_matrix.h"

#include "base/text.h"
#include "population/table_hdf5_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SLAB_BYTES = 16 << 20 };
static const hsize_t MOST_COLUMNS = (1u << 20) - 1;

static caucus_status find_one(const caucus_table_spec *spec, const caucus_table_source *source, const char *name,
                              uint32_t *at, const char **unknown)
{
    *at = caucus_table_source_find(source, name);
    if (*at < source->n_names) {
        return CAUCUS_OK;
    }
    if (unknown != NULL) {
        *unknown = name;
    }
    const size_t nearest = caucus_text_nearest(name, (const char *const *)source->names, source->n_names);
    return caucus_fail(CAUCUS_INVALID, "%s: no dataset is named \"%s\"%s%s%s", spec->place.path, name,
                       nearest < source->n_names ? "; did you mean \"" : "",
                       nearest < source->n_names ? source->names[nearest] : "", nearest < source->n_names ? "\"?" : "");
}

caucus_status caucus_row_matrix_label(const caucus_table_spec *spec, const caucus_table_source *source,
                                      caucus_table_columns *columns, const char **unknown)
{
    uint32_t label = 0;
    *columns = (caucus_table_columns){.weight = CAUCUS_NO_COLUMN};
    TRY(find_one(spec, source, spec->label, &label, unknown));
    if (spec->weight != NULL) {
        TRY(find_one(spec, source, spec->weight, &columns->weight, unknown));
    }
    TRY(caucus_alloc(1, sizeof *columns->columns, "columns", &columns->columns));
    columns->n_columns = 1;
    columns->columns[0] = (caucus_table_column){.name = source->names[label], .source = label};
    return CAUCUS_OK;
}

static caucus_status check_shape(caucus_row_matrix *matrix)
{
    hsize_t sizes[2] = {0, 0};
    hid_t space = H5Dget_space(matrix->dataset);
    hid_t type = H5Dget_type(matrix->dataset);
    const int n_dimensions = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    const H5T_class_t class = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
    if (n_dimensions == 2) {
        H5Sget_simple_extent_dims(space, sizes, NULL);
    }
    if (type >= 0) {
        H5Tclose(type);
    }
    if (space >= 0) {
        H5Sclose(space);
    }
    if (n_dimensions != 2 || (class != H5T_FLOAT && class != H5T_INTEGER) || sizes[1] == 0) {
        return caucus_fail(CAUCUS_INVALID, "%s:%s: no matrix of numbers [row][column]", matrix->path, matrix->name);
    }
    if (sizes[1] > MOST_COLUMNS) {
        return caucus_fail(CAUCUS_INVALID, "%s:%s: %llu columns, at most 2^20 - 1", matrix->path, matrix->name,
                           (unsigned long long)sizes[1]);
    }
    matrix->n_rows = sizes[0];
    matrix->n_columns = (uint32_t)sizes[1];
    return CAUCUS_OK;
}

caucus_status caucus_row_matrix_open(caucus_row_matrix *matrix, const char *path, const char *group, const char *name)
{
    *matrix = (caucus_row_matrix){.path = path, .name = name, .file = -1, .dataset = -1};
    matrix->file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (matrix->file < 0) {
        return caucus_hdf5_fail(path, "/", "the file cannot be opened; is it complete?");
    }
    char *object = caucus_text_format("%s%s%s", group != NULL ? group : "", group != NULL ? "/" : "", name);
    if (object == NULL) {
        return caucus_fail_memory(strlen(name), "a name");
    }
    matrix->dataset = H5Dopen2(matrix->file, object, H5P_DEFAULT);
    free(object);
    if (matrix->dataset < 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: no dataset is named \"%s\"", path, name);
    }
    TRY(check_shape(matrix));
    const uint64_t fitting = SLAB_BYTES / (matrix->n_columns * sizeof(double));
    matrix->slab_rows = fitting > 1 ? fitting : 1;
    return caucus_alloc(matrix->slab_rows * matrix->n_columns, sizeof *matrix->slab, "rows", &matrix->slab);
}

void caucus_row_matrix_close(caucus_row_matrix *matrix)
{
    if (matrix->dataset >= 0) {
        H5Dclose(matrix->dataset);
    }
    if (matrix->file >= 0) {
        H5Fclose(matrix->file);
    }
    free(matrix->slab);
    *matrix = (caucus_row_matrix){.file = -1, .dataset = -1};
}

static caucus_status read_slab(caucus_row_matrix *matrix)
{
    const hsize_t start[2] = {matrix->row, 0};
    const uint64_t left = matrix->n_rows - matrix->row;
    const hsize_t count[2] = {left < matrix->slab_rows ? left : matrix->slab_rows, matrix->n_columns};
    hid_t space = H5Dget_space(matrix->dataset);
    hid_t memory = H5Screate_simple(2, count, NULL);
    herr_t failed = space < 0 || memory < 0 ? -1 : H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    if (failed >= 0) {
        failed = H5Dread(matrix->dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, matrix->slab);
    }
    H5Sclose(memory);
    H5Sclose(space);
    matrix->slab_begin = matrix->row;
    matrix->slab_end = matrix->row + count[0];
    return failed < 0 ? caucus_hdf5_fail(matrix->path, matrix->name, "cannot be read") : CAUCUS_OK;
}

caucus_status caucus_row_matrix_read(caucus_row_matrix *matrix, double *numbers)
{
    if (matrix->row >= matrix->n_rows) {
        return caucus_fail(CAUCUS_INVALID, "%s:%s has %llu rows, fewer than there are labels", matrix->path,
                           matrix->name, (unsigned long long)matrix->n_rows);
    }
    if (matrix->row < matrix->slab_begin || matrix->row >= matrix->slab_end) {
        TRY(read_slab(matrix));
    }
    memcpy(numbers, matrix->slab + (matrix->row - matrix->slab_begin) * matrix->n_columns,
           matrix->n_columns * sizeof *numbers);
    for (uint32_t c = 0; c < matrix->n_columns; c++) {
        if (!isfinite(numbers[c])) {
            return caucus_fail(CAUCUS_INVALID, "%s:%s[%llu][%u] is %s; give it a number, or leave the row out",
                               matrix->path, matrix->name, (unsigned long long)matrix->row, c,
                               isnan(numbers[c]) ? "no number (NaN)" : "infinite");
        }
    }
    matrix->row++;
    return CAUCUS_OK;
}

void caucus_row_matrix_skip(caucus_row_matrix *matrix)
{
    matrix->row++;
}

caucus_status caucus_row_matrix_check_end(const caucus_row_matrix *matrix)
{
    return matrix->dataset < 0 || matrix->row == matrix->n_rows
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID, "%s:%s has %llu rows, but there are %llu labels", matrix->path,
                             matrix->name, (unsigned long long)matrix->n_rows, (unsigned long long)matrix->row);
}
