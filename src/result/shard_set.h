/* Shards that are to be merged: whether they are of one run, what they cover, and their trials as one source. */
#ifndef CAUCUS_RESULT_SHARD_SET_H
#define CAUCUS_RESULT_SHARD_SET_H

#include "result/metadata.h"
#include "result/shard_file.h"
#include "result/source.h"

typedef struct caucus_shard_member {
    const char *path; /* borrowed */
    caucus_metadata skeleton;
    bool absent;             /* some collective is absent in some configuration */
    caucus_shard_file *file; /* NULL: not open at the moment */
    uint64_t last_use;
} caucus_shard_member;

typedef struct caucus_shard_set {
    size_t n;
    caucus_shard_member *members; /* in the order of what they cover */
    caucus_stripes stripes;       /* of the whole */
    caucus_contributors contributors;
    char *trainer; /* what trained them on rows; several, where they are mixed */
    uint64_t clock;
} caucus_shard_set;

/* Open what n files say of themselves. CAUCUS_INVALID, naming files and the remedy, when one is no finished result,
 * when they are of different runs, or when two have the same trials; or, unless they may be mixed, when not all were
 * trained on rows by the same. */
caucus_status caucus_shard_set_open(const char *const *paths, size_t n, bool mixed, caucus_shard_set *set);
void caucus_shard_set_close(caucus_shard_set *set);

/* CAUCUS_INVALID when trials are missing: which, and the commands that compute them. */
caucus_status caucus_shard_set_check(const caucus_shard_set *set);

/* All trials of the set as one source; a few files are open at a time. */
caucus_trial_source caucus_shard_set_source(caucus_shard_set *set);

#endif
