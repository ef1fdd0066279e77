#include "config/cells.h"

#include <stdlib.h>
#include <string.h>

static uint32_t slot_of(const caucus_cells *cells, const uint32_t *codes)
{
    uint64_t hash = 0x9e3779b97f4a7c15ULL;
    for (uint32_t f = 0; f < cells->n_features; f++) {
        hash = (hash ^ codes[f]) * 0xff51afd7ed558ccdULL;
        hash ^= hash >> 32;
    }
    uint32_t mask = cells->n_slots - 1;
    uint32_t slot = (uint32_t)hash & mask;
    while (cells->slots[slot] != CAUCUS_NOWHERE) {
        const uint32_t *other = cells->codes + (size_t)cells->slots[slot] * cells->n_features;
        if (memcmp(other, codes, cells->n_features * sizeof *codes) == 0) {
            break;
        }
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* Room for more cells, with the index at most half full. */
static caucus_status reserve(caucus_cells *cells, uint64_t capacity)
{
    if (capacity >= CAUCUS_NOWHERE / 4) {
        return caucus_fail(CAUCUS_INVALID, "more than %u feature cells; use fewer features or wider bins",
                           CAUCUS_NOWHERE / 4);
    }
    uint32_t n_slots = 16;
    while (n_slots < 2 * capacity) {
        n_slots *= 2;
    }
    uint32_t *codes = realloc(cells->codes, capacity * cells->n_features * sizeof *codes + 1);
    if (codes == NULL) {
        return caucus_fail_memory(capacity * cells->n_features * sizeof *codes, "feature cells");
    }
    cells->codes = codes;
    cells->capacity = (uint32_t)capacity;
    uint32_t *slots = malloc(n_slots * sizeof *slots);
    if (slots == NULL) {
        return caucus_fail_memory(n_slots * sizeof *slots, "the index of cells");
    }
    free(cells->slots);
    cells->slots = slots;
    cells->n_slots = n_slots;
    memset(slots, 0xff, n_slots * sizeof *slots);
    for (uint32_t cell = 0; cell < cells->n_cells; cell++) {
        slots[slot_of(cells, codes + (size_t)cell * cells->n_features)] = cell;
    }
    return CAUCUS_OK;
}

caucus_status caucus_cells_init(const caucus_population *population, caucus_cells *cells)
{
    *cells = (caucus_cells){.n_features = population->n_features};
    TRY(reserve(cells, population->n_cells + population->n_cells / 2 + 16));
    memcpy(cells->codes, population->codes, population->n_cells * population->n_features * sizeof *cells->codes);
    for (uint32_t cell = 0; cell < population->n_cells; cell++) {
        cells->slots[slot_of(cells, cells->codes + (size_t)cell * cells->n_features)] = cell;
    }
    cells->n_cells = (uint32_t)population->n_cells;
    return CAUCUS_OK;
}

void caucus_cells_free(caucus_cells *cells)
{
    free(cells->slots);
    free(cells->codes);
    *cells = (caucus_cells){0};
}

uint32_t caucus_cells_find(const caucus_cells *cells, const uint32_t *codes)
{
    return cells->slots[slot_of(cells, codes)];
}

caucus_status caucus_cells_assign(caucus_cells *cells, uint32_t from, const caucus_assignment *assignments,
                                  uint32_t n_assignments, uint32_t *to)
{
    if (cells->n_cells == cells->capacity) {
        TRY(reserve(cells, 2 * (uint64_t)cells->capacity));
    }
    uint32_t *codes = cells->codes + (size_t)cells->n_cells * cells->n_features; /* the next free row */
    memcpy(codes, cells->codes + (size_t)from * cells->n_features, cells->n_features * sizeof *codes);
    for (uint32_t i = 0; i < n_assignments; i++) {
        codes[assignments[i].feature] = assignments[i].value;
    }
    uint32_t slot = slot_of(cells, codes);
    if (cells->slots[slot] == CAUCUS_NOWHERE) {
        cells->slots[slot] = cells->n_cells++;
    }
    *to = cells->slots[slot];
    return CAUCUS_OK;
}

bool caucus_cells_match(const caucus_cells *cells, uint32_t cell, const caucus_predicate *predicate)
{
    const uint32_t *codes = cells->codes + (size_t)cell * cells->n_features;
    for (uint32_t t = 0; t < predicate->n_terms; t++) {
        const caucus_term *term = &predicate->terms[t];
        bool holds = false;
        for (uint32_t v = 0; v < term->n_values && !holds; v++) {
            holds = codes[term->feature] == term->values[v];
        }
        if (!holds) {
            return false;
        }
    }
    return true;
}

bool caucus_cells_marked(const caucus_cells *cells, uint32_t cell, const caucus_collective *collective)
{
    const uint32_t *codes = cells->codes + (size_t)cell * cells->n_features;
    for (uint32_t i = 0; i < collective->n_set; i++) {
        if (codes[collective->set[i].feature] != collective->set[i].value) {
            return false;
        }
    }
    return true;
}

caucus_status caucus_cells_common_outside(const caucus_cells *cells, const caucus_population *population,
                                          const caucus_collective *collective, uint32_t *outside)
{
    uint64_t most = 0;
    *outside = CAUCUS_NOWHERE;
    for (uint32_t cell = 0; cell < population->n_cells; cell++) {
        uint64_t weight = 0;
        for (uint32_t y = 0; y < population->n_labels; y++) {
            weight += population->weights[(size_t)cell * population->n_labels + y];
        }
        if (weight > most && !caucus_cells_marked(cells, cell, collective)) {
            *outside = cell;
            most = weight;
        }
    }
    return *outside != CAUCUS_NOWHERE
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID,
                             "collective %s: every cell of the population is in its signal set, so feature_only has "
                             "nowhere to put members with another label; add \"outside\"",
                             collective->name);
}
