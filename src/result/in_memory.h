/* A result that is filled by a run and read without a file. */
#ifndef CAUCUS_RESULT_IN_MEMORY_H
#define CAUCUS_RESULT_IN_MEMORY_H

#include "result/memory.h"

/* A result without trials; the caller closes it. CAUCUS_INVALID for runs that keep summaries only. */
caucus_status caucus_memory_open(const caucus_layout *layout, const caucus_provenance *provenance,
                                 caucus_result **result);

/* Take a finished block; its values are copied. */
void caucus_memory_put(caucus_result *result, const caucus_block *block);

/* All blocks are in. */
caucus_status caucus_memory_finish(caucus_result *result);

#endif
