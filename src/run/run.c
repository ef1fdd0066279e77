/* Running a plan: workers compute blocks, the calling thread writes them (design: plan, blocks, slots, backend,
 * writer).
 *
 * Each worker owns a slot of the backend. Finished blocks go to the writer through a queue; blocks are reused, so
 * memory stays what it is after the start, and workers wait only when the disk is the limit. */
#include "run/run.h"

#include "base/clock.h"
#include "base/stop.h"
#include "result/in_memory.h"
#include "result/store.h"
#include "result/stripe_packer.h"
#include "run/block_queue.h"
#include "run/tables_in_use.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct run {
    caucus_plan *plan;
    caucus_store *store;   /* NULL: no file is written */
    caucus_result *memory; /* NULL: no result is kept in memory */
    const caucus_run_options *options;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    pthread_mutex_t opening; /* one at a time opens its slot; guards n_placed, opened */
    uint64_t next_config, next_block;
    caucus_block_queue spare, finished;
    caucus_tables_in_use *tables;
    unsigned n_working;
    unsigned n_placed; /* workers that have asked for a slot */
    bool *opened;      /* [place of a quota] somebody got a slot there */
    bool halted;       /* hand out no more blocks */
    caucus_status status;
    char message[4096]; /* of the first failed worker */
    double started;     /* of the clock */
    uint64_t trials_done;
} run;

/* The next block that is not in the store yet; false at the end. Called with the lock held. */
static bool next_block(run *r, uint64_t *config, uint64_t *index)
{
    const caucus_layout *layout = &r->plan->layout;
    while (r->next_config < layout->n_configs) {
        *config = r->next_config;
        *index = r->next_block++;
        if (r->next_block == layout->n_blocks) {
            r->next_block = 0;
            r->next_config++;
        }
        if (r->store == NULL || !caucus_store_has(r->store, *config, *index)) {
            return true;
        }
    }
    return false;
}

/* A block to fill and its tables, or NULL when there is nothing left to do. */
static caucus_block *take_block(run *r, caucus_tables_in_use **used)
{
    caucus_block *block = NULL;
    uint64_t config = 0;
    uint64_t index = 0;
    pthread_mutex_lock(&r->lock);
    while (!r->halted && r->spare.n == 0) {
        pthread_cond_wait(&r->changed, &r->lock);
    }
    if (!r->halted && next_block(r, &config, &index)) {
        const caucus_layout *layout = &r->plan->layout;
        block = caucus_block_queue_pop(&r->spare);
        block->config = config;
        block->index = index;
        block->first_trial = index * layout->block_trials;
        uint64_t left = layout->n_trials - block->first_trial;
        block->n_trials = left < layout->block_trials ? (uint32_t)left : layout->block_trials;
        *used = caucus_tables_claim(&r->tables, config);
    }
    pthread_mutex_unlock(&r->lock);
    return block;
}

/* Keep the first failure of a worker, and hand out no more blocks. Called with the lock held. */
static void fail_run(run *r, caucus_status status, const char *where)
{
    if (r->status == CAUCUS_OK) {
        r->status = status;
        snprintf(r->message, sizeof r->message, "%s%s", where, caucus_error_message());
    }
    r->halted = true;
}

static void finish_block(run *r, caucus_block *block, caucus_tables_in_use *used, caucus_status status)
{
    pthread_mutex_lock(&r->lock);
    if (used != NULL) {
        caucus_tables_return(&r->tables, used, r->next_config);
    }
    if (status == CAUCUS_OK) {
        caucus_block_queue_push(&r->finished, block);
    } else {
        caucus_block_queue_push(&r->spare, block);
        const caucus_shard *shard = &r->plan->layout.shard;
        char where[128];
        snprintf(where, sizeof where,
                 "configuration %llu, trials %llu to %llu: ", (unsigned long long)(shard->first_config + block->config),
                 (unsigned long long)(shard->first_trial + block->first_trial),
                 (unsigned long long)(shard->first_trial + block->first_trial + block->n_trials - 1));
        fail_run(r, status, where);
    }
    /* the writer looks by itself now and then: waking it for every block would take longer than a small one */
    if (status != CAUCUS_OK || 2 * r->finished.n >= r->finished.capacity) {
        pthread_cond_broadcast(&r->changed);
    }
    pthread_mutex_unlock(&r->lock);
}

/* How many of a block's trials, the first ones, an earlier result has. */
static uint32_t count_kept(const run *r, const caucus_block *block)
{
    return r->store != NULL ? caucus_store_kept(r->store, block->config, block->index) : 0;
}

static caucus_status compute(run *r, caucus_slot *slot, caucus_tables_in_use *used, caucus_block *block)
{
    if (used == NULL) {
        return caucus_fail_memory(sizeof *used, "tables");
    }
    TRY(caucus_tables_compile(used, r->plan));
    /* the first trials of a block may be kept from an earlier result: the writer fills them in */
    const caucus_shape shape = caucus_layout_shape(&r->plan->layout);
    const uint32_t kept = count_kept(r, block);
    caucus_block rest = *block;
    if (kept > 0) {
        rest = caucus_block_part(block, &shape, kept, block->n_trials - kept);
        rest.config = block->config;
        rest.first_trial = block->first_trial + kept;
    }
    return r->plan->backend->slot_run(slot, used->compiled, &r->plan->layout, &rest);
}

/* A slot for a worker. Where memory is short a worker can be done without, as long as another one has a slot there. */
static caucus_status open_slot(run *r, caucus_slot **slot)
{
    bool crowded = false;
    pthread_mutex_lock(&r->opening); /* one after another, so that all know what the others got */
    const unsigned place = r->n_placed++;
    bool *opened = &r->opened[place % caucus_plan_places(r->plan)];
    caucus_status status = r->plan->backend->slot_open(caucus_plan_quota(r->plan, place), slot, &crowded);
    if (status == CAUCUS_OK) {
        *opened = true;
    } else if (crowded && *opened) {
        *slot = NULL;
        status = CAUCUS_OK;
    }
    pthread_mutex_unlock(&r->opening);
    return status;
}

/* Pack all finished trials that wait for it; false on failure. */
static bool pack(run *r, caucus_stripe_packer **packer)
{
    bool packed = r->store != NULL;
    caucus_status status = CAUCUS_OK;
    while (packed && status == CAUCUS_OK) {
        status = caucus_store_help(r->store, packer, &packed);
    }
    if (status != CAUCUS_OK) {
        pthread_mutex_lock(&r->lock);
        fail_run(r, status, "");
        pthread_cond_broadcast(&r->changed);
        pthread_mutex_unlock(&r->lock);
    }
    return status == CAUCUS_OK;
}

static void *work(void *argument)
{
    run *r = argument;
    caucus_slot *slot = NULL;
    caucus_status opened = open_slot(r, &slot);
    caucus_block *block;
    caucus_tables_in_use *used = NULL;
    caucus_stripe_packer *packer = NULL;
    while ((slot != NULL || opened != CAUCUS_OK) && pack(r, &packer) && (block = take_block(r, &used)) != NULL) {
        finish_block(r, block, used, opened == CAUCUS_OK ? compute(r, slot, used, block) : opened);
    }
    caucus_stripe_packer_close(packer);
    r->plan->backend->slot_close(slot);
    pthread_mutex_lock(&r->lock);
    r->n_working--;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* Finished before this run, found by resume. */
static uint64_t trials_found(const run *r)
{
    return r->store != NULL ? caucus_store_trials_found(r->store) : 0;
}

/* joined: the share of the result file that is put together; negative: trials are not done. */
static void report(run *r, double joined)
{
    if (r->options->progress == NULL) {
        return;
    }
    caucus_progress progress = {.trials_done = r->trials_done,
                                .trials_resumed = trials_found(r),
                                .trials_total = r->plan->layout.n_configs * r->plan->layout.n_trials,
                                .seconds = caucus_clock_seconds() - r->started,
                                .seconds_left = -1.0,
                                .joining = joined >= 0.0,
                                .joined = joined >= 0.0 ? joined : 0.0,
                                .notices = r->store != NULL ? caucus_store_notice(r->store) : ""};
    if (progress.seconds > 0.0) {
        progress.trials_per_second = (double)progress.trials_done / progress.seconds;
    }
    if (progress.trials_done > 0) {
        uint64_t left = progress.trials_total - progress.trials_resumed - progress.trials_done;
        progress.seconds_left = (double)left / progress.trials_per_second;
    }
    if (!r->options->progress(&progress, r->options->user)) {
        caucus_stop_request();
    }
}

/* A caucus_assembly.watch. All trials are saved, so that nothing is gained by stopping. */
static bool report_joining(uint64_t trials_done, void *user)
{
    run *r = user;
    report(r, (double)trials_done / ((double)r->plan->layout.n_configs * (double)r->plan->layout.n_trials));
    return true;
}

/* Wait a tenth of a second for something to change. Called with the lock held. */
static void wait_a_little(run *r)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&r->changed, &r->lock, &until);
}

static void hand_over(const run *r, const caucus_block *block)
{
    const caucus_layout *layout = &r->plan->layout;
    const caucus_trials trials = {.config = block->config,
                                  .first_trial = block->first_trial,
                                  .n_trials = block->n_trials,
                                  .n_collectives = layout->n_collectives,
                                  .n_methods = layout->n_methods,
                                  .test = layout->test[block->config],
                                  .success_count = block->success_count,
                                  .lower_bound = block->lower_bound,
                                  .upper_bound = block->upper_bound,
                                  .global_success = block->global_success,
                                  .joint_count = block->joint_count,
                                  .accuracy = block->accuracy,
                                  .suboptimality = block->suboptimality,
                                  .global_bound = block->global_bound,
                                  .joint_bound = block->joint_bound,
                                  .global_upper = block->global_upper,
                                  .joint_upper = block->joint_upper,
                                  .converged = block->converged,
                                  .accuracy_cost = block->accuracy_cost};
    if (!r->options->trials(&trials, r->options->user)) {
        caucus_stop_request();
    }
}

/* A finished block goes to whoever wants it; the store last, which takes its sums away. */
static caucus_status deliver(run *r, const caucus_block *block)
{
    if (r->options->trials != NULL) {
        hand_over(r, block);
    }
    if (r->memory != NULL) {
        caucus_memory_put(r->memory, block);
    }
    return r->store != NULL ? caucus_store_put(r->store, block) : CAUCUS_OK;
}

/* Write finished blocks until the workers are done and the queue is empty. The first error halts the workers; what they
 * still finish is written unless writing itself failed. */
static caucus_status write_blocks(run *r)
{
    caucus_status status = CAUCUS_OK;
    double reported = 0.0;
    pthread_mutex_lock(&r->lock);
    while (r->n_working > 0 || r->finished.n > 0) {
        if (r->finished.n == 0) {
            wait_a_little(r);
        }
        caucus_block *block = r->finished.n > 0 ? caucus_block_queue_pop(&r->finished) : NULL;
        r->halted = r->halted || caucus_stop_requested() || status != CAUCUS_OK;
        pthread_cond_broadcast(&r->changed);
        pthread_mutex_unlock(&r->lock);
        if (block != NULL && status == CAUCUS_OK) {
            const uint32_t kept = count_kept(r, block);
            status = kept > 0 ? caucus_store_fill(r->store, block) : CAUCUS_OK;
            status = status == CAUCUS_OK ? deliver(r, block) : status;
            r->trials_done += block->n_trials - kept;
        }
        double now = caucus_clock_seconds() - r->started;
        if (now - reported >= 0.1) {
            report(r, -1.0);
            reported = now;
        }
        pthread_mutex_lock(&r->lock);
        if (block != NULL) {
            caucus_block_queue_push(&r->spare, block);
            pthread_cond_broadcast(&r->changed);
        }
    }
    pthread_mutex_unlock(&r->lock);
    return status;
}

static caucus_status run_open(run *r, size_t n_blocks)
{
    TRY(caucus_alloc(caucus_plan_places(r->plan), sizeof *r->opened, "a list of devices", &r->opened));
    TRY(caucus_block_queue_init(&r->spare, n_blocks));
    TRY(caucus_block_queue_init(&r->finished, n_blocks));
    for (size_t i = 0; i < n_blocks; i++) {
        caucus_block *block = NULL;
        TRY(caucus_layout_block_alloc(&r->plan->layout, &block));
        caucus_block_queue_push(&r->spare, block);
    }
    return CAUCUS_OK;
}

static void run_close(run *r)
{
    while (r->spare.n > 0) {
        free(caucus_block_queue_pop(&r->spare));
    }
    caucus_tables_free_all(r->tables);
    free(r->opened);
    free(r->finished.blocks);
    free(r->spare.blocks);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->opening);
    pthread_mutex_destroy(&r->lock);
}

/* All blocks that are missing. */
static caucus_status compute_and_write(run *r)
{
    unsigned n_threads = caucus_plan_workers(r->plan);
    pthread_t *threads = NULL;
    TRY(caucus_alloc(n_threads, sizeof *threads, "threads", &threads));
    unsigned n_started = 0;
    caucus_status status = CAUCUS_OK;
    for (; n_started < n_threads && status == CAUCUS_OK; n_started++) {
        pthread_mutex_lock(&r->lock);
        r->n_working++;
        pthread_mutex_unlock(&r->lock);
        int error = pthread_create(&threads[n_started], NULL, work, r);
        if (error != 0) {
            status = caucus_fail(CAUCUS_FAILED, "cannot start thread %u of %u (%s); use fewer --threads", n_started + 1,
                                 n_threads, strerror(error));
            pthread_mutex_lock(&r->lock);
            r->n_working--;
            r->halted = true;
            pthread_cond_broadcast(&r->changed);
            pthread_mutex_unlock(&r->lock);
            break;
        }
    }
    caucus_status written = write_blocks(r);
    for (unsigned i = 0; i < n_started; i++) {
        pthread_join(threads[i], NULL);
    }
    free(threads);
    TRY(written);
    if (r->status != CAUCUS_OK) {
        return caucus_fail(r->status, "%s", r->message);
    }
    return status;
}

/* Whether every block is in: also when a stop came too late to stop anything. */
static bool complete(const run *r)
{
    const caucus_layout *layout = &r->plan->layout;
    return r->trials_done + trials_found(r) == layout->n_configs * layout->n_trials;
}

/* Keep what is finished, whatever the reason for ending was. */
static caucus_status save(run *r, caucus_status status)
{
    if (r->store == NULL) {
        return status != CAUCUS_OK
                   ? status
                   : caucus_fail(CAUCUS_STOPPED, "stopped; %llu of %llu trials were finished",
                                 (unsigned long long)r->trials_done,
                                 (unsigned long long)(r->plan->layout.n_configs * r->plan->layout.n_trials));
    }
    char reason[sizeof r->message];
    snprintf(reason, sizeof reason, "%s", caucus_error_message());
    caucus_status flushed = caucus_store_flush(r->store);
    if (status == CAUCUS_OK) {
        TRY(flushed);
        return caucus_fail(CAUCUS_STOPPED, "stopped; %llu of %llu trials are saved: go on with --resume",
                           (unsigned long long)(r->trials_done + trials_found(r)),
                           (unsigned long long)(r->plan->layout.n_configs * r->plan->layout.n_trials));
    }
    return caucus_fail(status, "%s%s", reason,
                       flushed == CAUCUS_OK ? "; finished blocks are saved: go on with --resume" : "");
}

static caucus_status run_to_end(run *r)
{
    caucus_status status = CAUCUS_OK;
    /* who is handed trials wants them as they come, and may have seen enough */
    const bool handed_over = r->options->trials != NULL;
    TRY_GOTO(run_open(r, handed_over ? caucus_plan_few_blocks(r->plan) : caucus_plan_blocks(r->plan)), done);
    status = compute_and_write(r);
    if (status != CAUCUS_OK || !complete(r)) {
        status = save(r, status);
        goto done;
    }
    if (r->store != NULL) {
        TRY_GOTO(caucus_store_flush(r->store), done);
        report(r, 0.0);
        TRY_GOTO(caucus_store_finish(r->store, r->plan->info.threads), done);
    }
    if (r->memory != NULL) {
        TRY_GOTO(caucus_memory_finish(r->memory), done);
    }
    report(r, r->store != NULL ? 1.0 : -1.0);
done:
    run_close(r);
    return status;
}

caucus_status caucus_run_once(caucus_plan *plan, const caucus_run_options *options, caucus_result **in_memory)
{
    run r = {.plan = plan,
             .options = options,
             .lock = PTHREAD_MUTEX_INITIALIZER,
             .changed = PTHREAD_COND_INITIALIZER,
             .opening = PTHREAD_MUTEX_INITIALIZER};
    char started[CAUCUS_CLOCK_BYTES];
    const caucus_provenance provenance = {.backend = plan->backend->name,
                                          .device = plan->info.device,
                                          .host_threads = plan->info.threads,
                                          .started = caucus_clock_stamp(started)};
    r.started = caucus_clock_seconds();
    if (options->output != NULL) {
        const caucus_store_options store = {.output = options->output,
                                            .resume = options->resume,
                                            .force = options->force,
                                            .mixed = options->mixed,
                                            .watch = report_joining,
                                            .user = &r};
        TRY(caucus_store_open(&plan->layout, &provenance, &store, &r.store));
    }
    caucus_status status = in_memory != NULL ? caucus_memory_open(&plan->layout, &provenance, &r.memory) : CAUCUS_OK;
    if (status == CAUCUS_OK) {
        status = run_to_end(&r);
    }
    caucus_store_close(r.store);
    if (in_memory != NULL && status == CAUCUS_OK) {
        *in_memory = r.memory;
    } else {
        caucus_result_close(r.memory);
    }
    return status;
}
