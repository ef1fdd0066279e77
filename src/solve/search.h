/* The search for a critical mass in one configuration. */
#ifndef CAUCUS_SOLVE_SEARCH_H
#define CAUCUS_SOLVE_SEARCH_H

#include "solve/evaluate.h"

/* What one configuration asks. */
typedef struct caucus_search_setting {
    uint64_t config;
    uint32_t collective;
    uint64_t least, most; /* sizes to look among; most < least: there are none */
    double target;
} caucus_search_setting;

/* Find every quantity's critical mass: masses[quantity], whose names are left alone.
 *
 * A size "reaches" when the estimate there is at least the target. Sizes least, 2 least, 4 least, ... are tried until
 * one reaches, or the largest does not (for bounds from above the largest, half of it, ... until one does not); then
 * the bracket is halved in the logarithm of the size until its ends are neighbours. The two ends of the interval are
 * found in the same way, from the upper and the lower confidence limit in place of the estimate. Every search walks the
 * same tree of sizes, so low <= size <= high whatever the noise, and they share what was evaluated. */
caucus_status caucus_search_config(caucus_evaluator *evaluator, const caucus_search_setting *setting,
                                   caucus_critical_mass *masses);

#endif
