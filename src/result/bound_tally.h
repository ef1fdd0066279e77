/* What bounds of one kind say of the successes that they bound, added up trial by trial. */
#ifndef CAUCUS_RESULT_BOUND_TALLY_H
#define CAUCUS_RESULT_BOUND_TALLY_H

#include "base/status.h"

typedef struct caucus_bound_tally {
    uint64_t n; /* trials to which the bound applies and whose success is known */
    uint64_t violations;
    uint64_t vacuous;
    double sum;       /* of the bounds */
    double tightness; /* of what lies between them and the successes */
} caucus_bound_tally;

/* Add n trials. bounds: every stride-th value, NaN where one does not apply; successes: [n], NaN where there is none;
 * upper: the bounds are from above. Sums run in the order of trials. */
void caucus_bound_tally_add(caucus_bound_tally *tally, bool upper, const float *bounds, size_t stride,
                            const double *successes, uint32_t n);

/* A count of its trials as a share of them; NaN without trials. */
double caucus_bound_tally_rate(const caucus_bound_tally *tally, uint64_t count);

/* The mean bound; NaN without trials. */
double caucus_bound_tally_mean(const caucus_bound_tally *tally);

#endif
