/* The trials of a run kept in memory: what stands in the place of a file behind caucus_result. */
#ifndef CAUCUS_RESULT_MEMORY_H
#define CAUCUS_RESULT_MEMORY_H

#include "result/layout.h"

typedef struct caucus_memory {
    void *values[CAUCUS_N_VARIABLES]; /* [config][trial], then as the variable has it; NULL where the run lacks it */
} caucus_memory;

void caucus_memory_free(caucus_memory *memory);

/* The arrays of all trials as one block. */
caucus_block caucus_memory_whole(const caucus_result *result);

/* A block of a configuration, its arrays where they are. */
caucus_block caucus_memory_block(const caucus_result *result, uint64_t config, uint64_t index);

#endif
