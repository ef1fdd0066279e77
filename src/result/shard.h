/* Shards: parts of an experiment that are run by themselves, on other machines, and merged. A shard is some of the
 * configurations with all their trials, or all configurations with some of their trials; its numbers are those that the
 * whole run has there. */
#ifndef CAUCUS_RESULT_SHARD_H
#define CAUCUS_RESULT_SHARD_H

#include "result/stripes.h"

typedef struct caucus_shard {
    uint64_t number, count; /* 1 .. count; 0 of 0: the whole */
    uint64_t first_config, n_configs;
    uint64_t first_trial, n_trials;
    uint64_t all_configs, all_trials; /* of the experiment */
} caucus_shard;

/* The part that is shard `number` of `count`, by the numbers of configurations and trials alone. whole: the stripes of
 * the whole result; boundaries lie between them where shards stay about equal, so that chunks are merged as they are.
 * CAUCUS_INVALID when there is not enough to cut. */
caucus_status caucus_shard_cut(const caucus_stripes *whole, uint64_t number, uint64_t count, caucus_shard *shard);

/* The whole as a shard. */
caucus_shard caucus_shard_whole(uint64_t n_configs, uint64_t n_trials);

#endif
