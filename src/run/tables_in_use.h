/* The tables of configurations that workers are at: from when a configuration's first block is handed out until its
 * last one is done. */
#ifndef CAUCUS_RUN_TABLES_IN_USE_H
#define CAUCUS_RUN_TABLES_IN_USE_H

#include "run/plan.h"

#include <pthread.h>

typedef struct caucus_tables_in_use {
    uint64_t config;
    pthread_mutex_t compiling; /* guards compiled until it is there */
    caucus_compiled *compiled;
    unsigned users;
    struct caucus_tables_in_use *next;
} caucus_tables_in_use;

/* The tables of a configuration, counted as used; not compiled yet when new. NULL without memory. Called one at a time,
 * as a block is handed out: so tables live from their first block to their last. */
caucus_tables_in_use *caucus_tables_claim(caucus_tables_in_use **all, uint64_t config);

/* The first worker to come compiles; the others wait for it. */
caucus_status caucus_tables_compile(caucus_tables_in_use *tables, caucus_plan *plan);

/* A block is done. Tables that nobody uses go, unless their configuration has blocks to come: those from next_config
 * on. Called one at a time. */
void caucus_tables_return(caucus_tables_in_use **all, caucus_tables_in_use *used, uint64_t next_config);

void caucus_tables_free_all(caucus_tables_in_use *all);

#endif
