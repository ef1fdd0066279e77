#include "population/value_ids.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

static uint64_t load(const char *bytes, size_t length)
{
    uint64_t word = 0;
    memcpy(&word, bytes, length);
    return word;
}

/* Up to 8 bytes without a loop over them: two overlapping halves. */
static uint64_t load_short(const char *bytes, size_t length)
{
    if (length >= 4) {
        return load(bytes, 4) << 32 | load(bytes + length - 4, 4);
    }
    if (length == 0) {
        return 0;
    }
    return (uint64_t)(unsigned char)bytes[0] << 16 | (uint64_t)(unsigned char)bytes[length / 2] << 8 |
           (unsigned char)bytes[length - 1];
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15); /* 2^64 over the golden ratio: Knuth's multiplicative hash */
    return hash ^ hash >> 32;
}

static uint64_t hash_bytes(const char *bytes, size_t length)
{
    uint64_t hash = length;
    const char *last = bytes + length;
    for (; last - bytes > 8; bytes += 8) {
        hash = mix(hash, load(bytes, 8));
    }
    return mix(hash, length > 8 ? load(last - 8, 8) : load_short(bytes, length));
}

caucus_status caucus_intern_init(caucus_intern *intern)
{
    *intern = (caucus_intern){.n_slots = FIRST_SLOTS};
    TRY(caucus_alloc(FIRST_SLOTS / 2, sizeof *intern->keys, "values of a column", &intern->keys));
    return caucus_alloc(FIRST_SLOTS, sizeof *intern->slots, "values of a column", &intern->slots);
}

void caucus_intern_free(caucus_intern *intern)
{
    for (uint32_t i = 0; i < intern->n_keys; i++) {
        free(intern->keys[i].bytes);
    }
    free(intern->keys);
    free(intern->slots);
    *intern = (caucus_intern){0};
}

static caucus_status grow(caucus_intern *intern)
{
    uint32_t n_slots = 2 * intern->n_slots;
    caucus_intern_key *keys = realloc(intern->keys, n_slots / 2 * sizeof *keys);
    if (keys == NULL) {
        return caucus_fail_memory(n_slots / 2 * sizeof *keys, "values of a column");
    }
    intern->keys = keys;
    uint16_t *slots = NULL;
    TRY(caucus_alloc(n_slots, sizeof *slots, "values of a column", &slots));
    for (uint32_t id = 0; id < intern->n_keys; id++) {
        uint32_t slot = (uint32_t)keys[id].hash & (n_slots - 1);
        while (slots[slot] != 0) {
            slot = (slot + 1) & (n_slots - 1);
        }
        slots[slot] = (uint16_t)(id + 1);
    }
    free(intern->slots);
    intern->slots = slots;
    intern->n_slots = n_slots;
    return CAUCUS_OK;
}

static caucus_status insert(caucus_intern *intern, const char *bytes, size_t length, uint64_t hash)
{
    if (intern->n_keys == CAUCUS_MAX_VALUES) {
        return caucus_fail(CAUCUS_INVALID, "more than 65,535 different values; cut the column with bins, or leave it "
                                           "out of the features");
    }
    if (2 * (intern->n_keys + 1) > intern->n_slots) {
        TRY(grow(intern));
    }
    char *copy = malloc(length + 1);
    if (copy == NULL) {
        return caucus_fail_memory(length + 1, "a value of a column");
    }
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    uint32_t slot = (uint32_t)hash & (intern->n_slots - 1);
    while (intern->slots[slot] != 0) {
        slot = (slot + 1) & (intern->n_slots - 1);
    }
    intern->keys[intern->n_keys++] = (caucus_intern_key){.bytes = copy, .length = length, .hash = hash};
    intern->slots[slot] = (uint16_t)intern->n_keys;
    return CAUCUS_OK;
}

static bool find(const caucus_intern *intern, const void *bytes, size_t length, uint64_t hash, uint16_t *id)
{
    for (uint32_t slot = (uint32_t)hash & (intern->n_slots - 1); intern->slots[slot] != 0;
         slot = (slot + 1) & (intern->n_slots - 1)) {
        const caucus_intern_key *key = &intern->keys[intern->slots[slot] - 1];
        if (key->hash == hash && key->length == length && memcmp(key->bytes, bytes, length) == 0) {
            *id = (uint16_t)(intern->slots[slot] - 1);
            return true;
        }
    }
    return false;
}

bool caucus_intern_has(const caucus_intern *intern, const void *bytes, size_t length, uint16_t *id)
{
    return find(intern, bytes, length, hash_bytes(bytes, length), id);
}

caucus_status caucus_intern_id(caucus_intern *intern, const void *bytes, size_t length, uint16_t *id, bool *is_new)
{
    uint64_t hash = hash_bytes(bytes, length);
    *is_new = false;
    if (find(intern, bytes, length, hash, id)) {
        return CAUCUS_OK;
    }
    TRY(insert(intern, bytes, length, hash));
    *id = (uint16_t)(intern->n_keys - 1);
    *is_new = true;
    return CAUCUS_OK;
}
