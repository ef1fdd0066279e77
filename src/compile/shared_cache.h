/* Tables that configurations and threads of a process share: neighbours in a sweep need most of them alike, and every
 * configuration is compiled more than once. */
#ifndef CAUCUS_COMPILE_SHARED_CACHE_H
#define CAUCUS_COMPILE_SHARED_CACHE_H

#include "base/status.h"

#include <pthread.h>
#include <stddef.h>

/* A kind of tables: how they are made from a request, and everything that was made. Entries are kept for a while after
 * their last use, as long as those that nobody uses are small. */
typedef struct caucus_cache {
    caucus_status (*make)(const void *request, void **made);
    void (*destroy)(void *made); /* of NULL: nothing */
    size_t (*bytes)(const void *made);
    pthread_mutex_t mutex;                         /* guards all below */
    struct caucus_cache_entry **by_key, **by_made; /* [n_buckets] chains of all entries, by hashes of either */
    size_t n_buckets, n_entries;
    struct caucus_cache_entry *newest, *oldest; /* of those that nobody uses */
    size_t unused_bytes, used_bytes, most_used_bytes;
} caucus_cache;

/* What a request is known by: all that it depends on, appended piece by piece. */
typedef struct caucus_cache_key {
    unsigned char *bytes;
    size_t n, room;
} caucus_cache_key;

caucus_status caucus_cache_key_add(caucus_cache_key *key, const void *data, size_t bytes);

/* The tables for a request, made unless there are any with this key; the key is used up, also on failure. All that was
 * got must be released. */
caucus_status caucus_cache_get(caucus_cache *cache, caucus_cache_key *key, const void *request, const void **made);
void caucus_cache_release(caucus_cache *cache, const void *made); /* NULL is fine */

#endif
