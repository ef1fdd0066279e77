/* Quantiles of beta and binomial distributions at levels given as l = ln(1/d). Shared with devices. */
#ifndef CAUCUS_BOUND_QUANTILE_H
#define CAUCUS_BOUND_QUANTILE_H

#include "bound/tail.h"

typedef struct caucus_odds { /* a probability and its complement, both to full relative precision */
    double p;
    double q;
} caucus_odds;

CAUCUS_SHARED caucus_odds caucus_odds_of(double log_odds)
{
    double smaller = caucus_exp(-fabs(log_odds));
    caucus_odds odds = {1 / (1 + smaller), smaller / (1 + smaller)};
    if (log_odds < 0) {
        odds.p = odds.q;
        odds.q = 1 / (1 + smaller);
    }
    return odds;
}

/* About how many standard deviations leave d above them: a start for searches, never a result. */
CAUCUS_SHARED double caucus_rough_deviate(double l)
{
    double square = 2 * l - 1.8378770664093453 - caucus_log(fmax(1.0, 2 * l));
    return square > 0 ? sqrt(square) : 0;
}

/* The p with P(X >= c) = d for X ~ Binomial(k, p), 1 <= c <= k: the d-quantile of Beta(c, k - c + 1).
 * In t = log(p/q), log P(X >= c) is concave with first derivative 1/R and second (D - 1/R)/R, where
 * R = ratio/(c q) and D = c - (k+1) p: Halley's method, kept inside a bracket (Newton's while
 * there is only one end of it, which from below cannot overshoot). */
CAUCUS_SHARED caucus_odds caucus_beta_quantile(double l, double c, double k)
{
    if (c >= k) {
        caucus_odds all = {caucus_exp(-l / k), -caucus_expm1(-l / k)};
        return all;
    }
    double z = caucus_rough_deviate(l);
    double root = z * sqrt(c / k * (k - c) + z * z / 4); /* Wilson's interval, in a form without cancellation */
    double t = caucus_log(c / k * c / (c + z * z / 2 + root)) - caucus_log((k - c + z * z / 2 + root) / (k + z * z));
    double low = -INFINITY;
    double high = INFINITY;
    for (int i = 0; i < 100; i++) {
        caucus_odds odds = caucus_odds_of(t);
        caucus_binomial x = caucus_binomial_of(k, odds.p, odds.q);
        caucus_tail tail = caucus_binomial_tail(x, c);
        double f = tail.log_probability + l;
        double first = c * odds.q / tail.ratio;
        double second = first * ((c - x.mean) - x.mean_rest - odds.p - first);
        if (f > 0) {
            high = t;
        } else {
            low = t;
        }
        double step = -2 * f * first / (2 * first * first - f * second);
        if (fabs(f) < 1e-6 || fabs(step) < 1e-15 * fabs(t)) { /* the error left is of third order in f */
            t += step;
            break;
        }
        if (!(t + step > low && t + step < high)) {
            step = isinf(low) || isinf(high) ? -(f / first) : (low + high) / 2 - t;
        }
        t += step;
    }
    return caucus_odds_of(t);
}

/* The smallest integer c in 1..k+1 with P(X >= c) <= d (strict: < d) for the given binomial, 0 < p < 1. */
CAUCUS_SHARED double caucus_binomial_exceedance(caucus_binomial x, double l, int strict)
{
    /* Tails equal to d up to rounding count as equal. */
    double tie = 1e-13 * (1 + l) * (strict ? -1 : 1);
    double z = caucus_rough_deviate(l);
    double c = ceil(x.mean + z * sqrt(x.mean * x.q) + (z * z - 1) * (x.q - x.p) / 6);
    double low = 0;        /* P(X >= low) is above d */
    double high = x.k + 1; /* P(X >= high) is not */
    for (int i = 0; high - low > 1; i++) {
        if (i >= 8) { /* the steps below are not getting there */
            c = floor((low + high) / 2);
        }
        c = fmin(fmax(fmax(c, low + 1), fmin(ceil(x.mean), high - 1)), high - 1);
        caucus_tail tail = caucus_binomial_tail(x, c);
        double f = tail.log_probability + l - tie;
        double hazard = 1 / tail.ratio;
        if (f > 0) {
            low = c;
        } else {
            high = c;
            double before = c * x.q / ((x.k - c + 1) * x.p) * hazard; /* P(X = c-1) / P(X >= c) */
            if (f + caucus_log1p(before) > 0) {
                return c;
            }
        }
        double first = hazard < 0.999 ? caucus_log1p(-hazard) : -7;
        double second = first * (-first - (c - x.mean) / (x.mean * x.q));
        second = second < 0 ? second : 0;
        double step = -2 * f * first / (2 * first * first - f * second);
        c += f > 0 ? ceil(fmax(step, 1.0)) : -ceil(fmax(-step, 1.0));
    }
    return high;
}

/* For X ~ Binomial(k, p): upper, the smallest q with P(X > q) <= d; else the smallest q with P(X <= q) >= d. */
CAUCUS_SHARED double caucus_binomial_quantile(double l, double k, double p, bool upper)
{
    if (p <= 0 || p >= 1) {
        return p <= 0 ? 0 : k;
    }
    caucus_binomial x = caucus_binomial_of(k, p, 1 - p);
    double exceedance = caucus_binomial_exceedance(upper ? x : caucus_binomial_mirror(x), l, upper ? 0 : 1);
    return upper ? exceedance - 1 : k - exceedance + 1;
}

#endif
