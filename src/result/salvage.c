#include "result/salvage.h"

#include "hdf5/verified.h"
#include "result/layout.h"

#include <stdlib.h>

static caucus_status put_whole(caucus_store *store, const caucus_layout *layout, hid_t file, const char *path,
                               const bool *marks)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    caucus_block *block = NULL;
    TRY(caucus_layout_block_alloc(layout, &block));
    caucus_status status = CAUCUS_OK;
    for (uint64_t i = 0; i < layout->n_configs * layout->n_blocks && status == CAUCUS_OK; i++) {
        block->config = i / layout->n_blocks;
        block->index = i % layout->n_blocks;
        if (marks[i] || caucus_store_has(store, block->config, block->index)) {
            continue;
        }
        block->first_trial = block->index * layout->block_trials;
        const uint64_t left = layout->n_trials - block->first_trial;
        block->n_trials = left < layout->block_trials ? (uint32_t)left : layout->block_trials;
        status = caucus_damage_read(file, path, &shape, block);
        if (status == CAUCUS_OK) {
            status = caucus_store_put(store, block);
        } else if (status == CAUCUS_INVALID) { /* damaged too, then */
            status = CAUCUS_OK;
        }
    }
    free(block);
    return status;
}

caucus_status caucus_salvage(caucus_store *store, const caucus_layout *layout, const caucus_identity *identity,
                             const caucus_damage *damage)
{
    hid_t file = H5I_INVALID_HID;
    bool *marks = NULL;
    if (!layout->experiment->output.trials) {
        return CAUCUS_OK;
    }
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(layout->n_configs, layout->n_blocks, "a list of blocks", &marks), done);
    TRY_GOTO(caucus_verified_open(damage->path, &file), done);
    TRY_GOTO(caucus_damage_mark(damage, file, identity, layout->block_trials, marks), done);
    TRY_GOTO(put_whole(store, layout, file, damage->path, marks), done);
done:
    caucus_h5_close(file);
    free(marks);
    return status == CAUCUS_INVALID ? CAUCUS_OK : status;
}
