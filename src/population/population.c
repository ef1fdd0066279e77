#include "population/population.h"

#include "population/row_order.h"
#include "population/row_table.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MAX_TOTAL = UINT64_C(1) << 53; /* every sum of weights is then exact in a double, too */

void caucus_categories_clear(caucus_categories *categories)
{
    if (categories->values != NULL) {
        for (uint32_t v = 0; v < categories->n_values; v++) {
            free(categories->values[v]);
        }
    }
    free(categories->values);
    free(categories->name);
}

void caucus_population_free(caucus_population *population)
{
    if (population == NULL) {
        return;
    }
    if (population->features != NULL) {
        for (uint32_t f = 0; f < population->n_features; f++) {
            caucus_categories_clear(&population->features[f]);
        }
    }
    free(population->features);
    caucus_categories_clear(&population->label);
    free(population->codes);
    free(population->weights);
    free(population->source);
    caucus_row_table_free(population->rows);
    free(population);
}

/* The total over all cells into the population. */
static caucus_status sum_weights(caucus_population *population)
{
    uint64_t total = 0;
    size_t n = population->n_cells * population->n_labels;
    for (size_t i = 0; i < n; i++) {
        if (population->weights[i] > MAX_TOTAL || (total += population->weights[i]) > MAX_TOTAL) {
            return caucus_fail(CAUCUS_INVALID, "the weights add up to more than 2^53; divide all of them by a number");
        }
    }
    if (total == 0) {
        return caucus_fail(CAUCUS_INVALID, "the population is empty: no cell has a positive weight");
    }
    population->total = total;
    return CAUCUS_OK;
}

static bool is_empty(const caucus_population *population, uint64_t cell)
{
    const uint64_t *weights = population->weights + cell * population->n_labels;
    for (uint32_t y = 0; y < population->n_labels; y++) {
        if (weights[y] > 0) {
            return false;
        }
    }
    return true;
}

static int compare_codes(const uint32_t *a, const uint32_t *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}

/* Readers that aggregate hand in cells that are in order already. */
static bool is_in_order(const caucus_population *population)
{
    for (uint64_t cell = 0; cell < population->n_cells; cell++) {
        const uint32_t *codes = population->codes + cell * population->n_features;
        if (is_empty(population, cell) ||
            (cell > 0 && compare_codes(codes - population->n_features, codes, population->n_features) >= 0)) {
            return false;
        }
    }
    return true;
}

static caucus_status find_order(const caucus_population *population, uint32_t *order)
{
    uint32_t *n_values = NULL; /* [feature] */
    TRY(caucus_alloc(population->n_features, sizeof *n_values, "sorting", &n_values));
    for (uint32_t f = 0; f < population->n_features; f++) {
        n_values[f] = population->features[f].n_values;
    }
    caucus_status status =
        caucus_row_order(population->codes, population->n_cells, population->n_features, n_values, order);
    free(n_values);
    return status;
}

/* Copy the cells into codes and weights in this order, without the empty ones and with equal ones added up; returns how
 * many cells there are then. */
static uint64_t merge_cells(const caucus_population *population, const uint32_t *order, uint32_t *codes,
                            uint64_t *weights)
{
    uint32_t n_features = population->n_features;
    uint32_t n_labels = population->n_labels;
    uint64_t n_cells = 0;
    for (uint64_t i = 0; i < population->n_cells; i++) {
        uint64_t cell = order[i];
        if (is_empty(population, cell)) {
            continue;
        }
        const uint32_t *row = population->codes + cell * n_features;
        if (n_cells == 0 || compare_codes(codes + (n_cells - 1) * n_features, row, n_features) != 0) {
            memcpy(codes + n_cells * n_features, row, n_features * sizeof *codes);
            n_cells++;
        }
        for (uint32_t y = 0; y < n_labels; y++) {
            weights[(n_cells - 1) * n_labels + y] += population->weights[cell * n_labels + y];
        }
    }
    return n_cells;
}

static caucus_status put_in_order(caucus_population *population)
{
    caucus_status status = CAUCUS_OK;
    uint32_t *order = NULL;   /* [cell] */
    uint32_t *codes = NULL;   /* [cell][feature] */
    uint64_t *weights = NULL; /* [cell][label] */
    TRY_GOTO(caucus_alloc(population->n_cells, sizeof *order, "sorting", &order), done);
    TRY_GOTO(find_order(population, order), done);
    TRY_GOTO(caucus_alloc(population->n_cells * population->n_features, sizeof *codes, "cells", &codes), done);
    TRY_GOTO(caucus_alloc(population->n_cells * population->n_labels, sizeof *weights, "cells", &weights), done);
    population->n_cells = merge_cells(population, order, codes, weights);
    free(population->codes);
    free(population->weights);
    population->codes = codes;
    population->weights = weights;
    codes = NULL;
    weights = NULL;
done:
    free(weights);
    free(codes);
    free(order);
    return status;
}

static uint32_t checksum_categories(uint32_t crc, const caucus_categories *categories)
{
    crc = libdeflate_crc32(crc, &categories->n_values, sizeof categories->n_values);
    crc =
        libdeflate_crc32(crc, categories->name, strlen(categories->name) + 1); /* with the NUL: "ab","c" != "a","bc" */
    for (uint32_t v = 0; v < categories->n_values; v++) {
        crc = libdeflate_crc32(crc, categories->values[v], strlen(categories->values[v]) + 1);
    }
    return crc;
}

static uint32_t checksum(const caucus_population *population)
{
    uint64_t n = population->n_cells;
    uint32_t crc = libdeflate_crc32(0, population->codes, n * population->n_features * sizeof *population->codes);
    crc = libdeflate_crc32(crc, population->weights, n * population->n_labels * sizeof *population->weights);
    for (uint32_t f = 0; f < population->n_features; f++) {
        crc = checksum_categories(crc, &population->features[f]);
    }
    return checksum_categories(crc, &population->label);
}

caucus_status caucus_population_finish(caucus_population *population)
{
    TRY(sum_weights(population));
    if (!is_in_order(population)) {
        TRY(put_in_order(population));
    }
    population->checksum = checksum(population);
    return CAUCUS_OK;
}
