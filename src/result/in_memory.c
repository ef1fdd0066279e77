#include "result/in_memory.h"

#include "base/clock.h"
#include "base/text.h"
#include "hdf5/sealed.h"
#include "result/result.h"

/* Metadata as a file would hold them: written to one in memory, and read back. */
static caucus_status make_metadata(const caucus_layout *layout, const caucus_provenance *provenance,
                                   caucus_metadata *metadata)
{
    static const char name[] = "a result in memory";
    hid_t file = H5I_INVALID_HID;
    caucus_netcdf netcdf;
    TRY(caucus_image_create(name, &file));
    caucus_netcdf_init(&netcdf, file);
    caucus_status status = caucus_metadata_write(file, "caucus", layout, provenance, &netcdf);
    caucus_netcdf_free(&netcdf);
    if (status == CAUCUS_OK) {
        status = caucus_metadata_read(file, name, "caucus", metadata);
    }
    caucus_h5_close(file);
    return status;
}

static caucus_status make_arrays(const caucus_identity *identity, caucus_memory **memory)
{
    TRY(caucus_alloc(1, sizeof **memory, "a result in memory", memory));
    for (int v = 0; v < CAUCUS_N_VARIABLES; v++) {
        const uint64_t width = caucus_variable_width(&caucus_variables[v], &identity->shape);
        uint64_t n = 0;
        if (__builtin_mul_overflow(identity->n_configs * identity->n_trials, width, &n)) {
            return caucus_fail(CAUCUS_INVALID, "the result does not fit into memory: run it to a file");
        }
        if (width > 0) {
            TRY(caucus_alloc(n, CAUCUS_VALUE_BYTES, "a result in memory", &(*memory)->values[v]));
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_memory_open(const caucus_layout *layout, const caucus_provenance *provenance,
                                 caucus_result **result)
{
    caucus_result *opened = NULL;
    caucus_status status = CAUCUS_OK;
    if (!layout->experiment->output.trials) {
        return caucus_fail(CAUCUS_INVALID, "the experiment keeps summaries only, and a result in memory is made of its "
                                           "trials: set output.trials=true, or run it to a file");
    }
    TRY(caucus_alloc(1, sizeof *opened, "a result", &opened));
    opened->file = H5I_INVALID_HID;
    opened->path = caucus_text_copy("(memory)");
    if (opened->path == NULL) {
        status = caucus_fail_memory(1, "a path");
        goto failed;
    }
    TRY_GOTO(make_metadata(layout, provenance, &opened->skeleton), failed);
    opened->n_blocks = caucus_identity_blocks(&opened->skeleton.identity);
    TRY_GOTO(make_arrays(&opened->skeleton.identity, &opened->memory), failed);
    TRY_GOTO(caucus_alloc(opened->skeleton.identity.n_configs * opened->n_blocks, sizeof *opened->done,
                          "the list of finished blocks", &opened->done),
             failed);
    *result = opened;
    return CAUCUS_OK;
failed:
    caucus_result_close(opened);
    return status;
}

void caucus_memory_put(caucus_result *result, const caucus_block *block)
{
    const caucus_identity *identity = &result->skeleton.identity;
    const caucus_block all = caucus_memory_whole(result);
    caucus_block_copy(block, &identity->shape, &all, block->config * identity->n_trials + block->first_trial);
    result->done[block->config * result->n_blocks + block->index] = 1;
    result->blocks_done++;
    result->bytes += block->n_trials * caucus_row_bytes(&identity->shape);
}

caucus_status caucus_memory_finish(caucus_result *result)
{
    char now[CAUCUS_CLOCK_BYTES];
    result->complete = result->blocks_done == result->skeleton.identity.n_configs * result->n_blocks;
    result->finished = caucus_text_copy(caucus_clock_stamp(now));
    return result->finished != NULL ? CAUCUS_OK : caucus_fail_memory(sizeof now, "a time");
}
