/* Which run a file belongs to: what must agree before its numbers may be used. */
#ifndef CAUCUS_RESULT_IDENTITY_H
#define CAUCUS_RESULT_IDENTITY_H

#include "hdf5/file.h"
#include "result/layout.h"
#include "trial/row.h"

/* Of the result file and of segments; a reader refuses newer ones. */
enum { CAUCUS_FORMAT_VERSION = 3 };

typedef struct caucus_identity {
    uint32_t rng_version; /* of the random streams behind the numbers */
    uint64_t seed;
    uint32_t data_checksum; /* of the populations */
    caucus_shard shard;
    uint64_t n_configs; /* of the shard, like all numbers below */
    uint64_t n_trials;  /* in each configuration */
    uint32_t block_trials;
    caucus_shape shape;
    caucus_until until;   /* all 0 where trials are as many as was said */
    bool summaries_only;  /* segments hold sums of trials instead of trials */
    uint32_t compression; /* level of deflate that trials are packed at, 0 to 9; no number depends on it */
    char *experiment;     /* the whole text */
    char *trainer;        /* what trains on rows, on which their last bits depend; "" where nothing does; several, with
                             "; " between, of a mixed run */
    bool mixed;           /* not in files: what others trained is taken too, and they are named */
} caucus_identity;

/* The identity of a layout's run; freed with caucus_identity_free. */
caucus_status caucus_identity_of(const caucus_layout *layout, caucus_identity *identity);
void caucus_identity_free(caucus_identity *identity);

uint64_t caucus_identity_blocks(const caucus_identity *identity); /* in each configuration */
uint32_t caucus_identity_block_rows(const caucus_identity *identity, uint64_t block);

/* As root attributes. kind goes into the attribute "format": "caucus" for results. */
caucus_status caucus_identity_write(hid_t file, const char *kind, const caucus_identity *identity);

/* CAUCUS_INVALID when file is of another kind or a newer format version; path serves messages. */
caucus_status caucus_identity_read(hid_t file, const char *path, const char *kind, caucus_identity *identity);

/* Name those in trainer, too, who trained what was found. */
caucus_status caucus_identity_mix(caucus_identity *identity, const caucus_identity *found);

/* CAUCUS_INVALID when they differ, saying in what and where in the experiment, and the remedy. with_blocks: the block
 * size counts. */
#define CAUCUS_AFRESH "use --force to start afresh, or another file with -o"
caucus_status caucus_identity_compare(const caucus_identity *wanted, const caucus_identity *found, const char *path,
                                      bool with_blocks, const char *remedy);

#endif
