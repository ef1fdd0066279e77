/* Summaries from sums of trials (trial/sums.h) in place of the trials themselves.
 *
 * Means, deviations and rates are those of the trials, up to the rounding of a double: the sums are exact. A quantile
 * is right within its bin of the histogram; it is exact where all trials are in one bin and equal, and for success with
 * at most CAUCUS_BINS_RESOLUTION test points, whose bins hold one count each. */
#ifndef CAUCUS_RESULT_SUMMARY_SUMS_H
#define CAUCUS_RESULT_SUMMARY_SUMS_H

#include "result/summary.h"
#include "trial/sums.h"

/* Add n words to others and set them to zero; fast over words that are zero, as most bins of a block are. */
void caucus_sums_move(uint64_t *from, uint64_t *to, size_t n);

/* The summary of a configuration of N_test test points whose trials are summed up in words. */
void caucus_sums_summarize(const caucus_shape *shape, const uint64_t *words, uint32_t test, caucus_summary *summary);

/* The values of a bin: from low up to high. */
void caucus_success_bin_ends(uint32_t bin, uint32_t test, double *low, double *high);
void caucus_bound_bin_ends(uint32_t bin, double *low, double *high);

#endif
