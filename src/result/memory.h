/* The trials of a run kept in memory: what stands in the place of a file behind caucus_result. */
#ifndef CAUCUS_RESULT_MEMORY_H
#define CAUCUS_RESULT_MEMORY_H

#include "result/layout.h"

typedef struct caucus_memory {
    void *values[CAUCUS_N_VARIABLES]; /* [config][trial], then as the variable has it; NULL where the run lacks it */
} caucus_memory;

/* A result without trials; the caller closes it. CAUCUS_INVALID for runs that keep summaries only. */
caucus_status caucus_memory_open(const caucus_layout *layout, const caucus_provenance *provenance,
                                 caucus_result **result);
void caucus_memory_free(caucus_memory *memory);

/* Take a finished block; its values are copied. */
void caucus_memory_put(caucus_result *result, const caucus_block *block);

/* All blocks are in. */
caucus_status caucus_memory_finish(caucus_result *result);

/* A block of a configuration, its arrays where they are. */
caucus_block caucus_memory_block(const caucus_result *result, uint64_t config, uint64_t index);

#endif
