#include "population/row_table_build.h"

#include "base/host.h"
#include "base/text.h"
#include "population/table_values.h"

#include <libdeflate.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 1024 };
static const uint32_t MOST_ROWS = 1u << 31;

void caucus_row_build_free(caucus_row_build *build)
{
    caucus_table_build_free(&build->categories);
    caucus_table_columns_free(&build->chosen);
    free(build->numeric);
    free(build->names);
    free(build->numbers);
    free(build->ids);
    free(build->weights);
}

static caucus_status resize(void *array, size_t n, size_t size)
{
    void *old = NULL;
    memcpy(&old, array, sizeof old);
    size_t bytes = 0;
    void *grown = __builtin_mul_overflow(n, size, &bytes) ? NULL : realloc(old, bytes > 0 ? bytes : 1);
    if (grown == NULL) {
        return caucus_fail_memory(bytes, "the rows of a table");
    }
    memcpy(array, &grown, sizeof grown);
    return CAUCUS_OK;
}

caucus_status caucus_row_build_grow(caucus_row_build *build)
{
    if (build->n_rows < build->capacity) {
        return CAUCUS_OK;
    }
    if (build->n_rows >= MOST_ROWS) {
        return caucus_fail(CAUCUS_INVALID, "more than %u rows; give equal ones a weight", MOST_ROWS);
    }
    const uint32_t capacity = build->capacity > 0 ? 2 * build->capacity : FIRST_ROWS;
    TRY(resize(&build->numbers, capacity, build->n_numbers * sizeof *build->numbers));
    TRY(resize(&build->ids, capacity, build->n_ids * sizeof *build->ids));
    TRY(resize(&build->weights, capacity, sizeof *build->weights));
    build->capacity = capacity;
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

static void fill_row(const caucus_row_build *build, caucus_row_table *rows, uint32_t *const *final_ids, uint32_t row)
{
    const double *number = build->numbers + (size_t)row * build->n_numbers;
    const uint16_t *id = build->ids + (size_t)row * build->n_ids;
    double *x = rows->x + (size_t)row * (rows->n_columns + 1);
    uint32_t category = 0;
    for (uint32_t f = 0; f < build->n_features; f++) {
        const caucus_row_source *source = &rows->sources[f];
        if (source->numeric) {
            x[source->first_column] = *number++;
        } else {
            x[source->first_column + final_ids[category][id[category]]] = 1;
            category++;
        }
    }
    x[rows->n_columns] = 1;
    rows->labels[row] = final_ids[category][id[category]];
}

/* Mean and standard deviation of each number over the people, in two passes; a constant keeps its scale. */
static void standardise(caucus_row_table *rows, uint64_t total)
{
    const size_t stride = (size_t)rows->n_columns + 1;
    for (uint32_t f = 0; f < rows->n_sources; f++) {
        caucus_row_source *source = &rows->sources[f];
        if (!source->numeric) {
            continue;
        }
        double *x = rows->x + source->first_column;
        double sum = 0;
        double squares = 0;
        for (uint32_t r = 0; r < rows->n_rows; r++) {
            sum += (double)caucus_row_weight(rows, r) * x[r * stride];
        }
        source->mean = sum / (double)total;
        for (uint32_t r = 0; r < rows->n_rows; r++) {
            const double d = x[r * stride] - source->mean;
            squares += (double)caucus_row_weight(rows, r) * d * d;
        }
        const double deviation = sqrt(squares / (double)total);
        source->scale = deviation > 1e-12 * fabs(source->mean) && deviation > 0 ? deviation : 1;
        for (uint32_t r = 0; r < rows->n_rows; r++) {
            x[r * stride] = (x[r * stride] - source->mean) / source->scale;
        }
    }
}

static uint32_t checksum(const caucus_population *population)
{
    const caucus_row_table *rows = population->rows;
    const size_t n = rows->n_rows;
    uint32_t crc = libdeflate_crc32(0, rows->x, n * (rows->n_columns + 1) * sizeof *rows->x);
    crc = libdeflate_crc32(crc, rows->labels, n * sizeof *rows->labels);
    if (rows->weights != NULL) {
        crc = libdeflate_crc32(crc, rows->weights, n * sizeof *rows->weights);
    }
    for (uint32_t y = 0; y < population->n_labels; y++) {
        crc = libdeflate_crc32(crc, population->label.values[y], strlen(population->label.values[y]) + 1);
    }
    return crc;
}

static caucus_status check_memory(const caucus_row_build *build, const caucus_row_table *rows)
{
    const double bytes = (double)build->n_rows * (rows->n_columns + 1.0) * sizeof *rows->x;
    const double memory = (double)caucus_host_this()->memory_total; /* 0: unknown */
    return memory == 0 || bytes < memory
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID,
                             "%s: %u rows of %u columns take %.3g GB, this machine has %.3g GB; use fewer rows or "
                             "features",
                             build->spec->table.place.path, build->n_rows, rows->n_columns, bytes / 1e9, memory / 1e9);
}

static caucus_status fill(caucus_row_build *build, caucus_population *population, uint32_t **final_ids)
{
    caucus_row_table *rows = population->rows;
    const char *path = build->spec->table.place.path;
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
    TRY(check_memory(build, rows));
    TRY(caucus_alloc((size_t)rows->n_rows * (rows->n_columns + 1), sizeof *rows->x, "rows", &rows->x));
    TRY(caucus_alloc(rows->n_rows, sizeof *rows->labels, "rows", &rows->labels));
    for (uint32_t row = 0; row < rows->n_rows; row++) {
        fill_row(build, rows, final_ids, row);
    }
    if (build->spec->table.weight != NULL) {
        rows->weights = build->weights;
        build->weights = NULL;
    }
    if (build->spec->standard) {
        standardise(rows, build->total);
    }
    population->n_cells = rows->n_rows;
    population->total = build->total;
    population->finite = true;
    population->n_rows = build->n_read;
    population->n_unlabelled_rows = build->categories.n_unlabelled_rows;
    population->n_unlabelled = build->categories.n_unlabelled;
    population->checksum = checksum(population);
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
