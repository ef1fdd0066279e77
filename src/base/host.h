/* The machine that this process runs on: processor, cores and memory that it may use. */
#ifndef CAUCUS_BASE_HOST_H
#define CAUCUS_BASE_HOST_H

#include "base/status.h"

enum { CAUCUS_HOST_TEXT = 128 };

typedef struct caucus_host {
    char model[CAUCUS_HOST_TEXT]; /* of the processor, in words */
    unsigned cores;               /* that this process may run on; at least 1 */
    uint64_t memory_total;        /* bytes: of the machine, or what a cgroup limits this process to; 0 when unknown */
    uint64_t memory_free;         /* bytes that could still be had; 0 when unknown */
} caucus_host;

/* Look at the machine. root is put before /proc and /sys: "" but for tests. */
void caucus_host_describe(const char *root, caucus_host *host);

/* The same of this process, looked at once: for what does not change, so neither for memory_free nor for cores. */
const caucus_host *caucus_host_this(void);

/* Bytes of memory that may be taken where so many are allowed, 0: as many as the machine has; and in words who says so.
 * 0: unknown. */
uint64_t caucus_host_allowance(uint64_t allowed, const char **who);

#endif
