/* What is damaged in a finished result, by its seal: which pages, and which trials lie on them. */
#ifndef CAUCUS_RESULT_DAMAGE_H
#define CAUCUS_RESULT_DAMAGE_H

#include "hdf5/seal.h"
#include "result/identity.h"
#include "trial/block.h"

typedef struct caucus_damage {
    char *path;
    caucus_seal seal;
    bool *bad; /* [page] */
    uint64_t n_bad;
    double seconds; /* that reading took */
} caucus_damage;

/* Compare every page of a file with its seal, on several threads. CAUCUS_INVALID when the seal itself is missing or
 * broken. */
caucus_status caucus_damage_find(const char *path, unsigned threads, caucus_damage *damage);
void caucus_damage_free(caucus_damage *damage);

/* The trials that lie on damaged pages: marks[config * n_blocks + block] is set for blocks of block_trials trials.
 * file: the same one, opened through its seal. Where what says where they lie is damaged too, this fails. */
caucus_status caucus_damage_mark(const caucus_damage *damage, hid_t file, const caucus_identity *identity,
                                 uint32_t block_trials, bool *marks);

/* Read one block of a result's trials; block->config, first_trial and n_trials say which. */
caucus_status caucus_damage_read(hid_t file, const char *path, const caucus_shape *shape, caucus_block *block);

#endif
