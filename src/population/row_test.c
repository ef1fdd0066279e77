/* People of the test, from a table of their own, behind the rows of a population. */
#include "population/row_table_build.h"

#include "base/array.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

/* Where the values of another table's categories stand among those of the population. */
static caucus_status match(const caucus_categories *own, const caucus_categories *other, const char *path,
                           uint32_t **places)
{
    TRY(caucus_alloc(other->n_values, sizeof **places, "categories", places));
    for (uint32_t v = 0; v < other->n_values; v++) {
        uint32_t at = 0;
        while (at < own->n_values && strcmp(own->values[at], other->values[v]) != 0) {
            at++;
        }
        if (at == own->n_values) {
            return caucus_fail(CAUCUS_INVALID,
                               "%s: \"%s\" in column \"%s\" is a value that the population does not have", path,
                               other->values[v], other->name);
        }
        (*places)[v] = at;
    }
    return CAUCUS_OK;
}

/* A category of the other's rows, into the rows that were added. */
static caucus_status add_category(caucus_population *population, const caucus_population *other, uint32_t f,
                                  uint32_t category, const char *path)
{
    caucus_row_table *rows = population->rows;
    const caucus_row_table *from = other->rows;
    uint32_t *places = NULL;
    const caucus_status status = match(&population->features[f], &other->features[f], path, &places);
    for (uint32_t r = 0; status == CAUCUS_OK && r < from->n_rows; r++) {
        const uint16_t value = from->categories[(size_t)r * from->n_categories + category];
        rows->categories[(size_t)(rows->n_own + r) * rows->n_categories + category] = (uint16_t)places[value];
    }
    free(places);
    return status;
}

static caucus_status check_features(const caucus_population *population, const caucus_population *other,
                                    const char *path)
{
    bool same = population->n_features == other->n_features;
    for (uint32_t f = 0; same && f < population->n_features; f++) {
        same = strcmp(population->features[f].name, other->features[f].name) == 0;
    }
    if (!same) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s has not the features of the population, in its order; name them with "
                           "features or numeric",
                           path);
    }
    return (uint64_t)population->rows->n_rows + other->rows->n_rows < UINT32_MAX
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID, "%s: more rows than can be counted", path);
}

/* Numbers of both: floats where those of both are. */
static caucus_status add_numbers(caucus_row_table *rows, const caucus_row_table *other)
{
    const size_t n_own = (size_t)rows->n_rows * rows->n_numbers;
    const size_t n_other = (size_t)other->n_rows * rows->n_numbers;
    if (rows->few != NULL && other->few != NULL) {
        TRY(caucus_array_resize(&rows->few, n_own + n_other, sizeof *rows->few, "the rows of a table"));
        memcpy(rows->few + n_own, other->few, n_other * sizeof *rows->few);
        return CAUCUS_OK;
    }
    if (rows->many == NULL) {
        TRY(caucus_array_resize(&rows->many, n_own + n_other, sizeof *rows->many, "the rows of a table"));
        for (size_t i = 0; i < n_own; i++) {
            rows->many[i] = (double)rows->few[i];
        }
        free(rows->few);
        rows->few = NULL;
    } else {
        TRY(caucus_array_resize(&rows->many, n_own + n_other, sizeof *rows->many, "the rows of a table"));
    }
    for (size_t i = 0; i < n_other; i++) {
        rows->many[n_own + i] = other->few != NULL ? (double)other->few[i] : other->many[i];
    }
    return CAUCUS_OK;
}

/* The rows of the other table behind those of the population; their categories and labels are still to be placed. */
static caucus_status grow(caucus_row_table *rows, const caucus_row_table *other)
{
    const uint32_t n = rows->n_rows + other->n_rows;
    TRY(add_numbers(rows, other));
    TRY(caucus_array_resize(&rows->categories, (size_t)n * rows->n_categories, sizeof *rows->categories,
                            "the rows of a table"));
    TRY(caucus_array_resize(&rows->labels, n, sizeof *rows->labels, "the rows of a table"));
    if (rows->weights != NULL) {
        TRY(caucus_array_resize(&rows->weights, n, sizeof *rows->weights, "the rows of a table"));
        memcpy(rows->weights + rows->n_rows, other->weights, other->n_rows * sizeof *rows->weights);
    }
    rows->n_rows = n;
    return CAUCUS_OK;
}

caucus_status caucus_row_table_add_test(caucus_population *population, const caucus_population *other, const char *path)
{
    caucus_row_table *rows = population->rows;
    uint32_t *labels = NULL;
    caucus_status status = CAUCUS_OK;
    TRY(check_features(population, other, path));
    TRY_GOTO(match(&population->label, &other->label, path, &labels), done);
    TRY_GOTO(grow(rows, other->rows), done);
    for (uint32_t f = 0, category = 0; f < population->n_features; f++) {
        if (!rows->sources[f].numeric) {
            TRY_GOTO(add_category(population, other, f, category++, path), done);
        }
    }
    for (uint32_t r = 0; r < other->rows->n_rows; r++) {
        rows->labels[rows->n_own + r] = labels[other->rows->labels[r]];
    }
    population->checksum = libdeflate_crc32(population->checksum, &other->checksum, sizeof other->checksum);
done:
    free(labels);
    return status;
}
