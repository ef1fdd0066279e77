/* The layout of a run: shapes and coordinates of everything that it produces, and who computed it. */
#ifndef CAUCUS_RESULT_LAYOUT_H
#define CAUCUS_RESULT_LAYOUT_H

#include "config/config.h"
#include "experiment/experiment.h"
#include "result/shard.h"
#include "trial/block.h"

/* All pointers are borrowed and outlive the store. */
typedef struct caucus_layout {
    const caucus_experiment *experiment; /* name, text, seed, axes, checksum, output options */
    caucus_shard shard; /* what of the experiment is run; all numbers below are the shard's own, from 0 */
    uint64_t n_configs;
    uint64_t n_trials;
    uint32_t block_trials;  /* the last block of a configuration may be shorter */
    uint64_t n_blocks;      /* in each configuration: ceil(n_trials / block_trials) */
    uint32_t n_collectives; /* the most in any configuration; absent ones have size 0 and no results */
    char *const *collective_names;
    uint32_t n_methods;
    const caucus_method *methods;
    bool trained;              /* some configuration trains a classifier: trials have `converged` */
    bool compared;             /* trials have `accuracy_cost` */
    bool upper;                /* and `upper_bound` */
    const uint64_t *consumers; /* [config] N */
    const uint32_t *test;      /* [config] N_test */
    const uint64_t *sizes;     /* [config][collective] */
    const uint32_t *n_present; /* [config] collectives that this configuration has */
    const char *trainer;       /* what trains on rows, in words; "" or NULL where nothing does */
    double delta;              /* as text attribute only; the failure probability of bounds */
    uint32_t rng_version;      /* of the random streams; numbers of different versions must not be mixed */
} caucus_layout;

/* Who computed it: goes to the root attributes. */
typedef struct caucus_provenance {
    const char *backend; /* "cpu", "cuda" */
    const char *device;  /* in words */
    unsigned host_threads;
    const char *started; /* ISO 8601 UTC */
} caucus_provenance;

caucus_shape caucus_layout_shape(const caucus_layout *layout);

/* A block of the run: arrays for block_trials trials, or sums, in one allocation of zeros, freed with free(). */
caucus_status caucus_layout_block_alloc(const caucus_layout *layout, caucus_block **block);

/* Bytes of the arrays of such a block. */
uint64_t caucus_layout_block_bytes(const caucus_layout *layout);

#endif
