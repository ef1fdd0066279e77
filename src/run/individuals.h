/* The check on the path over classes: people drawn one by one, each changing her own features.
 *
 * It shares with that path only what members agree on from counts (trial/strategy.h) and what the platform learns. It
 * costs what drawing every consumer costs. */
#ifndef CAUCUS_CROWD_H
#define CAUCUS_CROWD_H

#include "trial/trial.h"

typedef struct caucus_crowd caucus_crowd;             /* tables of a configuration */
typedef struct caucus_crowd_space caucus_crowd_space; /* a thread's workspace */

caucus_status caucus_crowd_open(const caucus_compiled *compiled, caucus_crowd **crowd);
void caucus_crowd_close(caucus_crowd *crowd);

caucus_status caucus_crowd_space_open(const caucus_compiled *compiled, caucus_crowd_space **space);
void caucus_crowd_space_close(caucus_crowd_space *space);

/* Draw all groups person by person; fills what caucus_draw_groups does. */
void caucus_crowd_draw(caucus_trial *trial);

/* Test person by person; fills success, joint and correct. */
void caucus_crowd_test(caucus_trial *trial);

#endif
