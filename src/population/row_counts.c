#include "population/row_counts.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 512 };

caucus_status caucus_row_counts_init(caucus_row_counts *tally, uint32_t n_columns)
{
    uint32_t row_words = (n_columns + 3) / 4;
    *tally = (caucus_row_counts){.n_columns = n_columns,
                                 .row_words = row_words,
                                 .entry_words = row_words + 1,
                                 .capacity = FIRST_ROWS,
                                 .n_slots = (uint64_t)2 * FIRST_ROWS};
    size_t entry_bytes = tally->entry_words * sizeof *tally->entries;
    TRY(caucus_alloc(tally->capacity, entry_bytes, "rows", &tally->entries));
    TRY(caucus_alloc(tally->n_slots, sizeof *tally->slots, "rows", &tally->slots));
    return caucus_alloc(CAUCUS_TALLY_BATCH, entry_bytes, "rows", &tally->waiting);
}

void caucus_row_counts_free(caucus_row_counts *tally)
{
    free(tally->entries);
    free(tally->slots);
    free(tally->waiting);
    *tally = (caucus_row_counts){0};
}

static uint64_t hash_row(const uint64_t *row, uint32_t n_words)
{
    uint64_t hash = 0;
    for (uint32_t w = 0; w < n_words; w++) {
        hash = (hash ^ row[w]) * UINT64_C(0x9E3779B97F4A7C15); /* multiplicative, as in value_ids.c */
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

static uint64_t *entry_at(const caucus_row_counts *tally, uint64_t row)
{
    return tally->entries + row * tally->entry_words;
}

static void place(uint64_t *slots, uint64_t n_slots, uint64_t hash, uint32_t row)
{
    uint64_t slot = hash & (n_slots - 1);
    while (slots[slot] != 0) {
        slot = (slot + 1) & (n_slots - 1);
    }
    slots[slot] = (hash & ~(uint64_t)UINT32_MAX) | (row + 1);
}

static caucus_status grow(caucus_row_counts *tally)
{
    if (tally->capacity > UINT32_MAX / 4) {
        return caucus_fail(CAUCUS_INVALID, "more than 2^30 different rows; use fewer columns, or bins");
    }
    uint32_t capacity = 2 * tally->capacity;
    size_t bytes = (size_t)capacity * tally->entry_words * sizeof *tally->entries;
    uint64_t *entries = realloc(tally->entries, bytes);
    if (entries == NULL) {
        return caucus_fail_memory(bytes, "the different rows of a table");
    }
    tally->entries = entries;
    tally->capacity = capacity;
    uint64_t n_slots = 2 * (uint64_t)capacity;
    uint64_t *slots = NULL;
    TRY(caucus_alloc(n_slots, sizeof *slots, "the different rows of a table", &slots));
    for (uint32_t row = 0; row < tally->n_rows; row++) {
        place(slots, n_slots, hash_row(entry_at(tally, row), tally->row_words), row);
    }
    free(tally->slots);
    tally->slots = slots;
    tally->n_slots = n_slots;
    return CAUCUS_OK;
}

static caucus_status count_row(caucus_row_counts *tally, const uint64_t *waiting, uint64_t hash)
{
    uint32_t n_words = tally->row_words;
    uint64_t mask = tally->n_slots - 1;
    for (uint64_t slot = hash & mask; tally->slots[slot] != 0; slot = (slot + 1) & mask) {
        if ((tally->slots[slot] ^ hash) >> 32 != 0) {
            continue;
        }
        uint64_t *entry = entry_at(tally, (uint32_t)tally->slots[slot] - 1);
        if (rows_equal(entry, waiting, n_words)) {
            entry[n_words] += waiting[n_words];
            return CAUCUS_OK;
        }
    }
    if (tally->n_rows == tally->capacity) {
        TRY(grow(tally));
    }
    place(tally->slots, tally->n_slots, hash, tally->n_rows);
    memcpy(entry_at(tally, tally->n_rows), waiting, tally->entry_words * sizeof *waiting);
    tally->n_rows++;
    return CAUCUS_OK;
}

caucus_status caucus_row_counts_flush(caucus_row_counts *tally)
{
    uint32_t n = tally->n_waiting;
    tally->n_waiting = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = (uint32_t)tally->slots[tally->hashes[i] & (tally->n_slots - 1)];
        __builtin_prefetch(entry_at(tally, row > 0 ? row - 1 : 0), 1);
    }
    for (uint32_t i = 0; i < n; i++) {
        TRY(count_row(tally, tally->waiting + i * tally->entry_words, tally->hashes[i]));
    }
    return CAUCUS_OK;
}

caucus_status caucus_row_counts_add(caucus_row_counts *tally, const uint16_t *ids, uint64_t count)
{
    uint64_t *waiting = tally->waiting + tally->n_waiting * tally->entry_words;
    memcpy(waiting, ids, tally->row_words * sizeof *waiting);
    waiting[tally->row_words] = count;
    uint64_t hash = hash_row(waiting, tally->row_words);
    __builtin_prefetch(&tally->slots[hash & (tally->n_slots - 1)], 1);
    tally->hashes[tally->n_waiting++] = hash;
    return tally->n_waiting == CAUCUS_TALLY_BATCH ? caucus_row_counts_flush(tally) : CAUCUS_OK;
}

uint16_t caucus_row_counts_id(const caucus_row_counts *tally, uint32_t row, uint32_t column)
{
    uint16_t ids[4];
    memcpy(ids, entry_at(tally, row) + column / 4, sizeof ids);
    return ids[column % 4];
}

uint64_t caucus_row_counts_count(const caucus_row_counts *tally, uint32_t row)
{
    return entry_at(tally, row)[tally->row_words];
}
