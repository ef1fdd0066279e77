/* The platform: what it learns from a trial's counts. */
#ifndef CAUCUS_PLATFORM_H
#define CAUCUS_PLATFORM_H

#include "trial.h"

/* Train: fills leader, tied and spent from total. histogram takes the most frequent label of every position; worst_case
 * then turns positions against its victim until its budget is used up (theory, "The platform's classifier"). */
void caucus_platform_train(caucus_trial *trial);

/* Space for worst_case: number of candidates and the size of one. */
size_t caucus_platform_flips(const caucus_compiled *compiled);
size_t caucus_platform_flip_size(void);

#endif
