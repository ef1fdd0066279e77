/* Segments: immutable files that each hold some finished blocks of a run (docs/result-file.md). */
#ifndef CAUCUS_RESULT_SEGMENT_H
#define CAUCUS_RESULT_SEGMENT_H

#include "result/contributors.h"
#include "result/identity.h"
#include "result/stripe_packer.h"
#include "trial/block.h"

/* A block in a segment; rows are trials in the segment's arrays. In a run that keeps no single trials they are
 * configurations instead, each with the sums of all blocks of it that are in the segment. */
typedef struct caucus_segment_entry {
    uint64_t config;
    uint64_t block;
    uint64_t first_trial;
    uint64_t first_row; /* of sums: the only one; CAUCUS_PACKED_ROW: its trials are in packed stripes */
    uint32_t n_trials;
} caucus_segment_entry;

#define CAUCUS_PACKED_ROW UINT64_MAX

/* Where the chunk of a variable is among the packed bytes of a segment. */
typedef struct caucus_chunk_place {
    uint64_t start, n_bytes;
} caucus_chunk_place;

/* Packed stripes of a segment, as it has them in memory and in the file. */
typedef struct caucus_packed_stripes {
    uint64_t n, capacity;
    uint64_t *stripes;          /* [stripe] which one it is */
    caucus_chunk_place *places; /* [stripe][variable] */
    unsigned char *bytes;       /* of all chunks; in a file they are read when asked for */
    uint64_t n_bytes, bytes_capacity;
} caucus_packed_stripes;

/* Finished blocks that wait to be written: their arrays one after another, packed, or their sums added up. */
typedef struct caucus_batch {
    uint64_t n_blocks, blocks_capacity;
    uint64_t n_rows, rows_capacity;
    caucus_segment_entry *entries;  /* [block] */
    void *data[CAUCUS_N_VARIABLES]; /* [row][...] as in caucus_block */
    uint64_t *configs;              /* [row] of sums */
    uint64_t *sums;                 /* [row][word] */
    caucus_packed_stripes packed;
} caucus_batch;

/* Append a copy of a block, or move its sums; on failure the batch is as before. */
caucus_status caucus_batch_add(caucus_batch *batch, const caucus_identity *identity, const caucus_block *block);

/* Append the chunks of a whole stripe, and the blocks whose trials are in such stripes. */
caucus_status caucus_batch_add_chunks(caucus_batch *batch, uint64_t stripe, const caucus_stripe_chunks *chunks);
caucus_status caucus_batch_add_entries(caucus_batch *batch, const caucus_segment_entry *entries, uint64_t n);

void caucus_batch_clear(caucus_batch *batch); /* keeps its memory */
void caucus_batch_free(caucus_batch *batch);
uint64_t caucus_batch_bytes(const caucus_batch *batch, const caucus_identity *identity);

/* Whether a segment is to be written: before a block of sums is added that would need a row more than limit bytes have
 * room for; after a block was added when limit is reached. */
bool caucus_batch_is_due_before(const caucus_batch *batch, const caucus_identity *identity, uint64_t config,
                                uint64_t limit);
bool caucus_batch_is_due(const caucus_batch *batch, const caucus_identity *identity, uint64_t limit);

/* Write a batch as a segment, whole or not at all. */
caucus_status caucus_segment_write(const char *path, const caucus_identity *identity,
                                   const caucus_contributors *writers, const caucus_batch *batch);

typedef struct caucus_segment {
    hid_t file;
    hid_t datasets[CAUCUS_N_VARIABLES]; /* negative where a variable has no values */
    caucus_identity identity;
    uint64_t n_blocks;
    uint64_t n_rows;
    caucus_segment_entry *entries; /* [block] */
    caucus_block *window;          /* rows that were read together, or NULL */
    uint64_t window_first;
    caucus_packed_stripes packed; /* without their bytes */
    hid_t packed_bytes;           /* negative where nothing is packed */
    hid_t sums_place, sums_word;  /* of sums: places and values of the words that are not zero, row after row */
    uint64_t *sums_end;           /* [row] where its words end */
} caucus_segment;

/* Open a segment whose seal is known to be whole (caucus_image_verify). CAUCUS_INVALID when it is none of this
 * version's segments, CAUCUS_FAILED when it cannot be read at all. */
caucus_status caucus_segment_open(const char *path, caucus_segment **segment);
void caucus_segment_close(caucus_segment *segment);

/* The parts of writing and opening that are about sums (result/segment_sums.c). */
caucus_status caucus_segment_write_sums(hid_t file, const caucus_identity *identity, const caucus_batch *batch);
caucus_status caucus_segment_open_sums(caucus_segment *segment, const char *path);

/* Add the sums in a row to words. */
caucus_status caucus_segment_add_sums(const caucus_segment *segment, const char *path, uint64_t row, uint64_t *words);

/* The parts of writing and opening that are about packed stripes (result/segment_packed.c). */
caucus_status caucus_segment_write_packed(hid_t file, const caucus_packed_stripes *packed);
caucus_status caucus_segment_open_packed(caucus_segment *segment, const char *path);

/* Find a packed stripe; packed.n when there is none. */
uint64_t caucus_segment_find_stripe(const caucus_segment *segment, uint64_t stripe);

/* Read the chunks of a packed stripe into memory, which grows as needed; the caller frees it. */
caucus_status caucus_segment_read_chunks(const caucus_segment *segment, const char *path, uint64_t at,
                                         unsigned char **memory, size_t *capacity, caucus_stripe_chunks *chunks);

/* Read n rows from first_row on into block's arrays. Few rows come with those behind them, which are likely to be asked
 * for next: not for several threads at once. */
caucus_status caucus_segment_read(caucus_segment *segment, const char *path, uint64_t first_row, uint32_t n_rows,
                                  caucus_block *block);

#endif
