/* A small run for the tests of the store: two axes (one of them words in UTF-8), three collectives of which the last is
 * absent from every second configuration, two methods, 23 trials in blocks of 5, numbers made from their places. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "result/store.h"
#include "trial/block.h"
#include "trial/sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIXTURE_CONFIGS = 6, FIXTURE_COLLECTIVES = 3, FIXTURE_METHODS = 2 };

typedef struct fixture {
    caucus_experiment experiment;
    caucus_axis axes[2];
    double shares[3];
    char *share_words[3];
    char *targets[2];
    char *names[FIXTURE_COLLECTIVES];
    caucus_method methods[FIXTURE_METHODS];
    uint64_t consumers[FIXTURE_CONFIGS];
    uint32_t test[FIXTURE_CONFIGS];
    uint64_t sizes[FIXTURE_CONFIGS * FIXTURE_COLLECTIVES];
    uint32_t n_present[FIXTURE_CONFIGS];
    caucus_layout layout;
    caucus_provenance provenance;
} fixture;

static void fixture_set_trials(fixture *f, uint64_t n_trials, uint32_t block_trials)
{
    f->experiment.trials = n_trials;
    f->layout.n_trials = n_trials;
    f->layout.block_trials = block_trials;
    f->layout.n_blocks = (n_trials + block_trials - 1) / block_trials;
}

static void fixture_init(fixture *f)
{
    memset(f, 0, sizeof *f);
    f->shares[0] = 0.005;
    f->shares[1] = 0.1;
    f->shares[2] = 0.2;
    f->share_words[0] = "0.005";
    f->share_words[1] = "0.1";
    f->share_words[2] = "0.2";
    f->targets[0] = "\u2265 75k";
    f->targets[1] = "<10k, \"low\"";
    f->axes[0] =
        (caucus_axis){.name = "share", .n_values = 3, .numeric = true, .numbers = f->shares, .words = f->share_words};
    f->axes[1] = (caucus_axis){.name = "ziel des tests", .n_values = 2, .words = f->targets};
    f->names[0] = "renters";
    f->names[1] = "\u00e9tudiants";
    f->names[2] = "landlords, small";
    f->experiment = (caucus_experiment){.path = "two.yaml",
                                        .name = "two",
                                        .text = "name: two\nseed: 18446744073709551615\ntrials: 23\n",
                                        .seed = UINT64_MAX,
                                        .output = {.trials = true, .compression = 4},
                                        .n_axes = 2,
                                        .axes = f->axes,
                                        .n_configs = FIXTURE_CONFIGS,
                                        .checksum = 0xdeadbeef};
    f->methods[0] = (caucus_method){CAUCUS_STAIRCASE, CAUCUS_TOTAL, CAUCUS_HOEFFDING};
    f->methods[1] = (caucus_method){CAUCUS_BUDGET, CAUCUS_FULL, CAUCUS_KL};
    for (int c = 0; c < FIXTURE_CONFIGS; c++) {
        f->consumers[c] = 200000;
        f->test[c] = 1000;
        f->n_present[c] = c % 2 == 0 ? 3 : 2;
        for (int m = 0; m < FIXTURE_COLLECTIVES; m++) {
            f->sizes[c * FIXTURE_COLLECTIVES + m] = (uint32_t)m < f->n_present[c] ? 1000u * (c + 1) + m : 0;
        }
    }
    f->layout = (caucus_layout){.experiment = &f->experiment,
                                .n_configs = FIXTURE_CONFIGS,
                                .n_collectives = FIXTURE_COLLECTIVES,
                                .collective_names = f->names,
                                .n_methods = FIXTURE_METHODS,
                                .methods = f->methods,
                                .consumers = f->consumers,
                                .test = f->test,
                                .sizes = f->sizes,
                                .n_present = f->n_present,
                                .delta = 0.05,
                                .rng_version = 1};
    f->provenance =
        (caucus_provenance){.backend = "cpu", .device = "a test", .host_threads = 2, .started = "2026-01-02T03:04:05Z"};
    fixture_set_trials(f, 23, 5);
}

/* splitmix64's finaliser over a place */
static uint64_t fixture_hash(uint64_t config, uint64_t trial, uint64_t what)
{
    uint64_t z = (config * 1000003 + trial) * 1009 + what + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static float fixture_fraction(uint64_t config, uint64_t trial, uint64_t what)
{
    return (float)(fixture_hash(config, trial, what) % 4096) / 4096.0f;
}

static uint32_t fixture_count(const fixture *f, uint64_t config, uint64_t trial, uint32_t m)
{
    return m < f->n_present[config] ? (uint32_t)(fixture_hash(config, trial, m) % (f->test[config] + 1)) : UINT32_MAX;
}

/* Quarters below 0; the second method does not apply to the second collective. */
static float fixture_bound(const fixture *f, uint64_t config, uint64_t trial, uint32_t m, uint32_t k)
{
    if (m >= f->n_present[config] || (m == 1 && k == 1)) {
        return NAN;
    }
    return fixture_fraction(config, trial, 100 + 10 * m + k) - 0.25f;
}

/* The numbers of a block of trials. */
static void fixture_fill_rows(const fixture *f, uint64_t config, uint64_t index, caucus_block *block)
{
    const caucus_layout *l = &f->layout;
    uint64_t left = l->n_trials - index * l->block_trials;
    block->config = config;
    block->index = index;
    block->first_trial = index * l->block_trials;
    block->n_trials = left < l->block_trials ? (uint32_t)left : l->block_trials;
    for (uint32_t t = 0; t < block->n_trials; t++) {
        uint64_t trial = block->first_trial + t;
        for (uint32_t m = 0; m < l->n_collectives; m++) {
            block->success_count[t * l->n_collectives + m] = fixture_count(f, config, trial, m);
            for (uint32_t k = 0; k < l->n_methods; k++) {
                block->lower_bound[(t * l->n_collectives + m) * l->n_methods + k] =
                    fixture_bound(f, config, trial, m, k);
            }
        }
        block->global_success[t] = fixture_fraction(config, trial, 50);
        block->joint_count[t] = (uint32_t)(fixture_hash(config, trial, 51) % (f->test[config] + 1));
        block->accuracy[t] = NAN;
        block->suboptimality[t] = fixture_fraction(config, trial, 53);
        for (uint32_t k = 0; k < l->n_methods; k++) {
            block->global_bound[t * l->n_methods + k] = fixture_fraction(config, trial, 60 + k) - 0.25f;
            block->joint_bound[t * l->n_methods + k] = fixture_fraction(config, trial, 70 + k) - 0.25f;
        }
        if (block->converged != NULL) {
            block->converged[t] = config == 0 ? NAN : (float)(fixture_hash(config, trial, 54) % 8 > 0);
        }
        if (block->accuracy_cost != NULL) {
            block->accuracy_cost[t] = fixture_fraction(config, trial, 55) - 0.5f;
        }
    }
}

/* A block's numbers; caucus_layout_block_alloc made it, and its sums are zero. */
static void fixture_fill(const fixture *f, uint64_t config, uint64_t index, caucus_block *block)
{
    if (block->sums == NULL) {
        fixture_fill_rows(f, config, index, block);
        return;
    }
    const caucus_shape shape = caucus_layout_shape(&f->layout);
    caucus_block *rows = NULL;
    if (caucus_block_alloc_rows(f->layout.block_trials, &shape, &rows) != CAUCUS_OK) {
        abort();
    }
    fixture_fill_rows(f, config, index, rows);
    block->config = rows->config;
    block->index = rows->index;
    block->first_trial = rows->first_trial;
    block->n_trials = rows->n_trials;
    for (uint32_t t = 0; t < rows->n_trials; t++) {
        caucus_row row = caucus_block_row(rows, &shape, t);
        caucus_sums_add(&shape, f->n_present[config], f->test[config], &row, block->sums);
    }
    free(rows);
}

/* Put block number i in the order of configurations; already finished ones are left out. */
static caucus_status fixture_put(const fixture *f, caucus_store *store, uint64_t i, caucus_block *block)
{
    uint64_t config = i / f->layout.n_blocks;
    uint64_t index = i % f->layout.n_blocks;
    if (caucus_store_has(store, config, index)) {
        return CAUCUS_OK;
    }
    fixture_fill(f, config, index, block);
    return caucus_store_put(store, block);
}

/* A whole run in one go. */
static caucus_status fixture_run(const fixture *f, const caucus_store_options *options, unsigned threads)
{
    caucus_store *store = NULL;
    caucus_block *block = NULL;
    caucus_status status = caucus_store_open(&f->layout, &f->provenance, options, &store);
    if (status == CAUCUS_OK) {
        status = caucus_layout_block_alloc(&f->layout, &block);
    }
    for (uint64_t i = 0; i < f->layout.n_configs * f->layout.n_blocks && status == CAUCUS_OK; i++) {
        status = fixture_put(f, store, i, block);
    }
    if (status == CAUCUS_OK) {
        status = caucus_store_finish(store, threads);
    }
    free(block);
    caucus_store_close(store);
    return status;
}

#endif
