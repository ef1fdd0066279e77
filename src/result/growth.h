/* Results that grow: what a finished result of a smaller experiment has of a larger one, which differs from it in
 * nothing but more trials, or more values on the axes of its sweep. A configuration is known again by the key of its
 * random numbers, wherever it stands in the grid. */
#ifndef CAUCUS_RESULT_GROWTH_H
#define CAUCUS_RESULT_GROWTH_H

#include "result/identity.h"

typedef struct caucus_growth caucus_growth;

/* Open the result at path for a run that holds all of it and more. CAUCUS_INVALID, with the remedy, when it is that of
 * another experiment, or the run would lose something that it has. */
caucus_status caucus_growth_open(const char *path, const caucus_layout *layout, const caucus_identity *wanted,
                                 caucus_growth **growth);
void caucus_growth_close(caucus_growth *growth);

/* Trials of a configuration that are there: the first ones. */
uint64_t caucus_growth_trials(const caucus_growth *growth, uint64_t config);

/* Read n trials of a configuration from `trial` on to the first rows of a block of the run's shape. */
caucus_status caucus_growth_read(caucus_growth *growth, uint64_t config, uint64_t trial, uint32_t n,
                                 const caucus_block *to);

/* Where only sums are kept, whole blocks of trials are there: add theirs to words. */
caucus_status caucus_growth_read_sums(caucus_growth *growth, uint64_t config, uint64_t *words);

#endif
