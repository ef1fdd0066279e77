/* Where the trials of a result come from when it is put together: the parts of a run, or shards. */
#ifndef CAUCUS_RESULT_SOURCE_H
#define CAUCUS_RESULT_SOURCE_H

#include "result/contributors.h"
#include "result/stripe_packer.h"

typedef struct caucus_trial_source {
    void *self;
    const caucus_contributors *contributors; /* who took part */

    /* The chunks of a stripe where it is there just as the result has it, valid until the next call; found is false
     * elsewhere. */
    caucus_status (*read_chunks)(void *self, uint64_t stripe, caucus_stripe_chunks *chunks, bool *found);

    /* Read n trials of a configuration, from `trial` on, to rows `row` and up of a block. */
    caucus_status (*read_rows)(void *self, uint64_t config, uint64_t trial, uint64_t n, const caucus_block *to,
                               uint64_t row);

    /* The sums of a configuration, where no trials are kept. */
    caucus_status (*read_sums)(void *self, uint64_t config, uint64_t *words);
} caucus_trial_source;

#endif
