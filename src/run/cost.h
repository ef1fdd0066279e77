/* What trials cost, before any is run. */
#ifndef CAUCUS_RUN_COST_H
#define CAUCUS_RUN_COST_H

#include "trial/tables.h"

/* Nanoseconds of one thread for a trial, roughly: good enough to choose a block size and to tell configurations apart.
 * The same on every machine. */
double caucus_trial_nanoseconds(const caucus_compiled *compiled);

/* Kinds of trials: how far the figure above is from a machine's time differs from one to the other, less within one. */
typedef enum caucus_work {
    CAUCUS_WORK_COUNTS, /* people by counts, nothing trained */
    CAUCUS_WORK_PEOPLE, /* people one by one */
    CAUCUS_WORK_BAYES,
    CAUCUS_WORK_LOGISTIC,
    CAUCUS_WORK_PRIVATE,
    CAUCUS_WORK_MLP,
    CAUCUS_WORK_ROWS, /* people with real-valued features */
    CAUCUS_WORKS
} caucus_work;

caucus_work caucus_work_of(const caucus_compiled *compiled);

#endif
