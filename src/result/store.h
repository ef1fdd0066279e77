/* The store of a run: blocks of trials in, one result file out, nothing lost in between (docs/result-file.md).
 *
 * Blocks are gathered into immutable segments under OUTPUT.parts/ and joined into OUTPUT at the end. One thread uses a
 * store; joining uses threads of its own. */
#ifndef CAUCUS_STORE_H
#define CAUCUS_STORE_H

#include "config/config.h"
#include "experiment/experiment.h"

/* Shapes and coordinates of everything that a run produces. All pointers are borrowed and outlive the store. */
typedef struct caucus_layout {
    const caucus_experiment *experiment; /* name, text, seed, axes, checksum, output options */
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
    const uint64_t *consumers; /* [config] N */
    const uint32_t *test;      /* [config] N_test */
    const uint64_t *sizes;     /* [config][collective] */
    const uint32_t *n_present; /* [config] collectives that this configuration has */
    double delta;              /* as text attribute only; the failure probability of bounds */
    uint32_t rng_version;      /* of the random streams; numbers of different versions must not be mixed */
} caucus_layout;

/* The results of one block: rows of trials first_trial .. first_trial + n_trials - 1 of one configuration. In a run
 * that keeps no single trials sums takes the place of the arrays, which are NULL then; else sums is NULL. */
typedef struct caucus_block {
    uint64_t config;
    uint64_t index;       /* of the block in its configuration */
    uint64_t first_trial; /* index * block_trials */
    uint32_t n_trials;
    uint32_t *success_count; /* [trial][collective] test points with the success event; UINT32_MAX: absent */
    float *lower_bound;      /* [trial][collective][method]; NaN: does not apply */
    float *global_success;   /* [trial] */
    float *joint_success;    /* [trial] */
    float *accuracy;         /* [trial] NaN when not asked for */
    float *suboptimality;    /* [trial] */
    float *global_bound;     /* [trial][method] */
    float *joint_bound;      /* [trial][method] */
    float *converged;        /* [trial] 1 or 0; NaN where nothing is trained; NULL when no configuration trains */
    float *accuracy_cost;    /* [trial] NULL when not asked for */
    uint64_t *sums;          /* the words of trial/sums.h for these trials; zero when a backend gets the block */
} caucus_block;

/* Arrays for block_trials trials, or sums, in one allocation of zeros, freed with free(). */
caucus_status caucus_block_alloc(const caucus_layout *layout, caucus_block **block);

/* Who computed it: goes to the root attributes. */
typedef struct caucus_provenance {
    const char *backend; /* "cpu", "cuda" */
    const char *device;  /* in words */
    unsigned host_threads;
    const char *started; /* ISO 8601 UTC */
} caucus_provenance;

typedef struct caucus_store caucus_store;

typedef struct caucus_store_options {
    const char *output;
    bool resume;
    bool force;
    uint64_t segment_bytes; /* a segment is written when this much is gathered; 0: a default */
    double segment_seconds; /* or when its first block has waited this long; 0: a default */
} caucus_store_options;

/* Refuse an existing result without force, and left-over segments without resume or force (each with the remedy); with
 * resume, check every segment against the layout and experiment and count its blocks as done. Resuming a run whose
 * result is finished finds all blocks done. With force and without resume, left-over segments are removed. A store
 * locks OUTPUT.parts against other processes until it is closed. */
caucus_status caucus_store_open(const caucus_layout *layout, const caucus_provenance *provenance,
                                const caucus_store_options *options, caucus_store **store);

/* The block size of the segments beside output, or 0 when there are none: a run that resumes adopts it. Damaged
 * segments are passed over. */
caucus_status caucus_store_find_block_trials(const char *output, uint32_t *block_trials);

/* What a person should know though nothing failed (segments set aside, foreign files left alone), one line each, or "".
 * Owned by the store; may grow with every call. */
const char *caucus_store_notice(const caucus_store *store);

bool caucus_store_has(const caucus_store *store, uint64_t config, uint64_t block);
uint64_t caucus_store_trials_found(const caucus_store *store); /* by resume */

/* Take a finished block; its arrays are copied, its sums moved, so that they are zero afterwards. Writes a segment when
 * one is due. */
caucus_status caucus_store_put(caucus_store *store, const caucus_block *block);

/* Write what is gathered as a segment. */
caucus_status caucus_store_flush(caucus_store *store);

/* All blocks are in: join the segments into the result with its summary, then remove them. */
caucus_status caucus_store_join(caucus_store *store, unsigned threads);

/* Flushes nothing: call caucus_store_flush first to keep what is gathered. */
void caucus_store_close(caucus_store *store);

#endif
