#include "run/plan.h"

#include "base/clock.h"
#include "base/parallel.h"
#include "base/stop.h"
#include "base/text.h"
#include "compile/bounds.h"
#include "compile/compile.h"
#include "population/row_table.h"
#include "result/summary.h"
#include "rows/rows.h"
#include "run/cost.h"
#include "run/cpu_batch.h"
#include "run/cuda_rows.h"
#include "trial/block.h"
#include "trial/sums.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_THREADS = 4096 };

/* Tables that are kept from planning to running: how many, and their bytes. */
static const uint64_t MOST_KEPT = 4096;
static const uint64_t MOST_KEPT_BYTES = 64 << 20;

static caucus_status outline(caucus_plan *plan, uint64_t index, caucus_compiled **compiled)
{
    caucus_config *config = NULL;
    pthread_mutex_lock(&plan->resolving);
    if (index < plan->n_kept && plan->kept[index] != NULL) { /* it has been compiled once, to see that it can be */
        *compiled = plan->kept[index];
        plan->kept[index] = NULL;
        pthread_mutex_unlock(&plan->resolving);
        return CAUCUS_OK;
    }
    caucus_status status = caucus_experiment_config(plan->experiment, plan->layout.shard.first_config + index, &config);
    pthread_mutex_unlock(&plan->resolving);
    TRY(status);
    config->n_trials = plan->layout.n_trials;
    return caucus_compile_outline(config, (uint32_t)index, compiled);
}

/* Whether a device's needs are planned, which draws and limits are part of. */
static bool plans_device(const caucus_plan *plan)
{
    return plan->quotas != NULL || plan->choosing;
}

/* What a plan wants to know of a configuration, or with `whole` all that its trials need. */
static caucus_status compile_config(caucus_plan *plan, uint64_t index, bool whole, caucus_compiled **out)
{
    caucus_compiled *compiled = NULL;
    TRY(outline(plan, index, &compiled));
    caucus_status status = whole || plans_device(plan) ? caucus_compile_draws(compiled) : CAUCUS_OK;
    if (status == CAUCUS_OK && plans_device(plan) && compiled->rows == NULL) { /* which no device runs */
        status = caucus_guarantees_mark(compiled, true);
    }
    if (status != CAUCUS_OK) {
        caucus_compiled_free(compiled);
        return status;
    }
    *out = compiled;
    return CAUCUS_OK;
}

caucus_status caucus_plan_compile(caucus_plan *plan, uint64_t index, caucus_compiled **compiled)
{
    return compile_config(plan, index, true, compiled);
}

caucus_status caucus_plan_set_block(caucus_plan *plan, uint32_t block_trials)
{
    plan->layout.block_trials = block_trials;
    plan->layout.n_blocks = (plan->layout.n_trials + block_trials - 1) / block_trials;
    plan->info.block_trials = block_trials;
    plan->n_slots = plan->info.threads;
    if (plan->quotas != NULL) {
        TRY(caucus_quotas_plan(&plan->device, &plan->need, block_trials, plan->layout.n_blocks * plan->layout.n_configs,
                               plan->quotas, &plan->n_slots));
    }
    caucus_plan_describe_memory(plan);
    return CAUCUS_OK;
}

/* The largest number of collectives, their names from the configuration that has it, and the methods. */
static caucus_status measure(caucus_plan *plan, const caucus_config *config)
{
    if (plan->methods == NULL) {
        plan->layout.n_methods = config->bounds.n_methods;
        plan->layout.delta = config->bounds.delta;
        TRY(caucus_alloc(config->bounds.n_methods, sizeof *plan->methods, "methods", &plan->methods));
        if (config->bounds.n_methods > 0) {
            memcpy(plan->methods, config->bounds.methods, config->bounds.n_methods * sizeof *plan->methods);
        }
        plan->layout.methods = plan->methods;
    }
    plan->layout.trained = plan->layout.trained || caucus_classifier_is_trained(config->classifier);
    plan->layout.compared = plan->layout.compared || config->accuracy_cost;
    plan->layout.upper = plan->layout.upper || config->bounds.upper;
    if (config->n_collectives <= plan->layout.n_collectives) {
        return CAUCUS_OK;
    }
    char **names = realloc(plan->collective_names, config->n_collectives * sizeof *names);
    if (names == NULL) {
        return caucus_fail_memory(config->n_collectives * sizeof *names, "names");
    }
    plan->collective_names = names;
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        if (m < plan->layout.n_collectives) {
            free(names[m]);
        }
        names[m] = caucus_text_copy(config->collectives[m].name);
        plan->layout.n_collectives = m >= plan->layout.n_collectives ? m + 1 : plan->layout.n_collectives;
        if (names[m] == NULL) {
            return caucus_fail_memory(strlen(config->collectives[m].name), "names");
        }
    }
    plan->layout.collective_names = names;
    return CAUCUS_OK;
}

/* First pass over the sweep: shapes. */
static caucus_status measure_all(caucus_plan *plan)
{
    for (uint64_t index = 0; index < plan->experiment->n_configs; index++) {
        TRY(caucus_stop_check());
        caucus_config *config = NULL;
        TRY(caucus_experiment_config(plan->experiment, index, &config));
        caucus_status status = measure(plan, config);
        caucus_config_free(config);
        TRY(status);
    }
    return CAUCUS_OK;
}

static void record(caucus_plan *plan, const caucus_compiled *compiled)
{
    const caucus_config *config = compiled->config;
    uint64_t index = compiled->index;
    plan->consumers[index] = config->consumers;
    plan->test[index] = config->test;
    plan->n_present[index] = config->n_collectives;
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        plan->sizes[index * plan->layout.n_collectives + m] = config->collectives[m].size;
    }
    if (index == 0) {
        plan->info.n_cells = config->population->n_cells;
        plan->info.n_labels = config->population->n_labels;
        for (uint32_t i = 0; i < compiled->n_partitions; i++) {
            plan->info.n_classes += compiled->partitions[i]->n_classes;
        }
    }
}

caucus_status caucus_plan_use(caucus_plan *plan, const caucus_device *device)
{
    caucus_device_free(&plan->device);
    free(plan->quotas);
    plan->quotas = NULL;
    plan->device = *device;
    plan->info.device = plan->device.description;
    plan->backend = device->backend;
    if (plan->device.n_parts > 0) {
        return caucus_alloc(plan->device.n_parts, sizeof *plan->quotas, "the plan", &plan->quotas);
    }
    return CAUCUS_OK;
}

/* What a device would have to hold. */
static caucus_status record_need(caucus_plan *plan, const caucus_compiled *compiled)
{
    if (plan->quotas == NULL && !plan->choosing) {
        return CAUCUS_OK;
    }
    const caucus_backend *asked = plan->choosing ? &caucus_backend_cuda : plan->backend;
    const char *why = asked->refusal != NULL ? asked->refusal(compiled->config) : NULL;
    if (plan->choosing && compiled->rows != NULL) {
        why = "has people with real-valued features, who are trained on a CUDA device only where one is asked for, "
              "since last bits differ";
    }
    if (why == NULL) {
        if (compiled->rows != NULL) {
            return caucus_need_add_rows(&plan->need, compiled);
        }
        caucus_need_add(&plan->need, compiled);
        return CAUCUS_OK;
    }
    snprintf(plan->refusal, sizeof plan->refusal, "configuration %llu %s",
             (unsigned long long)(plan->layout.shard.first_config + compiled->index), why);
    return plan->choosing ? CAUCUS_OK : caucus_fail(CAUCUS_FAILED, "%s", plan->refusal);
}

static caucus_status record_all(caucus_plan *plan, const caucus_compiled *compiled, double *slowest)
{
    record(plan, compiled);
    const double nanoseconds = caucus_trial_nanoseconds(compiled);
    if (compiled->rows != NULL) {
        const uint32_t together = caucus_rows_batch(compiled->rows);
        plan->least_trials = together > plan->least_trials ? together : plan->least_trials;
        plan->precisions |= 1u << compiled->config->learner.precision;
        if (plan->quotas == NULL && compiled->config->learner.precision == CAUCUS_IN_TF32) {
            return caucus_fail(CAUCUS_INVALID, "precision tf32 is of CUDA devices, and this run is on the CPU: ask for "
                                               "one with --device cuda, or write precision: single, or double");
        }
    }
    plan->by_individuals = plan->by_individuals || compiled->config->individuals;
    caucus_planned_work *work = &plan->work[caucus_work_of(compiled)];
    work->nanoseconds += nanoseconds;
    if (nanoseconds > work->most) {
        work->most = nanoseconds;
        work->slowest = compiled->index;
    }
    if (nanoseconds > *slowest) {
        *slowest = nanoseconds;
        plan->slowest = compiled->index;
    }
    TRY(record_need(plan, compiled));
    const caucus_experiment *experiment = plan->experiment;
    const uint64_t trials = experiment->until.of != 0 ? experiment->until.most : experiment->trials;
    const uint64_t workspace =
        compiled->rows != NULL ? caucus_rows_space_bytes(compiled->rows) : caucus_trial_batch_bytes(compiled, trials);
    plan->workspace_bytes = workspace > plan->workspace_bytes ? workspace : plan->workspace_bytes;
    if (compiled->rows != NULL) {
        const uint64_t own = caucus_row_table_bytes(compiled->config->population->rows);
        const uint64_t tables = caucus_rows_bytes(compiled->rows) + caucus_rows_making_bytes(compiled->rows);
        plan->row_bytes = own > plan->row_bytes ? own : plan->row_bytes;
        plan->row_table_bytes = tables > plan->row_table_bytes ? tables : plan->row_table_bytes;
    }
    return caucus_plan_check_workspaces(plan);
}

/* Compiling all configurations, on all threads. Of several that fail the first one is told. */
typedef struct compiling {
    caucus_plan *plan;
    pthread_mutex_t lock; /* guards all below and what is recorded in the plan */
    double slowest;
    const caucus_plan_options *options;
    uint64_t n_done;
    double reported;     /* when progress was */
    uint64_t kept_bytes; /* about what the kept tables take */
    uint64_t first_failed;
    caucus_status status;
    char message[4096];
} compiling;

static void note_failure(compiling *work, uint64_t index, caucus_status status)
{
    if (status != CAUCUS_OK && index < work->first_failed) {
        work->first_failed = index;
        work->status = status;
        snprintf(work->message, sizeof work->message, "%s", caucus_error_message());
    }
}

/* About the memory of a configuration's tables. */
static uint64_t bytes_of(const caucus_compiled *compiled)
{
    enum { BYTES_A_CLASS = 64, BYTES_AT_LEAST = 1 << 14 };
    uint64_t bytes = BYTES_AT_LEAST;
    for (uint32_t i = 0; i < compiled->n_partitions; i++) {
        bytes += (uint64_t)compiled->partitions[i]->n_classes * BYTES_A_CLASS;
    }
    bytes += compiled->training != NULL ? caucus_training_bytes(compiled->training) : 0;
    bytes += compiled->rows != NULL ? caucus_rows_bytes(compiled->rows) : 0;
    return bytes + (compiled->raw_training != NULL ? caucus_training_bytes(compiled->raw_training) : 0);
}

/* Keep the tables of small experiments for the run, so that they are made once; else free them. */
static void keep(compiling *work, caucus_compiled *compiled)
{
    caucus_plan *plan = work->plan;
    const uint64_t bytes = compiled != NULL ? bytes_of(compiled) : 0;
    const bool fits = plan->quotas == NULL && !plan->choosing; /* devices want them marked */
    if (compiled != NULL && fits && compiled->index < plan->n_kept && work->kept_bytes + bytes <= MOST_KEPT_BYTES) {
        work->kept_bytes += bytes;
        plan->kept[compiled->index] = compiled;
    } else {
        caucus_compiled_free(compiled);
    }
}

/* False when the caller wants no more. */
static bool report_planned(compiling *work)
{
    const caucus_plan_options *options = work->options;
    const double now = caucus_clock_seconds();
    work->n_done++;
    if (options == NULL || options->progress == NULL || now - work->reported < 0.1) {
        return true;
    }
    work->reported = now;
    return options->progress(work->n_done, work->plan->layout.n_configs, options->user);
}

static void compile_one(void *context, size_t index, unsigned worker)
{
    (void)worker;
    compiling *work = context;
    caucus_compiled *compiled = NULL;
    pthread_mutex_lock(&work->lock);
    const bool behind = index > work->first_failed;
    pthread_mutex_unlock(&work->lock);
    if (behind) {
        return;
    }
    caucus_status status = caucus_stop_check();
    if (status == CAUCUS_OK) {
        status = compile_config(work->plan, index, false, &compiled);
    }
    if (status != CAUCUS_OK && status != CAUCUS_STOPPED) {
        caucus_error_prefix("configuration %llu: ",
                            (unsigned long long)(work->plan->layout.shard.first_config + index));
    }
    pthread_mutex_lock(&work->lock);
    if (status == CAUCUS_OK) {
        status = record_all(work->plan, compiled, &work->slowest);
    }
    note_failure(work, index, status);
    if (!report_planned(work) && work->status == CAUCUS_OK) {
        note_failure(work, 0, caucus_fail(CAUCUS_STOPPED, "stopped while planning; nothing was written"));
    }
    keep(work, compiled);
    pthread_mutex_unlock(&work->lock);
}

/* Second pass: compile every configuration once, so that what is wrong with any of them shows now. */
static caucus_status compile_all(caucus_plan *plan, const caucus_plan_options *options, double *slowest)
{
    const uint64_t n_kept = plan->layout.n_configs < MOST_KEPT ? plan->layout.n_configs : MOST_KEPT;
    TRY(caucus_alloc(n_kept, sizeof *plan->kept, "the plan", &plan->kept));
    plan->n_kept = n_kept;
    compiling work = {.plan = plan,
                      .options = options,
                      .reported = caucus_clock_seconds(),
                      .lock = PTHREAD_MUTEX_INITIALIZER,
                      .first_failed = UINT64_MAX};
    caucus_parallel_for(plan->layout.n_configs, plan->info.threads, compile_one, &work);
    pthread_mutex_destroy(&work.lock);
    *slowest = work.slowest;
    return work.status == CAUCUS_OK ? CAUCUS_OK : caucus_fail(work.status, "%s", work.message);
}

static caucus_status lay_out(caucus_plan *plan, const caucus_plan_options *options)
{
    if (options != NULL && options->n_shards > 0 && plan->experiment->until.of != 0) {
        return caucus_fail(
            CAUCUS_INVALID,
            "an experiment with `until` cannot be cut into shards, since all of its configurations decide "
            "together how many trials it takes: find that out with one run, or with a few of its "
            "configurations; then leave `until` out (--set until=null) and give the number with --trials");
    }
    TRY(measure_all(plan));
    const caucus_shape shape = caucus_layout_shape(&plan->layout);
    const caucus_stripes whole = caucus_stripes_of(&shape, plan->experiment->n_configs, plan->experiment->trials);
    caucus_shard *shard = &plan->layout.shard;
    TRY(caucus_shard_cut(&whole, options != NULL ? options->shard : 0, options != NULL ? options->n_shards : 0, shard));
    plan->layout.n_configs = shard->n_configs;
    plan->layout.n_trials = shard->n_trials;
    const uint64_t n_configs = plan->layout.n_configs;
    TRY(caucus_alloc(n_configs, sizeof *plan->consumers, "the plan", &plan->consumers));
    TRY(caucus_alloc(n_configs, sizeof *plan->test, "the plan", &plan->test));
    TRY(caucus_alloc(n_configs, sizeof *plan->n_present, "the plan", &plan->n_present));
    TRY(caucus_alloc(n_configs * plan->layout.n_collectives, sizeof *plan->sizes, "the plan", &plan->sizes));
    plan->layout.consumers = plan->consumers;
    plan->layout.test = plan->test;
    plan->layout.n_present = plan->n_present;
    plan->layout.sizes = plan->sizes;
    return CAUCUS_OK;
}

void caucus_plan_tell(caucus_plan *plan)
{
    const caucus_layout *layout = &plan->layout;
    caucus_plan_info *info = &plan->info;
    info->name = plan->experiment->name;
    info->device = plan->device.description;
    info->n_configs = layout->n_configs;
    info->n_trials = layout->n_trials;
    info->until_standard_error = plan->experiment->until.standard_error;
    info->until_most = plan->experiment->until.most;
    info->n_collectives = layout->n_collectives;
    info->n_methods = layout->n_methods;
    const caucus_shape shape = caucus_layout_shape(layout);
    info->output_bytes = layout->n_configs * caucus_summary_bytes(&shape);
    if (plan->experiment->output.trials) {
        info->output_bytes += layout->n_configs * layout->n_trials * caucus_row_bytes(&shape);
    }
}

static caucus_status choose_device(caucus_plan *plan, const char *spec)
{
    caucus_device device;
    TRY(caucus_device_choose(spec, &device));
    plan->choosing = caucus_device_is_auto(spec) && caucus_device_is_there();
    return caucus_plan_use(plan, &device);
}

caucus_status caucus_plan_cut(caucus_plan *plan, uint32_t asked)
{
    const caucus_shape shape = caucus_layout_shape(&plan->layout);
    plan->need.row = caucus_row_bytes(&shape);
    plan->need.sums = plan->experiment->output.trials ? 0 : caucus_sums_words(&shape) * sizeof(uint64_t);
    return caucus_plan_set_block(plan, asked > 0 ? asked : caucus_plan_choose_block(plan, plan->slowest_nanoseconds));
}

caucus_status caucus_plan_set_trials(caucus_plan *plan, uint64_t n_trials)
{
    plan->layout.n_trials = n_trials;
    plan->layout.shard = caucus_shard_whole(plan->layout.n_configs, n_trials);
    TRY(caucus_plan_cut(plan, plan->asked_block));
    caucus_plan_tell(plan);
    return caucus_plan_check_memory(plan);
}

/* What trains on rows, and in which precisions. */
static caucus_status name_trainer(caucus_plan *plan)
{
    if (plan->precisions == 0) {
        return CAUCUS_OK;
    }
    if (plan->quotas != NULL) {
        TRY(caucus_cuda_trainer(&plan->device, plan->precisions, plan->trainer, sizeof plan->trainer));
    } else {
        caucus_rows_trainer(plan->trainer);
    }
    const char *joint = ", in ";
    for (int p = 0; p < CAUCUS_N_PRODUCTS; p++) {
        if ((plan->precisions >> p & 1u) != 0) {
            const size_t length = strlen(plan->trainer);
            snprintf(plan->trainer + length, sizeof plan->trainer - length, "%s%s", joint, caucus_products_names[p]);
            joint = " and ";
        }
    }
    plan->layout.trainer = plan->trainer;
    return CAUCUS_OK;
}

caucus_status caucus_plan_make(caucus_experiment *experiment, const caucus_plan_options *options, caucus_plan **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_plan *plan = NULL;
    TRY(caucus_alloc(1, sizeof *plan, "the plan", &plan));
    plan->experiment = experiment;
    plan->memory = options != NULL ? options->memory : 0;
    plan->asked_block = options != NULL ? options->block_trials : 0;
    pthread_mutex_init(&plan->resolving, NULL);
    plan->info.notes = experiment->notes != NULL ? experiment->notes : "";
    plan->info.threads = options != NULL && options->threads > 0 ? options->threads : caucus_device_cores();
    if (plan->info.threads > MOST_THREADS) {
        status = caucus_fail(CAUCUS_INVALID, "%u threads: at most %d", plan->info.threads, MOST_THREADS);
        goto failed;
    }
    TRY_GOTO(choose_device(plan, options != NULL ? options->device : NULL), failed);
    plan->layout.experiment = experiment;
    plan->layout.rng_version = CAUCUS_RNG_VERSION;
    TRY_GOTO(lay_out(plan, options), failed);
    TRY_GOTO(compile_all(plan, options, &plan->slowest_nanoseconds), failed);
    TRY_GOTO(name_trainer(plan), failed);
    TRY_GOTO(caucus_plan_cut(plan, plan->asked_block), failed);
    *out = plan;
    return CAUCUS_OK;
failed:
    caucus_plan_close(plan);
    return status;
}

void caucus_plan_close(caucus_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (uint32_t m = 0; plan->collective_names != NULL && m < plan->layout.n_collectives; m++) {
        free(plan->collective_names[m]);
    }
    free(plan->collective_names);
    for (uint64_t i = 0; i < plan->n_kept; i++) {
        caucus_compiled_free(plan->kept[i]);
    }
    free(plan->kept);
    free(plan->quotas);
    caucus_device_free(&plan->device);
    free(plan->methods);
    free(plan->sizes);
    free(plan->n_present);
    free(plan->test);
    free(plan->consumers);
    pthread_mutex_destroy(&plan->resolving);
    free(plan);
}

const caucus_plan_info *caucus_plan_describe(const caucus_plan *plan)
{
    return &plan->info;
}
