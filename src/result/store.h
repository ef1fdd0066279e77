/* The store of a run: blocks of trials in, one result file out, nothing lost in between (docs/result-file.md).
 *
 * Blocks are gathered into immutable segments under OUTPUT.parts/ and joined into OUTPUT at the end. One thread uses a
 * store, others may help it to pack; joining uses threads of its own. */
#ifndef CAUCUS_RESULT_STORE_H
#define CAUCUS_RESULT_STORE_H

#include "base/notices.h"
#include "result/layout.h"
#include "trial/block.h"

typedef struct caucus_store caucus_store;

typedef struct caucus_store_options {
    const char *output;
    bool resume;
    bool force;
    bool mixed;                                      /* resume where something else trained, whose last bits differ */
    uint64_t segment_bytes;                          /* a segment is written when this much is gathered; 0: a default */
    double segment_seconds;                          /* or when its first block has waited this long; 0: a default */
    bool (*watch)(uint64_t trials_done, void *user); /* while the result is put together: result/assemble.h */
    void *user;
} caucus_store_options;

/* Bytes that a segment gathers, unless the options say otherwise: little enough to hold in memory a few times. */
#define CAUCUS_SEGMENT_BYTES ((uint64_t)32 << 20)

/* Memory that a store of a layout takes at most, on so many threads: lists of blocks, gathered trials, and what joining
 * them takes; what is unknown until then, such as how well trials compress, is not in it. */
uint64_t caucus_store_bytes(const caucus_layout *layout, unsigned threads);

/* Add a notice when the disk of a result has less room than the run may take. */
caucus_status caucus_store_note_room(const caucus_layout *layout, const char *output, caucus_notices *notices);

/* Refuse an existing result without force, and left-over segments without resume or force (each with the remedy); with
 * resume, keep what a finished result of a smaller experiment has (result/growth.h), check every segment against the
 * layout and experiment and count its blocks as done. Resuming a run whose result is finished finds all blocks done.
 * With force and without resume, left-over segments are removed. A store locks OUTPUT.parts against other processes
 * until it is closed. */
caucus_status caucus_store_open(const caucus_layout *layout, const caucus_provenance *provenance,
                                const caucus_store_options *options, caucus_store **store);

/* The block size of the segments beside output, or 0 when there are none: a run that resumes adopts it. Damaged
 * segments are passed over. */
caucus_status caucus_store_find_block_trials(const char *output, uint32_t *block_trials);

/* The trials of each configuration in a finished result that stands at output, and in parts of an unfinished one beside
 * it; 0 where there is none that can be read. */
caucus_status caucus_store_find_trials(const char *output, uint64_t *finished, uint64_t *begun);

/* What a person should know though nothing failed (segments set aside, foreign files left alone), one line each, or "".
 * Owned by the store; may grow with every call. */
const char *caucus_store_notice(const caucus_store *store);

bool caucus_store_has(const caucus_store *store, uint64_t config, uint64_t block);

/* How many trials of a block that is not there an earlier result of a smaller experiment has, which resume lets grow:
 * the first ones of the block, fewer than it has in all. Safe on any thread. Fill them in before the block is put. */
uint32_t caucus_store_kept(const caucus_store *store, uint64_t config, uint64_t block);
caucus_status caucus_store_fill(caucus_store *store, caucus_block *block);
uint64_t caucus_store_trials_found(const caucus_store *store); /* by resume */

/* Take a finished block; its arrays are copied, its sums moved, so that they are zero afterwards. Writes a segment when
 * one is due. */
caucus_status caucus_store_put(caucus_store *store, const caucus_block *block);

/* Pack some finished trials, if any wait for that; packed tells. On any thread, while one puts blocks. packer is the
 * thread's own, NULL at first; it closes it with caucus_stripe_packer_close. */
struct caucus_stripe_packer;
caucus_status caucus_store_help(caucus_store *store, struct caucus_stripe_packer **packer, bool *packed);

/* Write what is gathered as a segment. */
caucus_status caucus_store_flush(caucus_store *store);

/* All blocks are in: join the segments into the result with its summary, then remove them. */
caucus_status caucus_store_finish(caucus_store *store, unsigned threads);

/* Flushes nothing: call caucus_store_flush first to keep what is gathered. */
void caucus_store_close(caucus_store *store);

#endif
