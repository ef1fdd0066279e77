#include "segment.h"

#include <stdlib.h>
#include <string.h>

static caucus_status grow(void **memory, uint64_t count, size_t size)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        return caucus_fail_memory(SIZE_MAX, "finished blocks");
    }
    void *grown = realloc(*memory, bytes > 0 ? bytes : 1);
    if (grown == NULL) {
        return caucus_fail_memory(bytes, "finished blocks");
    }
    *memory = grown;
    return CAUCUS_OK;
}

static caucus_status reserve(caucus_batch *batch, const caucus_identity *identity, uint32_t n_trials)
{
    if (batch->n_blocks == batch->blocks_capacity) {
        uint64_t capacity = batch->blocks_capacity > 0 ? 2 * batch->blocks_capacity : 64;
        void *entries = batch->entries;
        TRY(grow(&entries, capacity, sizeof *batch->entries));
        batch->entries = entries;
        batch->blocks_capacity = capacity;
    }
    if (batch->n_rows + n_trials > batch->rows_capacity) {
        uint64_t capacity = batch->n_rows + n_trials + batch->rows_capacity;
        for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
            size_t width = caucus_variable_width(&caucus_variables[v], identity->n_collectives, identity->n_methods);
            TRY(grow(&batch->data[v], capacity, width * CAUCUS_VALUE_BYTES));
        }
        batch->rows_capacity = capacity;
    }
    return CAUCUS_OK;
}

caucus_status caucus_batch_add(caucus_batch *batch, const caucus_identity *identity, const caucus_block *block)
{
    TRY(reserve(batch, identity, block->n_trials));
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        size_t row_bytes = CAUCUS_VALUE_BYTES *
                           caucus_variable_width(&caucus_variables[v], identity->n_collectives, identity->n_methods);
        if (row_bytes > 0) {
            memcpy((char *)batch->data[v] + batch->n_rows * row_bytes,
                   caucus_variable_data(&caucus_variables[v], block), block->n_trials * row_bytes);
        }
    }
    batch->entries[batch->n_blocks++] = (caucus_segment_entry){.config = block->config,
                                                               .block = block->index,
                                                               .first_trial = block->first_trial,
                                                               .first_row = batch->n_rows,
                                                               .n_trials = block->n_trials};
    batch->n_rows += block->n_trials;
    return CAUCUS_OK;
}

void caucus_batch_clear(caucus_batch *batch)
{
    batch->n_blocks = 0;
    batch->n_rows = 0;
}

void caucus_batch_free(caucus_batch *batch)
{
    free(batch->entries);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        free(batch->data[v]);
    }
    *batch = (caucus_batch){0};
}

uint64_t caucus_batch_bytes(const caucus_batch *batch, const caucus_identity *identity)
{
    uint64_t width = 0;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        width += caucus_variable_width(&caucus_variables[v], identity->n_collectives, identity->n_methods);
    }
    return batch->n_rows * width * CAUCUS_VALUE_BYTES + batch->n_blocks * sizeof *batch->entries;
}
