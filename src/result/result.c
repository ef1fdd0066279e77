#include "result/result.h"

#include "base/host.h"
#include "base/number.h"
#include "base/text.h"
#include "hdf5/sealed.h"
#include "hdf5/verified.h"
#include "result/assemble.h"
#include "result/summary_sums.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST_THREADS = 16 };

/* How often, and how long apart, files are looked for that a run is moving. */
enum { ATTEMPTS = 80, BETWEEN_NANOSECONDS = 25000000 };

/* ---- a finished file ---- */

static caucus_status open_file(caucus_result *result)
{
    struct stat facts;
    TRY(caucus_verified_open(result->path, &result->file));
    result->bytes = stat(result->path, &facts) == 0 ? (uint64_t)facts.st_size : 0;
    TRY(caucus_metadata_read(result->file, result->path, "caucus", &result->skeleton));
    TRY(caucus_contributors_read(result->file, result->path, &result->contributors));
    int complete = 0;
    TRY(caucus_h5_get_number(result->file, result->path, "complete", H5T_NATIVE_INT, &complete));
    TRY(caucus_h5_get_text(result->file, result->path, "finished", &result->finished));
    result->complete = complete == 1;
    result->n_blocks = caucus_identity_blocks(&result->skeleton.identity);
    const uint64_t n = result->skeleton.identity.n_configs * result->n_blocks;
    TRY(caucus_h5_check_room(result->file, result->path, "blocks", n, sizeof *result->done));
    TRY(caucus_alloc(n, sizeof *result->done, "the list of finished blocks", &result->done));
    TRY(caucus_h5_read(result->file, result->path, "done", H5T_NATIVE_UINT8, n, result->done));
    for (uint64_t i = 0; i < n; i++) {
        result->blocks_done += result->done[i] != 0;
    }
    return caucus_summary_datasets_open(result->file, &result->skeleton.identity.shape,
                                        result->skeleton.identity.n_configs, result->path, &result->summaries);
}

/* ---- the parts of an unfinished run ---- */

static caucus_status read_layout(caucus_result *result)
{
    caucus_status status = CAUCUS_OK;
    char *path = NULL;
    hid_t file = H5I_INVALID_HID;
    TRY_GOTO(caucus_parts_path(result->path, "layout.h5", &path), done);
    status = caucus_image_verify(path);
    if (status != CAUCUS_OK) {
        caucus_error_prefix("the parts of %s cannot be read; running it with --resume repairs that: ", result->path);
        goto done;
    }
    TRY_GOTO(caucus_verified_open(path, &file), done);
    TRY_GOTO(caucus_metadata_read(file, path, "caucus-layout", &result->skeleton), done);
done:
    caucus_h5_close(file);
    free(path);
    return status;
}

static caucus_status open_parts(caucus_result *result)
{
    TRY(read_layout(result));
    result->skeleton.identity.mixed = true; /* for reading it does not matter who trained what */
    TRY(caucus_parts_open(result->path, &result->skeleton.identity, false, &result->notices, &result->parts));
    result->n_blocks = caucus_identity_blocks(&result->skeleton.identity);
    result->blocks_done = caucus_parts_blocks(result->parts);
    result->bytes = caucus_parts_bytes(result->parts);
    return CAUCUS_OK;
}

static caucus_status find_parts(const char *path, bool *there)
{
    char *directory = NULL;
    struct stat file;
    TRY(caucus_parts_path(path, NULL, &directory));
    *there = stat(directory, &file) == 0 && S_ISDIR(file.st_mode);
    free(directory);
    return CAUCUS_OK;
}

/* ---- both ---- */

static void free_arrays(caucus_kept_array *arrays)
{
    while (arrays != NULL) {
        caucus_kept_array *next = arrays->next;
        free(arrays->values);
        free(arrays);
        arrays = next;
    }
}

/* Forget all that was opened but the path. */
static void release(caucus_result *result)
{
    free_arrays(result->arrays);
    caucus_memory_free(result->memory);
    caucus_summary_datasets_close(result->summaries);
    caucus_h5_close(result->file);
    caucus_summarizer_close(result->summarizer);
    caucus_parts_close(result->parts);
    caucus_notices_free(&result->notices);
    caucus_contributors_free(&result->contributors);
    caucus_metadata_free(&result->skeleton);
    free(result->block);
    free(result->sums);
    free(result->done);
    free(result->finished);
    *result = (caucus_result){.path = result->path, .file = H5I_INVALID_HID};
}

caucus_status caucus_result_reopen(caucus_result *result)
{
    caucus_status status = CAUCUS_OK;
    for (int attempt = 0;; attempt++) {
        release(result);
        const bool finished = access(result->path, F_OK) == 0;
        bool parts = false;
        TRY(finished ? CAUCUS_OK : find_parts(result->path, &parts));
        status = parts ? open_parts(result) : open_file(result);
        /* A run may be about to write its layout, or its parts may be gone since it has put its result together; a new
         * one may come in the place of an old one. What is damaged stays so. */
        const bool moves = (access(result->path, F_OK) == 0) != finished || (parts && status == CAUCUS_FAILED);
        if (status == CAUCUS_OK || !moves || attempt == ATTEMPTS) {
            return status;
        }
        nanosleep(&(struct timespec){.tv_nsec = BETWEEN_NANOSECONDS}, NULL);
    }
}

bool caucus_result_moves(const caucus_result *result, caucus_status status)
{
    return status != CAUCUS_OK && result->parts != NULL && (status == CAUCUS_FAILED || access(result->path, F_OK) == 0);
}

/* The name of a result that its parts may be named by as well: OUT.h5.parts, with a slash or without. */
static char *name_result(const char *path)
{
    static const char ending[] = ".parts";
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        length--;
    }
    const size_t whole = sizeof ending - 1;
    struct stat file;
    const bool parts = length > whole && strncmp(path + length - whole, ending, whole) == 0 && stat(path, &file) == 0 &&
                       S_ISDIR(file.st_mode);
    return parts ? caucus_text_format("%.*s", (int)(length - whole), path) : caucus_text_copy(path);
}

caucus_status caucus_result_open(const char *path, caucus_result **result)
{
    caucus_result *opened = NULL;
    TRY(caucus_alloc(1, sizeof *opened, "a result", &opened));
    opened->file = H5I_INVALID_HID;
    opened->path = name_result(path);
    caucus_status status =
        opened->path != NULL ? caucus_result_reopen(opened) : caucus_fail_memory(strlen(path), "a path");
    if (status != CAUCUS_OK) {
        caucus_result_close(opened);
        return status;
    }
    *result = opened;
    return CAUCUS_OK;
}

void caucus_result_close(caucus_result *result)
{
    if (result == NULL) {
        return;
    }
    release(result);
    free(result->path);
    free(result);
}

static bool has_block(const caucus_result *result, uint64_t config, uint64_t block)
{
    return result->parts != NULL ? caucus_parts_has(result->parts, config, block)
                                 : result->done[config * result->n_blocks + block] != 0;
}

uint64_t caucus_result_trials(const caucus_result *result, uint64_t config)
{
    uint64_t trials = 0;
    for (uint64_t b = 0; b < result->n_blocks; b++) {
        trials += has_block(result, config, b) ? caucus_identity_block_rows(&result->skeleton.identity, b) : 0;
    }
    return trials;
}

static caucus_status prepare_summarizer(caucus_result *result)
{
    const caucus_identity *identity = &result->skeleton.identity;
    if (result->block == NULL && result->parts != NULL) {
        TRY(caucus_block_alloc_rows(identity->block_trials, &identity->shape, &result->block));
    }
    if (result->summarizer == NULL) {
        caucus_host host;
        caucus_host_describe("", &host);
        const unsigned threads = host.cores < MOST_THREADS ? host.cores : MOST_THREADS;
        TRY(caucus_summarizer_open(identity->n_trials, &identity->shape, threads, CAUCUS_SUMMARY_BUDGET,
                                   &result->summarizer));
    }
    return CAUCUS_OK;
}

static caucus_status summarize_sums(caucus_result *result, uint64_t config, caucus_summary *summary)
{
    const caucus_shape *shape = &result->skeleton.identity.shape;
    if (result->sums == NULL) {
        TRY(caucus_alloc(caucus_sums_words(shape), sizeof *result->sums, "sums of trials", &result->sums));
    }
    TRY(caucus_parts_read_sums(result->parts, config, result->sums));
    caucus_sums_summarize(shape, result->sums, result->skeleton.test[config], summary);
    return CAUCUS_OK;
}

static caucus_status add_block(caucus_result *result, uint64_t config, uint64_t b)
{
    if (!has_block(result, config, b)) {
        return CAUCUS_OK;
    }
    if (result->memory != NULL) {
        const caucus_block view = caucus_memory_block(result, config, b);
        caucus_summarizer_add(result->summarizer, &view);
        return CAUCUS_OK;
    }
    TRY(caucus_parts_read(result->parts, config, b, result->block));
    caucus_summarizer_add(result->summarizer, result->block);
    return CAUCUS_OK;
}

caucus_status caucus_result_summary(caucus_result *result, uint64_t config, caucus_summary *summary)
{
    if (result->parts == NULL && result->memory == NULL) {
        summary->n_trials = caucus_result_trials(result, config);
        return caucus_summary_datasets_read(result->summaries, config, summary);
    }
    if (result->skeleton.identity.summaries_only) {
        return summarize_sums(result, config, summary);
    }
    TRY(prepare_summarizer(result));
    for (uint32_t pass = 0; pass < caucus_summarizer_passes(result->summarizer); pass++) {
        caucus_summarizer_begin(result->summarizer, result->skeleton.test[config], pass);
        for (uint64_t b = 0; b < result->n_blocks; b++) {
            TRY(add_block(result, config, b));
        }
        caucus_summarizer_end(result->summarizer, summary);
    }
    return CAUCUS_OK;
}

bool caucus_result_has(const caucus_result *result, const caucus_summary *summary, uint64_t config, uint32_t collective)
{
    return result->skeleton.sizes[config * result->skeleton.identity.shape.n_collectives + collective] > 0 ||
           !isnan(summary->values[CAUCUS_SUCCESS_MEAN][collective]);
}

const char *caucus_result_axis_value(const caucus_coordinate *axis, uint64_t config, char number[CAUCUS_NUMBER_BYTES])
{
    if (axis->numbers == NULL) {
        return axis->words[config];
    }
    caucus_number_format(axis->numbers[config], false, number);
    return number;
}

uint32_t caucus_result_platform_fields(const caucus_shape *shape, int fields[CAUCUS_PLATFORM_FIELDS])
{
    uint32_t n = 0;
    if (shape->trained) {
        fields[n++] = CAUCUS_SUBOPTIMALITY_MEAN;
        fields[n++] = CAUCUS_CONVERGED_RATE;
    }
    if (shape->compared) {
        fields[n++] = CAUCUS_ACCURACY_MEAN;
        fields[n++] = CAUCUS_ACCURACY_COST_MEAN;
    }
    return n;
}
