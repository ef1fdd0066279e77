/* Replicas: the tables of a configuration as one piece of memory that is right at another address, for devices. */
#ifndef CAUCUS_RUN_CUDA_TABLES_H
#define CAUCUS_RUN_CUDA_TABLES_H

#include "trial/tables.h"

typedef struct caucus_replica_size {
    uint64_t bytes;       /* of the tables */
    uint64_t blank_bytes; /* of room for limits behind them, zero at first, which the device fills */
} caucus_replica_size;

/* Everything that trials over classes read counts, nothing that only the host uses. */
caucus_replica_size caucus_replica_measure(const caucus_compiled *compiled);

/* Write the tables into buffer, which has room for `bytes`, so that all pointers in it hold when it is copied to
 * `address` (a multiple of 16), with the blank room caucus_cuda_rounded(bytes) behind that. The caucus_compiled is at
 * the front. */
void caucus_replica_write(const caucus_compiled *compiled, uint64_t address, void *buffer);

#endif
