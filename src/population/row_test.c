/* People of the test, from a table of their own, behind the rows of a population. */
#include "population/row_table.h"

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

/* One feature of the other's rows, into the rows that were added. */
static caucus_status add_feature(caucus_population *population, const caucus_population *other, uint32_t f,
                                 const char *path)
{
    caucus_row_table *rows = population->rows;
    const caucus_row_table *from = other->rows;
    const caucus_row_source *own = &rows->sources[f];
    const caucus_row_source *source = &from->sources[f];
    const size_t stride = (size_t)rows->n_columns + 1;
    const size_t other_stride = (size_t)from->n_columns + 1;
    uint32_t *places = NULL;
    if (!own->numeric) {
        const caucus_status status = match(&population->features[f], &other->features[f], path, &places);
        if (status != CAUCUS_OK) {
            free(places);
            return status;
        }
    }
    for (uint32_t r = 0; r < from->n_rows; r++) {
        double *to = rows->x + (rows->n_own + r) * stride + own->first_column;
        const double *x = from->x + r * other_stride + source->first_column;
        if (own->numeric) {
            to[0] = (x[0] - own->mean) / own->scale;
        }
        for (uint32_t v = 0; !own->numeric && v < source->n_columns; v++) {
            to[places[v]] = x[v];
        }
        to[stride - 1 - own->first_column] = 1;
    }
    free(places);
    return CAUCUS_OK;
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

/* Room for the rows of the other table, all zero. */
static caucus_status grow(caucus_row_table *rows, const caucus_row_table *other)
{
    const uint32_t n = rows->n_rows + other->n_rows;
    const size_t stride = (size_t)rows->n_columns + 1;
    double *x = NULL;
    uint32_t *labels = NULL;
    TRY(caucus_alloc(n * stride, sizeof *x, "rows", &x));
    memcpy(x, rows->x, rows->n_rows * stride * sizeof *x);
    free(rows->x);
    rows->x = x;
    TRY(caucus_alloc(n, sizeof *labels, "rows", &labels));
    memcpy(labels, rows->labels, rows->n_rows * sizeof *labels);
    free(rows->labels);
    rows->labels = labels;
    if (rows->weights != NULL) {
        uint64_t *weights = NULL;
        TRY(caucus_alloc(n, sizeof *weights, "rows", &weights));
        memcpy(weights, rows->weights, rows->n_rows * sizeof *weights);
        memcpy(weights + rows->n_rows, other->weights, other->n_rows * sizeof *weights);
        free(rows->weights);
        rows->weights = weights;
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
    for (uint32_t f = 0; f < population->n_features; f++) {
        TRY_GOTO(add_feature(population, other, f, path), done);
    }
    for (uint32_t r = 0; r < other->rows->n_rows; r++) {
        rows->labels[rows->n_own + r] = labels[other->rows->labels[r]];
    }
    population->checksum = libdeflate_crc32(population->checksum, &other->checksum, sizeof other->checksum);
done:
    free(labels);
    return status;
}
