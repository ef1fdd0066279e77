/* One step from a count in one sample to the count in another, where both are drawn from the same people: exact, and
 * valid with and without replacement (docs/bounds.md, "One step"). Shared with devices. */
#ifndef CAUCUS_BOUND_HYPERGEOMETRIC_LIMIT_H
#define CAUCUS_BOUND_HYPERGEOMETRIC_LIMIT_H

#include "bound/hypergeometric_tail.h"
#include "bound/quantile.h"

/* A first guess for the search below, from the normal approximation: how many of the others are marked at most. */
CAUCUS_SHARED double caucus_hypergeometric_guess(double c, double k, double others, double l)
{
    const double z = caucus_rough_deviate(l);
    const double total = k + others;
    const double spread = z * z * others / (k * total); /* z^2 / k, less for a sample that is much of the whole */
    const double theta = c / k;
    const double p = (theta + spread / 2 + sqrt(spread * theta * (1 - theta) + spread * spread / 4)) / (1 + spread);
    return floor(p * total - c);
}

/* U: the largest y <= others for which P(X <= c) > d, X the marked among k drawn of k + others, c + y of them marked;
 * d = caucus_exp(-l). With one more marked, P(X <= c) falls by k / total P(k - 1 drawn of total - 1 hold c of the
 * marked). */
CAUCUS_CALLED double caucus_hypergeometric_most(double c, double k, double others, double l)
{
    if (c >= k || others <= 0) {
        return others;
    }
    const double tie = 1e-13 * (1 + l); /* equal to d up to rounding counts as equal */
    double low = 0;                     /* P is above d */
    double high = others + 1;
    double y = caucus_hypergeometric_guess(c, k, others, l);
    for (int i = 0; high - low > 1; i++) {
        if (i >= 12) { /* the steps below are not getting there */
            y = floor((low + high) / 2);
        }
        y = fmin(fmax(y, low + 1), high - 1);
        const caucus_sampling s = {k + others, c + y, k};
        const double log_p = caucus_hypergeometric_log_cdf(s, c);
        const caucus_sampling less = {k + others - 1, c + y, k - 1};
        const bool can = c >= caucus_sampling_lowest(less) && c <= caucus_sampling_highest(less);
        const double hazard =
            can ? caucus_exp(caucus_hypergeometric_log_pmf(less, c) - log_p) * (k / (k + others)) : 0; /* of one more */
        if (!(log_p + l > tie)) {
            high = y;
            y -= fmax(1.0, ceil(-(log_p + l) / fmax(hazard, 1e-300)));
            continue;
        }
        low = y;
        if (hazard < 1 && log_p + caucus_log1p(-hazard) + l <= tie) {
            return y;
        }
        y += hazard > 0 ? fmax(1.0, floor((log_p + l) / hazard)) : 1e300;
    }
    return low;
}

/* At least (side lower) or at most so many of the others are marked when c of k are. */
CAUCUS_SHARED double caucus_hypergeometric_transfer(double c, double k, double others, double l, bool lower)
{
    return lower ? others - caucus_hypergeometric_most(k - c, k, others, l)
                 : caucus_hypergeometric_most(c, k, others, l);
}

#endif
