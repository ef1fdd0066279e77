/* Upper tails of the binomial distribution in logarithms, to nearly full precision for up to 10^12 draws. Shared with
 * devices. */
#ifndef CAUCUS_BOUND_TAIL_H
#define CAUCUS_BOUND_TAIL_H

#include "bound/quadrature.h"
#include "bound/special.h"

/* Binomial(k, p), q = 1 - p, with its mean k p in two parts, so that count - mean is exact where it is small. */
typedef struct caucus_binomial {
    double k;
    double p;
    double q;
    double mean;
    double mean_rest;
} caucus_binomial;

/* log P(X >= c), and P(X >= c) / P(X = c). */
typedef struct caucus_tail {
    double log_probability;
    double ratio;
} caucus_tail;

/* The distribution of k - X. */
CAUCUS_SHARED caucus_binomial caucus_binomial_mirror(caucus_binomial x)
{
    double mean = x.k - x.mean;
    caucus_binomial of = {x.k, x.q, x.p, mean, ((x.k - mean) - x.mean) - x.mean_rest};
    return of;
}

/* p and q each to full relative precision; the smaller one decides what the distribution is. */
CAUCUS_SHARED caucus_binomial caucus_binomial_of(double k, double p, double q)
{
    double smaller = p < q ? p : q;
    double mean = k * smaller;
    caucus_binomial of = {k, smaller, p < q ? q : p, mean, fma(k, smaller, -mean)};
    return p < q ? of : caucus_binomial_mirror(of);
}

/* -(c log(c/mean) + mean - c), with difference = c - mean: minus Loader's deviance. */
CAUCUS_SHARED double caucus_minus_deviance(double c, double mean, double difference)
{
    if (fabs(difference) > 0.3 * c) {
        return c * caucus_log(mean / c) + difference;
    }
    return c * caucus_log1p_less(-difference / c);
}

/* log P(X = c), 0 <= c <= k, 0 < p < 1, by Loader's saddle point form. */
CAUCUS_SHARED double caucus_binomial_log_pmf(caucus_binomial x, double c)
{
    double rest = x.k - c;
    if (c <= 0) {
        return x.k * (x.p < 0.5 ? caucus_log1p(-x.p) : caucus_log(x.q));
    }
    if (rest <= 0) {
        return x.k * (x.q < 0.5 ? caucus_log1p(-x.q) : caucus_log(x.p));
    }
    double difference = (c - x.mean) - x.mean_rest;
    double exponent = caucus_minus_deviance(c, x.mean, difference) +
                      caucus_minus_deviance(rest, x.k * x.q, -difference) + caucus_stirling_error(x.k) -
                      caucus_stirling_error(c) - caucus_stirling_error(rest);
    return exponent + 0.5 * caucus_log(x.k / (6.283185307179586477 * c * rest));
}

/* P(X >= c) / P(X = c) by the sum itself. */
CAUCUS_SHARED double caucus_tail_by_sum(caucus_binomial x, double c)
{
    double odds = x.p / x.q;
    double term = 1;
    double sum = 1;
    for (double i = c; i < x.k && term > 1e-18 * sum; i++) {
        term *= (x.k - i) / (i + 1) * odds;
        sum += term;
    }
    return sum;
}

/* P(X >= c) / P(X = c) by quadrature. With a = c, b = k - c + 1, n = k + 1 the tail is the incomplete beta integral
 * I_p(a, b); in log-odds u/(1-u) = p/q exp(-s) it is p^a q^b / B(a,b) times
 *     integral over s >= 0 of exp(-(a - n p) s - n K(-s)),   K the cumulant of a centred Bernoulli(p),
 * a positive, log-concave integrand, which Gauss-Legendre takes to full precision where n p q is large. */
CAUCUS_SHARED double caucus_tail_by_quadrature(caucus_binomial x, double c)
{
    enum { DEPTH = 40 };
    double n = x.k + 1;
    double slope = (c - x.mean) - x.mean_rest - x.p;
    double variance = n * x.p * x.q;
    /* The end: where the exponent has fallen by DEPTH; Newton on a convex function, a rough answer is enough. */
    double end = 2 * DEPTH / (slope + sqrt(slope * slope + 2 * DEPTH * variance));
    CAUCUS_ROLLED
    for (int i = 0; i < 2; i++) {
        double fallen = slope * end + n * caucus_bernoulli_cumulant(x.p, x.q, -end);
        double steepness = slope + variance * -caucus_expm1(-end) / (x.q + x.p * caucus_exp(-end));
        end -= (fallen - DEPTH) / steepness;
    }
    double sum = 0;
    CAUCUS_ROLLED
    for (int i = 0; i < CAUCUS_QUADRATURE_NODES; i++) {
        const caucus_quadrature_node node = caucus_quadrature(i);
        double s = end / 2 * (1 + node.at);
        sum += node.weight * caucus_exp(-slope * s - n * caucus_bernoulli_cumulant(x.p, x.q, -s));
    }
    return sum * end / 2 * c * x.q;
}

/* The tail from c on, for integer c with 1 <= c <= k and 0 < p < 1. Where most of the mass lies above c, what lies
 * below is counted instead. */
CAUCUS_SHARED caucus_tail caucus_binomial_tail(caucus_binomial x, double c)
{
    enum { VARIANCE_FOR_QUADRATURE = 400 };
    const bool upper = (c - x.mean) - x.mean_rest >= -1;
    const caucus_binomial counted = upper ? x : caucus_binomial_mirror(x);
    const double from = upper ? c : x.k - c + 1;
    const double ratio = x.k * x.p * x.q > VARIANCE_FOR_QUADRATURE ? caucus_tail_by_quadrature(counted, from)
                                                                   : caucus_tail_by_sum(counted, from);
    const double log_counted = caucus_binomial_log_pmf(counted, from) + caucus_log(ratio);
    caucus_tail tail;
    tail.log_probability = log_counted;
    tail.ratio = ratio;
    if (!upper) {
        /* rounding; far from any level asked for */
        tail.log_probability = log_counted < 0 ? caucus_log1p(-caucus_exp(log_counted)) : -36.0;
        tail.ratio = caucus_exp(tail.log_probability - caucus_binomial_log_pmf(x, c));
    }
    return tail;
}

#endif
