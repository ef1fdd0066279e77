#include "rows/points.h"

#include "base/array.h"
#include "rows/memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- room -------------------------------------------------------------------------------------------------------- */

enum { FIRST_POINTS = 1024 };

static caucus_status check_memory(const caucus_row_points *p, uint64_t n)
{
    char what[128];
    const uint32_t stride = p->rows->stride;
    const double each = (double)caucus_dense_row_bytes(&p->rows->config->learner, stride) + CAUCUS_ROWS_POINT_BYTES;
    snprintf(what, sizeof what, "%llu different rows of %u numbers that can be handed in or are of the test",
             (unsigned long long)n, stride);
    if (n >= CAUCUS_DENSE_VARYING) {
        return caucus_fail(CAUCUS_INVALID, "%s are too many; use fewer rows or collectives", what);
    }
    return caucus_rows_check_memory(p->rows, (double)n * each, what);
}

static uint64_t hash_of(const unsigned char *bytes, size_t n)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i += sizeof hash) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, n - i < sizeof word ? n - i : sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    hash *= UINT64_C(0xBF58476D1CE4E5B9);
    return hash ^ hash >> 32;
}

static size_t row_bytes(const caucus_row_points *p)
{
    return caucus_dense_row_bytes(&p->rows->config->learner, p->rows->stride);
}

static const unsigned char *row_at(const caucus_row_points *p, uint32_t point)
{
    return (const unsigned char *)p->table.numbers + point * row_bytes(p);
}

/* Where a vector that lies at a place is, or would be, in the hash table. */
static uint32_t *slot_of(const caucus_row_points *p, uint32_t place)
{
    const size_t bytes = row_bytes(p);
    uint64_t slot = hash_of(row_at(p, place), bytes) & (p->n_slots - 1);
    while (p->slots[slot] != 0 && memcmp(row_at(p, p->slots[slot] - 1), row_at(p, place), bytes) != 0) {
        slot = (slot + 1) & (p->n_slots - 1);
    }
    return &p->slots[slot];
}

static caucus_status make_room(caucus_row_points *p, uint32_t capacity)
{
    TRY(check_memory(p, capacity));
    TRY(caucus_dense_table_resize(&p->rows->config->learner, capacity, &p->table));
    TRY(caucus_array_resize(&p->labels, capacity, sizeof *p->labels, "points"));
    TRY(caucus_array_resize(&p->expected_labels, capacity, sizeof *p->expected_labels, "points"));
    TRY(caucus_array_resize(&p->cell, capacity, sizeof *p->cell, "points"));
    TRY(caucus_array_resize(&p->next, capacity, sizeof *p->next, "points"));
    p->capacity = capacity;
    if (2 * (uint64_t)capacity > p->n_slots) {
        p->n_slots = p->n_slots > 0 ? p->n_slots : 1;
        while (p->n_slots < 2 * (uint64_t)capacity) {
            p->n_slots *= 2;
        }
        free(p->slots);
        p->slots = NULL;
        TRY(caucus_alloc(p->n_slots, sizeof *p->slots, "points", &p->slots));
        for (uint32_t i = 0; i < p->n; i++) {
            if (p->cell[i] == i) {
                *slot_of(p, i) = i + 1;
            }
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_row_points_open(caucus_rows *rows, caucus_row_points *p)
{
    *p = (caucus_row_points){.rows = rows, .table = {.n_columns = rows->stride}};
    return make_room(p, FIRST_POINTS);
}

void caucus_row_points_close(caucus_row_points *p)
{
    free(p->expected);
    free(p->slots);
    free(p->next);
    free(p->cell);
    free(p->expected_labels);
    free(p->labels);
    caucus_dense_table_close(&p->table);
}

/* ---- one point --------------------------------------------------------------------------------------------------- */

caucus_status caucus_row_points_find(caucus_row_points *p, double *numbers, uint32_t *cell)
{
    if (p->n + 1 >= p->capacity) {
        TRY(make_room(p, p->capacity + p->capacity / 2));
    }
    for (uint32_t j = 0; j < p->rows->stride; j++) {
        numbers[j] += 0.0; /* -0 is 0 */
    }
    caucus_dense_table_put(&p->rows->config->learner, &p->table, p->n, numbers);
    const uint32_t slot = *slot_of(p, p->n);
    *cell = slot != 0 ? slot - 1 : CAUCUS_ROWS_NOBODY;
    return CAUCUS_OK;
}

caucus_status caucus_row_points_put(caucus_row_points *p, uint32_t label, uint32_t expected_label, double *numbers,
                                    uint32_t *point)
{
    uint32_t cell = CAUCUS_ROWS_NOBODY;
    TRY(caucus_row_points_find(p, numbers, &cell));
    uint32_t at = cell;
    while (at != CAUCUS_ROWS_NOBODY && p->labels[at] != label) {
        at = p->next[at];
    }
    if (at != CAUCUS_ROWS_NOBODY) {
        *point = at;
        return CAUCUS_OK;
    }
    *point = p->n;
    p->labels[p->n] = label;
    p->expected_labels[p->n] = expected_label;
    p->next[p->n] = CAUCUS_ROWS_NOBODY;
    p->cell[p->n] = cell != CAUCUS_ROWS_NOBODY ? cell : p->n;
    if (cell != CAUCUS_ROWS_NOBODY) {
        p->next[p->n] = p->next[cell];
        p->next[cell] = p->n;
    } else {
        *slot_of(p, p->n) = p->n + 1;
    }
    p->n++;
    return CAUCUS_OK;
}
