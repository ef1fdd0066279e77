#include "dense/dense.h"

#include "dense/space.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A batch's scores are so wide at least that a product is worth its start; a tile of them stays in a cache. */
enum { WIDE = 128, LEAST_BATCH = 8, MOST_BATCH = 128, TILE_NUMBERS = 1 << 15, LEAST_TILE = 64, MOST_TILE = 1024 };

/* And the people of long tables, with what is said of them, take no more than this of a thread's memory. */
enum { BYTES_A_ROW = 8 };
static const uint64_t MOST_BATCH_BYTES = 1 << 29;

static uint32_t units_of(const caucus_learner *learner, uint32_t n_labels)
{
    return learner->kind == CAUCUS_MLP ? learner->hidden : n_labels - 1;
}

/* Trials that are trained together: what is learnt depends on how many, so the machine has no say in it. */
static uint32_t choose_batch(const caucus_learner *learner, uint32_t n_labels, size_t n_rows)
{
    if (learner->batch > 0) {
        return learner->batch;
    }
    const uint32_t units = units_of(learner, n_labels);
    uint32_t batch = LEAST_BATCH;
    while (batch < MOST_BATCH && (uint64_t)batch * units < WIDE &&
           2 * batch * BYTES_A_ROW * (uint64_t)n_rows <= MOST_BATCH_BYTES) {
        batch *= 2;
    }
    return batch;
}

static caucus_status lay_out(caucus_dense *dense, uint32_t n_columns)
{
    const caucus_learner *learner = &dense->learner;
    const uint32_t n_outputs = dense->n_labels - 1;
    const uint64_t units = units_of(learner, dense->n_labels);
    const uint32_t batch = choose_batch(learner, dense->n_labels, dense->table.n_rows);
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
    return CAUCUS_OK;
}

caucus_status caucus_dense_measure(const caucus_learner *learner, const caucus_dense_table *table, size_t n_trained,
                                   uint32_t n_labels, size_t *bytes)
{
    caucus_dense dense = {.learner = *learner, .n_labels = n_labels, .n_trained = n_trained, .table = *table};
    TRY(lay_out(&dense, table->n_columns));
    caucus_dense_choose_block(&dense);
    *bytes = caucus_dense_bytes(&dense) + caucus_dense_making_bytes(&dense);
    return CAUCUS_OK;
}

/* So that their squares, and in single precision they themselves, can be added up over all people. */
double caucus_dense_largest(const caucus_learner *learner)
{
    return learner->precision == CAUCUS_IN_DOUBLE ? 1e100 : 1e18;
}

size_t caucus_dense_row_bytes(const caucus_learner *learner, uint32_t n_columns)
{
    return n_columns * (learner->precision == CAUCUS_IN_DOUBLE ? sizeof(double) : sizeof(float));
}

caucus_status caucus_dense_table_resize(const caucus_learner *learner, size_t n_rows, caucus_dense_table *table)
{
    size_t bytes = 0;
    const bool fits = !__builtin_mul_overflow(n_rows, caucus_dense_row_bytes(learner, table->n_columns), &bytes);
    void *numbers = fits ? realloc(table->numbers, bytes > 0 ? bytes : 1) : NULL;
    if (numbers == NULL) {
        return caucus_fail_memory(bytes, "rows");
    }
    table->numbers = numbers;
    table->n_rows = n_rows;
    return CAUCUS_OK;
}

void caucus_dense_table_put(const caucus_learner *learner, const caucus_dense_table *table, size_t row,
                            const double *numbers)
{
    const uint32_t n = table->n_columns;
    if (learner->precision == CAUCUS_IN_DOUBLE) {
        memcpy((double *)table->numbers + row * n, numbers, n * sizeof *numbers);
        return;
    }
    float *few = (float *)table->numbers + row * n;
    for (uint32_t i = 0; i < n; i++) {
        few[i] = (float)numbers[i];
    }
}

void caucus_dense_table_close(caucus_dense_table *table)
{
    free(table->numbers);
    *table = (caucus_dense_table){0};
}

caucus_status caucus_dense_open(const caucus_learner *learner, caucus_dense_table *table, size_t n_trained,
                                uint32_t n_labels, const double *expected, const uint32_t *labels, uint64_t consumers,
                                caucus_dense **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_dense *dense = NULL;
    TRY_GOTO(caucus_alloc(1, sizeof *dense, "training", &dense), failed);
    dense->learner = *learner;
    dense->n_labels = n_labels;
    dense->n_trained = n_trained;
    dense->consumers = (double)consumers;
    dense->table = *table;
    *table = (caucus_dense_table){0};
    TRY_GOTO(learner->precision != CAUCUS_IN_DOUBLE ? caucus_operations_single(&dense->operations)
                                                    : caucus_operations_double(&dense->operations),
             failed);
    TRY_GOTO(lay_out(dense, dense->table.n_columns), failed);
    TRY_GOTO(caucus_dense_prepare(dense, expected, labels), failed);
    *out = dense;
    return CAUCUS_OK;
failed:
    caucus_dense_table_close(table);
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
    return dense->table.n_rows * caucus_dense_row_bytes(&dense->learner, dense->shape.n_columns) +
           (size_t)dense->n_parameters * (dense->block + 1) * sizeof(double);
}
