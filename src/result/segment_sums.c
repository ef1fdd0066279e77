/* Sums in segments. Most words of a configuration are bins of histograms that nothing fell into, so that only the
 * others are written, each with its place. */
#include "hdf5/rows.h"
#include "result/segment.h"
#include "trial/sums.h"

#include <stdlib.h>

/* The datasets: configurations of the rows, where each row's words end, and the words' places and values. */
static const char *const config_name = "sums_config";
static const char *const end_name = "sums_end";
static const char *const place_name = "sums_place";
static const char *const word_name = "sums_word";

static uint64_t count_words(const uint64_t *words, uint64_t n)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < n; i++) {
        count += words[i] != 0;
    }
    return count;
}

caucus_status caucus_segment_write_sums(hid_t file, const caucus_identity *identity, const caucus_batch *batch)
{
    caucus_status status = CAUCUS_OK;
    const uint64_t width = caucus_sums_words(&identity->shape);
    const hsize_t n_rows = batch->n_rows;
    const hsize_t n_words = count_words(batch->sums, n_rows * width);
    uint64_t *ends = NULL;
    uint64_t *places = NULL;
    uint64_t *words = NULL;
    TRY_GOTO(caucus_alloc(n_rows, sizeof *ends, "writing sums", &ends), done);
    TRY_GOTO(caucus_alloc(n_words, sizeof *places, "writing sums", &places), done);
    TRY_GOTO(caucus_alloc(n_words, sizeof *words, "writing sums", &words), done);
    uint64_t n = 0;
    for (uint64_t row = 0; row < n_rows; row++) {
        for (uint64_t i = 0; i < width; i++) {
            if (batch->sums[row * width + i] != 0) {
                places[n] = i;
                words[n++] = batch->sums[row * width + i];
            }
        }
        ends[row] = n;
    }
    TRY_GOTO(caucus_h5_write(file, config_name, H5T_NATIVE_UINT64, 1, &n_rows, batch->configs), done);
    TRY_GOTO(caucus_h5_write(file, end_name, H5T_NATIVE_UINT64, 1, &n_rows, ends), done);
    TRY_GOTO(caucus_h5_write(file, place_name, H5T_NATIVE_UINT64, 1, &n_words, places), done);
    TRY_GOTO(caucus_h5_write(file, word_name, H5T_NATIVE_UINT64, 1, &n_words, words), done);
done:
    free(words);
    free(places);
    free(ends);
    return status;
}

/* Open a dataset of one dimension and say how long it is. */
static caucus_status open_list(const caucus_segment *segment, const char *path, const char *name, hid_t *dataset,
                               uint64_t *n)
{
    *dataset = H5Dopen2(segment->file, name, H5P_DEFAULT);
    hid_t space = H5Dget_space(*dataset);
    hssize_t found = H5Sget_simple_extent_ndims(space) == 1 ? H5Sget_simple_extent_npoints(space) : -1;
    caucus_h5_close(space);
    if (found < 0) {
        return caucus_h5_damaged("%s is damaged: it lacks the list %s", path, name);
    }
    *n = (uint64_t)found;
    return CAUCUS_OK;
}

/* Give every block its row. */
static caucus_status find_rows(caucus_segment *segment, const char *path, const uint64_t *configs)
{
    uint64_t row = 0;
    for (uint64_t b = 0; b < segment->n_blocks; b++) {
        caucus_segment_entry *entry = &segment->entries[b];
        for (uint64_t tried = 0; configs[row] != entry->config; tried++) {
            if (tried == segment->n_rows) {
                return caucus_fail(CAUCUS_INVALID, "%s is damaged: it has no sums of configuration %llu", path,
                                   (unsigned long long)entry->config);
            }
            row = row + 1 < segment->n_rows ? row + 1 : 0;
        }
        entry->first_row = row;
    }
    return CAUCUS_OK;
}

static caucus_status check_ends(const caucus_segment *segment, const char *path, uint64_t n_words)
{
    uint64_t end = 0;
    for (uint64_t row = 0; row < segment->n_rows; row++) {
        if (segment->sums_end[row] <= end || segment->sums_end[row] > n_words) {
            end = n_words + 1; /* every row has a word: its number of trials */
            break;
        }
        end = segment->sums_end[row];
    }
    return end == n_words ? CAUCUS_OK
                          : caucus_fail(CAUCUS_INVALID, "%s is damaged: its sums do not end where they should", path);
}

caucus_status caucus_segment_open_sums(caucus_segment *segment, const char *path)
{
    caucus_status status = CAUCUS_OK;
    uint64_t *configs = NULL;
    hid_t dataset = H5I_INVALID_HID;
    uint64_t n_places = 0;
    uint64_t n_words = 0;
    TRY_GOTO(open_list(segment, path, config_name, &dataset, &segment->n_rows), done);
    TRY_GOTO(open_list(segment, path, place_name, &segment->sums_place, &n_places), done);
    TRY_GOTO(open_list(segment, path, word_name, &segment->sums_word, &n_words), done);
    if (segment->n_rows == 0 || n_places != n_words) {
        status = caucus_fail(CAUCUS_INVALID, "%s is damaged: its sums do not fit together", path);
        goto done;
    }
    TRY_GOTO(caucus_h5_check_room(segment->file, path, "sums", segment->n_rows, sizeof *configs), done);
    TRY_GOTO(caucus_alloc(segment->n_rows, sizeof *configs, "opening sums", &configs), done);
    TRY_GOTO(caucus_alloc(segment->n_rows, sizeof *segment->sums_end, "opening sums", &segment->sums_end), done);
    TRY_GOTO(caucus_h5_read(segment->file, path, config_name, H5T_NATIVE_UINT64, segment->n_rows, configs), done);
    TRY_GOTO(caucus_h5_read(segment->file, path, end_name, H5T_NATIVE_UINT64, segment->n_rows, segment->sums_end),
             done);
    TRY_GOTO(check_ends(segment, path, n_words), done);
    TRY_GOTO(find_rows(segment, path, configs), done);
done:
    caucus_h5_close(dataset);
    free(configs);
    return status;
}

caucus_status caucus_segment_add_sums(const caucus_segment *segment, const char *path, uint64_t row, uint64_t *words)
{
    caucus_status status = CAUCUS_OK;
    const uint64_t width = caucus_sums_words(&segment->identity.shape);
    const uint64_t first = row > 0 ? segment->sums_end[row - 1] : 0;
    const uint64_t n = segment->sums_end[row] - first;
    uint64_t *places = NULL;
    uint64_t *amounts = NULL;
    TRY_GOTO(caucus_alloc(n, sizeof *places, "reading sums", &places), done);
    TRY_GOTO(caucus_alloc(n, sizeof *amounts, "reading sums", &amounts), done);
    TRY_GOTO(caucus_h5_read_rows(segment->sums_place, path, H5T_NATIVE_UINT64, first, n, places), done);
    TRY_GOTO(caucus_h5_read_rows(segment->sums_word, path, H5T_NATIVE_UINT64, first, n, amounts), done);
    for (uint64_t i = 0; i < n; i++) {
        if (places[i] >= width) {
            status = caucus_fail(CAUCUS_FAILED, "%s is damaged: its sums have no word %llu", path,
                                 (unsigned long long)places[i]);
            goto done;
        }
        words[places[i]] += amounts[i];
    }
done:
    free(amounts);
    free(places);
    return status;
}
