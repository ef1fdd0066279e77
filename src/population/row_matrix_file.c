#include "population/row_matrix_file.h"

#include "base/text.h"
#include "population/table_hdf5_columns.h"

#include <hdf5.h>

#include <stdlib.h>
#include <string.h>

enum { SLAB_BYTES = 16 << 20 };

typedef struct matrix_file { /* closed with the process */
    const caucus_matrix_place *place;
    hid_t dataset;
    hsize_t n_rows, n_columns;
} matrix_file;

uint64_t caucus_matrix_slab_rows(uint64_t n_columns)
{
    const uint64_t fitting = SLAB_BYTES / (n_columns * sizeof(double));
    return fitting > 1 ? fitting : 1;
}

static caucus_status find_shape(matrix_file *file)
{
    hsize_t sizes[2] = {0, 0};
    hid_t space = H5Dget_space(file->dataset);
    hid_t type = H5Dget_type(file->dataset);
    const int n_dimensions = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    const H5T_class_t class = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
    if (n_dimensions == 2) {
        H5Sget_simple_extent_dims(space, sizes, NULL);
    }
    if (n_dimensions != 2 || (class != H5T_FLOAT && class != H5T_INTEGER) || sizes[1] == 0) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s:%s is no matrix of numbers [row][column]; name one of real or whole numbers with two "
                           "dimensions",
                           file->place->path, file->place->name);
    }
    if (sizes[1] > CAUCUS_MATRIX_MOST_COLUMNS) {
        return caucus_fail(CAUCUS_INVALID, "%s:%s has %llu columns, at most 2^20 - 1; leave some out",
                           file->place->path, file->place->name, (unsigned long long)sizes[1]);
    }
    file->n_rows = sizes[0];
    file->n_columns = sizes[1];
    return CAUCUS_OK;
}

static caucus_status open_file(matrix_file *file)
{
    const caucus_matrix_place *place = file->place;
    hid_t opened = H5Fopen(place->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (opened < 0) {
        return caucus_hdf5_fail(place->path, "/", "the file cannot be opened; is it complete?");
    }
    char *object = caucus_text_format("%s%s%s", place->group != NULL ? place->group : "",
                                      place->group != NULL ? "/" : "", place->name);
    if (object == NULL) {
        return caucus_fail_memory(strlen(place->name), "a name");
    }
    file->dataset = H5Dopen2(opened, object, H5P_DEFAULT);
    free(object);
    return file->dataset >= 0
               ? find_shape(file)
               : caucus_fail(CAUCUS_INVALID, "%s: no dataset is named \"%s\", which x says is the matrix", place->path,
                             place->name);
}

static caucus_status send_slab(const matrix_file *file, hsize_t first, hsize_t n, double *slab, caucus_isolated *pipe)
{
    const uint8_t kind = CAUCUS_MATRIX_SLAB;
    const hsize_t start[2] = {first, 0};
    const hsize_t count[2] = {n, file->n_columns};
    hid_t space = H5Dget_space(file->dataset);
    hid_t memory = H5Screate_simple(2, count, NULL);
    if (space < 0 || memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Dread(file->dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, slab) < 0) {
        return caucus_hdf5_fail(file->place->path, file->place->name, "cannot be read");
    }
    H5Sclose(memory);
    H5Sclose(space);
    caucus_isolated_put(pipe, &kind, sizeof kind);
    caucus_isolated_put(pipe, slab, n * file->n_columns * sizeof *slab);
    caucus_isolated_send(pipe);
    return CAUCUS_OK;
}

static caucus_status send_matrix(matrix_file *file, caucus_isolated *pipe)
{
    const uint8_t kind = CAUCUS_MATRIX_SHAPE;
    double *slab = NULL;
    TRY(open_file(file));
    const uint64_t sizes[2] = {file->n_rows, file->n_columns};
    caucus_isolated_put(pipe, &kind, sizeof kind);
    caucus_isolated_put(pipe, sizes, sizeof sizes);
    caucus_isolated_send(pipe);
    caucus_isolated_flush(pipe);
    const hsize_t slab_rows = caucus_matrix_slab_rows(file->n_columns);
    TRY(caucus_alloc(slab_rows * file->n_columns, sizeof *slab, "rows", &slab));
    for (hsize_t first = 0; first < file->n_rows; first += slab_rows) {
        const hsize_t left = file->n_rows - first;
        TRY(send_slab(file, first, left < slab_rows ? left : slab_rows, slab, pipe));
    }
    return CAUCUS_OK;
}

void caucus_matrix_send(void *data, caucus_isolated *pipe)
{
    matrix_file file = {.place = data, .dataset = -1};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const caucus_status status = send_matrix(&file, pipe);
    if (status != CAUCUS_OK) {
        const uint8_t kind = CAUCUS_MATRIX_ERROR;
        caucus_isolated_put(pipe, &kind, sizeof kind);
        caucus_isolated_put_failure(pipe, status);
        caucus_isolated_send(pipe);
    }
}
