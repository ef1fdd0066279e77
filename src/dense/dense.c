#include "dense/dense.h"

#include "base/host.h"
#include "dense/space.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A batch's scores are so wide at least that a product is worth its start; a tile of them stays in a cache. */
enum { WIDE = 128, LEAST_BATCH = 8, MOST_BATCH = 128, TILE_NUMBERS = 1 << 15, LEAST_TILE = 64, MOST_TILE = 1024 };

static uint32_t units_of(const caucus_learner *learner, uint32_t n_labels)
{
    return learner->kind == CAUCUS_MLP ? learner->hidden : n_labels - 1;
}

uint32_t caucus_dense_batch(const caucus_learner *learner, uint32_t n_labels)
{
    if (learner->batch > 0) {
        return learner->batch;
    }
    const uint32_t units = units_of(learner, n_labels);
    uint32_t batch = LEAST_BATCH;
    while (batch < MOST_BATCH && (uint64_t)batch * units < WIDE) {
        batch *= 2;
    }
    return batch;
}

static caucus_status check_memory(const caucus_dense *dense)
{
    const double memory = (double)caucus_host_this()->memory_total; /* 0: unknown */
    const double rows = (double)dense->table.n_rows * dense->shape.n_columns;
    const double people = (double)dense->table.n_rows * dense->shape.batch;
    const double bytes =
        (2 * rows + people) * sizeof(double) + (double)caucus_dense_space_bytes(dense, dense->shape.batch);
    return memory == 0 || bytes < memory
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID,
                             "training on %zu rows of %u columns, %u trials at a time, takes %.3g GB, this machine has "
                             "%.3g GB; use fewer rows or columns, or a smaller batch",
                             dense->table.n_rows, dense->shape.n_columns, dense->shape.batch, bytes / 1e9,
                             memory / 1e9);
}

static caucus_status lay_out(caucus_dense *dense, uint32_t n_columns)
{
    const caucus_learner *learner = &dense->learner;
    const uint32_t n_outputs = dense->n_labels - 1;
    const uint64_t units = units_of(learner, dense->n_labels);
    const uint32_t batch = caucus_dense_batch(learner, dense->n_labels);
    caucus_dense_shape *shape = &dense->shape;
    *shape = (caucus_dense_shape){.n_columns = n_columns, .n_outputs = n_outputs, .batch = batch};
    if (learner->kind == CAUCUS_MLP) {
        shape->n_hidden = learner->hidden;
        shape->n_above = learner->hidden_above;
    }
    caucus_dense_layer layers[CAUCUS_DENSE_LAYERS];
    const uint32_t n_layers = caucus_dense_layers(shape, layers);
    uint64_t n_parameters = 0;
    for (uint32_t i = 0; i < n_layers; i++) {
        n_parameters += (uint64_t)layers[i].n_in * layers[i].n_out;
    }
    if (n_parameters * batch > INT_MAX) {
        return caucus_fail(
            CAUCUS_INVALID,
            "%llu parameters for each of %u trials of a batch are too many; use fewer columns, labels or "
            "hidden units, or a smaller batch",
            (unsigned long long)n_parameters, batch);
    }
    uint64_t tile = TILE_NUMBERS / (units * batch);
    tile = tile < LEAST_TILE ? LEAST_TILE : tile > MOST_TILE ? MOST_TILE : tile;
    dense->n_parameters = (uint32_t)n_parameters;
    shape->tile = (uint32_t)tile;
    return check_memory(dense);
}

caucus_status caucus_dense_table_open(const caucus_learner *learner, const double *rows, size_t n_rows,
                                      uint32_t n_columns, caucus_dense_table *table)
{
    const size_t n = n_rows * n_columns;
    double *doubles = NULL;
    float *floats = NULL;
    *table = (caucus_dense_table){.n_rows = n_rows, .n_columns = n_columns};
    if (learner->precision == CAUCUS_IN_DOUBLE) {
        TRY(caucus_alloc(n, sizeof *doubles, "rows", &doubles));
        memcpy(doubles, rows, n * sizeof *doubles);
        table->numbers = doubles;
        return CAUCUS_OK;
    }
    TRY(caucus_alloc(n, sizeof *floats, "rows", &floats));
    for (size_t i = 0; i < n; i++) {
        floats[i] = (float)rows[i];
    }
    table->numbers = floats;
    return CAUCUS_OK;
}

void caucus_dense_table_close(caucus_dense_table *table)
{
    free(table->numbers);
    *table = (caucus_dense_table){0};
}

caucus_status caucus_dense_open(const caucus_learner *learner, const double *rows, size_t n_rows, uint32_t n_columns,
                                uint32_t n_labels, const double *expected, const uint32_t *labels, uint64_t consumers,
                                caucus_dense **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_dense *dense = NULL;
    TRY(caucus_alloc(1, sizeof *dense, "training", &dense));
    dense->learner = *learner;
    dense->n_labels = n_labels;
    dense->table.n_rows = n_rows;
    dense->consumers = (double)consumers;
    TRY_GOTO(learner->precision != CAUCUS_IN_DOUBLE ? caucus_operations_single(&dense->operations)
                                                    : caucus_operations_double(&dense->operations),
             failed);
    TRY_GOTO(lay_out(dense, n_columns), failed);
    TRY_GOTO(caucus_dense_table_open(learner, rows, n_rows, n_columns, &dense->table), failed);
    TRY_GOTO(caucus_dense_prepare(dense, rows, expected, labels), failed);
    *out = dense;
    return CAUCUS_OK;
failed:
    caucus_dense_close(dense);
    return status;
}

void caucus_dense_close(caucus_dense *dense)
{
    if (dense == NULL) {
        return;
    }
    caucus_dense_table_close(&dense->table);
    free(dense->inverse);
    free(dense->start);
    free(dense);
}

size_t caucus_dense_bytes(const caucus_dense *dense)
{
    return (dense->table.n_rows * dense->shape.n_columns + (size_t)dense->n_parameters * (dense->block + 1)) *
           sizeof(double);
}
