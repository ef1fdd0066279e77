#include "rows/group.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBERS_A_ROW = 8 }; /* people for each row up to whom row numbers are drawn, which cost less than counts */

__extension__ typedef unsigned __int128 wide;

static caucus_status fill_odds(const uint64_t *weights, caucus_row_group *group)
{
    uint64_t *heap = NULL;
    TRY(caucus_alloc((size_t)2 * group->n, sizeof *heap, "odds", &heap));
    uint64_t sum = 0;
    for (uint32_t i = 0; i < group->n; i++) {
        heap[group->n + i] = weights[group->rows[i]];
        sum += heap[group->n + i];
        group->cumulative[i] = sum;
    }
    caucus_heap_sum(heap, group->n);
    caucus_heap_odds(heap, group->n, group->odds);
    free(heap);
    return CAUCUS_OK;
}

caucus_status caucus_row_group_open(const caucus_row_table *table, const uint64_t *weights, bool plain,
                                    caucus_row_group *group)
{
    caucus_status status = CAUCUS_OK;
    *group = (caucus_row_group){.equal = plain && table->weights == NULL};
    for (uint32_t r = 0; r < table->n_rows; r++) {
        group->n += weights[r] > 0;
    }
    TRY_GOTO(caucus_alloc(group->n, sizeof *group->rows, "rows", &group->rows), failed);
    TRY_GOTO(caucus_alloc(group->n, sizeof *group->odds, "odds", &group->odds), failed);
    TRY_GOTO(caucus_alloc(group->n, sizeof *group->cumulative, "odds", &group->cumulative), failed);
    uint32_t n = 0;
    for (uint32_t r = 0; r < table->n_rows; r++) {
        if (weights[r] > 0) {
            group->rows[n++] = r;
        }
    }
    if (group->n > 0) {
        TRY_GOTO(fill_odds(weights, group), failed);
    }
    return CAUCUS_OK;
failed:
    caucus_row_group_close(group);
    return status;
}

void caucus_row_group_close(caucus_row_group *group)
{
    free(group->cumulative);
    free(group->odds);
    free(group->rows);
    *group = (caucus_row_group){0};
}

caucus_status caucus_row_urn_open(const caucus_row_table *table, caucus_row_urn *urn)
{
    caucus_status status = CAUCUS_OK;
    *urn = (caucus_row_urn){.table = table};
    TRY_GOTO(caucus_alloc((size_t)2 * table->n_rows, sizeof *urn->heap, "draws", &urn->heap), failed);
    TRY_GOTO(caucus_alloc((size_t)2 * table->n_rows, sizeof *urn->left, "draws", &urn->left), failed);
    TRY_GOTO(caucus_alloc(table->n_rows, sizeof *urn->taken, "draws", &urn->taken), failed);
    TRY_GOTO(caucus_alloc(table->n_rows, sizeof *urn->shuffle, "draws", &urn->shuffle), failed);
    return CAUCUS_OK;
failed:
    caucus_row_urn_close(urn);
    return status;
}

void caucus_row_urn_close(caucus_row_urn *urn)
{
    free(urn->shuffle);
    free(urn->taken);
    free(urn->left);
    free(urn->heap);
    *urn = (caucus_row_urn){0};
}

/* A uniform number below n: number i at this place, four to a block. Numbers that would favour small ones are drawn
 * again. */
static uint32_t number_below(caucus_place place, uint32_t i, uint32_t n)
{
    const uint32_t biased = (uint32_t)(0u - n) % n;
    place.draw = i / 4;
    for (uint32_t attempt = 0;; attempt++) {
        const uint64_t product = (uint64_t)caucus_random(place, attempt).w[i % 4] * n;
        if ((uint32_t)product >= biased) {
            return (uint32_t)(product >> 32);
        }
    }
}

static void draw_numbers(const caucus_row_group *group, caucus_place place, uint64_t size, uint64_t *counts)
{
    const uint32_t n = group->n;
    const uint32_t biased = (uint32_t)(0u - n) % n;
    for (uint64_t first = 0; first < size; first += 4) {
        place.draw = (uint32_t)(first / 4);
        const caucus_words words = caucus_random(place, 0);
        const uint32_t here = size - first < 4 ? (uint32_t)(size - first) : 4;
        for (uint32_t j = 0; j < here; j++) {
            const uint64_t product = (uint64_t)words.w[j] * n;
            const bool fair = (uint32_t)product >= biased;
            counts[fair ? (uint32_t)(product >> 32) : number_below(place, (uint32_t)first + j, n)]++;
        }
    }
}

void caucus_row_group_draw(const caucus_row_group *group, caucus_row_urn *urn, caucus_place place, uint64_t size,
                           uint64_t *counts)
{
    memset(counts, 0, group->n * sizeof *counts);
    if (size == 0) {
        return;
    }
    if (group->equal && size <= (uint64_t)NUMBERS_A_ROW * group->n) {
        draw_numbers(group, place, size, counts);
        return;
    }
    caucus_multinomial(place, size, group->odds, group->n, urn->heap);
    memcpy(counts, urn->heap + group->n, group->n * sizeof *counts);
}

/* Rows of one person each: shuffle those who are left, and take the first. */
static void take_shuffled(const caucus_row_group *group, caucus_row_urn *urn, caucus_place place, uint64_t size,
                          uint64_t *counts)
{
    uint32_t n_left = 0;
    for (uint32_t i = 0; i < group->n; i++) {
        if (urn->taken[group->rows[i]] == 0) {
            urn->shuffle[n_left++] = i;
        }
    }
    for (uint32_t i = 0; i < size; i++) {
        const uint32_t j = i + number_below(place, i, n_left - i);
        const uint32_t at = urn->shuffle[j];
        urn->shuffle[j] = urn->shuffle[i];
        counts[at] = 1;
        urn->taken[group->rows[at]] = 1;
    }
}

void caucus_row_group_take(const caucus_row_group *group, caucus_row_urn *urn, caucus_place place, uint64_t size,
                           uint64_t *counts)
{
    memset(counts, 0, group->n * sizeof *counts);
    if (size == 0) {
        return;
    }
    if (group->equal) {
        take_shuffled(group, urn, place, size, counts);
        return;
    }
    for (uint32_t i = 0; i < group->n; i++) {
        urn->left[group->n + i] = caucus_row_weight(urn->table, group->rows[i]) - urn->taken[group->rows[i]];
    }
    caucus_heap_sum(urn->left, group->n);
    caucus_multivariate_hypergeometric(place, size, urn->left, group->n, urn->heap);
    for (uint32_t i = 0; i < group->n; i++) {
        counts[i] = urn->heap[group->n + i];
        urn->taken[group->rows[i]] += counts[i];
    }
}

uint32_t caucus_row_group_pick(const caucus_row_group *group, caucus_place place, uint32_t person)
{
    place.draw = person;
    const caucus_words words = caucus_random(place, 0);
    const uint64_t bits = (uint64_t)words.w[0] << 32 | words.w[1];
    const uint64_t ticket = (uint64_t)(((wide)bits * group->cumulative[group->n - 1]) >> 64);
    uint32_t low = 0;
    uint32_t high = group->n - 1;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (ticket < group->cumulative[middle]) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}
