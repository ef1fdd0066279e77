#include "result/shard_sums.h"

#include "hdf5/pack.h"
#include "hdf5/rows.h"
#include "trial/sums.h"

#include <stdlib.h>

/* Most words of a configuration are bins of histograms that nothing fell into: only the others are there, each with its
 * place; `end` is where those of a configuration end. */
static const char *const names[] = {"sums/place", "sums/word", "sums/end"};
enum { PLACE, WORD, END, N_DATASETS };
enum { CHUNK = 1 << 15 };

struct caucus_shard_sums {
    const char *path; /* borrowed */
    uint64_t n_words; /* of a configuration */
    uint64_t n_configs;
    uint64_t written;     /* words so far */
    uint64_t *buffers[2]; /* [word] places and values of one configuration */
    hid_t datasets[N_DATASETS];
};

static caucus_status alloc_sums(const caucus_shape *shape, uint64_t n_configs, const char *path,
                                caucus_shard_sums **sums)
{
    caucus_status status = CAUCUS_OK;
    caucus_shard_sums *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "sums of trials", &made));
    made->path = path;
    made->n_words = caucus_sums_words(shape);
    made->n_configs = n_configs;
    for (int i = 0; i < N_DATASETS; i++) {
        made->datasets[i] = H5I_INVALID_HID;
    }
    TRY_GOTO(caucus_alloc(made->n_words, sizeof(uint64_t), "sums of trials", &made->buffers[PLACE]), failed);
    TRY_GOTO(caucus_alloc(made->n_words, sizeof(uint64_t), "sums of trials", &made->buffers[WORD]), failed);
    *sums = made;
    return CAUCUS_OK;
failed:
    caucus_shard_sums_close(made);
    return status;
}

/* A list of words that grows. */
static caucus_status make_list(hid_t file, const char *name, unsigned level, hid_t *dataset)
{
    caucus_status status = CAUCUS_OK;
    const hsize_t none = 0;
    const hsize_t most = H5S_UNLIMITED;
    const hsize_t chunk = CHUNK;
    hid_t properties = H5I_INVALID_HID;
    hid_t space = H5Screate_simple(1, &none, &most);
    TRY_GOTO(caucus_h5_ordered(H5P_DATASET_CREATE, &properties), done);
    H5_TRY_GOTO(H5Pset_chunk(properties, 1, &chunk), done, "cannot set up %s", name);
    TRY_GOTO(caucus_pack_filters(properties, level), done);
    *dataset = H5Dcreate2(file, name, H5T_NATIVE_UINT64, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    H5_TRY_GOTO(*dataset, done, "cannot make %s", name);
done:
    caucus_h5_close(properties);
    caucus_h5_close(space);
    return status;
}

static caucus_status make_datasets(caucus_shard_sums *sums, hid_t file, unsigned level)
{
    caucus_status status = CAUCUS_OK;
    hid_t ordered = H5I_INVALID_HID;
    hid_t group = H5I_INVALID_HID;
    hid_t properties = H5I_INVALID_HID;
    hid_t space = H5Screate_simple(1, &(hsize_t){sums->n_configs}, NULL);
    TRY_GOTO(caucus_h5_ordered(H5P_GROUP_CREATE, &ordered), done);
    TRY_GOTO(caucus_h5_ordered(H5P_DATASET_CREATE, &properties), done); /* which notes no time either */
    group = H5Gcreate2(file, "sums", H5P_DEFAULT, ordered, H5P_DEFAULT);
    H5_TRY_GOTO(group, done, "cannot write %s", sums->path);
    TRY_GOTO(make_list(file, names[PLACE], level, &sums->datasets[PLACE]), done);
    TRY_GOTO(make_list(file, names[WORD], level, &sums->datasets[WORD]), done);
    sums->datasets[END] = H5Dcreate2(file, names[END], H5T_NATIVE_UINT64, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    H5_TRY_GOTO(sums->datasets[END], done, "cannot write %s", sums->path);
done:
    caucus_h5_close(group);
    caucus_h5_close(properties);
    caucus_h5_close(ordered);
    caucus_h5_close(space);
    return status;
}

caucus_status caucus_shard_sums_make(const caucus_netcdf *netcdf, const caucus_layout *layout, const char *path,
                                     caucus_shard_sums **sums)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    caucus_shard_sums *made = NULL;
    TRY(alloc_sums(&shape, layout->n_configs, path, &made));
    caucus_status status = make_datasets(made, netcdf->file, layout->experiment->output.compression);
    if (status != CAUCUS_OK) {
        caucus_shard_sums_close(made);
        return status;
    }
    *sums = made;
    return CAUCUS_OK;
}

caucus_status caucus_shard_sums_add(caucus_shard_sums *sums, uint64_t config, const uint64_t *words)
{
    uint64_t n = 0;
    for (uint64_t i = 0; i < sums->n_words; i++) {
        if (words[i] != 0) {
            sums->buffers[PLACE][n] = i;
            sums->buffers[WORD][n++] = words[i];
        }
    }
    const hsize_t end = sums->written + n;
    for (int i = PLACE; i <= WORD; i++) {
        if (H5Dset_extent(sums->datasets[i], &end) < 0) {
            return caucus_h5_fail("cannot write %s", sums->path);
        }
        TRY(caucus_h5_write_rows(sums->datasets[i], sums->path, H5T_NATIVE_UINT64, sums->written, n, sums->buffers[i]));
    }
    sums->written = end;
    return caucus_h5_write_rows(sums->datasets[END], sums->path, H5T_NATIVE_UINT64, config, 1, &sums->written);
}

caucus_status caucus_shard_sums_open(hid_t file, const caucus_shape *shape, uint64_t n_configs, const char *path,
                                     caucus_shard_sums **sums)
{
    caucus_shard_sums *opened = NULL;
    TRY(alloc_sums(shape, n_configs, path, &opened));
    for (int i = 0; i < N_DATASETS; i++) {
        opened->datasets[i] = H5Dopen2(file, names[i], H5P_DEFAULT);
        if (opened->datasets[i] < 0) {
            caucus_shard_sums_close(opened);
            return caucus_h5_fail("cannot read %s of %s", names[i], path);
        }
    }
    *sums = opened;
    return CAUCUS_OK;
}

caucus_status caucus_shard_sums_read(caucus_shard_sums *sums, uint64_t config, uint64_t *words)
{
    uint64_t ends[2] = {0, 0};
    const uint64_t first = config > 0 ? config - 1 : 0;
    const uint64_t n_ends = config > 0 ? 2 : 1;
    TRY(caucus_h5_read_rows(sums->datasets[END], sums->path, H5T_NATIVE_UINT64, first, n_ends, ends + 2 - n_ends));
    const uint64_t n = ends[1] - ends[0];
    if (ends[1] < ends[0] || n > sums->n_words) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: the sums of a configuration have an impossible length",
                           sums->path);
    }
    TRY(caucus_h5_read_rows(sums->datasets[PLACE], sums->path, H5T_NATIVE_UINT64, ends[0], n, sums->buffers[PLACE]));
    TRY(caucus_h5_read_rows(sums->datasets[WORD], sums->path, H5T_NATIVE_UINT64, ends[0], n, sums->buffers[WORD]));
    for (uint64_t i = 0; i < n; i++) {
        if (sums->buffers[PLACE][i] >= sums->n_words) {
            return caucus_fail(CAUCUS_INVALID, "%s is damaged: sums of a configuration lie outside of it", sums->path);
        }
        words[sums->buffers[PLACE][i]] += sums->buffers[WORD][i];
    }
    return CAUCUS_OK;
}

void caucus_shard_sums_close(caucus_shard_sums *sums)
{
    if (sums == NULL) {
        return;
    }
    for (int i = 0; i < N_DATASETS; i++) {
        caucus_h5_close(sums->datasets[i]);
    }
    free(sums->buffers[PLACE]);
    free(sums->buffers[WORD]);
    free(sums);
}
