/* Finished blocks on their way into segments, gathered until whole stripes of them can be packed.
 *
 * A span is the least run of trials that is made of whole blocks and of whole stripes. One thread, the writer, puts
 * blocks and takes what is packed; any thread may help to pack. Blocks of spans that are not full when they have to be
 * saved go into the batch as they are, and so do all blocks where blocks and stripes do not divide each other. */
#ifndef CAUCUS_RESULT_SPANS_H
#define CAUCUS_RESULT_SPANS_H

#include "result/segment.h"
#include "result/stripe_packer.h"

typedef struct caucus_spans caucus_spans;

/* identity is borrowed. */
caucus_status caucus_spans_open(const caucus_identity *identity, caucus_spans **spans);
void caucus_spans_close(caucus_spans *spans);

/* Take a copy of a block, now; where it cannot be packed, or too many spans wait for more blocks, into the batch. */
caucus_status caucus_spans_put(caucus_spans *spans, const caucus_block *block, double now, caucus_batch *batch);

/* Pack a span that is full, if there is one. packer: of one thread, the caller's; made when it is NULL. packed: there
 * was one. */
caucus_status caucus_spans_help(caucus_spans *spans, caucus_stripe_packer **packer, bool *packed);

/* Move what is packed into the batch. */
caucus_status caucus_spans_take(caucus_spans *spans, caucus_batch *batch);

/* Move everything into the batch: what is full is packed first, on so many threads. */
caucus_status caucus_spans_drain(caucus_spans *spans, unsigned threads, caucus_batch *batch);

/* Bytes of rows that wait for more blocks, and since when the first of them do: infinity when none do. */
uint64_t caucus_spans_waiting(const caucus_spans *spans, double *since);

#endif
