#include "compile/shared_cache.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT_BYTES = 8 << 20, /* of a cache's entries that nobody uses at the moment: more would only leave the caches,
                             where making tables anew costs little */
    FEWEST_BUCKETS = 64
};

typedef struct caucus_cache_entry {
    struct caucus_cache_entry *next_by_key, *next_by_made; /* of its chains */
    struct caucus_cache_entry *newer, *older;              /* where nobody uses it */
    caucus_cache_key key;
    uint64_t hash;
    void *made;
    size_t n_users;
    size_t bytes;
} entry;

caucus_status caucus_cache_key_add(caucus_cache_key *key, const void *data, size_t bytes)
{
    if (key->n + bytes > key->room) {
        const size_t room = 2 * (key->n + bytes) + 256;
        unsigned char *longer = realloc(key->bytes, room);
        if (longer == NULL) {
            return caucus_fail_memory(room, "shared tables");
        }
        key->bytes = longer;
        key->room = room;
    }
    if (bytes > 0) {
        memcpy(key->bytes + key->n, data, bytes);
    }
    key->n += bytes;
    return CAUCUS_OK;
}

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
    return h ^ h >> 29;
}

static uint64_t hash_of(const caucus_cache_key *key)
{
    uint64_t h = key->n;
    for (size_t i = 0; i < key->n; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, key->bytes + i, key->n - i < sizeof word ? key->n - i : sizeof word);
        h = mix(h, word);
    }
    return h;
}

static entry **chain_of_key(const caucus_cache *cache, uint64_t hash)
{
    return &cache->by_key[hash & (cache->n_buckets - 1)];
}

static entry **chain_of_made(const caucus_cache *cache, const void *made)
{
    return &cache->by_made[mix(0, (uintptr_t)made) & (cache->n_buckets - 1)];
}

static void link_entry(caucus_cache *cache, entry *e)
{
    entry **by_key = chain_of_key(cache, e->hash);
    entry **by_made = chain_of_made(cache, e->made);
    e->next_by_key = *by_key;
    e->next_by_made = *by_made;
    *by_key = e;
    *by_made = e;
}

static void unlink_entry(caucus_cache *cache, entry *e)
{
    entry **at = chain_of_key(cache, e->hash);
    while (*at != e) {
        at = &(*at)->next_by_key;
    }
    *at = e->next_by_key;
    at = chain_of_made(cache, e->made);
    while (*at != e) {
        at = &(*at)->next_by_made;
    }
    *at = e->next_by_made;
}

/* At least as many buckets as entries. */
static caucus_status make_buckets(caucus_cache *cache)
{
    if (cache->n_entries < cache->n_buckets) {
        return CAUCUS_OK;
    }
    entry **old = cache->by_key;
    entry **old_by_made = cache->by_made;
    const size_t n_old = cache->n_buckets;
    const size_t n = n_old == 0 ? FEWEST_BUCKETS : 2 * n_old;
    entry **by_key = NULL;
    entry **by_made = NULL;
    TRY(caucus_alloc(n, sizeof(entry *), "shared tables", &by_key));
    const caucus_status status = caucus_alloc(n, sizeof(entry *), "shared tables", &by_made);
    if (status != CAUCUS_OK) {
        free(by_key);
        return status;
    }
    cache->by_key = by_key;
    cache->by_made = by_made;
    cache->n_buckets = n;
    for (size_t i = 0; i < n_old; i++) {
        for (entry *e = old[i]; e != NULL;) {
            entry *next = e->next_by_key;
            link_entry(cache, e);
            e = next;
        }
    }
    free(old);
    free(old_by_made);
    return CAUCUS_OK;
}

static entry *find(const caucus_cache *cache, const caucus_cache_key *key, uint64_t hash)
{
    entry *e = cache->n_buckets > 0 ? *chain_of_key(cache, hash) : NULL;
    while (e != NULL && (e->hash != hash || e->key.n != key->n || memcmp(e->key.bytes, key->bytes, key->n) != 0)) {
        e = e->next_by_key;
    }
    return e;
}

static void entry_free(const caucus_cache *cache, entry *e)
{
    cache->destroy(e->made);
    free(e->key.bytes);
    free(e);
}

/* ---- entries that nobody uses ---- */

static void put_aside(caucus_cache *cache, entry *e)
{
    e->newer = NULL;
    e->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = e;
    cache->newest = e;
    cache->unused_bytes += e->bytes;
}

static void take_back(caucus_cache *cache, entry *e)
{
    *(e->newer != NULL ? &e->newer->older : &cache->newest) = e->older;
    *(e->older != NULL ? &e->older->newer : &cache->oldest) = e->newer;
    cache->unused_bytes -= e->bytes;
}

/* An entry has one more user, or with -1 one less. */
static void count_user(caucus_cache *cache, entry *e, int users)
{
    const bool was_used = e->n_users > 0;
    e->n_users += users;
    if (was_used != (e->n_users > 0)) {
        cache->used_bytes += was_used ? 0 - e->bytes : e->bytes;
        cache->most_used_bytes =
            cache->used_bytes > cache->most_used_bytes ? cache->used_bytes : cache->most_used_bytes;
    }
}

/* Drop what has not been used for longest, but for as much as has been in use at once: a configuration's neighbour
 * finds all that they share. */
static void trim(caucus_cache *cache)
{
    const size_t most = cache->most_used_bytes > KEPT_BYTES ? cache->most_used_bytes : KEPT_BYTES;
    while (cache->unused_bytes > most) {
        entry *e = cache->oldest;
        take_back(cache, e);
        unlink_entry(cache, e);
        cache->n_entries--;
        entry_free(cache, e);
    }
}

/* ---- */

static caucus_status make_entry(const caucus_cache *cache, caucus_cache_key *key, uint64_t hash, const void *request,
                                entry **out)
{
    entry *e = NULL;
    TRY(caucus_alloc(1, sizeof *e, "shared tables", &e));
    const caucus_status status = cache->make(request, &e->made);
    if (status != CAUCUS_OK) {
        free(e);
        return status;
    }
    e->hash = hash;
    e->key = *key;
    e->bytes = cache->bytes(e->made) + key->room;
    *key = (caucus_cache_key){0};
    *out = e;
    return CAUCUS_OK;
}

static caucus_status insert(caucus_cache *cache, entry *e)
{
    const caucus_status status = make_buckets(cache);
    if (status != CAUCUS_OK) {
        entry_free(cache, e);
        return status;
    }
    link_entry(cache, e);
    cache->n_entries++;
    return CAUCUS_OK;
}

caucus_status caucus_cache_get(caucus_cache *cache, caucus_cache_key *key, const void *request, const void **made)
{
    const uint64_t hash = hash_of(key);
    caucus_status status = CAUCUS_OK;
    pthread_mutex_lock(&cache->mutex);
    entry *e = find(cache, key, hash);
    if (e == NULL) {
        pthread_mutex_unlock(&cache->mutex); /* making takes long; at worst two threads make the same */
        status = make_entry(cache, key, hash, request, &e);
        pthread_mutex_lock(&cache->mutex);
        status = status == CAUCUS_OK ? insert(cache, e) : status;
    } else if (e->n_users == 0) {
        take_back(cache, e);
    }
    if (status == CAUCUS_OK) {
        count_user(cache, e, 1);
        *made = e->made;
    }
    pthread_mutex_unlock(&cache->mutex);
    free(key->bytes);
    *key = (caucus_cache_key){0};
    return status;
}

void caucus_cache_release(caucus_cache *cache, const void *made)
{
    if (made == NULL) {
        return;
    }
    pthread_mutex_lock(&cache->mutex);
    entry *e = *chain_of_made(cache, made);
    while (e->made != made) {
        e = e->next_by_made;
    }
    count_user(cache, e, -1);
    if (e->n_users == 0) {
        put_aside(cache, e);
        trim(cache);
    }
    pthread_mutex_unlock(&cache->mutex);
}
