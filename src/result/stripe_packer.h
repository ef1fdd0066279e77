/* The chunks of a stripe: made of its rows, and rows of them, on one thread or several. */
#ifndef CAUCUS_RESULT_STRIPE_PACKER_H
#define CAUCUS_RESULT_STRIPE_PACKER_H

#include "result/stripes.h"

/* A stripe's chunks as they go into a result, one a variable; NULL and 0 for variables without values. */
typedef struct caucus_stripe_chunks {
    const unsigned char *bytes[CAUCUS_N_VARIABLES];
    size_t n_bytes[CAUCUS_N_VARIABLES];
} caucus_stripe_chunks;

typedef struct caucus_stripe_packer caucus_stripe_packer;

/* level: of compression. Where threads are short fewer do the work. */
caucus_status caucus_stripe_packer_open(const caucus_shape *shape, const caucus_stripes *stripes, unsigned level,
                                        unsigned threads, caucus_stripe_packer **packer);
void caucus_stripe_packer_close(caucus_stripe_packer *packer);

/* Pack n_rows rows; rows has room for a whole stripe, and what follows them is set to zero. The chunks are the
 * packer's, until it packs again; those of equal columns share their bytes. */
caucus_stripe_chunks caucus_stripe_pack(caucus_stripe_packer *packer, const caucus_block *rows, uint64_t n_rows);

/* Unpack into rows, which has room for a whole stripe; false when a chunk is none of this shape. */
bool caucus_stripe_unpack(caucus_stripe_packer *packer, const caucus_stripe_chunks *chunks, const caucus_block *rows);

/* Room for the rows of a stripe; freed with free(). */
caucus_status caucus_stripe_alloc(const caucus_shape *shape, const caucus_stripes *stripes, uint64_t n_stripes,
                                  caucus_block **rows);

#endif
