#include "population/row_table_build.h"

#include "base/array.h"
#include "base/host.h"
#include "base/text.h"
#include "population/file_kind.h"
#include "population/table_values.h"

#include <float.h>
#include <libdeflate.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FIRST_ROWS = 1024, LABEL_BYTES = 4 };
static const uint32_t MOST_ROWS = 1u << 31;

void caucus_row_build_free(caucus_row_build *build)
{
    caucus_table_build_free(&build->categories);
    caucus_table_columns_free(&build->chosen);
    free(build->numeric);
    free(build->names);
    free(build->line);
    free(build->few);
    free(build->many);
    free(build->ids);
    free(build->weights);
}

static caucus_status check_bytes(const caucus_row_spec *spec, double bytes, const char *what)
{
    const char *who = NULL;
    const double memory = (double)caucus_host_allowance(spec->memory, &who); /* 0: unknown */
    bytes += (double)spec->taken;
    return memory == 0 || bytes < memory
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID, "%s: %s take %.3g GB of memory, %s %.3g GB; use fewer rows or features",
                             spec->table.place.path, what, bytes / 1e9, who, memory / 1e9);
}

caucus_status caucus_row_build_check_file(const caucus_row_spec *spec)
{
    caucus_file_kind kind = CAUCUS_FILE_TEXT;
    struct stat facts;
    TRY(caucus_file_kind_find(spec->table.place.path, &kind));
    if (kind == CAUCUS_FILE_HDF5 || stat(spec->table.place.path, &facts) != 0) {
        return CAUCUS_OK; /* read by parts; or told when it is opened */
    }
    return check_bytes(spec, (double)facts.st_size, "its bytes");
}

/* Whether so many rows fit into memory as they are kept, beside what is there while they are read: the file, and other
 * bytes for each. */
static caucus_status check_memory(const caucus_row_build *build, uint64_t n_rows, size_t number_bytes, size_t others)
{
    char what[96];
    const size_t weight = build->spec->table.weight != NULL ? sizeof *build->weights : 0;
    const double each = (double)build->n_numbers * (double)number_bytes + (double)(2 * build->n_ids + weight + others);
    snprintf(what, sizeof what, "%llu rows of %u features", (unsigned long long)n_rows, build->n_features);
    return check_bytes(build->spec, (double)n_rows * each + (double)build->file_bytes, what);
}

static caucus_status make_room(caucus_row_build *build, uint32_t capacity)
{
    TRY(check_memory(build, capacity, build->many != NULL ? sizeof *build->many : sizeof *build->few, LABEL_BYTES));
    if (build->many != NULL) {
        TRY(caucus_array_resize(&build->many, capacity, build->n_numbers * sizeof *build->many, "the rows of a table"));
    } else {
        TRY(caucus_array_resize(&build->few, capacity, build->n_numbers * sizeof *build->few, "the rows of a table"));
    }
    TRY(caucus_array_resize(&build->ids, capacity, build->n_ids * sizeof *build->ids, "the rows of a table"));
    if (build->spec->table.weight != NULL) {
        TRY(caucus_array_resize(&build->weights, capacity, sizeof *build->weights, "the rows of a table"));
    }
    build->capacity = capacity;
    return CAUCUS_OK;
}

caucus_status caucus_row_build_begin(caucus_row_build *build, uint64_t n_rows)
{
    TRY(caucus_alloc(build->n_numbers, sizeof *build->line, "a row", &build->line));
    if (n_rows > MOST_ROWS) { /* some may have no label, but they are not read to find out */
        return caucus_fail(CAUCUS_INVALID, "%s: %llu rows, at most %u; give equal ones a weight",
                           build->spec->table.place.path, (unsigned long long)n_rows, MOST_ROWS);
    }
    TRY(check_memory(build, n_rows, sizeof *build->few, LABEL_BYTES));
    return make_room(build, n_rows > 0 ? (uint32_t)n_rows : FIRST_ROWS);
}

caucus_status caucus_row_build_grow(caucus_row_build *build)
{
    if (build->n_rows < build->capacity) {
        return CAUCUS_OK;
    }
    if (build->n_rows >= MOST_ROWS) {
        return caucus_fail(CAUCUS_INVALID, "more than %u rows; give equal ones a weight", MOST_ROWS);
    }
    return make_room(build, build->capacity + build->capacity / 2);
}

/* The numbers so far as doubles. */
static caucus_status widen(caucus_row_build *build)
{
    double *many = NULL;
    const size_t n = (size_t)build->n_rows * build->n_numbers;
    TRY(check_memory(build, build->capacity, sizeof *many, build->n_numbers * sizeof *build->few));
    TRY(caucus_array_resize(&many, build->capacity, build->n_numbers * sizeof *many, "the rows of a table"));
    for (size_t i = 0; i < n; i++) {
        many[i] = (double)build->few[i];
    }
    free(build->few);
    build->few = NULL;
    build->many = many;
    return CAUCUS_OK;
}

caucus_status caucus_row_build_add(caucus_row_build *build, uint64_t weight)
{
    const size_t first = (size_t)build->n_rows * build->n_numbers;
    for (uint32_t i = 0; build->many == NULL && i < build->n_numbers; i++) {
        const float x = fabs(build->line[i]) <= FLT_MAX ? (float)build->line[i] : 0;
        if ((double)x != build->line[i]) {
            TRY(widen(build));
        } else {
            build->few[first + i] = x;
        }
    }
    if (build->many != NULL) {
        memcpy(build->many + first, build->line, build->n_numbers * sizeof *build->line);
    }
    memcpy(build->ids + (size_t)build->n_rows * build->n_ids, build->categories.row, build->n_ids * sizeof *build->ids);
    if (build->weights != NULL) {
        build->weights[build->n_rows] = weight;
    }
    build->n_rows++;
    build->total += weight;
    return CAUCUS_OK;
}

/* ---- from what was read to vectors ------------------------------------------------------------------------------- */

static caucus_status name_feature(const caucus_row_build *build, uint32_t f, char **name)
{
    *name = build->names != NULL ? caucus_text_copy(build->names[f]) : caucus_text_format("x%u", f);
    return *name != NULL ? CAUCUS_OK : caucus_fail_memory(0, "the names of columns");
}

/* Features with their categories, and the columns of each. final_ids: [id column]. */
static caucus_status lay_out(caucus_row_build *build, caucus_population *population, uint32_t **final_ids)
{
    caucus_row_table *rows = population->rows;
    uint64_t n_columns = 0;
    uint32_t category = 0;
    for (uint32_t f = 0; f < build->n_features; f++) {
        caucus_row_source *source = &rows->sources[f];
        *source = (caucus_row_source){.first_column = (uint32_t)n_columns, .n_columns = 1, .scale = 1};
        source->numeric = build->numeric[f] != NULL;
        if (source->numeric) {
            TRY(name_feature(build, f, &population->features[f].name));
        } else {
            TRY(caucus_table_values_sort(&build->categories.columns[category], &build->categories.missing, NULL,
                                         &population->features[f], &final_ids[category]));
            category++;
            source->n_columns = population->features[f].n_values;
        }
        n_columns += source->n_columns;
    }
    if (n_columns >= 1u << 20) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s: rows of %llu columns; at most 2^20 - 1: leave out features of many values",
                           build->spec->table.place.path, (unsigned long long)n_columns);
    }
    rows->n_columns = (uint32_t)n_columns;
    const bool *drop = build->spec->table.keep_unlabelled ? NULL : build->categories.label_missing;
    return caucus_table_values_sort(&build->categories.columns[category], &build->categories.missing, drop,
                                    &population->label, &final_ids[category]);
}

/* The places of categories' values among their feature's columns, and labels, of all rows in place of what was read. */
static void place_values(caucus_row_build *build, caucus_row_table *rows, uint32_t *const *final_ids)
{
    const uint32_t n = build->n_ids - 1;
    for (uint32_t row = 0; row < rows->n_rows; row++) {
        const uint16_t *from = build->ids + (size_t)row * build->n_ids;
        rows->labels[row] = final_ids[n][from[n]];
        for (uint32_t c = 0; c < n; c++) { /* never behind what is still to be read */
            build->ids[(size_t)row * n + c] = (uint16_t)final_ids[c][from[c]];
        }
    }
}

/* The people's sum of each number [number], or of its squared distance from a mean. */
static void add_up(const caucus_row_table *rows, const double *mean, double *sums)
{
    memset(sums, 0, rows->n_numbers * sizeof *sums);
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        const double people = (double)caucus_row_weight(rows, r);
        for (uint32_t i = 0; i < rows->n_numbers; i++) {
            const double x = caucus_row_number(rows, r, i);
            sums[i] += mean == NULL ? people * x : people * (x - mean[i]) * (x - mean[i]);
        }
    }
}

/* Mean and standard deviation of each number over the people, in two passes; a constant keeps its scale. */
static caucus_status standardise(caucus_row_table *rows, uint64_t total)
{
    double *mean = NULL; /* [number], then the sums of squares */
    TRY(caucus_alloc((size_t)2 * rows->n_numbers, sizeof *mean, "means", &mean));
    double *squares = mean + rows->n_numbers;
    add_up(rows, NULL, mean);
    for (uint32_t i = 0; i < rows->n_numbers; i++) {
        mean[i] /= (double)total;
    }
    add_up(rows, mean, squares);
    for (uint32_t f = 0, i = 0; f < rows->n_sources; f++) {
        caucus_row_source *source = &rows->sources[f];
        if (source->numeric) {
            const double deviation = sqrt(squares[i] / (double)total);
            source->mean = mean[i];
            source->scale = deviation > 1e-12 * fabs(mean[i]) && deviation > 0 ? deviation : 1;
            i++;
        }
    }
    free(mean);
    return CAUCUS_OK;
}

static caucus_status checksum(const caucus_population *population, uint32_t *checksum)
{
    const caucus_row_table *rows = population->rows;
    const size_t n = rows->n_rows;
    double *x = NULL;
    uint32_t crc = 0;
    TRY(caucus_alloc((size_t)rows->n_columns + 1, sizeof *x, "a row", &x));
    for (uint32_t row = 0; row < n; row++) {
        caucus_row_get(rows, row, x);
        crc = libdeflate_crc32(crc, x, (rows->n_columns + (size_t)1) * sizeof *x);
    }
    free(x);
    crc = libdeflate_crc32(crc, rows->labels, n * sizeof *rows->labels);
    if (rows->weights != NULL) {
        crc = libdeflate_crc32(crc, rows->weights, n * sizeof *rows->weights);
    }
    for (uint32_t y = 0; y < population->n_labels; y++) {
        crc = libdeflate_crc32(crc, population->label.values[y], strlen(population->label.values[y]) + 1);
    }
    *checksum = crc;
    return CAUCUS_OK;
}

/* What was read becomes the table's, without a copy and without room to spare. */
static caucus_status hand_over(caucus_row_build *build, caucus_row_table *rows, uint32_t *const *final_ids)
{
    const size_t n = rows->n_rows;
    rows->n_numbers = build->n_numbers;
    rows->n_categories = build->n_ids - 1;
    if (build->many != NULL) {
        TRY(caucus_array_resize(&build->many, n, build->n_numbers * sizeof *build->many, "the rows of a table"));
    } else {
        TRY(caucus_array_resize(&build->few, n, build->n_numbers * sizeof *build->few, "the rows of a table"));
    }
    rows->few = build->few;
    rows->many = build->many;
    rows->weights = build->weights;
    build->few = NULL;
    build->many = NULL;
    build->weights = NULL;
    TRY(caucus_alloc(n, sizeof *rows->labels, "rows", &rows->labels));
    place_values(build, rows, final_ids);
    TRY(caucus_array_resize(&build->ids, n, rows->n_categories * sizeof *build->ids, "the rows of a table"));
    rows->categories = build->ids;
    build->ids = NULL;
    return CAUCUS_OK;
}

static caucus_status fill(caucus_row_build *build, caucus_population *population, uint32_t **final_ids)
{
    caucus_row_table *rows = population->rows;
    const char *path = build->spec->table.place.path;
    rows->memory = build->spec->memory;
    rows->n_sources = build->n_features;
    rows->n_rows = build->n_rows;
    rows->n_own = build->n_rows;
    population->n_features = build->n_features;
    TRY(caucus_alloc(build->n_features, sizeof *population->features, "features", &population->features));
    TRY(caucus_alloc(build->n_features, sizeof *rows->sources, "features", &rows->sources));
    TRY(lay_out(build, population, final_ids));
    population->n_labels = population->label.n_values;
    if (population->n_labels < 2) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s: the label column \"%s\" has one value only, \"%s\"; there is nothing to predict", path,
                           population->label.name, population->label.values[0]);
    }
    if (rows->n_rows < population->n_labels) {
        return caucus_fail(CAUCUS_INVALID, "%s: %u rows for %u labels", path, rows->n_rows, population->n_labels);
    }
    TRY(hand_over(build, rows, final_ids));
    if (build->spec->standard) {
        TRY(standardise(rows, build->total));
    }
    population->n_cells = rows->n_rows;
    population->total = build->total;
    population->finite = true;
    population->n_rows = build->n_read;
    population->n_unlabelled_rows = build->categories.n_unlabelled_rows;
    population->n_unlabelled = build->categories.n_unlabelled;
    TRY(checksum(population, &population->checksum));
    char grouped[CAUCUS_TEXT_GROUPED];
    population->source =
        caucus_text_format("%s (%s rows of %u numbers%s)", path, caucus_text_group(rows->n_rows, grouped),
                           rows->n_columns, build->spec->standard ? ", standardised" : "");
    return population->source != NULL ? CAUCUS_OK : caucus_fail_memory(strlen(path), "a path");
}

caucus_status caucus_row_build_finish(caucus_row_build *build, caucus_population **population)
{
    const char *path = build->spec->table.place.path;
    if (build->n_rows == 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: no row has a label and a weight", path);
    }
    caucus_status status = CAUCUS_OK;
    caucus_population *made = NULL;
    uint32_t **final_ids = NULL;
    TRY_GOTO(caucus_alloc(1, sizeof *made, "a population", &made), done);
    TRY_GOTO(caucus_alloc(1, sizeof *made->rows, "rows", &made->rows), done);
    TRY_GOTO(caucus_alloc(build->n_ids, sizeof *final_ids, "columns", &final_ids), done);
    TRY_GOTO(fill(build, made, final_ids), done);
    *population = made;
    made = NULL;
done:
    for (uint32_t c = 0; final_ids != NULL && c < build->n_ids; c++) {
        free(final_ids[c]);
    }
    free(final_ids);
    caucus_population_free(made);
    return status;
}
