#include "result/shard_set.h"

#include "base/text.h"
#include "base/text_stream.h"
#include "hdf5/verified.h"
#include "trial/sums.h"

#include <stdlib.h>
#include <string.h>

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static caucus_status open_member(caucus_shard_member *member, caucus_contributors *contributors)
{
    int complete = 0;
    hid_t file = H5I_INVALID_HID;
    TRY(caucus_verified_open(member->path, &file));
    caucus_status status = caucus_metadata_read(file, member->path, "caucus", &member->skeleton);
    if (status == CAUCUS_OK) {
        status = caucus_h5_get_number(file, member->path, "complete", H5T_NATIVE_INT, &complete);
    }
    if (status == CAUCUS_OK && !member->skeleton.identity.summaries_only) {
        hid_t counts = H5Dopen2(file, caucus_variables[CAUCUS_SUCCESS_COUNT].name, H5P_DEFAULT);
        member->absent = counts >= 0 && H5Aexists(counts, "_FillValue") > 0;
        caucus_h5_close(counts);
    }
    if (status == CAUCUS_OK) {
        status = caucus_contributors_read(file, member->path, contributors);
    }
    caucus_h5_close(file);
    if (status == CAUCUS_OK && complete != 1) {
        status = caucus_fail(CAUCUS_INVALID, "%s is not complete; go on with its run by --resume", member->path);
    }
    return status;
}

/* Whether two files are parts of one run; all but which part must be the same. */
static caucus_status compare(const caucus_shard_member *first, const caucus_shard_member *other, bool mixed)
{
    const caucus_identity *wanted = &first->skeleton.identity;
    caucus_identity found = other->skeleton.identity;
    if (found.shard.all_configs != wanted->shard.all_configs || found.shard.all_trials != wanted->shard.all_trials) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s is a part of %llu configurations of %llu trials, and %s of %llu of %llu: they are of "
                           "different runs",
                           first->path, (unsigned long long)wanted->shard.all_configs,
                           (unsigned long long)wanted->shard.all_trials, other->path,
                           (unsigned long long)found.shard.all_configs, (unsigned long long)found.shard.all_trials);
    }
    if (!mixed && strcmp(wanted->trainer, found.trainer) != 0) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s was trained by %s, and %s by %s, whose last bits differ: merge shards of one, or use "
                           "--mixed where that is enough",
                           first->path, wanted->trainer, other->path, found.trainer);
    }
    found.trainer = wanted->trainer;
    found.shard = wanted->shard;
    found.n_configs = wanted->n_configs;
    found.n_trials = wanted->n_trials;
    return caucus_identity_compare(wanted, &found, other->path, false, "merge files of one run only");
}

static int by_place(const void *left, const void *right)
{
    const caucus_shard *a = &((const caucus_shard_member *)left)->skeleton.identity.shard;
    const caucus_shard *b = &((const caucus_shard_member *)right)->skeleton.identity.shard;
    if (a->first_config != b->first_config) {
        return a->first_config < b->first_config ? -1 : 1;
    }
    return (a->first_trial > b->first_trial) - (a->first_trial < b->first_trial);
}

static uint64_t last(uint64_t first, uint64_t n)
{
    return first + n;
}

static bool overlap(const caucus_shard *a, const caucus_shard *b)
{
    return a->first_config < last(b->first_config, b->n_configs) &&
           b->first_config < last(a->first_config, a->n_configs) &&
           a->first_trial < last(b->first_trial, b->n_trials) && b->first_trial < last(a->first_trial, a->n_trials);
}

static caucus_status check_overlaps(const caucus_shard_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        const caucus_shard *a = &set->members[i].skeleton.identity.shard;
        for (size_t j = i + 1; j < set->n; j++) {
            const caucus_shard *b = &set->members[j].skeleton.identity.shard;
            if (b->first_config >= last(a->first_config, a->n_configs)) {
                break; /* in order: so are all that follow */
            }
            if (overlap(a, b)) {
                return caucus_fail(
                    CAUCUS_INVALID,
                    "%s and %s both have trials from number %llu on of configuration %llu: leave one "
                    "of the two out",
                    set->members[i].path, set->members[j].path,
                    (unsigned long long)(a->first_trial > b->first_trial ? a->first_trial : b->first_trial),
                    (unsigned long long)b->first_config);
            }
        }
    }
    return CAUCUS_OK;
}

/* All who trained, those of the first member first. */
static caucus_status name_trainers(caucus_shard_set *set)
{
    const char *last = set->members[set->n - 1].skeleton.identity.trainer;
    caucus_identity all = {.trainer = caucus_text_copy(last)};
    caucus_status status = all.trainer != NULL ? CAUCUS_OK : caucus_fail_memory(strlen(last), "who trained");
    for (size_t i = set->n - 1; status == CAUCUS_OK && i > 0; i--) {
        status = caucus_identity_mix(&all, &set->members[i - 1].skeleton.identity);
    }
    set->trainer = all.trainer;
    return status;
}

caucus_status caucus_shard_set_open(const char *const *paths, size_t n, bool mixed, caucus_shard_set *set)
{
    caucus_status status = CAUCUS_OK;
    *set = (caucus_shard_set){.n = n};
    TRY(caucus_alloc(n, sizeof *set->members, "a list of shards", &set->members));
    for (size_t i = 0; i < n; i++) {
        set->members[i].path = paths[i];
    }
    for (size_t i = 0; i < n; i++) {
        TRY_GOTO(open_member(&set->members[i], &set->contributors), failed);
        caucus_identity *identity = &set->members[i].skeleton.identity;
        identity->shard.n_configs = identity->n_configs;
        identity->shard.n_trials = identity->n_trials;
        TRY_GOTO(compare(&set->members[0], &set->members[i], mixed), failed);
    }
    qsort(set->members, n, sizeof *set->members, by_place);
    TRY_GOTO(check_overlaps(set), failed);
    TRY_GOTO(name_trainers(set), failed);
    const caucus_identity *identity = &set->members[0].skeleton.identity;
    set->stripes = caucus_stripes_of(&identity->shape, identity->shard.all_configs, identity->shard.all_trials);
    return CAUCUS_OK;
failed:
    caucus_shard_set_close(set);
    return status;
}

void caucus_shard_set_close(caucus_shard_set *set)
{
    for (size_t i = 0; set->members != NULL && i < set->n; i++) {
        caucus_shard_file_close(set->members[i].file);
        caucus_metadata_free(&set->members[i].skeleton);
    }
    caucus_contributors_free(&set->contributors);
    free(set->trainer);
    free(set->members);
    *set = (caucus_shard_set){0};
}

/* ---- what is missing --------------------------------------------------------------------------------------------- */

/* The member that has a trial; NULL: none. */
static caucus_shard_member *find(const caucus_shard_set *set, uint64_t config, uint64_t trial)
{
    for (size_t i = 0; i < set->n; i++) {
        const caucus_shard *shard = &set->members[i].skeleton.identity.shard;
        if (config - shard->first_config < shard->n_configs && trial - shard->first_trial < shard->n_trials) {
            return &set->members[i];
        }
    }
    return NULL;
}

/* The commands for shards that are not here, of as many as the first member says that there are. */
static void write_commands(const caucus_shard_set *set, FILE *to)
{
    enum { MOST = 20 };
    const caucus_metadata *first = &set->members[0].skeleton;
    const uint64_t count = first->identity.shard.count;
    uint64_t n = 0;
    for (uint64_t number = 1; number <= count; number++) {
        caucus_shard shard;
        bool here = caucus_shard_cut(&set->stripes, number, count, &shard) != CAUCUS_OK || shard.n_configs == 0;
        for (size_t i = 0; i < set->n && !here; i++) {
            here = overlap(&set->members[i].skeleton.identity.shard, &shard);
        }
        if (!here && n++ < MOST) {
            fprintf(to, "\n  caucus run EXP.yaml --shard %llu/%llu    (the experiment %s, as the others were run)",
                    (unsigned long long)number, (unsigned long long)count, first->name);
        }
    }
    if (n > MOST) {
        fprintf(to, "\n  ... and %llu more", (unsigned long long)(n - MOST));
    }
}

/* Where, along the configurations, the next member begins or ends after a place; and the same for trials. */
static uint64_t next_edge(const caucus_shard_set *set, uint64_t at, bool trials)
{
    const caucus_shard *all = &set->members[0].skeleton.identity.shard;
    uint64_t next = trials ? all->all_trials : all->all_configs;
    for (size_t i = 0; i < set->n; i++) {
        const caucus_shard *shard = &set->members[i].skeleton.identity.shard;
        const uint64_t edges[2] = {trials ? shard->first_trial : shard->first_config,
                                   trials ? last(shard->first_trial, shard->n_trials)
                                          : last(shard->first_config, shard->n_configs)};
        for (int e = 0; e < 2; e++) {
            next = edges[e] > at && edges[e] < next ? edges[e] : next;
        }
    }
    return next;
}

/* Name the ranges that nobody has; returns how many trials they are in all. */
static uint64_t write_gaps(const caucus_shard_set *set, FILE *to)
{
    enum { MOST = 8 };
    const caucus_shard *all = &set->members[0].skeleton.identity.shard;
    uint64_t missing = 0;
    unsigned n = 0;
    for (uint64_t config = 0; config < all->all_configs;) {
        const uint64_t configs_end = next_edge(set, config, false);
        for (uint64_t trial = 0; trial < all->all_trials;) {
            const uint64_t trials_end = next_edge(set, trial, true);
            if (find(set, config, trial) == NULL) {
                missing += (configs_end - config) * (trials_end - trial);
                if (n++ < MOST) {
                    fprintf(to, "%s configurations %llu to %llu, trials %llu to %llu", n > 1 ? ";" : "",
                            (unsigned long long)config, (unsigned long long)(configs_end - 1),
                            (unsigned long long)trial, (unsigned long long)(trials_end - 1));
                }
            }
            trial = trials_end;
        }
        config = configs_end;
    }
    fputs(n > MOST ? "; ..." : "", to);
    return missing;
}

caucus_status caucus_shard_set_check(const caucus_shard_set *set)
{
    static const char what[] = "a list of what is missing";
    caucus_text_stream list;
    TRY(caucus_text_stream_open(&list, what));
    const uint64_t missing = write_gaps(set, list.to);
    write_commands(set, list.to);
    TRY(caucus_text_stream_close(&list, what));
    const caucus_status status = missing == 0 ? CAUCUS_OK
                                              : caucus_fail(CAUCUS_INVALID, "%llu trials are missing:%s",
                                                            (unsigned long long)missing, list.text);
    free(list.text);
    return status;
}

/* ---- as a source ------------------------------------------------------------------------------------------------- */

/* Have a member's file open, in place of the one that was used longest ago where many are. */
static caucus_status use(caucus_shard_set *set, caucus_shard_member *member)
{
    enum { MOST_OPEN = 8 };
    caucus_shard_member *oldest = NULL;
    size_t n_open = 0;
    member->last_use = ++set->clock;
    if (member->file != NULL) {
        return CAUCUS_OK;
    }
    for (size_t i = 0; i < set->n; i++) {
        caucus_shard_member *one = &set->members[i];
        n_open += one->file != NULL;
        oldest = one->file != NULL && (oldest == NULL || one->last_use < oldest->last_use) ? one : oldest;
    }
    if (n_open >= MOST_OPEN) {
        caucus_shard_file_close(oldest->file);
        oldest->file = NULL;
    }
    return caucus_shard_file_open(member->path, &member->skeleton.identity, &member->file);
}

/* A stripe is there as it will be where a member has a stripe of the same rows in chunks of the same shape. */
static caucus_status read_chunks(void *self, uint64_t stripe, caucus_stripe_chunks *chunks, bool *found)
{
    caucus_shard_set *set = self;
    const caucus_stripe_place place = caucus_stripes_place(&set->stripes, stripe);
    caucus_shard_member *member = find(set, place.config, place.trial);
    *found = false;
    if (member == NULL) {
        return caucus_fail(CAUCUS_FAILED, "no shard has trial %llu of configuration %llu",
                           (unsigned long long)place.trial, (unsigned long long)place.config);
    }
    const caucus_identity *identity = &member->skeleton.identity;
    const caucus_stripes own = caucus_stripes_of(&identity->shape, identity->n_configs, identity->n_trials);
    const uint64_t config = place.config - identity->shard.first_config;
    const uint64_t trial = place.trial - identity->shard.first_trial;
    const uint64_t at = caucus_stripes_find(&own, config, trial);
    const caucus_stripe_place there = caucus_stripes_place(&own, at);
    *found = own.configs == set->stripes.configs && own.trials == set->stripes.trials && there.config == config &&
             there.trial == trial && there.n_rows == place.n_rows;
    if (!*found) {
        return CAUCUS_OK;
    }
    TRY(use(set, member));
    return caucus_shard_file_read_chunks(member->file, at, chunks);
}

static caucus_status read_rows(void *self, uint64_t config, uint64_t trial, uint64_t n, const caucus_block *to,
                               uint64_t row)
{
    caucus_shard_set *set = self;
    for (uint64_t done = 0; done < n;) {
        caucus_shard_member *member = find(set, config, trial + done);
        if (member == NULL) {
            return caucus_fail(CAUCUS_FAILED, "no shard has trial %llu of configuration %llu",
                               (unsigned long long)(trial + done), (unsigned long long)config);
        }
        const caucus_shard *shard = &member->skeleton.identity.shard;
        const uint64_t left = last(shard->first_trial, shard->n_trials) - (trial + done);
        const uint64_t taken = left < n - done ? left : n - done;
        TRY(use(set, member));
        TRY(caucus_shard_file_read_rows(member->file, config - shard->first_config, trial + done - shard->first_trial,
                                        taken, to, row + done));
        done += taken;
    }
    return CAUCUS_OK;
}

static caucus_status read_sums(void *self, uint64_t config, uint64_t *words)
{
    caucus_shard_set *set = self;
    memset(words, 0, caucus_sums_words(&set->members[0].skeleton.identity.shape) * sizeof *words);
    for (size_t i = 0; i < set->n; i++) {
        const caucus_shard *shard = &set->members[i].skeleton.identity.shard;
        if (config - shard->first_config < shard->n_configs) {
            TRY(use(set, &set->members[i]));
            TRY(caucus_shard_file_read_sums(set->members[i].file, config - shard->first_config, words));
        }
    }
    return CAUCUS_OK;
}

caucus_trial_source caucus_shard_set_source(caucus_shard_set *set)
{
    return (caucus_trial_source){.self = set,
                                 .contributors = &set->contributors,
                                 .read_chunks = read_chunks,
                                 .read_rows = read_rows,
                                 .read_sums = read_sums};
}
