#include "population/row_table.h"

#include "base/number.h"
#include "base/text.h"
#include "population/row_matrix.h"
#include "population/row_table_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MOST_PEOPLE = UINT64_C(1) << 53;
static const caucus_numeric PLAIN = {0}; /* a number without words */

typedef struct reading {
    const caucus_row_spec *spec;
    caucus_population **population;
    const char **unknown;
    caucus_table_source *source;
    caucus_table_columns columns; /* features, label; the weight */
    caucus_row_matrix matrix;
    caucus_row_build build;
} reading;

/* ---- columns ----------------------------------------------------------------------------------------------------- */

static const caucus_numeric *find_numeric(const caucus_row_spec *spec, const char *name)
{
    for (uint32_t i = 0; i < spec->n_numeric; i++) {
        if (strcmp(spec->numeric[i].column, name) == 0) {
            return &spec->numeric[i];
        }
    }
    return spec->all_numeric ? &PLAIN : NULL;
}

/* Every column that is called numeric must be a feature. */
static caucus_status check_numeric(const reading *r)
{
    for (uint32_t i = 0; i < r->spec->n_numeric; i++) {
        const char *name = r->spec->numeric[i].column;
        bool found = false;
        for (uint32_t c = 0; c + 1 < r->columns.n_columns; c++) {
            found = found || strcmp(r->columns.columns[c].name, name) == 0;
        }
        if (found) {
            continue;
        }
        if (r->unknown != NULL) {
            *r->unknown = name;
        }
        if (caucus_table_source_find(r->source, name) < r->source->n_names) {
            return caucus_fail(CAUCUS_INVALID,
                               "%s: numeric column \"%s\" is no feature: it is the label, the weight, or not among "
                               "features; leave it out of numeric",
                               r->spec->table.place.path, name);
        }
        const size_t nearest = caucus_text_nearest(name, (const char *const *)r->source->names, r->source->n_names);
        return caucus_fail(CAUCUS_INVALID, "%s: numeric column \"%s\" is no feature%s%s%s", r->spec->table.place.path,
                           name, nearest < r->source->n_names ? "; did you mean \"" : "",
                           nearest < r->source->n_names ? r->source->names[nearest] : "",
                           nearest < r->source->n_names ? "\"?" : "");
    }
    return CAUCUS_OK;
}

/* Which features are numbers; the others and the label go to the builder of categories. */
static caucus_status sort_out(reading *r)
{
    caucus_row_build *build = &r->build;
    const uint32_t n = r->columns.n_columns - 1;
    build->spec = r->spec;
    build->n_features = n;
    TRY(caucus_alloc(n, sizeof *build->numeric, "columns", &build->numeric));
    TRY(caucus_alloc(n, sizeof *build->names, "columns", &build->names));
    TRY(caucus_alloc((size_t)n + 1, sizeof *build->chosen.columns, "columns", &build->chosen.columns));
    for (uint32_t f = 0; f <= n; f++) {
        const caucus_table_column *column = &r->columns.columns[f];
        const caucus_numeric *numeric = f < n ? find_numeric(r->spec, column->name) : NULL;
        if (numeric != NULL && column->bins != NULL) {
            return caucus_fail(CAUCUS_INVALID, "%s: column \"%s\" is numeric and cut by bins; keep one of the two",
                               r->spec->table.place.path, column->name);
        }
        if (f < n) {
            build->numeric[f] = numeric;
            build->names[f] = column->name;
        }
        if (numeric == NULL) {
            build->chosen.columns[build->chosen.n_columns++] = *column;
        }
    }
    build->n_ids = build->chosen.n_columns;
    build->n_numbers = n + 1 - build->n_ids;
    return caucus_table_build_init(&build->categories, &r->spec->table, &build->chosen);
}

/* The features of a matrix have no columns in the table: the label alone, and the weight. */
static caucus_status find_columns(reading *r)
{
    if (r->spec->matrix == NULL) {
        TRY(caucus_table_columns_find(&r->spec->table, r->source, &r->columns, r->unknown));
        TRY(check_numeric(r));
        return sort_out(r);
    }
    TRY(caucus_row_matrix_open(&r->matrix, r->source, r->unknown,
                               (caucus_matrix_place){.path = r->spec->table.place.path,
                                                     .group = r->spec->table.place.group,
                                                     .name = r->spec->matrix}));
    TRY(caucus_row_matrix_label(&r->spec->table, r->source, &r->columns, r->unknown));
    caucus_row_build *build = &r->build;
    build->spec = r->spec;
    build->n_features = r->matrix.n_columns;
    build->n_numbers = r->matrix.n_columns;
    build->n_ids = 1;
    TRY(caucus_alloc(build->n_features, sizeof *build->numeric, "columns", &build->numeric));
    for (uint32_t f = 0; f < build->n_features; f++) {
        build->numeric[f] = &PLAIN;
    }
    TRY(caucus_alloc(1, sizeof *build->chosen.columns, "columns", &build->chosen.columns));
    build->chosen.columns[build->chosen.n_columns++] = r->columns.columns[0];
    return caucus_table_build_init(&build->categories, &r->spec->table, &build->chosen);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static bool find_word(const caucus_numeric *numeric, const char *text, size_t length, double *number)
{
    for (uint32_t i = 0; i < numeric->n_words; i++) {
        if (strlen(numeric->words[i]) == length && memcmp(numeric->words[i], text, length) == 0) {
            *number = numeric->numbers[i];
            return true;
        }
    }
    return false;
}

static caucus_status read_number(const char *name, const caucus_numeric *numeric, const caucus_value *value,
                                 double *number)
{
    char room[CAUCUS_NUMBER_BYTES];
    size_t length = 0;
    const char *text = caucus_value_text(value, room, &length);
    if (find_word(numeric, text, length, number) || (length > 0 && caucus_number_parse(text, length, number))) {
        return fabs(*number) <= CAUCUS_LARGEST_NUMBER
                   ? CAUCUS_OK
                   : caucus_fail(CAUCUS_INVALID, "%g in column \"%s\" is beyond 1e100; take a larger unit", *number,
                                 name);
    }
    if (length == 0) {
        return caucus_fail(CAUCUS_INVALID,
                           "no number in column \"%s\", which is numeric; leave the row out, or leave the column to "
                           "be categories",
                           name);
    }
    return caucus_fail(CAUCUS_INVALID,
                       "\"%.*s\" in column \"%s\" is no finite number; give it one, words: {%s: {\"%.*s\": 0}}, or "
                       "leave the column to be categories",
                       length < 60 ? (int)length : 60, text, name, name, length < 60 ? (int)length : 60, text);
}

static caucus_status read_features(reading *r, uint32_t *column)
{
    caucus_row_build *build = &r->build;
    const caucus_value *values = r->source->values;
    double *numbers = build->line;
    uint32_t category = 0;
    if (r->spec->matrix != NULL) {
        *column = CAUCUS_NO_COLUMN;
        TRY(caucus_row_matrix_read(&r->matrix, numbers));
    }
    for (uint32_t f = 0; r->spec->matrix == NULL && f < build->n_features; f++) {
        *column = f;
        if (build->numeric[f] != NULL) {
            TRY(read_number(build->names[f], build->numeric[f], &values[f], numbers++));
        } else {
            TRY(caucus_table_build_set(&build->categories, category++, &values[f], r->source->checked));
        }
    }
    return CAUCUS_OK;
}

/* column: in which a failure lies; CAUCUS_NO_COLUMN where the matrix has said the place. */
static caucus_status add_row(reading *r, uint32_t *column)
{
    caucus_row_build *build = &r->build;
    const caucus_value *values = r->source->values;
    const uint32_t label = r->columns.n_columns - 1;
    uint64_t weight = 1;
    bool labelled = true;
    *column = label + 1;
    if (r->columns.weight != CAUCUS_NO_COLUMN) {
        TRY(caucus_table_weight(r->source->names[r->columns.weight], &values[label + 1], &weight));
    }
    *column = label;
    TRY(caucus_table_build_set(&build->categories, build->n_ids - 1, &values[label], r->source->checked));
    TRY(caucus_table_build_label(&build->categories, weight, &labelled));
    if (!labelled || weight == 0) {
        build->n_read += labelled;
        *column = CAUCUS_NO_COLUMN;
        return caucus_row_matrix_skip(&r->matrix);
    }
    TRY(caucus_row_build_grow(build));
    TRY(read_features(r, column));
    *column = label;
    TRY(caucus_row_build_add(build, weight));
    build->n_read++;
    return build->total <= MOST_PEOPLE
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID, "the weights up to here add up to more than 2^53; divide all of them");
}

static caucus_status read_rows(reading *r)
{
    for (bool more = true; more;) {
        uint32_t column = 0;
        TRY(caucus_table_source_next(r->source, &more));
        caucus_status status = more ? add_row(r, &column) : CAUCUS_OK;
        if (status != CAUCUS_OK && column != CAUCUS_NO_COLUMN) {
            caucus_table_source_prefix(r->source, column < r->source->n_columns ? column : 0);
        }
        TRY(status);
    }
    return caucus_row_matrix_check_end(&r->matrix);
}

static caucus_status read_table(void *data)
{
    reading *r = data;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_row_build_check_file(r->spec), done);
    TRY_GOTO(caucus_table_source_open(&r->spec->table.place, &r->source), done);
    TRY_GOTO(find_columns(r), done);
    TRY_GOTO(caucus_table_columns_select(&r->columns, r->source), done);
    r->build.file_bytes = r->source->bytes;
    TRY_GOTO(caucus_row_build_begin(&r->build, r->spec->matrix != NULL ? r->matrix.n_rows : r->source->n_rows), done);
    TRY_GOTO(read_rows(r), done);
    TRY_GOTO(caucus_row_build_finish(&r->build, r->population), done);
    (*r->population)->n_aside = r->columns.n_aside;
done:
    caucus_row_build_free(&r->build);
    caucus_row_matrix_close(&r->matrix);
    caucus_table_columns_free(&r->columns);
    caucus_table_source_close(r->source);
    return status;
}

caucus_status caucus_row_table_read(const caucus_row_spec *spec, caucus_population **population, const char **unknown)
{
    if (unknown != NULL) {
        *unknown = NULL;
    }
    reading r = {.spec = spec, .population = population, .unknown = unknown};
    return caucus_with_plain_numbers(read_table, &r);
}
