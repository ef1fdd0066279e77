/* What caucus info prints. */
#include "base/json.h"
#include "result/result.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 6 };

static void print_bytes(uint64_t bytes, FILE *to)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double size = (double)bytes;
    size_t unit = 0;
    while (size >= 1000 && unit + 1 < sizeof units / sizeof units[0]) {
        size /= 1000;
        unit++;
    }
    fprintf(to, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}

/* A list with blanks between, cut where it gets long. */
static void print_names(const char *label, char *const *names, uint32_t n, FILE *to)
{
    fprintf(to, "%-15s %u:", label, n);
    for (uint32_t i = 0; i < n && i < 4 * MOST_WORDS; i++) {
        fprintf(to, "%s %s", i > 0 ? "," : "", names[i]);
    }
    fprintf(to, "%s\n", n > 4 * MOST_WORDS ? ", ..." : "");
}

static void print_numeric_axis(const caucus_coordinate *axis, uint64_t n_configs, FILE *to)
{
    double least = axis->numbers[0];
    double most = axis->numbers[0];
    for (uint64_t c = 1; c < n_configs; c++) {
        least = axis->numbers[c] < least ? axis->numbers[c] : least;
        most = axis->numbers[c] > most ? axis->numbers[c] : most;
    }
    char from[CAUCUS_NUMBER_BYTES];
    char end[CAUCUS_NUMBER_BYTES];
    caucus_number_format(least, false, from);
    caucus_number_format(most, false, end);
    fprintf(to, "  %-13s from %s to %s\n", axis->long_name, from, end);
}

/* The words in the order in which they first come, as far as there is room. */
static void print_word_axis(const caucus_coordinate *axis, uint64_t n_configs, FILE *to)
{
    const char *seen[MOST_WORDS];
    int n_seen = 0;
    bool more = false;
    for (uint64_t c = 0; c < n_configs && !more; c++) {
        int i = 0;
        while (i < n_seen && strcmp(seen[i], axis->words[c]) != 0) {
            i++;
        }
        if (i < n_seen) {
            continue;
        }
        more = n_seen == MOST_WORDS;
        if (!more) {
            seen[n_seen++] = axis->words[c];
        }
    }
    fprintf(to, "  %-13s", axis->long_name);
    for (int i = 0; i < n_seen; i++) {
        fprintf(to, "%s %s", i > 0 ? "," : "", seen[i]);
    }
    fprintf(to, "%s\n", more ? ", ..." : "");
}

static void print_shard(const caucus_shard *shard, FILE *to)
{
    if (shard->count > 0) {
        fprintf(to, "%-15s %llu of %llu: configurations from %llu of %llu, trials from %llu of %llu\n", "shard",
                (unsigned long long)shard->number, (unsigned long long)shard->count,
                (unsigned long long)shard->first_config, (unsigned long long)shard->all_configs,
                (unsigned long long)shard->first_trial, (unsigned long long)shard->all_trials);
    }
}

static void print_state(const caucus_result *result, FILE *to)
{
    const caucus_identity *identity = &result->skeleton.identity;
    const uint64_t all = identity->n_configs * result->n_blocks;
    fprintf(to, "%-15s ", "state");
    if (result->complete) {
        fprintf(to, "complete\n");
        return;
    }
    fprintf(to, "unfinished: %llu of %llu blocks of %u trials are done (%.1f %%)\n",
            (unsigned long long)result->blocks_done, (unsigned long long)all, identity->block_trials,
            100 * (double)result->blocks_done / (double)all);
    if (result->parts != NULL) {
        fprintf(to, "%-15s caucus run with --resume goes on with it\n", "");
    }
}

static void print_notices(const caucus_result *result, FILE *to)
{
    for (const char *line = caucus_notices_text(&result->notices); *line != '\0';) {
        const size_t length = strcspn(line, "\n");
        fprintf(to, "%-15s %.*s\n", "notice", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

static void print_until(const caucus_until *until, FILE *to)
{
    if (until->of == 0) {
        return;
    }
    fprintf(to, "%-15s doubled until no standard error of", "");
    const char *between = " ";
    for (int i = 0; i < CAUCUS_N_UNTIL; i++) {
        if ((until->of >> i & 1u) != 0) {
            fprintf(to, "%s%s", between, caucus_until_names[i]);
            between = ", ";
        }
    }
    fprintf(to, " exceeds %g, at most %llu\n", until->standard_error, (unsigned long long)until->most);
}

/* Who took part, where that is more than one. */
static void print_contributors(const caucus_result *result, FILE *to)
{
    const caucus_contributors *all =
        result->parts != NULL ? caucus_parts_contributors(result->parts) : &result->contributors;
    for (int list = 0; list < CAUCUS_N_CONTRIBUTORS; list++) {
        if (all->n[list] > 1) {
            print_names(caucus_contributor_names[list], all->names[list], all->n[list], to);
        }
    }
}

caucus_status caucus_result_print_info(const caucus_result *result, FILE *to)
{
    const caucus_metadata *skeleton = &result->skeleton;
    const caucus_identity *identity = &skeleton->identity;
    fprintf(to, "%-15s %s%s, ", "file", result->path, result->parts != NULL ? ".parts" : "");
    print_bytes(result->bytes, to);
    fprintf(to, "\n%-15s %s\n", "experiment", skeleton->name);
    print_state(result, to);
    print_notices(result, to);
    print_shard(&identity->shard, to);
    fprintf(to, "%-15s %llu\n", "configurations", (unsigned long long)identity->n_configs);
    for (uint32_t i = 0; i < skeleton->n_axes; i++) {
        if (skeleton->axes[i].numbers != NULL) {
            print_numeric_axis(&skeleton->axes[i], identity->n_configs, to);
        } else {
            print_word_axis(&skeleton->axes[i], identity->n_configs, to);
        }
    }
    fprintf(to, "%-15s %llu in each configuration%s\n", "trials", (unsigned long long)identity->n_trials,
            identity->summaries_only ? ", of which only summaries are kept" : "");
    print_until(&identity->until, to);
    print_names("collectives", skeleton->collective_names, identity->shape.n_collectives, to);
    print_names("methods", skeleton->method_names, identity->shape.n_methods, to);
    fprintf(to, "%-15s %g\n", "delta", skeleton->delta);
    fprintf(to, "%-15s %llu, random streams version %u\n", "seed", (unsigned long long)identity->seed,
            identity->rng_version);
    fprintf(to, "%-15s %s, %s, host threads %u\n", "computed on", skeleton->backend, skeleton->device,
            skeleton->host_threads);
    if (identity->trainer[0] != '\0') {
        fprintf(to, "%-15s %s\n", "trained by", identity->trainer);
    }
    print_contributors(result, to);
    fprintf(to, "%-15s %s\n", "started", skeleton->started);
    if (result->finished != NULL) {
        fprintf(to, "%-15s %s\n", "finished", result->finished);
    }
    fprintf(to, "%-15s caucus %s, commit %s, format %d\n", "written by", skeleton->version, skeleton->commit,
            CAUCUS_FORMAT_VERSION);
    if (fflush(to) != 0 || ferror(to)) {
        return caucus_fail(CAUCUS_FAILED, "cannot print what is in %s: %s", result->path, strerror(errno));
    }
    return CAUCUS_OK;
}

/* ---- for programs ---- */

static void put_text(const char *key, const char *value, FILE *to)
{
    fputs(", ", to);
    caucus_json_string(to, key);
    fputs(": ", to);
    caucus_json_string(to, value);
}

static void put_count(const char *key, uint64_t value, FILE *to)
{
    fputs(", ", to);
    caucus_json_string(to, key);
    fprintf(to, ": %llu", (unsigned long long)value);
}

static void put_list(const char *key, char *const *values, uint64_t n, FILE *to)
{
    fputs(", ", to);
    caucus_json_string(to, key);
    fputs(": [", to);
    for (uint64_t i = 0; i < n; i++) {
        fputs(i > 0 ? ", " : "", to);
        caucus_json_string(to, values[i]);
    }
    fputc(']', to);
}

/* The kind of each axis. */
static void put_axes(const caucus_metadata *skeleton, FILE *to)
{
    fputs(", \"axes\": {", to);
    for (uint32_t a = 0; a < skeleton->n_axes; a++) {
        const caucus_coordinate *axis = &skeleton->axes[a];
        fputs(a > 0 ? ", " : "", to);
        caucus_json_string(to, axis->name);
        fprintf(to, ": %s", axis->numbers != NULL ? "\"numbers\"" : "\"words\"");
    }
    fputc('}', to);
}

static void put_shard(const caucus_shard *shard, FILE *to)
{
    if (shard->count == 0) {
        return;
    }
    fprintf(to, ", \"shard\": %llu, \"shards\": %llu", (unsigned long long)shard->number,
            (unsigned long long)shard->count);
    put_count("first_config", shard->first_config, to);
    put_count("first_trial", shard->first_trial, to);
    put_count("all_configs", shard->all_configs, to);
    put_count("all_trials", shard->all_trials, to);
}

caucus_status caucus_result_print_info_json(const caucus_result *result, FILE *to)
{
    const caucus_metadata *skeleton = &result->skeleton;
    const caucus_identity *identity = &skeleton->identity;
    const caucus_contributors *all =
        result->parts != NULL ? caucus_parts_contributors(result->parts) : &result->contributors;
    fputs("{\"file\": ", to);
    caucus_json_string(to, result->path);
    put_text("name", skeleton->name, to);
    fprintf(to, ", \"complete\": %s", result->complete ? "true" : "false");
    put_count("bytes", result->bytes, to);
    put_count("blocks_done", result->blocks_done, to);
    put_count("blocks", identity->n_configs * result->n_blocks, to);
    put_count("configs", identity->n_configs, to);
    put_count("trials", identity->n_trials, to);
    put_shard(&identity->shard, to);
    put_axes(skeleton, to);
    put_list("collectives", skeleton->collective_names, identity->shape.n_collectives, to);
    put_list("methods", skeleton->method_names, identity->shape.n_methods, to);
    fputs(", \"delta\": ", to);
    caucus_json_number(to, skeleton->delta);
    put_count("seed", identity->seed, to);
    put_count("rng_version", identity->rng_version, to);
    fprintf(to, ", \"summaries_only\": %s", identity->summaries_only ? "true" : "false");
    if (identity->until.of != 0) {
        fputs(", \"until_standard_error\": ", to);
        caucus_json_number(to, identity->until.standard_error);
        put_count("until_most", identity->until.most, to);
    }
    put_text("backend", skeleton->backend, to);
    if (identity->trainer[0] != '\0') {
        put_text("trained_by", identity->trainer, to);
    }
    for (int list = 0; list < CAUCUS_N_CONTRIBUTORS; list++) {
        put_list(caucus_contributor_names[list], all->names[list], all->n[list], to);
    }
    put_text("started", skeleton->started, to);
    put_text("finished", result->finished, to);
    put_text("experiment", identity->experiment, to);
    fputs("}\n", to);
    if (fflush(to) != 0 || ferror(to)) {
        return caucus_fail(CAUCUS_FAILED, "cannot print what is in %s: %s", result->path, strerror(errno));
    }
    return CAUCUS_OK;
}
