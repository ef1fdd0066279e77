#include "result/store.h"

#include "base/durable.h"
#include "base/text.h"
#include "hdf5/sealed.h"
#include "result/assemble.h"
#include "result/metadata.h"
#include "trial/sums.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Little enough to hold in memory twice; often enough that a killed run loses half a minute at most. */
static const uint64_t default_segment_bytes = 32 << 20;
static const double default_segment_seconds = 30;

struct caucus_store {
    const caucus_layout *layout;
    const caucus_provenance *provenance;
    char *output;
    caucus_identity identity;
    uint64_t segment_bytes;
    double segment_seconds;
    bool finished;       /* the result was there, whole, when the run resumed */
    int lock;            /* descriptor of OUTPUT.parts, or -1 */
    caucus_parts *parts; /* NULL when finished */
    uint64_t trials_found;
    bool *gathered_blocks; /* [config][block] in the batch */
    caucus_batch batch;
    double first_gathered; /* seconds */
    char *notice;
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- opening ---- */

static caucus_status check_directory(const char *output)
{
    struct stat file;
    char *directory = caucus_durable_directory(output);
    if (directory == NULL) {
        return caucus_fail_memory(strlen(output), "a path");
    }
    caucus_status status = CAUCUS_OK;
    if (output[0] == '\0' || output[strlen(output) - 1] == '/' ||
        (stat(output, &file) == 0 && !S_ISREG(file.st_mode))) {
        status = caucus_fail(CAUCUS_INVALID, "%s cannot be a result file; give the path of a file with -o", output);
    } else if (stat(directory, &file) < 0 || !S_ISDIR(file.st_mode)) {
        status = caucus_fail(CAUCUS_INVALID, "%s cannot be written: there is no directory %s; make it first", output,
                             directory);
    }
    free(directory);
    return status;
}

/* A result that stands in the way of a run that resumes may be its own, finished. */
static caucus_status check_finished(caucus_store *store)
{
    caucus_status status = CAUCUS_OK;
    caucus_identity found = {0};
    int complete = 0;
    hid_t file = H5I_INVALID_HID;
    TRY_GOTO(caucus_h5_open(store->output, &file), done);
    TRY_GOTO(caucus_identity_read(file, store->output, "caucus", &found), done);
    TRY_GOTO(caucus_identity_compare(&store->identity, &found, store->output, false), done);
    TRY_GOTO(caucus_h5_get_number(file, store->output, "complete", H5T_NATIVE_INT, &complete), done);
    store->finished = complete == 1;
    if (!store->finished) {
        status = caucus_fail(CAUCUS_INVALID, "%s holds a part of this experiment only; use --force to replace it",
                             store->output);
    }
done:
    if (status != CAUCUS_OK) {
        caucus_error_prefix("cannot resume, since there is a result already and --force is not given: ");
    }
    caucus_identity_free(&found);
    caucus_h5_close(file);
    return status;
}

static caucus_status check_result(caucus_store *store, const caucus_store_options *options)
{
    if (access(store->output, F_OK) != 0 || options->force) {
        return CAUCUS_OK;
    }
    if (options->resume) {
        return check_finished(store);
    }
    return caucus_fail(CAUCUS_INVALID, "%s exists already; use --force to replace it, or another file with -o",
                       store->output);
}

/* Make OUTPUT.parts and keep others out of it. */
static caucus_status lock_parts(caucus_store *store)
{
    char *directory = NULL;
    TRY(caucus_parts_path(store->output, NULL, &directory));
    caucus_status status = CAUCUS_OK;
    if (mkdir(directory, 0777) < 0 && errno != EEXIST) {
        status = caucus_fail(CAUCUS_FAILED, "cannot make the directory %s: %s", directory, strerror(errno));
        goto done;
    }
    store->lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->lock < 0) {
        status = caucus_fail(CAUCUS_FAILED, "cannot open the directory %s: %s", directory, strerror(errno));
        goto done;
    }
    /* Some network file systems cannot lock directories; then nothing guards against a second run. */
    if (flock(store->lock, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
        status = caucus_fail(CAUCUS_INVALID,
                             "another process is writing %s at this moment; wait for it, or use another file with -o",
                             store->output);
    }
done:
    free(directory);
    return status;
}

static caucus_status check_segments(const caucus_store *store, const caucus_store_options *options)
{
    uint64_t n = 0;
    TRY(caucus_parts_count(store->output, &n));
    if (n > 0 && !options->resume && !options->force) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s.parts holds %llu segments of a run that did not finish; use --resume to go on with it, "
                           "or --force to start afresh",
                           store->output, (unsigned long long)n);
    }
    return CAUCUS_OK;
}

/* What an unfinished run needs to be read, before its first segment. */
static caucus_status write_layout(const caucus_store *store)
{
    caucus_status status = CAUCUS_OK;
    char *path = NULL;
    hid_t file = H5I_INVALID_HID;
    caucus_netcdf netcdf;
    caucus_netcdf_init(&netcdf, file);
    TRY_GOTO(caucus_parts_path(store->output, "layout.h5", &path), done);
    TRY_GOTO(caucus_image_create(path, &file), done);
    TRY_GOTO(caucus_skeleton_write(file, "caucus-layout", store->layout, store->provenance, &netcdf), done);
    TRY_GOTO(caucus_image_publish(file, path), done);
done:
    caucus_netcdf_free(&netcdf);
    caucus_h5_close(file);
    free(path);
    return status;
}

static caucus_status prepare_parts(caucus_store *store, const caucus_store_options *options)
{
    TRY(lock_parts(store));
    TRY(check_segments(store, options));
    if (!options->resume) { /* what is there may go: --force, or no segments */
        caucus_parts_remove(store->output);
        close(store->lock);
        store->lock = -1;
        TRY(lock_parts(store));
    }
    TRY(caucus_parts_open(store->output, &store->identity, true, &store->parts));
    store->trials_found = caucus_parts_trials(store->parts);
    return write_layout(store);
}

static caucus_status open_store(caucus_store *store, const caucus_store_options *options)
{
    const caucus_layout *layout = store->layout;
    store->output = caucus_text_copy(options->output);
    if (store->output == NULL) {
        return caucus_fail_memory(strlen(options->output), "a path");
    }
    if (layout->n_configs == 0 || layout->n_trials == 0 || layout->block_trials == 0 || layout->n_collectives == 0) {
        return caucus_fail(CAUCUS_INVALID,
                           "nothing to store in %s: the run has no configurations, trials or collectives",
                           options->output);
    }
    TRY(caucus_identity_of(layout, &store->identity));
    TRY(check_directory(store->output));
    TRY(check_result(store, options));
    if (store->finished) {
        store->trials_found = layout->n_configs * layout->n_trials;
        return CAUCUS_OK;
    }
    TRY(prepare_parts(store, options));
    return caucus_alloc(layout->n_configs * layout->n_blocks, sizeof *store->gathered_blocks, "a list of blocks",
                        &store->gathered_blocks);
}

caucus_status caucus_store_open(const caucus_layout *layout, const caucus_provenance *provenance,
                                const caucus_store_options *options, caucus_store **store)
{
    caucus_store *opened = NULL;
    TRY(caucus_alloc(1, sizeof *opened, "a store", &opened));
    opened->layout = layout;
    opened->provenance = provenance;
    opened->lock = -1;
    opened->segment_bytes = options->segment_bytes > 0 ? options->segment_bytes : default_segment_bytes;
    opened->segment_seconds = options->segment_seconds > 0 ? options->segment_seconds : default_segment_seconds;
    caucus_status status = open_store(opened, options);
    if (status != CAUCUS_OK) {
        caucus_store_close(opened);
        return status;
    }
    *store = opened;
    return CAUCUS_OK;
}

caucus_status caucus_store_find_block_trials(const char *output, uint32_t *block_trials)
{
    return caucus_parts_block_trials(output, block_trials);
}

/* ---- blocks ---- */

bool caucus_store_has(const caucus_store *store, uint64_t config, uint64_t block)
{
    return store->finished || store->gathered_blocks[config * store->layout->n_blocks + block] ||
           caucus_parts_has(store->parts, config, block);
}

uint64_t caucus_store_trials_found(const caucus_store *store)
{
    return store->trials_found;
}

const char *caucus_store_notice(const caucus_store *store)
{
    if (store->notice != NULL) {
        return store->notice;
    }
    return store->parts != NULL ? caucus_parts_notice(store->parts) : "";
}

caucus_status caucus_store_put(caucus_store *store, const caucus_block *block)
{
    const caucus_layout *layout = store->layout;
    if (block->config >= layout->n_configs || block->index >= layout->n_blocks ||
        block->first_trial != block->index * layout->block_trials ||
        block->n_trials != caucus_identity_block_rows(&store->identity, block->index)) {
        return caucus_fail(CAUCUS_FAILED, "block %llu of configuration %llu does not belong to the run's layout",
                           (unsigned long long)block->index, (unsigned long long)block->config);
    }
    if (caucus_store_has(store, block->config, block->index)) {
        if (block->sums != NULL) {
            memset(block->sums, 0, caucus_sums_words(&store->identity.shape) * sizeof *block->sums);
        }
        return CAUCUS_OK; /* the same numbers, wherever they were computed */
    }
    if (caucus_batch_is_due_before(&store->batch, &store->identity, block->config, store->segment_bytes)) {
        TRY(caucus_store_flush(store));
    }
    double now = seconds_now();
    if (store->batch.n_blocks == 0) {
        store->first_gathered = now;
    }
    TRY(caucus_batch_add(&store->batch, &store->identity, block));
    store->gathered_blocks[block->config * layout->n_blocks + block->index] = true;
    if (caucus_batch_is_due(&store->batch, &store->identity, store->segment_bytes) ||
        now - store->first_gathered >= store->segment_seconds) {
        return caucus_store_flush(store);
    }
    return CAUCUS_OK;
}

caucus_status caucus_store_flush(caucus_store *store)
{
    if (store->batch.n_blocks == 0) {
        return CAUCUS_OK;
    }
    caucus_status status = caucus_parts_write(store->parts, &store->batch);
    if (status != CAUCUS_OK) {
        caucus_error_prefix("cannot save finished blocks (earlier segments are kept: make room, then use --resume): ");
        return status;
    }
    for (uint64_t i = 0; i < store->batch.n_blocks; i++) {
        const caucus_segment_entry *entry = &store->batch.entries[i];
        store->gathered_blocks[entry->config * store->layout->n_blocks + entry->block] = false;
    }
    caucus_batch_clear(&store->batch);
    return CAUCUS_OK;
}

caucus_status caucus_store_join(caucus_store *store, unsigned threads)
{
    if (!store->finished) {
        TRY(caucus_store_flush(store));
        const uint64_t wanted = store->layout->n_configs * store->layout->n_blocks;
        const uint64_t there = caucus_parts_blocks(store->parts);
        if (there < wanted) {
            return caucus_fail(CAUCUS_FAILED, "%s cannot be put together: %llu of its %llu blocks are not finished",
                               store->output, (unsigned long long)(wanted - there), (unsigned long long)wanted);
        }
        caucus_status status =
            caucus_join(store->parts, store->layout, store->provenance, store->output, threads > 0 ? threads : 1);
        if (status != CAUCUS_OK) {
            caucus_error_prefix("cannot put the result together (all segments are kept: make room, then use "
                                "--resume): ");
            return status;
        }
        store->finished = true;
    }
    if (!caucus_parts_remove(store->output)) {
        free(store->notice);
        store->notice =
            caucus_text_format("%s.parts is not needed any more, but holds other files and was left", store->output);
    }
    return CAUCUS_OK;
}

void caucus_store_close(caucus_store *store)
{
    if (store == NULL) {
        return;
    }
    /* A run that saved nothing leaves nothing. */
    if (store->parts != NULL && !store->finished && caucus_parts_segments(store->parts) == 0) {
        caucus_parts_remove(store->output);
    }
    caucus_parts_close(store->parts);
    if (store->lock >= 0) {
        close(store->lock);
    }
    caucus_batch_free(&store->batch);
    caucus_identity_free(&store->identity);
    free(store->gathered_blocks);
    free(store->notice);
    free(store->output);
    free(store);
}
