/* A configuration's tables as one piece of memory that holds good at another address. */
#ifndef CAUCUS_REPLICA_H
#define CAUCUS_REPLICA_H

#include "compiled.h"

typedef struct caucus_replica_size {
    uint64_t bytes;       /* of tables, copied */
    uint64_t blank_bytes; /* zeroed room behind them: memos of limits */
} caucus_replica_size;

caucus_replica_size caucus_replica_measure(const caucus_compiled *compiled);

/* buffer gets `bytes` bytes in which every pointer is right when they lie at `address`; the caucus_compiled is at its
 * front. */
void caucus_replica_write(const caucus_compiled *compiled, uint64_t address, void *buffer);

#endif
