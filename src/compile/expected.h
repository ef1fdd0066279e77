/* Expected counts, which population bounds read in the place of drawn ones. */
#ifndef CAUCUS_COMPILE_EXPECTED_H
#define CAUCUS_COMPILE_EXPECTED_H

#include "trial/trial.h"

/* What caucus_draw_groups fills, with the population in the place of draws: counts are expected frequencies in parts of
 * 2^51, shared among the collectives by size. The others are left out, since no bound reads their counts. */
void caucus_expected_draw(caucus_trial *trial);

#endif
