#include "result/shard_file.h"

#include "hdf5/verified.h"
#include "result/shard_sums.h"

#include <stdlib.h>

struct caucus_shard_file {
    const char *path;
    const caucus_identity *identity;
    hid_t file;
    hid_t datasets[CAUCUS_N_VARIABLES]; /* negative where a variable has no values */
    caucus_stripes stripes;
    unsigned char *memory; /* the chunks that were read last, one behind another */
    size_t capacity;
    caucus_stripe_packer *packer;
    caucus_block *rows; /* of the stripe that was unpacked last */
    uint64_t unpacked;  /* UINT64_MAX: none */
    caucus_shard_sums *sums;
};

static caucus_status open_trials(caucus_shard_file *file)
{
    const caucus_identity *identity = file->identity;
    const caucus_shape *shape = &identity->shape;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        if (caucus_variable_width(&caucus_variables[v], shape) > 0) {
            file->datasets[v] = H5Dopen2(file->file, caucus_variables[v].name, H5P_DEFAULT);
            if (file->datasets[v] < 0) {
                return caucus_h5_fail("cannot read %s of %s", caucus_variables[v].name, file->path);
            }
        }
    }
    TRY(caucus_stripe_packer_open(shape, &file->stripes, identity->compression, 1, &file->packer));
    return caucus_stripe_alloc(shape, &file->stripes, 1, &file->rows);
}

caucus_status caucus_shard_file_open(const char *path, const caucus_identity *identity, caucus_shard_file **file)
{
    caucus_shard_file *opened = NULL;
    TRY(caucus_alloc(1, sizeof *opened, "a shard", &opened));
    opened->path = path;
    opened->identity = identity;
    opened->file = H5I_INVALID_HID;
    opened->unpacked = UINT64_MAX;
    opened->stripes = caucus_stripes_of(&identity->shape, identity->n_configs, identity->n_trials);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        opened->datasets[v] = H5I_INVALID_HID;
    }
    caucus_status status = caucus_verified_open(path, &opened->file);
    if (status == CAUCUS_OK) {
        status = identity->summaries_only
                     ? caucus_shard_sums_open(opened->file, &identity->shape, identity->n_configs, path, &opened->sums)
                     : open_trials(opened);
    }
    if (status != CAUCUS_OK) {
        caucus_shard_file_close(opened);
        return status;
    }
    *file = opened;
    return CAUCUS_OK;
}

void caucus_shard_file_close(caucus_shard_file *file)
{
    if (file == NULL) {
        return;
    }
    caucus_shard_sums_close(file->sums);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        caucus_h5_close(file->datasets[v]);
    }
    caucus_h5_close(file->file);
    caucus_stripe_packer_close(file->packer);
    free(file->rows);
    free(file->memory);
    free(file);
}

static caucus_status make_room(caucus_shard_file *file, uint64_t n)
{
    if (n <= file->capacity) {
        return CAUCUS_OK;
    }
    free(file->memory);
    file->memory = NULL;
    file->capacity = 0;
    TRY(caucus_alloc(n, 1, "packed trials", &file->memory));
    file->capacity = n;
    return CAUCUS_OK;
}

caucus_status caucus_shard_file_read_chunks(caucus_shard_file *file, uint64_t stripe, caucus_stripe_chunks *chunks)
{
    const caucus_stripe_place place = caucus_stripes_place(&file->stripes, stripe);
    const hsize_t offset[CAUCUS_N_DIMENSIONS] = {place.config, place.trial};
    hsize_t bytes[CAUCUS_N_VARIABLES] = {0};
    uint64_t all = 0;
    *chunks = (caucus_stripe_chunks){0};
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        if (file->datasets[v] >= 0 && H5Dget_chunk_storage_size(file->datasets[v], offset, &bytes[v]) < 0) {
            return caucus_h5_fail("cannot read %s of %s", caucus_variables[v].name, file->path);
        }
        all += bytes[v];
    }
    TRY(make_room(file, all));
    unsigned char *to = file->memory;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        uint32_t filters = 0;
        if (file->datasets[v] >= 0 && H5Dread_chunk(file->datasets[v], H5P_DEFAULT, offset, &filters, to) < 0) {
            return caucus_h5_fail("cannot read %s of %s", caucus_variables[v].name, file->path);
        }
        chunks->bytes[v] = file->datasets[v] >= 0 ? to : NULL;
        chunks->n_bytes[v] = bytes[v];
        to += bytes[v];
    }
    return CAUCUS_OK;
}

static caucus_status unpack(caucus_shard_file *file, uint64_t stripe)
{
    caucus_stripe_chunks chunks;
    if (file->unpacked == stripe) {
        return CAUCUS_OK;
    }
    file->unpacked = UINT64_MAX;
    TRY(caucus_shard_file_read_chunks(file, stripe, &chunks));
    if (!caucus_stripe_unpack(file->packer, &chunks, file->rows)) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: its packed trials cannot be unpacked", file->path);
    }
    file->unpacked = stripe;
    return CAUCUS_OK;
}

caucus_status caucus_shard_file_read_rows(caucus_shard_file *file, uint64_t config, uint64_t trial, uint64_t n,
                                          const caucus_block *to, uint64_t row)
{
    const caucus_shape *shape = &file->identity->shape;
    for (uint64_t done = 0; done < n;) {
        const uint64_t left = file->stripes.trials - (trial + done) % file->stripes.trials;
        const uint64_t taken = left < n - done ? left : n - done;
        TRY(unpack(file, caucus_stripes_find(&file->stripes, config, trial + done)));
        const uint64_t from = caucus_stripes_row(&file->stripes, config, trial + done);
        const caucus_block part = caucus_block_part(file->rows, shape, (uint32_t)from, (uint32_t)taken);
        caucus_block_copy(&part, shape, to, row + done);
        done += taken;
    }
    return CAUCUS_OK;
}

caucus_status caucus_shard_file_read_sums(caucus_shard_file *file, uint64_t config, uint64_t *words)
{
    return caucus_shard_sums_read(file->sums, config, words);
}
