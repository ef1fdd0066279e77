#include "population/row_matrix.h"

#include "base/text.h"
#include "population/file_kind.h"
#include "population/row_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static caucus_status find_one(const char *path, const caucus_table_source *source, const char *name, uint32_t *at,
                              const char **unknown)
{
    *at = caucus_table_source_find(source, name);
    if (*at < source->n_names) {
        return CAUCUS_OK;
    }
    if (unknown != NULL) {
        *unknown = name;
    }
    const size_t nearest = caucus_text_nearest(name, (const char *const *)source->names, source->n_names);
    return caucus_fail(CAUCUS_INVALID, "%s: no dataset is named \"%s\"%s%s%s", path, name,
                       nearest < source->n_names ? "; did you mean \"" : "",
                       nearest < source->n_names ? source->names[nearest] : "", nearest < source->n_names ? "\"?" : "");
}

caucus_status caucus_row_matrix_label(const caucus_table_spec *spec, const caucus_table_source *source,
                                      caucus_table_columns *columns, const char **unknown)
{
    uint32_t label = 0;
    *columns = (caucus_table_columns){.weight = CAUCUS_NO_COLUMN};
    TRY(find_one(spec->place.path, source, spec->label, &label, unknown));
    if (spec->weight != NULL) {
        TRY(find_one(spec->place.path, source, spec->weight, &columns->weight, unknown));
    }
    TRY(caucus_alloc(1, sizeof *columns->columns, "columns", &columns->columns));
    columns->n_columns = 1;
    columns->columns[0] = (caucus_table_column){.name = source->names[label], .source = label};
    return CAUCUS_OK;
}

/* The next frame, which must be of this kind. */
static caucus_status receive(const caucus_row_matrix *matrix, caucus_matrix_frame wanted)
{
    uint8_t kind = 0;
    TRY(caucus_isolated_receive(matrix->process));
    caucus_isolated_take(matrix->process, &kind, sizeof kind);
    if (kind == wanted) {
        return CAUCUS_OK;
    }
    return kind == CAUCUS_MATRIX_ERROR ? caucus_isolated_take_failure(matrix->process)
                                       : caucus_isolated_fail_nonsense(matrix->process);
}

caucus_status caucus_row_matrix_open(caucus_row_matrix *matrix, const caucus_table_source *source, const char **unknown,
                                     caucus_matrix_place place)
{
    caucus_file_kind kind = CAUCUS_FILE_TEXT;
    uint64_t sizes[2] = {0, 0};
    uint32_t at = 0;
    *matrix = (caucus_row_matrix){.place = place};
    TRY(caucus_file_kind_find(place.path, &kind));
    if (kind != CAUCUS_FILE_HDF5) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s is no HDF5 file, in which x names a matrix; of other tables numeric names the columns "
                           "that are numbers",
                           place.path);
    }
    if (strchr(place.name, '/') == NULL) { /* a path is not among the names */
        TRY(find_one(place.path, source, place.name, &at, unknown));
    }
    const caucus_isolated_limits limits = caucus_isolated_limits_of(place.path);
    TRY(caucus_isolated_start(place.path, &limits, caucus_matrix_send, &matrix->place, &matrix->process));
    TRY(receive(matrix, CAUCUS_MATRIX_SHAPE));
    caucus_isolated_take(matrix->process, sizes, sizeof sizes);
    if (caucus_isolated_overrun(matrix->process) || sizes[1] == 0 || sizes[1] > CAUCUS_MATRIX_MOST_COLUMNS) {
        return caucus_isolated_fail_nonsense(matrix->process);
    }
    matrix->n_rows = sizes[0];
    matrix->n_columns = (uint32_t)sizes[1];
    return caucus_alloc(matrix->n_columns, sizeof *matrix->aside, "a row", &matrix->aside);
}

void caucus_row_matrix_close(caucus_row_matrix *matrix)
{
    caucus_isolated_stop(matrix->process);
    free(matrix->aside);
    *matrix = (caucus_row_matrix){0};
}

static caucus_status take_row(caucus_row_matrix *matrix, double *numbers)
{
    if (matrix->row == matrix->slab_end) {
        TRY(receive(matrix, CAUCUS_MATRIX_SLAB));
        matrix->slab_end += caucus_matrix_slab_rows(matrix->n_columns);
        matrix->slab_end = matrix->slab_end < matrix->n_rows ? matrix->slab_end : matrix->n_rows;
    }
    caucus_isolated_take(matrix->process, numbers, matrix->n_columns * sizeof *numbers);
    matrix->row++;
    return caucus_isolated_overrun(matrix->process) ? caucus_isolated_fail_nonsense(matrix->process) : CAUCUS_OK;
}

caucus_status caucus_row_matrix_read(caucus_row_matrix *matrix, double *numbers)
{
    const caucus_matrix_place *place = &matrix->place;
    if (matrix->row >= matrix->n_rows) {
        return caucus_fail(CAUCUS_INVALID, "%s:%s has %llu rows, fewer than there are labels", place->path, place->name,
                           (unsigned long long)matrix->n_rows);
    }
    TRY(take_row(matrix, numbers));
    for (uint32_t c = 0; c < matrix->n_columns; c++) {
        if (!(fabs(numbers[c]) <= CAUCUS_LARGEST_NUMBER)) {
            return caucus_fail(CAUCUS_INVALID, "%s:%s[%llu][%u] is %s; give it a number, or leave the row out",
                               place->path, place->name, (unsigned long long)(matrix->row - 1), c,
                               isnan(numbers[c])   ? "no number (NaN)"
                               : isinf(numbers[c]) ? "infinite"
                                                   : "beyond 1e100");
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_row_matrix_skip(caucus_row_matrix *matrix)
{
    if (matrix->row < matrix->n_rows) {
        return take_row(matrix, matrix->aside);
    }
    matrix->row++;
    return CAUCUS_OK;
}

caucus_status caucus_row_matrix_check_end(const caucus_row_matrix *matrix)
{
    return matrix->process == NULL || matrix->row == matrix->n_rows
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID, "%s:%s has %llu rows, but there are %llu labels", matrix->place.path,
                             matrix->place.name, (unsigned long long)matrix->n_rows, (unsigned long long)matrix->row);
}
