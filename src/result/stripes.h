/* Stripes: the trials that share a chunk of every dataset of a result.
 *
 * A stripe is a run of trials of one configuration, or several configurations with all their trials. Stripes depend on
 * the shape and the numbers of configurations and trials alone, so that whatever blocks a run has, the chunks of its
 * result are the same to the byte. */
#ifndef CAUCUS_RESULT_STRIPES_H
#define CAUCUS_RESULT_STRIPES_H

#include "trial/block.h"

typedef struct caucus_stripes {
    uint64_t n_configs;
    uint64_t n_trials;   /* in each configuration */
    uint64_t configs;    /* in a stripe, all of them with all their trials; 1 where these are too many */
    uint64_t trials;     /* of a configuration in a stripe */
    uint64_t per_config; /* stripes behind each other along the trials of one configuration */
    uint64_t n;          /* all of them */
} caucus_stripes;

/* Chosen so that a chunk of the widest values takes a megabyte, or half of one. */
caucus_stripes caucus_stripes_of(const caucus_shape *shape, uint64_t n_configs, uint64_t n_trials);

/* Rows that a chunk has room for; those of the last stripes may be fewer. */
uint64_t caucus_stripes_room(const caucus_stripes *stripes);

/* The stripe that a trial is in. */
uint64_t caucus_stripes_find(const caucus_stripes *stripes, uint64_t config, uint64_t trial);

typedef struct caucus_stripe_place {
    uint64_t config; /* first one */
    uint64_t trial;  /* first one of it */
    uint64_t n_rows;
} caucus_stripe_place;

caucus_stripe_place caucus_stripes_place(const caucus_stripes *stripes, uint64_t stripe);

/* The row of a trial in its stripe. */
uint64_t caucus_stripes_row(const caucus_stripes *stripes, uint64_t config, uint64_t trial);

#endif
