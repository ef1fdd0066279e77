#include "result/store_state.h"

#include "hdf5/verified.h"

#include <stdlib.h>
#include <unistd.h>

/* How many trials of a block an earlier result has. */
static uint32_t count_kept(const caucus_store *store, uint64_t config, uint64_t block)
{
    const uint64_t first = block * store->layout->block_trials;
    const uint64_t kept = store->growth != NULL ? caucus_growth_trials(store->growth, config) : 0;
    const uint32_t n = caucus_identity_block_rows(&store->identity, block);
    return kept <= first ? 0 : kept - first < n ? (uint32_t)(kept - first) : n;
}

uint32_t caucus_store_kept(const caucus_store *store, uint64_t config, uint64_t block)
{
    return count_kept(store, config, block);
}

bool caucus_store_keeps_sums(const caucus_store *store, uint64_t config, uint64_t block)
{
    return store->growth != NULL && store->identity.summaries_only && count_kept(store, config, block) > 0;
}

caucus_status caucus_store_fill(caucus_store *store, caucus_block *block)
{
    const uint32_t n = count_kept(store, block->config, block->index);
    return n > 0 ? caucus_growth_read(store->growth, block->config, block->first_trial, n, block) : CAUCUS_OK;
}

/* Put the blocks that an earlier result has as a whole; of others that it has in part, count the trials. */
static caucus_status put_kept(caucus_store *store, caucus_block *block, uint64_t *in_part)
{
    const caucus_layout *layout = store->layout;
    for (uint64_t config = 0; config < layout->n_configs; config++) {
        for (uint64_t index = 0; index < layout->n_blocks && count_kept(store, config, index) > 0; index++) {
            if (caucus_store_has(store, config, index)) {
                continue;
            }
            block->config = config;
            block->index = index;
            block->first_trial = index * layout->block_trials;
            block->n_trials = caucus_identity_block_rows(&store->identity, index);
            if (count_kept(store, config, index) < block->n_trials) {
                *in_part += count_kept(store, config, index);
                continue;
            }
            TRY(caucus_store_fill(store, block));
            TRY(caucus_store_put(store, block));
        }
    }
    return CAUCUS_OK;
}

/* Sums are not put anywhere: those of blocks that are in the parts as well would count twice. */
static caucus_status keep_sums(caucus_store *store)
{
    const caucus_layout *layout = store->layout;
    for (uint64_t config = 0; config < layout->n_configs; config++) {
        for (uint64_t index = 0; index < layout->n_blocks && count_kept(store, config, index) > 0; index++) {
            if (caucus_parts_has(store->parts, config, index)) {
                return caucus_fail(CAUCUS_INVALID,
                                   "%s.parts has trials that %s has, too, and sums cannot be told apart: remove the "
                                   "folder, then use --resume",
                                   store->output, store->output);
            }
            store->n_kept_blocks++;
            store->trials_found += count_kept(store, config, index);
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_store_grow(caucus_store *store)
{
    caucus_block *block = NULL;
    uint64_t in_part = 0;
    if (store->growth == NULL) {
        return CAUCUS_OK;
    }
    hid_t file = H5I_INVALID_HID;
    TRY(caucus_verified_open(store->output, &file));
    caucus_status status = caucus_parts_add_writers(store->parts, file, store->output);
    caucus_h5_close(file);
    TRY(status);
    if (store->identity.summaries_only) {
        return keep_sums(store);
    }
    TRY(caucus_layout_block_alloc(store->layout, &block));
    status = put_kept(store, block, &in_part);
    free(block);
    TRY(status);
    TRY(caucus_store_flush(store));
    store->trials_found = caucus_parts_trials(store->parts) + in_part;
    return CAUCUS_OK;
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
