/* The parts of an unfinished run: OUTPUT.parts/ with its segments, and where in them each finished block is. */
#ifndef CAUCUS_RESULT_PARTS_H
#define CAUCUS_RESULT_PARTS_H

#include "base/notices.h"
#include "result/segment.h"
#include "result/source.h"

typedef struct caucus_parts caucus_parts;

/* The name of a file in OUTPUT.parts, or of the directory itself when name is NULL; the caller frees it. */
caucus_status caucus_parts_path(const char *output, const char *name, char **path);

/* Memory that each block of a run takes in the index of where they are. */
size_t caucus_parts_index_bytes(void);

/* How many segments lie in OUTPUT.parts; 0 when there is no such directory. */
caucus_status caucus_parts_count(const char *output, uint64_t *n_segments);

/* The block size of the first whole segment, or 0. */
caucus_status caucus_parts_block_trials(const char *output, uint32_t *block_trials);

/* Index the whole segments of OUTPUT.parts. Those of another run are CAUCUS_INVALID. Damaged ones are passed over with
 * a notice, and renamed when repair is set, which also removes temporary files. identity and notices are borrowed;
 * who trained segments of a mixed run is added to identity. */
caucus_status caucus_parts_open(const char *output, caucus_identity *identity, bool repair, caucus_notices *notices,
                                caucus_parts **parts);
void caucus_parts_close(caucus_parts *parts);

/* Name this process as the writer of segments to come; and those whose trials from another result are in them. */
caucus_status caucus_parts_set_writer(caucus_parts *parts, const char *device);
caucus_status caucus_parts_add_writers(caucus_parts *parts, hid_t file, const char *path);

/* All who wrote what is there. */
const caucus_contributors *caucus_parts_contributors(const caucus_parts *parts);

/* Write a batch as the next segment and index it. */
caucus_status caucus_parts_write(caucus_parts *parts, const caucus_batch *batch);

bool caucus_parts_has(const caucus_parts *parts, uint64_t config, uint64_t block);
uint64_t caucus_parts_blocks(const caucus_parts *parts); /* different blocks that are there */
uint64_t caucus_parts_trials(const caucus_parts *parts); /* in them */
uint64_t caucus_parts_bytes(const caucus_parts *parts);  /* of all segments */
uint64_t caucus_parts_segments(const caucus_parts *parts);

/* Read a block that is there into block, which holds block_trials rows, and fill in its place and length. */
caucus_status caucus_parts_read(caucus_parts *parts, uint64_t config, uint64_t index, caucus_block *block);

/* The chunks of a stripe whose blocks all lie packed in one segment, valid until the next call; found is false for
 * others. */
caucus_status caucus_parts_read_chunks(caucus_parts *parts, uint64_t stripe, caucus_stripe_chunks *chunks, bool *found);

/* The parts as what a result is put together from. */
caucus_trial_source caucus_parts_source(caucus_parts *parts);

/* In a run that keeps no single trials: the sums over all blocks of a configuration that are there. words is as long as
 * the shape of the run says. */
caucus_status caucus_parts_read_sums(caucus_parts *parts, uint64_t config, uint64_t *words);

/* Remove everything of ours from OUTPUT.parts but the mark of its writer, who must have claimed it; no failure, since
 * what is left does no harm. NULL when nothing else is left, otherwise a reason why, valid until the next call of
 * strerror; the message of an earlier failure stays. */
const char *caucus_parts_clear(const char *output);

#endif
