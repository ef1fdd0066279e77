#include "compile/group_cache.h"

#include "compile/shared_cache.h"

#include <stdlib.h>

static caucus_status make(const void *request, void **made)
{
    caucus_group *group = NULL;
    TRY(caucus_group_plan(request, &group));
    *made = group;
    return CAUCUS_OK;
}

static void destroy(void *made)
{
    caucus_group_free(made);
}

static size_t bytes_of(const void *made)
{
    return caucus_group_bytes(made);
}

static caucus_cache cache = {.make = make, .destroy = destroy, .bytes = bytes_of, .mutex = PTHREAD_MUTEX_INITIALIZER};

/* Trials up to a factor of eight: tables that suit few of them serve many slowly. */
static uint64_t size_of_trials(uint64_t n_trials)
{
    uint64_t size = 0; /* where the request says that they are many */
    for (; n_trials > 0; n_trials /= 8) {
        size++;
    }
    return size;
}

static caucus_status add_key(const caucus_group_request *request, caucus_cache_key *key)
{
    const uint64_t flags[] = {request->n_classes,
                              request->size,
                              request->urn ? 1 : 0,
                              request->exact ? 1 : 0,
                              (uint64_t)(int64_t)request->form,
                              size_of_trials(request->n_trials)};
    TRY(caucus_cache_key_add(key, flags, sizeof flags));
    TRY(caucus_cache_key_add(key, &request->sum_taken, sizeof request->sum_taken));
    TRY(caucus_cache_key_add(key, request->people, request->n_classes * sizeof *request->people));
    return request->urn ? caucus_cache_key_add(key, request->taken, request->n_classes * sizeof *request->taken)
                        : CAUCUS_OK;
}

caucus_status caucus_group_cache_get(const caucus_group_request *request, const caucus_group **group)
{
    caucus_cache_key key = {0};
    const void *made = NULL;
    const caucus_status status = add_key(request, &key);
    if (status != CAUCUS_OK) {
        free(key.bytes);
        return status;
    }
    TRY(caucus_cache_get(&cache, &key, request, &made));
    *group = made;
    return CAUCUS_OK;
}

void caucus_group_cache_release(const caucus_group *group)
{
    caucus_cache_release(&cache, group);
}
