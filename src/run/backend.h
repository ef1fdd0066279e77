/* Backends: what a plan runs on, as a table of functions.
 *
 * A slot is one unit of work in flight with a workspace of its own; the scheduler gives each slot a host thread. */
#ifndef CAUCUS_RUN_BACKEND_H
#define CAUCUS_RUN_BACKEND_H

#include "result/layout.h"
#include "run/devices.h"
#include "trial/tables.h"

typedef struct caucus_slot caucus_slot;

/* What a slot may take of its device (run/cuda_quota.h). The CPU's slots have none. */
typedef struct caucus_quota caucus_quota;

struct caucus_backend {
    const char *name; /* "cpu", "cuda" */

    /* Why it cannot run a configuration, in words that follow "configuration 7"; NULL when it can. NULL for a backend
     * that runs all. */
    const char *(*refusal)(const caucus_config *config);

    /* Make a slot. quota is what it may take, NULL for cpu. When it fails, *crowded tells whether the device's memory
     * is what others have: slots that are open already can do its work. */
    caucus_status (*slot_open)(const caucus_quota *quota, caucus_slot **slot, bool *crowded);
    void (*slot_close)(caucus_slot *slot);

    /* Compute trials first_trial .. + n_trials of a block whose place and arrays are given: fill its rows, or, where it
     * has sums, make these (zero before) the words of its trials. The workspace grows to what the configuration needs
     * on the first block of it. */
    caucus_status (*slot_run)(caucus_slot *slot, const caucus_compiled *compiled, const caucus_layout *layout,
                              caucus_block *block);
};

extern const caucus_backend caucus_backend_cpu, caucus_backend_cuda;

#endif
