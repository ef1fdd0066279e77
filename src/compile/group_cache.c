#include "compile/group_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 128 << 20 /* of plans that nobody uses at the moment */ };

typedef struct entry {
    struct entry *next; /* later used ones come first */
    caucus_group_request request;
    double *taken; /* the request's; its people are the group's */
    uint64_t hash;
    caucus_group *group;
    size_t n_users;
    size_t bytes;
} entry;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static entry *entries;

static uint64_t mix(uint64_t h, const void *data, size_t bytes)
{
    const unsigned char *at = data;
    for (size_t i = 0; i + sizeof(uint64_t) <= bytes; i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, at + i, sizeof word);
        h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
        h ^= h >> 29;
    }
    return h;
}

static uint64_t hash_of(const caucus_group_request *request)
{
    uint64_t h = mix(request->n_classes, &request->size, sizeof request->size);
    h = mix(h, &request->sum_taken, sizeof request->sum_taken);
    return mix(h, request->people, request->n_classes * sizeof *request->people);
}

static bool same(const entry *e, const caucus_group_request *request)
{
    const size_t n = request->n_classes;
    return e->request.n_classes == request->n_classes && e->request.size == request->size &&
           e->request.urn == request->urn && e->request.sum_taken == request->sum_taken &&
           e->request.exact == request->exact && e->request.form == request->form &&
           memcmp(e->group->people, request->people, n * sizeof *request->people) == 0 &&
           (!request->urn || memcmp(e->taken, request->taken, n * sizeof *request->taken) == 0);
}

static void entry_free(entry *e)
{
    if (e != NULL) {
        caucus_group_free(e->group);
        free(e->taken);
        free(e);
    }
}

static caucus_status entry_open(const caucus_group_request *request, uint64_t hash, entry **out)
{
    entry *e = NULL;
    caucus_status status = CAUCUS_OK;
    TRY(caucus_alloc(1, sizeof *e, "a plan of draws", &e));
    e->request = *request;
    e->hash = hash;
    if (request->urn) {
        TRY_GOTO(caucus_alloc(request->n_classes, sizeof *e->taken, "a plan of draws", &e->taken), failed);
        memcpy(e->taken, request->taken, request->n_classes * sizeof *e->taken);
    }
    TRY_GOTO(caucus_group_plan(request, &e->group), failed);
    e->bytes = caucus_group_bytes(e->group);
    *out = e;
    return CAUCUS_OK;
failed:
    entry_free(e);
    return status;
}

/* Drop what has not been used for longest, beyond MOST_BYTES of unused plans. */
static void trim(void)
{
    size_t unused = 0;
    for (entry **at = &entries; *at != NULL;) {
        entry *e = *at;
        unused += e->n_users == 0 ? e->bytes : 0;
        if (e->n_users == 0 && unused > MOST_BYTES) {
            *at = e->next;
            entry_free(e);
        } else {
            at = &e->next;
        }
    }
}

/* Take an entry out of the list; NULL where there is none. */
static entry *take(const caucus_group_request *request, uint64_t hash)
{
    for (entry **at = &entries; *at != NULL; at = &(*at)->next) {
        entry *e = *at;
        if (e->hash == hash && same(e, request)) {
            *at = e->next;
            return e;
        }
    }
    return NULL;
}

caucus_status caucus_group_cache_get(const caucus_group_request *request, const caucus_group **group)
{
    const uint64_t hash = hash_of(request);
    pthread_mutex_lock(&mutex);
    entry *e = take(request, hash);
    if (e == NULL) {
        pthread_mutex_unlock(&mutex); /* making a plan takes long; at worst two threads make the same */
        TRY(entry_open(request, hash, &e));
        pthread_mutex_lock(&mutex);
    }
    e->n_users++;
    e->next = entries;
    entries = e;
    *group = e->group;
    trim();
    pthread_mutex_unlock(&mutex);
    return CAUCUS_OK;
}

void caucus_group_cache_release(const caucus_group *group)
{
    pthread_mutex_lock(&mutex);
    for (entry *e = entries; group != NULL && e != NULL; e = e->next) {
        if (e->group == group) {
            e->n_users--;
            break;
        }
    }
    trim();
    pthread_mutex_unlock(&mutex);
}
