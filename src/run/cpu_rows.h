/* Trials on people with real-valued features, on the host: whole batches, of which a block takes what it asks for. */
#ifndef CAUCUS_RUN_CPU_ROWS_H
#define CAUCUS_RUN_CPU_ROWS_H

#include "trial/block.h"
#include "trial/tables.h"

typedef struct caucus_cpu_rows caucus_cpu_rows; /* a thread's workspace for a configuration */

caucus_status caucus_cpu_rows_open(const caucus_compiled *compiled, const caucus_shape *shape, caucus_cpu_rows **work);
void caucus_cpu_rows_close(caucus_cpu_rows *work);

/* Bytes that one takes. */
size_t caucus_cpu_rows_bytes(const caucus_compiled *compiled);

/* Fill a block's rows, or its sums. first_trial: of the block, in its configuration, whatever part of that a shard is.
 */
void caucus_cpu_rows_run(caucus_cpu_rows *work, const caucus_compiled *compiled, const caucus_shape *shape,
                         uint64_t first_trial, const caucus_block *block);

#endif
