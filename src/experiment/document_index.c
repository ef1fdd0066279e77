/* Finding a key of a mapping: one after another in small ones, by a hash table in large ones, so that thousands of keys
 * merged into thousands of mappings do not take hours. */
#include "experiment/document.h"

#include <string.h>

enum { LEAST_INDEXED = 16 };

/* Open addressing; a slot is the number of an item, counted from 1, or 0. At most half of the slots are taken. */
struct caucus_node_index {
    uint32_t n_slots; /* a power of two */
    uint32_t slots[];
};

static uint64_t hash(const char *key)
{
    uint64_t value = UINT64_C(14695981039346656037); /* FNV-1a */
    for (; *key != '\0'; key++) {
        value = (value ^ (unsigned char)*key) * UINT64_C(1099511628211);
    }
    return value ^ value >> 32;
}

/* The slot of a key: that of the item that has it, or the free one where it belongs. */
static uint32_t *find_slot(const caucus_node *mapping, const char *key)
{
    const uint32_t mask = mapping->index->n_slots - 1;
    uint32_t at = (uint32_t)hash(key) & mask;
    while (mapping->index->slots[at] != 0 &&
           strcmp(mapping->items[mapping->index->slots[at] - 1].key->text, key) != 0) {
        at = (at + 1) & mask;
    }
    return &mapping->index->slots[at];
}

static void enter(caucus_node *mapping, uint32_t item)
{
    uint32_t *slot = find_slot(mapping, mapping->items[item].key->text);
    *slot = *slot == 0 ? item + 1 : *slot; /* of equal keys the first one counts */
}

caucus_status caucus_node_index_last(caucus_document *document, caucus_node *mapping)
{
    const uint32_t n = mapping->n_items;
    if (n < LEAST_INDEXED) {
        return CAUCUS_OK;
    }
    if (mapping->index != NULL && n <= mapping->index->n_slots / 2) {
        enter(mapping, n - 1);
        return CAUCUS_OK;
    }
    const uint32_t n_slots = mapping->index != NULL ? 2 * mapping->index->n_slots : 4 * LEAST_INDEXED;
    TRY(caucus_document_alloc(document, sizeof *mapping->index + n_slots * sizeof(uint32_t), &mapping->index));
    mapping->index->n_slots = n_slots;
    for (uint32_t i = 0; i < n; i++) {
        enter(mapping, i);
    }
    return CAUCUS_OK;
}

const caucus_item *caucus_node_find(const caucus_node *mapping, const char *key)
{
    if (mapping == NULL || mapping->kind != CAUCUS_MAPPING) {
        return NULL;
    }
    if (mapping->index != NULL) {
        const uint32_t item = *find_slot(mapping, key);
        return item > 0 ? &mapping->items[item - 1] : NULL;
    }
    for (uint32_t i = 0; i < mapping->n_items; i++) {
        if (strcmp(mapping->items[i].key->text, key) == 0) {
            return &mapping->items[i];
        }
    }
    return NULL;
}
