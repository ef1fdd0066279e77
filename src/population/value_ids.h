/* Ids for the different values of a column: a hash table from bytes to 0, 1, 2, ... in order of first appearance. */
#ifndef CAUCUS_POPULATION_VALUE_IDS_H
#define CAUCUS_POPULATION_VALUE_IDS_H

#include "base/status.h"

enum { CAUCUS_MAX_VALUES = 65535 }; /* in one column, so that an id takes 16 bits */

typedef struct caucus_intern_key {
    char *bytes; /* owned, with a NUL behind */
    size_t length;
    uint64_t hash;
} caucus_intern_key;

typedef struct caucus_intern {
    uint32_t n_keys;
    caucus_intern_key *keys; /* [id] */
    uint32_t n_slots;        /* a power of two, at least twice the keys */
    uint16_t *slots;         /* id + 1, 0: free */
} caucus_intern;

caucus_status caucus_intern_init(caucus_intern *intern);
void caucus_intern_free(caucus_intern *intern);

/* The id of a key; *is_new tells whether it had none before. CAUCUS_INVALID beyond CAUCUS_MAX_VALUES keys, with a
 * message to be prefixed with the column. */
caucus_status caucus_intern_id(caucus_intern *intern, const void *bytes, size_t length, uint16_t *id, bool *is_new);

/* Whether a key has an id. */
bool caucus_intern_has(const caucus_intern *intern, const void *bytes, size_t length, uint16_t *id);

#endif
