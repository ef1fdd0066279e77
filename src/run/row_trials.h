/* Trials on people with real-valued features, trained on the host or on a device: whole batches, of which a block takes
 * what it asks for. */
#ifndef CAUCUS_RUN_ROW_TRIALS_H
#define CAUCUS_RUN_ROW_TRIALS_H

#include "dense/operations.h"
#include "trial/block.h"
#include "trial/tables.h"

typedef struct caucus_row_trials caucus_row_trials; /* a thread's workspace for a configuration */

/* operations: of a device; NULL: of the host. */
caucus_status caucus_row_trials_open(const caucus_compiled *compiled, const caucus_operations *operations,
                                     const caucus_shape *shape, caucus_row_trials **work);
void caucus_row_trials_close(caucus_row_trials *work);

/* Fill a block's rows, or its sums. first_trial: of the block, in its configuration, whatever part of that a shard is.
 * CAUCUS_FAILED when a device fails. */
caucus_status caucus_row_trials_run(caucus_row_trials *work, const caucus_compiled *compiled, const caucus_shape *shape,
                                    uint64_t first_trial, const caucus_block *block);

#endif
