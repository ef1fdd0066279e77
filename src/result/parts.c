#include "result/parts.h"

#include "base/text.h"
#include "base/writer_mark.h"
#include "hdf5/sealed.h"
#include "result/parts_directory.h"
#include "trial/sums.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOWHERE UINT32_MAX

enum { OPEN_SEGMENTS = 8 };

/* Where a block is. */
typedef struct place {
    uint32_t segment; /* or NOWHERE */
    uint64_t first_row;
} place;

typedef struct open_segment {
    caucus_segment *segment; /* or NULL */
    uint32_t index;
    uint64_t last_use;
} open_segment;

struct caucus_parts {
    caucus_contributors own; /* go to the segments that are written */
    caucus_contributors all; /* who wrote those that are there */
    char *output;
    caucus_identity *identity;
    uint64_t n_blocks; /* in a configuration */
    place *places;     /* [config][block] */
    uint32_t n_segments, segments_capacity;
    char **paths; /* [segment] */
    uint64_t next_number;
    uint64_t blocks_there;
    uint64_t trials_there;
    caucus_notices *notices; /* borrowed */
    uint64_t clock;
    open_segment open[OPEN_SEGMENTS]; /* the segments read last */
    caucus_stripes stripes;
    unsigned char *chunks; /* read last */
    size_t chunks_capacity;
    caucus_block *block;          /* read for a source; made when first needed */
    caucus_stripe_packer *packer; /* made when the first packed block is read, like what follows */
    caucus_block *unpacked;       /* the rows of a stripe of a segment */
    uint32_t unpacked_segment;    /* NOWHERE: of none */
    uint64_t unpacked_stripe;
};

size_t caucus_parts_index_bytes(void)
{
    return sizeof(place);
}

static place *place_of(const caucus_parts *parts, const caucus_segment_entry *entry)
{
    return &parts->places[entry->config * parts->n_blocks + entry->block];
}

/* The blocks of a row of sums cannot be told apart any more. Where one of them is there already, in another segment,
 * the row cannot be used: spoilt[row] is set, and the blocks that are lost with it are counted. */
static uint64_t find_spoilt(const caucus_parts *parts, const caucus_segment_entry *entries, uint64_t n, bool *spoilt)
{
    uint64_t lost = 0;
    for (uint64_t i = 0; i < n; i++) {
        spoilt[entries[i].first_row] |= place_of(parts, &entries[i])->segment != NOWHERE;
    }
    for (uint64_t i = 0; i < n; i++) {
        lost += spoilt[entries[i].first_row] && place_of(parts, &entries[i])->segment == NOWHERE;
    }
    return lost;
}

/* The first of two equal blocks counts. */
static void index_entries(caucus_parts *parts, const caucus_segment_entry *entries, uint64_t n, const bool *spoilt)
{
    for (uint64_t i = 0; i < n; i++) {
        place *there = place_of(parts, &entries[i]);
        if (there->segment == NOWHERE && (spoilt == NULL || !spoilt[entries[i].first_row])) {
            *there = (place){.segment = parts->n_segments, .first_row = entries[i].first_row};
            parts->blocks_there++;
            parts->trials_there += entries[i].n_trials;
        }
    }
}

static caucus_status notice_lost(caucus_parts *parts, const char *path, uint64_t lost)
{
    return caucus_notices_add(parts->notices,
                              "%s has sums of blocks that are partly in other segments too; the other %llu blocks are "
                              "computed again",
                              path, (unsigned long long)lost);
}

/* Remember where a segment's blocks are. n_rows: of its arrays. Takes path over on success. */
static caucus_status index_segment(caucus_parts *parts, char *path, const caucus_segment_entry *entries, uint64_t n,
                                   uint64_t n_rows)
{
    bool *spoilt = NULL;
    if (parts->n_segments == parts->segments_capacity) {
        uint32_t capacity = parts->segments_capacity > 0 ? 2 * parts->segments_capacity : 16;
        char **paths = realloc(parts->paths, capacity * sizeof *paths);
        if (paths == NULL) {
            return caucus_fail_memory(capacity * sizeof *paths, "a list of segments");
        }
        parts->paths = paths;
        parts->segments_capacity = capacity;
    }
    caucus_status status = CAUCUS_OK;
    if (parts->identity->summaries_only) {
        TRY(caucus_alloc(n_rows, sizeof *spoilt, "the index of blocks", &spoilt));
        uint64_t lost = find_spoilt(parts, entries, n, spoilt);
        TRY_GOTO(lost > 0 ? notice_lost(parts, path, lost) : CAUCUS_OK, done);
    }
    index_entries(parts, entries, n, spoilt);
    parts->paths[parts->n_segments++] = path;
done:
    free(spoilt);
    return status;
}

/* Index one segment that was found. */
static caucus_status take_segment(caucus_parts *parts, const char *name, bool repair)
{
    char *path = NULL;
    caucus_segment *segment = NULL;
    TRY(caucus_parts_path(parts->output, name, &path));
    caucus_status status = caucus_image_verify(path);
    if (status == CAUCUS_INVALID) {
        status = caucus_parts_set_aside(path, repair, parts->notices);
        goto done;
    }
    TRY_GOTO(status, done);
    TRY_GOTO(caucus_segment_open(path, &segment), done);
    TRY_GOTO(caucus_identity_compare(parts->identity, &segment->identity, path, true, CAUCUS_AFRESH), done);
    TRY_GOTO(caucus_identity_mix(parts->identity, &segment->identity), done);
    TRY_GOTO(caucus_contributors_read(segment->file, path, &parts->all), done);
    TRY_GOTO(index_segment(parts, path, segment->entries, segment->n_blocks, segment->n_rows), done);
    path = NULL;
done:
    caucus_segment_close(segment);
    free(path);
    return status;
}

static caucus_status take_name(caucus_parts *parts, const char *name, bool repair)
{
    uint64_t number = 0;
    if (caucus_parts_is_segment(name, ".h5", &number) || caucus_parts_is_segment(name, ".h5.damaged", &number)) {
        parts->next_number = number + 1 > parts->next_number ? number + 1 : parts->next_number;
    }
    if (caucus_parts_is_segment(name, ".h5", NULL)) {
        return take_segment(parts, name, repair);
    }
    char *path = NULL;
    TRY(caucus_parts_path(parts->output, name, &path));
    caucus_status status = CAUCUS_OK;
    if (caucus_parts_is_temporary(name)) {
        if (repair) {
            unlink(path);
        }
    } else if (!caucus_parts_is_ours(name) && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
               strcmp(name, CAUCUS_WRITER_MARK) != 0) {
        status = caucus_notices_add(parts->notices, "%s is no file of caucus and is left alone", path);
    }
    free(path);
    return status;
}

caucus_status caucus_parts_open(const char *output, caucus_identity *identity, bool repair, caucus_notices *notices,
                                caucus_parts **parts)
{
    caucus_status status = CAUCUS_OK;
    struct dirent **names = NULL;
    int n = 0;
    caucus_parts *opened = NULL;
    size_t n_places = 0;
    TRY(caucus_alloc(1, sizeof *opened, "the parts of a run", &opened));
    opened->identity = identity;
    opened->notices = notices;
    opened->n_blocks = caucus_identity_blocks(identity);
    opened->stripes = caucus_stripes_of(&identity->shape, identity->n_configs, identity->n_trials);
    opened->unpacked_segment = NOWHERE;
    if (__builtin_mul_overflow(identity->n_configs, opened->n_blocks, &n_places)) {
        n_places = SIZE_MAX;
    }
    TRY_GOTO(caucus_alloc(n_places, sizeof *opened->places, "the index of blocks; use larger ones", &opened->places),
             failed);
    for (size_t i = 0; i < n_places; i++) {
        opened->places[i].segment = NOWHERE;
    }
    opened->output = caucus_text_copy(output);
    if (opened->output == NULL) {
        status = caucus_fail_memory(strlen(output), "a path");
        goto failed;
    }
    TRY_GOTO(caucus_parts_list(output, &names, &n), failed);
    for (int i = 0; i < n; i++) {
        TRY_GOTO(take_name(opened, names[i]->d_name, repair), failed);
    }
    caucus_parts_free_list(names, n);
    *parts = opened;
    return CAUCUS_OK;
failed:
    caucus_parts_free_list(names, n);
    caucus_parts_close(opened);
    return status;
}

void caucus_parts_close(caucus_parts *parts)
{
    if (parts == NULL) {
        return;
    }
    for (int i = 0; i < OPEN_SEGMENTS; i++) {
        caucus_segment_close(parts->open[i].segment);
    }
    for (uint32_t i = 0; i < parts->n_segments; i++) {
        free(parts->paths[i]);
    }
    caucus_stripe_packer_close(parts->packer);
    free(parts->block);
    free(parts->unpacked);
    free(parts->chunks);
    free(parts->paths);
    caucus_contributors_free(&parts->own);
    caucus_contributors_free(&parts->all);
    free(parts->places);
    free(parts->output);
    free(parts);
}

caucus_status caucus_parts_write(caucus_parts *parts, const caucus_batch *batch)
{
    char name[32];
    snprintf(name, sizeof name, "segment-%0*llu.h5", CAUCUS_SEGMENT_DIGITS, (unsigned long long)parts->next_number);
    char *path = NULL;
    TRY(caucus_parts_path(parts->output, name, &path));
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_segment_write(path, parts->identity, &parts->own, batch), failed);
    parts->next_number++;
    TRY_GOTO(index_segment(parts, path, batch->entries, batch->n_blocks, batch->n_rows), failed);
    return CAUCUS_OK;
failed:
    free(path);
    return status;
}

static const place *find_block(const caucus_parts *parts, uint64_t config, uint64_t block)
{
    return &parts->places[config * parts->n_blocks + block];
}

bool caucus_parts_has(const caucus_parts *parts, uint64_t config, uint64_t block)
{
    return find_block(parts, config, block)->segment != NOWHERE;
}

uint64_t caucus_parts_blocks(const caucus_parts *parts)
{
    return parts->blocks_there;
}

uint64_t caucus_parts_trials(const caucus_parts *parts)
{
    return parts->trials_there;
}

uint64_t caucus_parts_bytes(const caucus_parts *parts)
{
    uint64_t bytes = 0;
    struct stat file;
    for (uint32_t i = 0; i < parts->n_segments; i++) {
        bytes += stat(parts->paths[i], &file) == 0 ? (uint64_t)file.st_size : 0;
    }
    return bytes;
}

uint64_t caucus_parts_segments(const caucus_parts *parts)
{
    return parts->n_segments;
}

/* The segment, opened, in place of the one that was used longest ago. */
static caucus_status get_segment(caucus_parts *parts, uint32_t index, caucus_segment **segment)
{
    open_segment *oldest = &parts->open[0];
    for (int i = 0; i < OPEN_SEGMENTS; i++) {
        open_segment *candidate = &parts->open[i];
        if (candidate->segment != NULL && candidate->index == index) {
            candidate->last_use = ++parts->clock;
            *segment = candidate->segment;
            return CAUCUS_OK;
        }
        oldest = candidate->last_use < oldest->last_use ? candidate : oldest;
    }
    caucus_segment_close(oldest->segment);
    oldest->segment = NULL;
    TRY(caucus_segment_open(parts->paths[index], &oldest->segment));
    oldest->index = index;
    oldest->last_use = ++parts->clock;
    *segment = oldest->segment;
    return CAUCUS_OK;
}

caucus_status caucus_parts_read_chunks(caucus_parts *parts, uint64_t stripe, caucus_stripe_chunks *chunks, bool *found)
{
    const uint64_t block_trials = parts->identity->block_trials;
    const caucus_stripe_place at = caucus_stripes_place(&parts->stripes, stripe);
    const uint64_t trials = at.n_rows < parts->stripes.trials ? at.n_rows : parts->stripes.trials;
    const uint64_t first_block = at.trial / block_trials;
    const uint64_t last_block = (at.trial + trials - 1) / block_trials;
    const uint32_t index = find_block(parts, at.config, first_block)->segment;
    *found = false;
    for (uint64_t config = at.config; config < at.config + at.n_rows / trials; config++) {
        for (uint64_t block = first_block; block <= last_block; block++) {
            const place *there = find_block(parts, config, block);
            if (there->segment == NOWHERE || there->segment != index || there->first_row != CAUCUS_PACKED_ROW) {
                return CAUCUS_OK;
            }
        }
    }
    caucus_segment *segment = NULL;
    TRY(get_segment(parts, index, &segment));
    *found = true;
    return caucus_segment_read_chunks(segment, parts->paths[index], caucus_segment_find_stripe(segment, stripe),
                                      &parts->chunks, &parts->chunks_capacity, chunks);
}

/* Have the rows of a packed stripe in parts->unpacked. */
static caucus_status unpack(caucus_parts *parts, uint32_t index, const caucus_segment *segment, uint64_t stripe)
{
    if (parts->unpacked_segment == index && parts->unpacked_stripe == stripe) {
        return CAUCUS_OK;
    }
    const caucus_shape *shape = &parts->identity->shape;
    if (parts->unpacked == NULL) {
        TRY(caucus_stripe_packer_open(shape, &parts->stripes, parts->identity->compression, 1, &parts->packer));
        TRY(caucus_stripe_alloc(shape, &parts->stripes, 1, &parts->unpacked));
    }
    parts->unpacked_segment = NOWHERE;
    caucus_stripe_chunks chunks;
    TRY(caucus_segment_read_chunks(segment, parts->paths[index], caucus_segment_find_stripe(segment, stripe),
                                   &parts->chunks, &parts->chunks_capacity, &chunks));
    if (!caucus_stripe_unpack(parts->packer, &chunks, parts->unpacked)) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: its packed trials cannot be unpacked", parts->paths[index]);
    }
    parts->unpacked_segment = index;
    parts->unpacked_stripe = stripe;
    return CAUCUS_OK;
}

/* Rows of a block out of the stripes that have them. */
static caucus_status read_packed(caucus_parts *parts, uint32_t index, const caucus_segment *segment,
                                 const caucus_block *block)
{
    const caucus_shape *shape = &parts->identity->shape;
    for (uint32_t done = 0; done < block->n_trials;) {
        const uint64_t trial = block->first_trial + done;
        const uint64_t stripe = caucus_stripes_find(&parts->stripes, block->config, trial);
        const uint64_t row = caucus_stripes_row(&parts->stripes, block->config, trial);
        const uint64_t left = parts->stripes.trials - trial % parts->stripes.trials;
        const uint32_t n = left < block->n_trials - done ? (uint32_t)left : block->n_trials - done;
        TRY(unpack(parts, index, segment, stripe));
        const caucus_block from = caucus_block_part(parts->unpacked, shape, (uint32_t)row, n);
        caucus_block_copy(&from, shape, block, done);
        done += n;
    }
    return CAUCUS_OK;
}

caucus_status caucus_parts_read(caucus_parts *parts, uint64_t config, uint64_t index, caucus_block *block)
{
    const place *there = find_block(parts, config, index);
    if (there->segment == NOWHERE) {
        return caucus_fail(CAUCUS_FAILED, "block %llu of configuration %llu is not finished", (unsigned long long)index,
                           (unsigned long long)config);
    }
    caucus_segment *segment = NULL;
    TRY(get_segment(parts, there->segment, &segment));
    block->config = config;
    block->index = index;
    block->first_trial = index * parts->identity->block_trials;
    block->n_trials = caucus_identity_block_rows(parts->identity, index);
    return there->first_row == CAUCUS_PACKED_ROW
               ? read_packed(parts, there->segment, segment, block)
               : caucus_segment_read(segment, parts->paths[there->segment], there->first_row, block->n_trials, block);
}

/* Add the sums of every segment that has blocks of a configuration, once each. used: [segment] */
static caucus_status add_all_sums(caucus_parts *parts, uint64_t config, bool *used, uint64_t *words, uint64_t *n_trials)
{
    for (uint64_t block = 0; block < parts->n_blocks; block++) {
        const place *there = find_block(parts, config, block);
        if (there->segment == NOWHERE) {
            continue;
        }
        *n_trials += caucus_identity_block_rows(parts->identity, block);
        if (!used[there->segment]) {
            caucus_segment *segment = NULL;
            used[there->segment] = true;
            TRY(get_segment(parts, there->segment, &segment));
            TRY(caucus_segment_add_sums(segment, parts->paths[there->segment], there->first_row, words));
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_parts_read_sums(caucus_parts *parts, uint64_t config, uint64_t *words)
{
    uint64_t n_trials = 0;
    bool *used = NULL;
    memset(words, 0, caucus_sums_words(&parts->identity->shape) * sizeof *words);
    TRY(caucus_alloc(parts->n_segments, sizeof *used, "reading sums", &used));
    caucus_status status = add_all_sums(parts, config, used, words, &n_trials);
    free(used);
    TRY(status);
    if (words[CAUCUS_SUMS_TRIALS] != n_trials) {
        return caucus_fail(
            CAUCUS_FAILED,
            "the sums of configuration %llu in %s.parts count %llu trials, and its blocks have %llu: some "
            "segment is damaged; remove %s.parts and run the experiment again",
            (unsigned long long)config, parts->output, (unsigned long long)words[CAUCUS_SUMS_TRIALS],
            (unsigned long long)n_trials, parts->output);
    }
    return CAUCUS_OK;
}

/* ---- as a source ------------------------------------------------------------------------------------------------- */

static caucus_status read_chunks(void *self, uint64_t stripe, caucus_stripe_chunks *chunks, bool *found)
{
    return caucus_parts_read_chunks(self, stripe, chunks, found);
}

static caucus_status read_rows(void *self, uint64_t config, uint64_t trial, uint64_t n, const caucus_block *to,
                               uint64_t row)
{
    caucus_parts *parts = self;
    const caucus_shape *shape = &parts->identity->shape;
    const uint64_t block_trials = parts->identity->block_trials;
    if (parts->block == NULL) {
        TRY(caucus_block_alloc_rows(parts->identity->block_trials, shape, &parts->block));
    }
    for (uint64_t done = 0; done < n;) {
        TRY(caucus_parts_read(parts, config, (trial + done) / block_trials, parts->block));
        const uint32_t skipped = (uint32_t)((trial + done) % block_trials);
        const uint32_t had = parts->block->n_trials - skipped;
        const uint32_t taken = had < n - done ? had : (uint32_t)(n - done);
        const caucus_block part = caucus_block_part(parts->block, shape, skipped, taken);
        caucus_block_copy(&part, shape, to, row + done);
        done += taken;
    }
    return CAUCUS_OK;
}

static caucus_status read_sums(void *self, uint64_t config, uint64_t *words)
{
    return caucus_parts_read_sums(self, config, words);
}

caucus_trial_source caucus_parts_source(caucus_parts *parts)
{
    return (caucus_trial_source){.self = parts,
                                 .contributors = &parts->all,
                                 .read_chunks = read_chunks,
                                 .read_rows = read_rows,
                                 .read_sums = read_sums};
}

caucus_status caucus_parts_set_writer(caucus_parts *parts, const char *device)
{
    TRY(caucus_contributors_add_own(&parts->own, device));
    return caucus_contributors_add_own(&parts->all, device);
}

caucus_status caucus_parts_add_writers(caucus_parts *parts, hid_t file, const char *path)
{
    TRY(caucus_contributors_read(file, path, &parts->own));
    return caucus_contributors_read(file, path, &parts->all);
}

const caucus_contributors *caucus_parts_contributors(const caucus_parts *parts)
{
    return &parts->all;
}
