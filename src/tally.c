#include "tally.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 512 };

caucus_status caucus_tally_init(caucus_tally *tally, uint32_t n_columns)
{
    *tally = (caucus_tally){.n_columns = n_columns,
                            .row_words = (n_columns + 3) / 4,
                            .capacity = FIRST_ROWS,
                            .n_slots = (uint64_t)2 * FIRST_ROWS};
    TRY(caucus_alloc((size_t)tally->capacity * tally->row_words, sizeof *tally->rows, "rows", &tally->rows));
    TRY(caucus_alloc(tally->capacity, sizeof *tally->counts, "rows", &tally->counts));
    return caucus_alloc(tally->n_slots, sizeof *tally->slots, "rows", &tally->slots);
}

void caucus_tally_free(caucus_tally *tally)
{
    free(tally->rows);
    free(tally->counts);
    free(tally->slots);
    *tally = (caucus_tally){0};
}

static uint64_t hash_row(const uint64_t *row, uint32_t n_words)
{
    uint64_t hash = 0;
    for (uint32_t w = 0; w < n_words; w++) {
        hash = (hash ^ row[w]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    hash *= UINT64_C(0xBF58476D1CE4E5B9); /* once more: the slot is taken from the low bits, the tag from the high */
    return hash ^ hash >> 32;
}

static bool rows_equal(const uint64_t *a, const uint64_t *b, uint32_t n_words)
{
    uint64_t difference = 0;
    for (uint32_t w = 0; w < n_words; w++) {
        difference |= a[w] ^ b[w];
    }
    return difference == 0;
}

static void place(uint64_t *slots, uint64_t n_slots, uint64_t hash, uint32_t row)
{
    uint64_t slot = hash & (n_slots - 1);
    while (slots[slot] != 0) {
        slot = (slot + 1) & (n_slots - 1);
    }
    slots[slot] = (hash & ~(uint64_t)UINT32_MAX) | (row + 1);
}

static caucus_status grow(caucus_tally *tally)
{
    if (tally->capacity > UINT32_MAX / 2 - 1) {
        return caucus_fail(CAUCUS_INVALID, "more than 2^31 different rows; use fewer columns, or bins");
    }
    uint32_t capacity = 2 * tally->capacity;
    size_t row_bytes = tally->row_words * sizeof *tally->rows;
    uint64_t *rows = realloc(tally->rows, capacity * row_bytes);
    if (rows == NULL) {
        return caucus_fail_memory(capacity * row_bytes, "the different rows of a table");
    }
    tally->rows = rows;
    uint64_t *counts = realloc(tally->counts, capacity * sizeof *counts);
    if (counts == NULL) {
        return caucus_fail_memory(capacity * sizeof *counts, "the different rows of a table");
    }
    tally->counts = counts;
    uint64_t n_slots = 2 * (uint64_t)capacity;
    uint64_t *slots = NULL;
    TRY(caucus_alloc(n_slots, sizeof *slots, "the different rows of a table", &slots));
    for (uint32_t row = 0; row < tally->n_rows; row++) {
        place(slots, n_slots, hash_row(rows + (size_t)row * tally->row_words, tally->row_words), row);
    }
    free(tally->slots);
    tally->slots = slots;
    tally->n_slots = n_slots;
    tally->capacity = capacity;
    return CAUCUS_OK;
}

caucus_status caucus_tally_add(caucus_tally *tally, const uint16_t *ids, uint64_t count)
{
    uint32_t n_words = tally->row_words;
    uint64_t *row = tally->rows + (size_t)tally->n_rows * n_words; /* there is always room for one more */
    memcpy(row, ids, n_words * sizeof *row);
    uint64_t hash = hash_row(row, n_words);
    for (uint64_t slot = hash & (tally->n_slots - 1); tally->slots[slot] != 0;
         slot = (slot + 1) & (tally->n_slots - 1)) {
        uint64_t entry = tally->slots[slot];
        uint32_t candidate = (uint32_t)entry - 1;
        if ((entry ^ hash) >> 32 == 0 && rows_equal(tally->rows + (size_t)candidate * n_words, row, n_words)) {
            tally->counts[candidate] += count;
            return CAUCUS_OK;
        }
    }
    place(tally->slots, tally->n_slots, hash, tally->n_rows);
    tally->counts[tally->n_rows++] = count;
    return tally->n_rows == tally->capacity ? grow(tally) : CAUCUS_OK;
}
