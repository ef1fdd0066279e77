#include "result/bound_tally.h"

#include <math.h>

/* Without branches: whether a bound applies and what it says of its trial is as good as random. */
static inline void add(caucus_bound_tally *tally, bool upper, const float *bounds, size_t stride,
                       const double *successes, uint32_t n)
{
    caucus_bound_tally sum = *tally;
    for (uint32_t t = 0; t < n; t++) {
        const double bound = (double)bounds[t * stride];
        const double success = successes[t];
        const bool applies = bound == bound && success == success; /* neither is NaN */
        sum.n += applies;
        sum.violations += upper ? bound < success : bound > success;
        sum.vacuous += applies && (upper ? bound >= 1 : bound <= 0);
        sum.sum += applies ? bound : 0.0;
        sum.tightness += !applies ? 0.0 : upper ? bound - success : success - bound;
    }
    *tally = sum;
}

void caucus_bound_tally_add(caucus_bound_tally *tally, bool upper, const float *bounds, size_t stride,
                            const double *successes, uint32_t n)
{
    if (upper) {
        add(tally, true, bounds, stride, successes, n);
    } else {
        add(tally, false, bounds, stride, successes, n);
    }
}

double caucus_bound_tally_rate(const caucus_bound_tally *tally, uint64_t count)
{
    return tally->n > 0 ? (double)count / (double)tally->n : (double)NAN;
}

double caucus_bound_tally_mean(const caucus_bound_tally *tally)
{
    return tally->n > 0 ? tally->sum / (double)tally->n : (double)NAN;
}
