#include "result/segment.h"
#include "result/summary_sums.h"

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

static caucus_status grow_words(uint64_t **memory, uint64_t count, size_t n_words)
{
    void *grown = *memory;
    TRY(grow(&grown, count, n_words * sizeof(uint64_t)));
    *memory = grown;
    return CAUCUS_OK;
}

static caucus_status reserve_entry(caucus_batch *batch)
{
    if (batch->n_blocks == batch->blocks_capacity) {
        uint64_t capacity = batch->blocks_capacity > 0 ? 2 * batch->blocks_capacity : 64;
        void *entries = batch->entries;
        TRY(grow(&entries, capacity, sizeof *batch->entries));
        batch->entries = entries;
        batch->blocks_capacity = capacity;
    }
    return CAUCUS_OK;
}

static void add_entry(caucus_batch *batch, const caucus_block *block, uint64_t first_row)
{
    batch->entries[batch->n_blocks++] = (caucus_segment_entry){.config = block->config,
                                                               .block = block->index,
                                                               .first_trial = block->first_trial,
                                                               .first_row = first_row,
                                                               .n_trials = block->n_trials};
}

/* ---- trials ------------------------------------------------------------------------------------------------------ */

static caucus_status reserve_rows(caucus_batch *batch, const caucus_identity *identity, uint32_t n_trials)
{
    if (batch->n_rows + n_trials > batch->rows_capacity) {
        uint64_t capacity = batch->n_rows + n_trials + batch->rows_capacity;
        for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
            size_t width = caucus_variable_width(&caucus_variables[v], &identity->shape);
            TRY(grow(&batch->data[v], capacity, width * CAUCUS_VALUE_BYTES));
        }
        batch->rows_capacity = capacity;
    }
    return CAUCUS_OK;
}

static caucus_status add_rows(caucus_batch *batch, const caucus_identity *identity, const caucus_block *block)
{
    TRY(reserve_rows(batch, identity, block->n_trials));
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        size_t row_bytes = CAUCUS_VALUE_BYTES * caucus_variable_width(&caucus_variables[v], &identity->shape);
        if (row_bytes > 0) {
            memcpy((char *)batch->data[v] + batch->n_rows * row_bytes,
                   caucus_variable_data(&caucus_variables[v], block), block->n_trials * row_bytes);
        }
    }
    add_entry(batch, block, batch->n_rows);
    batch->n_rows += block->n_trials;
    return CAUCUS_OK;
}

/* ---- packed stripes ---------------------------------------------------------------------------------------------- */

static caucus_status reserve_stripe(caucus_packed_stripes *packed, size_t n_bytes)
{
    if (packed->n == packed->capacity) {
        const uint64_t capacity = packed->capacity > 0 ? 2 * packed->capacity : 16;
        void *places = packed->places;
        TRY(grow_words(&packed->stripes, capacity, 1));
        TRY(grow(&places, capacity, CAUCUS_N_VARIABLES * sizeof *packed->places));
        packed->places = places;
        packed->capacity = capacity;
    }
    if (packed->n_bytes + n_bytes > packed->bytes_capacity) {
        const uint64_t capacity = packed->n_bytes + n_bytes + packed->bytes_capacity;
        void *bytes = packed->bytes;
        TRY(grow(&bytes, capacity, 1));
        packed->bytes = bytes;
        packed->bytes_capacity = capacity;
    }
    return CAUCUS_OK;
}

caucus_status caucus_batch_add_chunks(caucus_batch *batch, uint64_t stripe, const caucus_stripe_chunks *chunks)
{
    caucus_packed_stripes *packed = &batch->packed;
    size_t n_bytes = 0;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        n_bytes += chunks->n_bytes[v];
    }
    TRY(reserve_stripe(packed, n_bytes));
    caucus_chunk_place *places = packed->places + packed->n * CAUCUS_N_VARIABLES;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        size_t equal = 0;
        while (chunks->bytes[equal] != chunks->bytes[v]) {
            equal++;
        }
        if (equal < v) {
            places[v] = places[equal];
        } else {
            places[v] = (caucus_chunk_place){.start = packed->n_bytes, .n_bytes = chunks->n_bytes[v]};
            if (chunks->n_bytes[v] > 0) {
                memcpy(packed->bytes + packed->n_bytes, chunks->bytes[v], chunks->n_bytes[v]);
            }
            packed->n_bytes += chunks->n_bytes[v];
        }
    }
    packed->stripes[packed->n++] = stripe;
    return CAUCUS_OK;
}

caucus_status caucus_batch_add_entries(caucus_batch *batch, const caucus_segment_entry *entries, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        TRY(reserve_entry(batch));
        batch->entries[batch->n_blocks++] = entries[i];
    }
    return CAUCUS_OK;
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

/* The row of a configuration, or n_rows. Blocks come roughly in the order of configurations: it is one of the last. */
static uint64_t find_row(const caucus_batch *batch, uint64_t config)
{
    for (uint64_t row = batch->n_rows; row > 0; row--) {
        if (batch->configs[row - 1] == config) {
            return row - 1;
        }
    }
    return batch->n_rows;
}

static caucus_status reserve_sums(caucus_batch *batch, size_t n_words)
{
    if (batch->n_rows == batch->rows_capacity) {
        uint64_t capacity = batch->n_rows + batch->n_rows / 2 + 1;
        TRY(grow_words(&batch->configs, capacity, 1));
        TRY(grow_words(&batch->sums, capacity, n_words));
        batch->rows_capacity = capacity;
    }
    return CAUCUS_OK;
}

static caucus_status add_sums(caucus_batch *batch, const caucus_identity *identity, const caucus_block *block)
{
    const size_t n_words = caucus_sums_words(&identity->shape);
    uint64_t row = find_row(batch, block->config);
    if (row == batch->n_rows) {
        TRY(reserve_sums(batch, n_words));
        batch->configs[row] = block->config;
        memset(batch->sums + row * n_words, 0, n_words * sizeof *batch->sums);
        batch->n_rows++;
    }
    caucus_sums_move(block->sums, batch->sums + row * n_words, n_words);
    add_entry(batch, block, row);
    return CAUCUS_OK;
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

caucus_status caucus_batch_add(caucus_batch *batch, const caucus_identity *identity, const caucus_block *block)
{
    TRY(reserve_entry(batch));
    return identity->summaries_only ? add_sums(batch, identity, block) : add_rows(batch, identity, block);
}

void caucus_batch_clear(caucus_batch *batch)
{
    batch->n_blocks = 0;
    batch->n_rows = 0;
    batch->packed.n = 0;
    batch->packed.n_bytes = 0;
}

void caucus_batch_free(caucus_batch *batch)
{
    free(batch->entries);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        free(batch->data[v]);
    }
    free(batch->configs);
    free(batch->sums);
    free(batch->packed.bytes);
    free(batch->packed.places);
    free(batch->packed.stripes);
    *batch = (caucus_batch){0};
}

static uint64_t row_bytes_of(const caucus_identity *identity)
{
    return identity->summaries_only ? (caucus_sums_words(&identity->shape) + 1) * sizeof(uint64_t)
                                    : caucus_row_bytes(&identity->shape);
}

uint64_t caucus_batch_bytes(const caucus_batch *batch, const caucus_identity *identity)
{
    return batch->n_rows * row_bytes_of(identity) + batch->n_blocks * sizeof *batch->entries + batch->packed.n_bytes;
}

bool caucus_batch_is_due_before(const caucus_batch *batch, const caucus_identity *identity, uint64_t config,
                                uint64_t limit)
{
    return identity->summaries_only && batch->n_rows > 0 && find_row(batch, config) == batch->n_rows &&
           caucus_batch_bytes(batch, identity) + row_bytes_of(identity) > limit;
}

/* Sums do not grow by further blocks of the same configurations; the list of blocks does. */
bool caucus_batch_is_due(const caucus_batch *batch, const caucus_identity *identity, uint64_t limit)
{
    uint64_t bytes =
        identity->summaries_only ? batch->n_blocks * sizeof *batch->entries : caucus_batch_bytes(batch, identity);
    return bytes >= limit;
}
