/* caucus_merge: one result of shards. Its layout is what they say of themselves; nothing is drawn or loaded. */
#include "base/claim.h"
#include "base/clock.h"
#include "base/host.h"
#include "base/text.h"
#include "result/assemble.h"
#include "result/shard_set.h"

#include <stdlib.h>
#include <string.h>

/* What a layout borrows from. */
typedef struct merged {
    caucus_experiment *experiment;
    caucus_layout layout;
    caucus_method *methods;
    uint64_t *consumers;
    uint32_t *test;
    uint64_t *sizes;
    uint32_t *n_present;
    const char *started; /* earliest */
} merged;

static caucus_status find_name(const char *path, const char *part, const char *const *names, size_t n, int *value)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(part, names[i]) == 0) {
            *value = (int)i;
            return CAUCUS_OK;
        }
    }
    return caucus_fail(CAUCUS_INVALID, "%s is damaged: it has a bound \"%s\" that does not exist", path, part);
}

/* family/knowledge/inequality */
static caucus_status read_method(const char *path, const char *name, caucus_method *method)
{
    char *copy = caucus_text_copy(name);
    if (copy == NULL) {
        return caucus_fail_memory(strlen(name), "a method");
    }
    char *rest = copy;
    const char *parts[3] = {"", "", ""};
    for (int i = 0; i < 3 && rest != NULL; i++) {
        parts[i] = strsep(&rest, "/");
    }
    int family = 0;
    int knowledge = 0;
    int inequality = 0;
    caucus_status status = find_name(path, parts[0], caucus_family_names, CAUCUS_N_FAMILIES, &family);
    if (status == CAUCUS_OK) {
        status = find_name(path, parts[1], caucus_knowledge_names, CAUCUS_N_KNOWLEDGE, &knowledge);
    }
    if (status == CAUCUS_OK) {
        status = find_name(path, parts[2], caucus_inequality_names, CAUCUS_N_INEQUALITIES, &inequality);
    }
    *method = (caucus_method){.family = (caucus_family)family,
                              .knowledge = (caucus_knowledge)knowledge,
                              .inequality = (caucus_inequality)inequality};
    free(copy);
    return status;
}

/* Numbers of configurations, from the members that have them. */
static void take_configs(merged *to, const caucus_shard_set *set, bool absent)
{
    const uint32_t n_collectives = to->layout.n_collectives;
    for (size_t i = 0; i < set->n; i++) {
        const caucus_metadata *skeleton = &set->members[i].skeleton;
        const uint64_t first = skeleton->identity.shard.first_config;
        const uint64_t n = skeleton->identity.n_configs;
        memcpy(to->consumers + first, skeleton->consumers, n * sizeof *to->consumers);
        memcpy(to->test + first, skeleton->test, n * sizeof *to->test);
        memcpy(to->sizes + first * n_collectives, skeleton->sizes, n * n_collectives * sizeof *to->sizes);
        to->started =
            to->started == NULL || strcmp(skeleton->started, to->started) < 0 ? skeleton->started : to->started;
    }
    for (uint64_t c = 0; c < to->layout.n_configs; c++) {
        uint32_t n = n_collectives;
        while (absent && n > 0 && to->sizes[c * n_collectives + n - 1] == 0) {
            n--;
        }
        to->n_present[c] = n;
    }
}

static caucus_status lay_out(merged *to, const caucus_shard_set *set)
{
    const caucus_shard_member *first = &set->members[0];
    const caucus_identity *identity = &first->skeleton.identity;
    caucus_layout *layout = &to->layout;
    const uint64_t n = identity->shard.all_configs;
    bool absent = false;
    TRY(caucus_experiment_recall(identity->experiment, first->skeleton.name, first->path, identity->data_checksum,
                                 &to->experiment));
    if (to->experiment->n_configs != n || to->experiment->trials != identity->shard.all_trials) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s is damaged: its experiment has another number of configurations or trials", first->path);
    }
    if (first->skeleton.source != NULL) {
        to->experiment->source = caucus_text_copy(first->skeleton.source);
        TRY(to->experiment->source != NULL ? CAUCUS_OK
                                           : caucus_fail_memory(strlen(first->skeleton.source), "an experiment"));
    }
    *layout = (caucus_layout){.experiment = to->experiment,
                              .shard = caucus_shard_whole(n, identity->shard.all_trials),
                              .n_configs = n,
                              .n_trials = identity->shard.all_trials,
                              .block_trials = identity->block_trials,
                              .n_collectives = identity->shape.n_collectives,
                              .collective_names = first->skeleton.collective_names,
                              .n_methods = identity->shape.n_methods,
                              .trained = identity->shape.trained,
                              .compared = identity->shape.compared,
                              .upper = identity->shape.upper,
                              .delta = first->skeleton.delta,
                              .trainer = set->trainer,
                              .rng_version = identity->rng_version};
    TRY(caucus_alloc(layout->n_methods, sizeof *to->methods, "methods", &to->methods));
    for (uint32_t i = 0; i < layout->n_methods; i++) {
        TRY(read_method(first->path, first->skeleton.method_names[i], &to->methods[i]));
    }
    TRY(caucus_alloc(n, sizeof *to->consumers, "the configurations", &to->consumers));
    TRY(caucus_alloc(n, sizeof *to->test, "the configurations", &to->test));
    TRY(caucus_alloc(n, sizeof *to->n_present, "the configurations", &to->n_present));
    TRY(caucus_alloc(n * layout->n_collectives, sizeof *to->sizes, "the configurations", &to->sizes));
    for (size_t i = 0; i < set->n; i++) {
        absent = absent || set->members[i].absent;
    }
    take_configs(to, set, absent);
    layout->methods = to->methods;
    layout->consumers = to->consumers;
    layout->test = to->test;
    layout->sizes = to->sizes;
    layout->n_present = to->n_present;
    return CAUCUS_OK;
}

static void free_merged(merged *of)
{
    free(of->methods);
    free(of->consumers);
    free(of->test);
    free(of->sizes);
    free(of->n_present);
    caucus_experiment_close(of->experiment);
}

typedef struct merge_watch {
    const caucus_merge_options *options;
    uint64_t trials;
    double started;
} merge_watch;

static bool show_progress(uint64_t trials_done, void *user)
{
    const merge_watch *watch = user;
    const double seconds = caucus_clock_seconds() - watch->started;
    const double rate = seconds > 0.0 ? (double)trials_done / seconds : 0.0;
    const caucus_progress progress = {.trials_done = trials_done,
                                      .trials_total = watch->trials,
                                      .seconds = seconds,
                                      .trials_per_second = rate,
                                      .seconds_left = rate > 0.0 ? (double)(watch->trials - trials_done) / rate : -1.0,
                                      .notices = ""};
    return watch->options->progress(&progress, watch->options->user);
}

static caucus_status write_result(caucus_shard_set *set, const caucus_merge_options *options)
{
    merged all = {0};
    caucus_claim *claim = NULL;
    caucus_host host;
    caucus_host_describe("", &host);
    caucus_status status = lay_out(&all, set);
    if (status == CAUCUS_OK) {
        status = caucus_claim_open(options->output, &claim);
    }
    if (status == CAUCUS_OK) {
        const caucus_metadata *first = &set->members[0].skeleton;
        const caucus_provenance provenance = {.backend = first->backend,
                                              .device = first->device,
                                              .host_threads = first->host_threads,
                                              .started = all.started};
        const caucus_trial_source source = caucus_shard_set_source(set);
        merge_watch watch = {.options = options,
                             .trials = all.layout.n_configs * all.layout.n_trials,
                             .started = caucus_clock_seconds()};
        const caucus_assembly how = {.replace = options->force,
                                     .threads = options->threads > 0 ? options->threads : host.cores,
                                     .watch = options->progress != NULL ? show_progress : NULL,
                                     .user = &watch};
        status = caucus_assemble(&source, &all.layout, &provenance, claim, &how);
    }
    caucus_claim_close(claim);
    free_merged(&all);
    return status;
}

static void print_members(const caucus_shard_set *set, FILE *to)
{
    for (size_t i = 0; i < set->n; i++) {
        const caucus_shard *shard = &set->members[i].skeleton.identity.shard;
        fprintf(to, "%s: configurations %llu to %llu of %llu, trials %llu to %llu of %llu\n", set->members[i].path,
                (unsigned long long)shard->first_config,
                (unsigned long long)(shard->first_config + shard->n_configs - 1),
                (unsigned long long)shard->all_configs, (unsigned long long)shard->first_trial,
                (unsigned long long)(shard->first_trial + shard->n_trials - 1), (unsigned long long)shard->all_trials);
    }
}

caucus_status caucus_merge(const char *const *paths, size_t n, const caucus_merge_options *options, FILE *to)
{
    caucus_shard_set set;
    if (n == 0) {
        return caucus_fail(CAUCUS_INVALID, "nothing to merge: name the files of shards");
    }
    if (options->output != NULL) {
        TRY(caucus_output_check(options->output, options->force));
    }
    TRY(caucus_shard_set_open(paths, n, options->mixed, &set));
    if (options->output == NULL) {
        print_members(&set, to);
    }
    caucus_status status = caucus_shard_set_check(&set);
    if (status == CAUCUS_OK && options->output == NULL) {
        fprintf(to, "complete: %zu file%s can be merged\n", n, n == 1 ? "" : "s");
    } else if (status == CAUCUS_OK) {
        status = write_result(&set, options);
    }
    caucus_shard_set_close(&set);
    return status;
}
