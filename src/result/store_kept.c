/* What an earlier result has of a run that lets it grow. */
#include "result/store_state.h"

#include "hdf5/verified.h"

#include <stdlib.h>
#include <unistd.h>

uint32_t caucus_store_kept(const caucus_store *store, uint64_t config, uint64_t block)
{
    const uint64_t first = block * store->layout->block_trials;
    const uint64_t kept = store->growth != NULL ? caucus_growth_trials(store->growth, config) : 0;
    const uint32_t n = caucus_identity_block_rows(&store->identity, block);
    return kept <= first ? 0 : kept - first < n ? (uint32_t)(kept - first) : n;
}

bool caucus_store_keeps_sums(const caucus_store *store, uint64_t config, uint64_t block)
{
    return store->growth != NULL && store->identity.summaries_only && caucus_store_kept(store, config, block) > 0;
}

caucus_status caucus_store_fill(caucus_store *store, caucus_block *block)
{
    const uint32_t n = caucus_store_kept(store, block->config, block->index);
    return n > 0 ? caucus_growth_read(store->growth, block->config, block->first_trial, n, block) : CAUCUS_OK;
}

static caucus_status read_all_sums(void *self, uint64_t config, uint64_t *words)
{
    const caucus_store *store = self;
    TRY(caucus_parts_read_sums(store->parts, config, words));
    return caucus_growth_read_sums(store->growth, config, words);
}

caucus_trial_source caucus_store_sums_source(caucus_store *store)
{
    caucus_trial_source source = caucus_parts_source(store->parts);
    source.self = store;
    source.read_sums = read_all_sums;
    return source;
}

/* What a file says of its trials; 0 where it cannot be read, which opening the store will tell. */
static uint64_t read_trials(const char *path, const char *kind)
{
    caucus_identity found = {0};
    hid_t file = H5I_INVALID_HID;
    if (access(path, F_OK) != 0 || caucus_verified_open(path, &file) != CAUCUS_OK) {
        return 0;
    }
    const uint64_t n = caucus_identity_read(file, path, kind, &found) == CAUCUS_OK ? found.n_trials : 0;
    caucus_identity_free(&found);
    caucus_h5_close(file);
    return n;
}

caucus_status caucus_store_find_trials(const char *output, uint64_t *finished, uint64_t *begun)
{
    char *layout = NULL;
    TRY(caucus_parts_path(output, "layout.h5", &layout));
    *finished = read_trials(output, "caucus");
    *begun = read_trials(layout, "caucus-layout");
    free(layout);
    return CAUCUS_OK;
}
