/* Segments: immutable files that each hold some finished blocks of a run (docs/result-file.md). */
#ifndef CAUCUS_SEGMENT_H
#define CAUCUS_SEGMENT_H

#include "result/identity.h"
#include "trial/block.h"

/* A block in a segment; rows are trials in the segment's arrays. In a run that keeps no single trials they are
 * configurations instead, each with the sums of all blocks of it that are in the segment. */
typedef struct caucus_segment_entry {
    uint64_t config;
    uint64_t block;
    uint64_t first_trial;
    uint64_t first_row; /* of sums: the only one */
    uint32_t n_trials;
} caucus_segment_entry;

/* Finished blocks that wait to be written, their arrays one after another or their sums added up. */
typedef struct caucus_batch {
    uint64_t n_blocks, blocks_capacity;
    uint64_t n_rows, rows_capacity;
    caucus_segment_entry *entries;  /* [block] */
    void *data[CAUCUS_N_VARIABLES]; /* [row][...] as in caucus_block */
    uint64_t *configs;              /* [row] of sums */
    uint64_t *sums;                 /* [row][word] */
} caucus_batch;

/* Append a copy of a block, or move its sums; on failure the batch is as before. */
caucus_status caucus_batch_add(caucus_batch *batch, const caucus_identity *identity, const caucus_block *block);
void caucus_batch_clear(caucus_batch *batch); /* keeps its memory */
void caucus_batch_free(caucus_batch *batch);
uint64_t caucus_batch_bytes(const caucus_batch *batch, const caucus_identity *identity);

/* Whether a segment is to be written: before a block of sums is added that would need a row more than limit bytes have
 * room for; after a block was added when limit is reached. */
bool caucus_batch_is_due_before(const caucus_batch *batch, const caucus_identity *identity, uint64_t config,
                                uint64_t limit);
bool caucus_batch_is_due(const caucus_batch *batch, const caucus_identity *identity, uint64_t limit);

/* Write a batch as a segment, whole or not at all. */
caucus_status caucus_segment_write(const char *path, const caucus_identity *identity, const caucus_batch *batch);

typedef struct caucus_segment {
    hid_t file;
    hid_t datasets[CAUCUS_N_VARIABLES]; /* negative where a variable has no values */
    caucus_identity identity;
    uint64_t n_blocks;
    uint64_t n_rows;
    caucus_segment_entry *entries; /* [block] */
    hid_t sums_place, sums_word;   /* of sums: places and values of the words that are not zero, row after row */
    uint64_t *sums_end;            /* [row] where its words end */
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

/* Read n rows from first_row on into block's arrays. */
caucus_status caucus_segment_read(const caucus_segment *segment, const char *path, uint64_t first_row, uint32_t n_rows,
                                  caucus_block *block);

#endif
