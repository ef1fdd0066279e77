/* The check on the path over classes: people drawn one by one, each changing her own features.
 *
 * It shares with that path only what members agree on from counts (trial/strategy.h) and what the platform learns. It
 * costs what drawing every consumer costs, and without replacement the memory to name everybody. */
#ifndef CAUCUS_RUN_INDIVIDUALS_H
#define CAUCUS_RUN_INDIVIDUALS_H

#include "trial/trial.h"

typedef struct caucus_individuals caucus_individuals;             /* tables of a configuration */
typedef struct caucus_individuals_space caucus_individuals_space; /* a trial's workspace */

caucus_status caucus_individuals_open(const caucus_compiled *compiled, caucus_individuals **individuals);
void caucus_individuals_close(caucus_individuals *individuals);

caucus_status caucus_individuals_space_open(const caucus_individuals *individuals, caucus_individuals_space **space);
void caucus_individuals_space_close(caucus_individuals_space *space);

/* Bytes of a configuration's tables, and of a trial's workspace. */
size_t caucus_individuals_bytes(const caucus_compiled *compiled);
size_t caucus_individuals_space_bytes(const caucus_compiled *compiled);

/* Draw all groups person by person; fills what caucus_draw_groups does. */
void caucus_individuals_draw(caucus_individuals_space *space, caucus_trial *trial);

/* Test person by person, those whom draw left; fills success, joint and correct. */
void caucus_individuals_test(caucus_individuals_space *space, caucus_trial *trial);

#endif
