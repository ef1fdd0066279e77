/* What trials cost, before any is run. */
#ifndef CAUCUS_RUN_COST_H
#define CAUCUS_RUN_COST_H

#include "trial/tables.h"

/* Nanoseconds of one thread for a trial, roughly: good enough to choose a block size and to tell configurations apart.
 * The same on every machine. */
double caucus_trial_nanoseconds(const caucus_compiled *compiled);

#endif
