/* Estimates over trials with confidence limits, for means and quantiles. */
#ifndef CAUCUS_SOLVE_ESTIMATE_H
#define CAUCUS_SOLVE_ESTIMATE_H

#include "base/status.h"

/* How a column of trials becomes an estimate. */
typedef struct caucus_estimator {
    double level;      /* of the quantile, in (0, 1); 0: the mean */
    double confidence; /* of the limits, two-sided */
    uint64_t n_trials;
    double student; /* the mean's limits in standard errors; infinite for a single trial */
    double normal;  /* the same for endless trials */
    uint64_t lower,
        higher; /* the quantile's limits as order statistics, counted from 1; 0 and n_trials + 1: no limit */
} caucus_estimator;

typedef struct caucus_estimate {
    double value;
    double low, high; /* low <= value <= high */
} caucus_estimate;

/* statistic: "mean", "median", or "q" and a percentage ("q05", "q2.5"). CAUCUS_INVALID for anything else. */
caucus_status caucus_estimator_init(const char *statistic, double confidence, uint64_t n_trials,
                                    caucus_estimator *estimator);

/* The success rate from n_trials counts of test points, which are reordered. The limits of a mean are those of Korn &
 * Graubard (1998), which stay honest when few trials decide: with r = m (1 - m) / variance, how many times as much a
 * trial tells as one that is won or lost as a whole would, they are Clopper & Pearson's for a share m of r n (z / t)^2
 * such trials; z, t: quantiles of the normal and of Student's distribution. All trials alike: no width. */
caucus_estimate caucus_estimate_success(const caucus_estimator *estimator, double *counts, double test);

/* A bound from its n_trials values, which are reordered: NaN throughout when one is NaN. The limits of a mean are
 * Student's, cut at 1. */
caucus_estimate caucus_estimate_bound(const caucus_estimator *estimator, double *values);

/* A number that is known. */
caucus_estimate caucus_estimate_exact(double value);

/* The x that Student's t with n - 1 degrees of freedom stays within, in absolute value, with the given probability. */
double caucus_student_limit(uint64_t n, double probability);

#endif
