#include "compile/partition_cache.h"

#include "compile/shared_cache.h"

#include <stdlib.h>

static void destroy(void *made)
{
    caucus_partition *partition = made;
    if (partition != NULL) {
        caucus_partition_free(partition);
        free(partition);
    }
}

static caucus_status make(const void *request, void **made)
{
    caucus_partition *partition = NULL;
    TRY(caucus_alloc(1, sizeof *partition, "classes", &partition));
    const caucus_status status = caucus_partition_init(request, partition);
    if (status != CAUCUS_OK) {
        free(partition);
        return status;
    }
    *made = partition;
    return CAUCUS_OK;
}

static size_t bytes_of(const void *made)
{
    const caucus_partition *partition = made;
    size_t bytes = partition->n_classes * sizeof *partition->weights + partition->n_kinds * sizeof *partition->class_of;
    for (uint32_t c = 0; c < partition->n_columns; c++) {
        bytes += partition->columns[c] != NULL ? partition->n_classes * sizeof **partition->columns : 0;
    }
    return bytes;
}

static caucus_cache cache = {.make = make, .destroy = destroy, .bytes = bytes_of, .mutex = PTHREAD_MUTEX_INITIALIZER};

static caucus_status add_key(const caucus_partition_people *people, caucus_cache_key *key)
{
    const uint32_t sizes[] = {people->n_cells,
                              people->n_labels,
                              people->n_columns,
                              people->keep_label ? 1 : 0,
                              people->label_nowhere ? 1 : 0,
                              people->right != NULL ? 1 : 0};
    TRY(caucus_cache_key_add(key, sizes, sizeof sizes));
    if (people->right != NULL) {
        TRY(caucus_cache_key_add(key, people->labels, sizeof people->labels));
        TRY(caucus_cache_key_add(key, people->right, people->n_cells * sizeof *people->right));
    }
    for (uint32_t c = 0; c < people->n_columns; c++) {
        const uint32_t kept = people->columns[c] != NULL ? 1 : 0;
        TRY(caucus_cache_key_add(key, &kept, sizeof kept));
        TRY(caucus_cache_key_add(key, people->columns[c], kept * people->n_cells * sizeof **people->columns));
    }
    return caucus_cache_key_add(key, people->weights,
                                (size_t)people->n_cells * people->n_labels * sizeof *people->weights);
}

caucus_status caucus_partition_cache_get(const caucus_partition_people *people, const caucus_partition **partition)
{
    caucus_cache_key key = {0};
    const void *made = NULL;
    const caucus_status status = add_key(people, &key);
    if (status != CAUCUS_OK) {
        free(key.bytes);
        return status;
    }
    TRY(caucus_cache_get(&cache, &key, people, &made));
    *partition = made;
    return CAUCUS_OK;
}

void caucus_partition_cache_release(const caucus_partition *partition)
{
    caucus_cache_release(&cache, partition);
}
