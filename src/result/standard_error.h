/* Standard errors of what a summary has of a series, by which `until` decides whether trials suffice
 * (docs/statistics.md). What no number of trials makes narrower, nothing and infinite means, counts as 0; what is not
 * known yet as infinite. */
#ifndef CAUCUS_RESULT_STANDARD_ERROR_H
#define CAUCUS_RESULT_STANDARD_ERROR_H

#include <stddef.h>
#include <stdint.h>

/* Of the mean of n numbers. */
double caucus_error_of_mean(double mean, double deviation, size_t n);

/* Of the summary's quantiles of n > 0 numbers: half the distance of the quantiles one standard deviation of a binomial
 * rank below and above, the largest of them. levels: which quantiles these are, rising; ends: they. */
enum { CAUCUS_ERROR_LEVELS = 6 };
void caucus_error_levels(uint64_t n, double levels[CAUCUS_ERROR_LEVELS]);
double caucus_error_of_quantiles(const double ends[CAUCUS_ERROR_LEVELS]);

/* Of bounds [n], which are put into another order: of their mean, and with CAUCUS_UNTIL_QUANTILES in until of their
 * quantiles. */
double caucus_error_of_bounds(unsigned until, double *bounds, size_t n);

#endif
