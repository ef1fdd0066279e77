#include "result/identity.h"

#include "base/text.h"
#include "trial/block.h"

#include <stdlib.h>
#include <string.h>

#define SEPARATOR "; " /* between the trainers of a mixed run */

enum { LINE_BYTES = 80 };

caucus_status caucus_identity_of(const caucus_layout *layout, caucus_identity *identity)
{
    const caucus_experiment *experiment = layout->experiment;
    *identity = (caucus_identity){.rng_version = layout->rng_version,
                                  .seed = experiment->seed,
                                  .data_checksum = experiment->checksum,
                                  .shard = layout->shard,
                                  .n_configs = layout->n_configs,
                                  .n_trials = layout->n_trials,
                                  .block_trials = layout->block_trials,
                                  .shape = caucus_layout_shape(layout),
                                  .until = experiment->until,
                                  .summaries_only = !experiment->output.trials,
                                  .compression = experiment->output.compression,
                                  .experiment = caucus_text_copy(experiment->text),
                                  .trainer = caucus_text_copy(layout->trainer != NULL ? layout->trainer : "")};
    if (identity->experiment == NULL || identity->trainer == NULL) {
        caucus_identity_free(identity);
        return caucus_fail_memory(strlen(experiment->text), "the experiment's text");
    }
    return CAUCUS_OK;
}

void caucus_identity_free(caucus_identity *identity)
{
    free(identity->trainer);
    free(identity->experiment);
    identity->trainer = NULL;
    identity->experiment = NULL;
}

uint64_t caucus_identity_blocks(const caucus_identity *identity)
{
    return identity->n_trials / identity->block_trials + (identity->n_trials % identity->block_trials != 0);
}

uint32_t caucus_identity_block_rows(const caucus_identity *identity, uint64_t block)
{
    uint64_t left = identity->n_trials - block * identity->block_trials;
    return left < identity->block_trials ? (uint32_t)left : identity->block_trials;
}

static caucus_status write_flag(hid_t file, const char *name, bool flag)
{
    const int value = flag;
    return caucus_h5_set_number(file, name, H5T_NATIVE_INT, &value);
}

/* Files from before there was such a flag lack it: it is not set. */
static caucus_status read_flag(hid_t file, const char *path, const char *name, bool *flag)
{
    int value = 0;
    const htri_t exists = H5Aexists(file, name);
    if (exists < 0) {
        return caucus_h5_fail("%s: cannot look for attribute %s", path, name);
    }
    if (exists > 0) {
        TRY(caucus_h5_get_number(file, path, name, H5T_NATIVE_INT, &value));
    }
    *flag = value != 0;
    return CAUCUS_OK;
}

/* What a shard is of; a whole run has nothing of it. */
static caucus_status write_shard(hid_t file, const caucus_shard *shard)
{
    char text[64];
    if (shard->count == 0) {
        return CAUCUS_OK;
    }
    snprintf(text, sizeof text, "%llu/%llu", (unsigned long long)shard->number, (unsigned long long)shard->count);
    TRY(caucus_h5_set_text(file, "shard", text));
    TRY(caucus_h5_set_number(file, "first_config", H5T_NATIVE_UINT64, &shard->first_config));
    TRY(caucus_h5_set_number(file, "first_trial", H5T_NATIVE_UINT64, &shard->first_trial));
    TRY(caucus_h5_set_number(file, "all_configs", H5T_NATIVE_UINT64, &shard->all_configs));
    return caucus_h5_set_number(file, "all_trials", H5T_NATIVE_UINT64, &shard->all_trials);
}

static caucus_status read_shard(hid_t file, const char *path, caucus_identity *identity)
{
    caucus_shard *shard = &identity->shard;
    *shard = caucus_shard_whole(identity->n_configs, identity->n_trials);
    if (H5Aexists(file, "shard") <= 0) {
        return CAUCUS_OK;
    }
    char *text = NULL;
    TRY(caucus_h5_get_text(file, path, "shard", &text));
    char *rest = NULL;
    const unsigned long long number = strtoull(text, &rest, 10);
    const unsigned long long count = *rest == '/' ? strtoull(rest + 1, &rest, 10) : 0;
    const bool read = *rest == '\0';
    free(text);
    shard->number = number;
    shard->count = count;
    TRY(caucus_h5_get_number(file, path, "first_config", H5T_NATIVE_UINT64, &shard->first_config));
    TRY(caucus_h5_get_number(file, path, "first_trial", H5T_NATIVE_UINT64, &shard->first_trial));
    TRY(caucus_h5_get_number(file, path, "all_configs", H5T_NATIVE_UINT64, &shard->all_configs));
    TRY(caucus_h5_get_number(file, path, "all_trials", H5T_NATIVE_UINT64, &shard->all_trials));
    if (!read || number < 1 || number > count || shard->first_config > shard->all_configs ||
        identity->n_configs > shard->all_configs - shard->first_config || shard->first_trial > shard->all_trials ||
        identity->n_trials > shard->all_trials - shard->first_trial) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: its attributes describe no part of its experiment", path);
    }
    return CAUCUS_OK;
}

/* What decides on the number of trials. */
static caucus_status write_until(hid_t file, const caucus_until *until)
{
    char of[64] = "";
    if (until->of == 0) {
        return CAUCUS_OK;
    }
    for (int i = 0; i < CAUCUS_N_UNTIL; i++) {
        if ((until->of >> i & 1u) != 0) {
            snprintf(of + strlen(of), sizeof of - strlen(of), "%s%s", of[0] != '\0' ? " " : "", caucus_until_names[i]);
        }
    }
    TRY(caucus_h5_set_text(file, "until_of", of));
    TRY(caucus_h5_set_number(file, "until_standard_error", H5T_NATIVE_DOUBLE, &until->standard_error));
    return caucus_h5_set_number(file, "until_most", H5T_NATIVE_UINT64, &until->most);
}

static caucus_status read_until(hid_t file, const char *path, caucus_identity *identity)
{
    caucus_until *until = &identity->until;
    if (H5Aexists(file, "until_of") <= 0) {
        return CAUCUS_OK;
    }
    char *of = NULL;
    TRY(caucus_h5_get_number(file, path, "until_standard_error", H5T_NATIVE_DOUBLE, &until->standard_error));
    TRY(caucus_h5_get_number(file, path, "until_most", H5T_NATIVE_UINT64, &until->most));
    TRY(caucus_h5_get_text(file, path, "until_of", &of));
    for (int i = 0; i < CAUCUS_N_UNTIL; i++) {
        until->of |= strstr(of, caucus_until_names[i]) != NULL ? 1u << i : 0;
    }
    free(of);
    identity->shape.until = (uint8_t)until->of;
    return CAUCUS_OK;
}

/* The seeds of all that took part, beside the lists of their devices and hosts: trials of one file have one. */
static caucus_status write_seeds(hid_t file, uint64_t seed)
{
    caucus_status status = CAUCUS_OK;
    const hsize_t one = 1;
    hid_t space = H5Screate_simple(1, &one, NULL);
    hid_t attribute = H5Acreate2(file, "seeds", H5T_NATIVE_UINT64, space, H5P_DEFAULT, H5P_DEFAULT);
    H5_TRY_GOTO(attribute, done, "cannot write attribute seeds");
    H5_TRY_GOTO(H5Awrite(attribute, H5T_NATIVE_UINT64, &seed), done, "cannot write attribute seeds");
done:
    caucus_h5_close(attribute);
    caucus_h5_close(space);
    return status;
}

caucus_status caucus_identity_write(hid_t file, const char *kind, const caucus_identity *identity)
{
    const int version = CAUCUS_FORMAT_VERSION;
    TRY(caucus_h5_set_text(file, "format", kind));
    TRY(caucus_h5_set_number(file, "format_version", H5T_NATIVE_INT, &version));
    TRY(caucus_h5_set_text(file, "caucus_version", caucus_version()));
    TRY(caucus_h5_set_text(file, "git_commit", caucus_git_commit()));
    TRY(caucus_h5_set_number(file, "rng_version", H5T_NATIVE_UINT32, &identity->rng_version));
    TRY(caucus_h5_set_number(file, "seed", H5T_NATIVE_UINT64, &identity->seed));
    TRY(write_seeds(file, identity->seed));
    TRY(caucus_h5_set_text(file, "experiment", identity->experiment));
    TRY(caucus_h5_set_number(file, "data_checksum", H5T_NATIVE_UINT32, &identity->data_checksum));
    TRY(caucus_h5_set_number(file, "configs", H5T_NATIVE_UINT64, &identity->n_configs));
    TRY(caucus_h5_set_number(file, "trials", H5T_NATIVE_UINT64, &identity->n_trials));
    TRY(caucus_h5_set_number(file, "block_trials", H5T_NATIVE_UINT32, &identity->block_trials));
    TRY(caucus_h5_set_number(file, "collectives", H5T_NATIVE_UINT32, &identity->shape.n_collectives));
    TRY(caucus_h5_set_number(file, "methods", H5T_NATIVE_UINT32, &identity->shape.n_methods));
    TRY(caucus_h5_set_number(file, "compression", H5T_NATIVE_UINT32, &identity->compression));
    if (identity->trainer[0] != '\0') {
        TRY(caucus_h5_set_text(file, "trained_by", identity->trainer));
    }
    TRY(write_flag(file, "trained", identity->shape.trained));
    TRY(write_flag(file, "compared", identity->shape.compared));
    TRY(write_flag(file, "upper", identity->shape.upper));
    TRY(write_until(file, &identity->until));
    TRY(write_shard(file, &identity->shard));
    return write_flag(file, "summaries_only", identity->summaries_only);
}

/* Refuse what was not written as the given kind, or by a later caucus. */
static caucus_status check_kind(hid_t file, const char *path, const char *kind)
{
    char *found = NULL;
    char *writer = NULL;
    int version = 0;
    if (H5Aexists(file, "format") <= 0) {
        return caucus_h5_damaged("%s is an HDF5 file, but no result of caucus (it lacks the attribute format)", path);
    }
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_h5_get_text(file, path, "format", &found), done);
    if (strcmp(found, kind) != 0) {
        if (strcmp(found, "caucus-solve") == 0) {
            status = caucus_fail(CAUCUS_INVALID,
                                 "%s holds critical masses, which caucus solve found: there are no trials in it", path);
            goto done;
        }
        bool part = strncmp(found, "caucus-", strlen("caucus-")) == 0;
        status = caucus_fail(CAUCUS_INVALID,
                             part ? "%s is a part of an unfinished run (%s); give the result's path, without \".parts\""
                                  : "%s is an HDF5 file, but no result of caucus (its format is \"%s\")",
                             path, found);
        goto done;
    }
    TRY_GOTO(caucus_h5_get_number(file, path, "format_version", H5T_NATIVE_INT, &version), done);
    TRY_GOTO(caucus_h5_get_text(file, path, "caucus_version", &writer), done);
    if (version != CAUCUS_FORMAT_VERSION) {
        status = caucus_fail(CAUCUS_INVALID,
                             "%s has format version %d, and this caucus %s reads version %d; read it with the caucus "
                             "that wrote it (%s) or a later one",
                             path, version, caucus_version(), CAUCUS_FORMAT_VERSION, writer);
    }
done:
    free(writer);
    free(found);
    return status;
}

/* Whether all products of the sizes that anything is ever allocated for, times a row of the widest values, fit. */
static bool is_countable(const caucus_identity *identity)
{
    enum { MOST_BYTES_EACH = 1 << 12 };
    uint64_t blocks = caucus_identity_blocks(identity);
    uint64_t each = (uint64_t)identity->shape.n_collectives * ((uint64_t)identity->shape.n_methods + 1);
    uint64_t all = 0;
    return !__builtin_mul_overflow(each, MOST_BYTES_EACH, &each) &&
           !__builtin_mul_overflow(identity->n_configs, blocks, &blocks) &&
           !__builtin_mul_overflow(blocks, MOST_BYTES_EACH, &blocks) &&
           !__builtin_mul_overflow(identity->n_configs, each, &all) &&
           !__builtin_mul_overflow(identity->n_trials, identity->n_configs, &all) &&
           !__builtin_mul_overflow((uint64_t)identity->block_trials, each, &all);
}

/* Only results on rows have one. */
static caucus_status read_trainer(hid_t file, const char *path, char **trainer)
{
    if (H5Aexists(file, "trained_by") > 0) {
        return caucus_h5_get_text(file, path, "trained_by", trainer);
    }
    *trainer = caucus_text_copy("");
    return *trainer != NULL ? CAUCUS_OK : caucus_fail_memory(1, "a text");
}

caucus_status caucus_identity_read(hid_t file, const char *path, const char *kind, caucus_identity *identity)
{
    TRY(check_kind(file, path, kind));
    caucus_identity read = {0};
    TRY(caucus_h5_get_number(file, path, "rng_version", H5T_NATIVE_UINT32, &read.rng_version));
    TRY(caucus_h5_get_number(file, path, "seed", H5T_NATIVE_UINT64, &read.seed));
    TRY(caucus_h5_get_number(file, path, "data_checksum", H5T_NATIVE_UINT32, &read.data_checksum));
    TRY(caucus_h5_get_number(file, path, "configs", H5T_NATIVE_UINT64, &read.n_configs));
    TRY(caucus_h5_get_number(file, path, "trials", H5T_NATIVE_UINT64, &read.n_trials));
    TRY(caucus_h5_get_number(file, path, "block_trials", H5T_NATIVE_UINT32, &read.block_trials));
    TRY(caucus_h5_get_number(file, path, "collectives", H5T_NATIVE_UINT32, &read.shape.n_collectives));
    TRY(caucus_h5_get_number(file, path, "methods", H5T_NATIVE_UINT32, &read.shape.n_methods));
    TRY(caucus_h5_get_number(file, path, "compression", H5T_NATIVE_UINT32, &read.compression));
    TRY(read_flag(file, path, "trained", &read.shape.trained));
    TRY(read_flag(file, path, "compared", &read.shape.compared));
    TRY(read_flag(file, path, "upper", &read.shape.upper));
    TRY(read_until(file, path, &read));
    TRY(read_flag(file, path, "summaries_only", &read.summaries_only));
    if (read.n_configs == 0 || read.n_trials == 0 || read.block_trials == 0 || read.shape.n_collectives == 0) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: its attributes describe an empty run", path);
    }
    if (!is_countable(&read)) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: its attributes describe more than can be counted", path);
    }
    TRY(read_shard(file, path, &read));
    TRY(caucus_h5_get_text(file, path, "experiment", &read.experiment));
    caucus_status status = read_trainer(file, path, &read.trainer);
    if (status != CAUCUS_OK) {
        caucus_identity_free(&read);
        return status;
    }
    *identity = read;
    return CAUCUS_OK;
}

/* Copy the line that text is in, cut to a readable length. */
static void copy_line(const char *text, char line[LINE_BYTES])
{
    size_t length = strcspn(text, "\r\n");
    bool cut = length > LINE_BYTES - 4;
    snprintf(line, LINE_BYTES, "%.*s%s", cut ? LINE_BYTES - 4 : (int)length, text, cut ? "..." : "");
}

static caucus_status differing_text(const char *wanted, const char *found, const char *path, const char *remedy)
{
    size_t line = 1;
    size_t start = 0;
    for (size_t i = 0; wanted[i] == found[i]; i++) { /* they do differ, so this ends */
        if (wanted[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    char now[LINE_BYTES];
    char then[LINE_BYTES];
    copy_line(wanted + start, now);
    copy_line(found + start, then);
    return caucus_fail(CAUCUS_INVALID,
                       "%s was written by another experiment: line %zu of its text is \"%s\", and now it is \"%s\"; %s",
                       path, line, then, now, remedy);
}

/* Whether a trainer is one of several. */
static bool is_named(const char *all, const char *name, size_t length)
{
    for (const char *at = all; at != NULL;
         at = strstr(at, SEPARATOR), at = at != NULL ? at + strlen(SEPARATOR) : NULL) {
        const char *end = strstr(at, SEPARATOR);
        const size_t here = end != NULL ? (size_t)(end - at) : strlen(at);
        if (here == length && strncmp(at, name, length) == 0) {
            return true;
        }
    }
    return false;
}

caucus_status caucus_identity_mix(caucus_identity *identity, const caucus_identity *found)
{
    for (const char *at = found->trainer; *at != '\0';) {
        const char *end = strstr(at, SEPARATOR);
        const size_t length = end != NULL ? (size_t)(end - at) : strlen(at);
        if (!is_named(identity->trainer, at, length)) {
            char *all = NULL;
            const size_t size = strlen(identity->trainer) + length + sizeof SEPARATOR;
            TRY(caucus_alloc(size, 1, "who trained", &all));
            snprintf(all, size, "%.*s" SEPARATOR "%s", (int)length, at, identity->trainer);
            free(identity->trainer);
            identity->trainer = all;
        }
        at = end != NULL ? end + strlen(SEPARATOR) : at + length;
    }
    return CAUCUS_OK;
}

static caucus_status compare_trainers(const caucus_identity *wanted, const caucus_identity *found, const char *path)
{
    if (wanted->mixed || strcmp(wanted->trainer, found->trainer) == 0) {
        return CAUCUS_OK;
    }
    return caucus_fail(CAUCUS_INVALID,
                       "%s was trained by %s, and now it would be by %s, whose last bits differ: go on where it was "
                       "begun, or with --mixed where that is enough, or use --force to start afresh, or another file "
                       "with -o",
                       path, found->trainer, wanted->trainer);
}

caucus_status caucus_identity_compare(const caucus_identity *wanted, const caucus_identity *found, const char *path,
                                      bool with_blocks, const char *remedy)
{
    if (strcmp(wanted->experiment, found->experiment) != 0) {
        return differing_text(wanted->experiment, found->experiment, path, remedy);
    }
    TRY(compare_trainers(wanted, found, path));
    const struct {
        const char *what;
        uint64_t wanted, found;
    } numbers[] = {
        {"version of the random streams", wanted->rng_version, found->rng_version},
        {"seed", wanted->seed, found->seed},
        {"checksum of the population data", wanted->data_checksum, found->data_checksum},
        {"number of shards (0: none)", wanted->shard.count, found->shard.count},
        {"number of the shard", wanted->shard.number, found->shard.number},
        {"first configuration", wanted->shard.first_config, found->shard.first_config},
        {"first trial", wanted->shard.first_trial, found->shard.first_trial},
        {"number of configurations", wanted->n_configs, found->n_configs},
        {"number of trials", wanted->n_trials, found->n_trials},
        {"number of collectives", wanted->shape.n_collectives, found->shape.n_collectives},
        {"number of bound methods", wanted->shape.n_methods, found->shape.n_methods},
        {"choice of classifiers (1: some are trained)", wanted->shape.trained, found->shape.trained},
        {"output.accuracy_cost", wanted->shape.compared, found->shape.compared},
        {"bounds.upper", wanted->shape.upper, found->shape.upper},
        {"output (1: summaries only)", wanted->summaries_only, found->summaries_only},
        {"block size", with_blocks ? wanted->block_trials : 0, with_blocks ? found->block_trials : 0},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i].wanted != numbers[i].found) {
            return caucus_fail(CAUCUS_INVALID, "%s was written by a run with another %s: %llu then, %llu now; %s", path,
                               numbers[i].what, (unsigned long long)numbers[i].found,
                               (unsigned long long)numbers[i].wanted, remedy);
        }
    }
    return CAUCUS_OK;
}
