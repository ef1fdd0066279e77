/* Lists of collectives made by two entropies (docs/experiment-file.md, "collectives"). */
#ifndef CAUCUS_EXPERIMENT_ENTROPY_SIZES_H
#define CAUCUS_EXPERIMENT_ENTROPY_SIZES_H

#include "base/status.h"

/* Masses r_m proportional to rho^m, rho in [0, 1] such that -sum r_m ln r_m / ln n is the entropy asked for (0: the
 * first has everything; 1: all the same). With n = 1 there is nothing to choose. masses: [n], sum 1, never increasing.
 * entropy in [0, 1], n >= 1. */
void caucus_generate_masses(uint32_t n, double entropy, double *masses);

/* total divided in proportion to masses: whole numbers of the same sum, by largest remainder (earlier ones on ties).
 * remainders: scratch [n]. total at most 2^53. */
void caucus_generate_sizes(uint32_t n, const double *masses, uint64_t total, double *remainders, uint64_t *sizes);

/* Give each collective one of n_targets targets such that -sum r_y ln r_y / ln min(n, n_targets), r_y the mass that
 * aims at y, comes nearest to entropy. All assignments are tried up to 8 collectives; beyond, one collective after
 * another is moved to where it helps most until none does. Targets are numbered in the order of their first use, so
 * that the first collective aims at target 0; of equally near assignments the first in the order of these numbers is
 * taken. targets: [n]. CAUCUS_FAILED when out of memory. */
caucus_status caucus_generate_targets(uint32_t n, const double *masses, uint32_t n_targets, double entropy,
                                      uint32_t *targets);

/* The entropy -sum r ln r / ln(base) of masses that sum to 1; 0 when base < 2. */
double caucus_generate_entropy(uint32_t n, const double *masses, uint32_t base);

#endif
