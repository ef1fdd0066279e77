/* Segments: immutable files that each hold some finished blocks of a run (docs/result-file.md). */
#ifndef CAUCUS_SEGMENT_H
#define CAUCUS_SEGMENT_H

#include "block.h"
#include "identity.h"

/* A block in a segment; rows are trials in the segment's arrays. */
typedef struct caucus_segment_entry {
    uint64_t config;
    uint64_t block;
    uint64_t first_trial;
    uint64_t first_row;
    uint32_t n_trials;
} caucus_segment_entry;

/* Finished blocks that wait to be written, their arrays one after another. */
typedef struct caucus_batch {
    uint64_t n_blocks, blocks_capacity;
    uint64_t n_rows, rows_capacity;
    caucus_segment_entry *entries;  /* [block] */
    void *data[CAUCUS_N_VARIABLES]; /* [row][...] as in caucus_block */
} caucus_batch;

/* Append a copy of a block; on failure the batch is as before. */
caucus_status caucus_batch_add(caucus_batch *batch, const caucus_identity *identity, const caucus_block *block);
void caucus_batch_clear(caucus_batch *batch); /* keeps its memory */
void caucus_batch_free(caucus_batch *batch);
uint64_t caucus_batch_bytes(const caucus_batch *batch, const caucus_identity *identity);

/* Write a batch as a segment, whole or not at all. */
caucus_status caucus_segment_write(const char *path, const caucus_identity *identity, const caucus_batch *batch);

typedef struct caucus_segment {
    hid_t file;
    hid_t datasets[CAUCUS_N_VARIABLES]; /* negative where a variable has no values */
    caucus_identity identity;
    uint64_t n_blocks;
    uint64_t n_rows;
    caucus_segment_entry *entries; /* [block] */
} caucus_segment;

/* Open a segment whose seal is known to be whole (caucus_image_verify). CAUCUS_INVALID when it is none of this
 * version's segments, CAUCUS_FAILED when it cannot be read at all. */
caucus_status caucus_segment_open(const char *path, caucus_segment **segment);
void caucus_segment_close(caucus_segment *segment);

/* Read n rows from first_row on into block's arrays. */
caucus_status caucus_segment_read(const caucus_segment *segment, const char *path, uint64_t first_row, uint32_t n_rows,
                                  caucus_block *block);

#endif
