/* Plans: an experiment laid out as configurations and blocks of trials, with a device to run them on. */
#ifndef CAUCUS_RUN_PLAN_H
#define CAUCUS_RUN_PLAN_H

#include "experiment/experiment.h"
#include "result/layout.h"
#include "rows/rows.h"
#include "run/backend.h"
#include "run/cost.h"
#include "run/cuda_quota.h"
#include "run/devices.h"

#include <pthread.h>

/* What is expected of a plan's configurations of one kind. */
typedef struct caucus_planned_work {
    double nanoseconds; /* of a trial of each, added up */
    double most;        /* of a trial of the slowest one */
    uint64_t slowest;   /* its index */
} caucus_planned_work;

struct caucus_plan {
    caucus_experiment *experiment; /* borrowed */
    pthread_mutex_t resolving;     /* guards it: one thread at a time resolves configurations */
    caucus_device device;
    bool choosing;           /* between the CPU, which it is on, and a CUDA device */
    char refusal[256];       /* why no CUDA device can run it; empty when one can */
    char device_reason[512]; /* why `auto` took what it did */
    const caucus_backend *backend;
    caucus_need need;         /* of a CUDA device */
    caucus_quota *quotas;     /* [device part]; NULL on the CPU */
    uint32_t asked_block;     /* trials of a block that were asked for; 0: none */
    uint64_t memory;          /* that may be taken; 0: what the machine or cgroup has */
    uint64_t workspace_bytes; /* of a thread of the CPU, where a configuration takes the most */
    uint64_t row_bytes;       /* of the population, and of a configuration's tables, where people are rows of numbers */
    uint64_t row_table_bytes;
    unsigned n_slots; /* on each device part; the threads of the CPU */
    caucus_planned_work work[CAUCUS_WORKS];
    char trainer[CAUCUS_ROWS_TRAINER]; /* of configurations on rows */
    uint32_t precisions;               /* of them: a bit for each of caucus_products */
    uint32_t least_trials;             /* that a block should have, of configurations on rows; 0: there are none */
    bool by_individuals;               /* people are drawn one by one, a trial at a time, in some configuration */
    uint64_t slowest;                  /* the configuration whose trials are expected to take longest */
    double slowest_nanoseconds;
    caucus_plan_info info;
    caucus_layout layout; /* its arrays below; block_trials may yet change when a run is resumed */
    uint64_t *consumers;
    uint32_t *test;
    uint64_t *sizes;
    uint32_t *n_present;
    caucus_compiled **kept; /* [configuration] of the first ones, compiled and not used yet; NULL: none */
    uint64_t n_kept;
    char **collective_names;
    caucus_method *methods;
};

/* Resolve and compile one configuration of the plan's experiment. Threads may do so at once. */
caucus_status caucus_plan_compile(caucus_plan *plan, uint64_t index, caucus_compiled **compiled);

/* Everything of a plan but the choice of `auto` (run/choice.h) and what it tells of itself, which come next. */
caucus_status caucus_plan_make(caucus_experiment *experiment, const caucus_plan_options *options, caucus_plan **out);
void caucus_plan_tell(caucus_plan *plan);

/* Go to a device that was chosen (which the plan then owns). */
caucus_status caucus_plan_use(caucus_plan *plan, const caucus_device *device);

/* Blocks of as many trials as were asked for, 0: as many as serve the device best. CAUCUS_FAILED when it has no room.
 */
caucus_status caucus_plan_cut(caucus_plan *plan, uint32_t asked);

/* The trials of a block, given the time that a trial of the slowest configuration is expected to take. */
uint32_t caucus_plan_choose_block(const caucus_plan *plan, double nanoseconds);

/* Use blocks of this many trials, and share out devices anew. */
caucus_status caucus_plan_set_block(caucus_plan *plan, uint32_t block_trials);

/* Plan for another number of trials of each configuration, in the next round of an experiment with `until`. */
caucus_status caucus_plan_set_trials(caucus_plan *plan, uint64_t n_trials);

/* Fill in what its slots, blocks, lists of blocks and summaries take (run/memory.c). */
void caucus_plan_describe_memory(caucus_plan *plan);

/* Memory that may be taken; 0: unknown. */
uint64_t caucus_plan_memory_limit(const caucus_plan *plan);

/* CAUCUS_INVALID where that is less than what the workspaces of its threads take, or all of it. */
caucus_status caucus_plan_check_workspaces(const caucus_plan *plan);
caucus_status caucus_plan_check_memory(const caucus_plan *plan);

/* Blocks that are computed at a time: one worker each, with a slot of its own. */
unsigned caucus_plan_workers(const caucus_plan *plan);

/* Blocks that go between workers and writer: two for each worker and two more, which are few; or as many small ones as
 * keep them from waking each other all the time. */
size_t caucus_plan_few_blocks(const caucus_plan *plan);
size_t caucus_plan_blocks(const caucus_plan *plan);

/* Places that workers are spread over: CUDA devices, or the CPU. */
unsigned caucus_plan_places(const caucus_plan *plan);

/* What the slot of a worker may take; NULL on the CPU. */
const caucus_quota *caucus_plan_quota(const caucus_plan *plan, unsigned worker);

#endif
