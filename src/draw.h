/* Drawing the groups of a trial by counts over classes, and what their members hand in. */
#ifndef CAUCUS_DRAW_H
#define CAUCUS_DRAW_H

#include "trial.h"

/* Draw all groups; fills total, raw, base, mass, submitted, planned, crossed, good and (without replacement) urn. */
void caucus_draw_groups(caucus_trial *trial);

/* The same with the population in the place of draws: counts are expected frequencies in parts of 2^51, shared among
 * the collectives by size. The others are left out, since no bound reads their counts. */
void caucus_draw_expected(caucus_trial *trial);

#endif
