/* Lower tails of the hypergeometric distribution in logarithms, to nearly full precision for up to 10^12 people. Shared
 * with devices. */
#ifndef CAUCUS_BOUND_HYPERGEOMETRIC_TAIL_H
#define CAUCUS_BOUND_HYPERGEOMETRIC_TAIL_H

#include "bound/quadrature.h"
#include "bound/tail.h"

/* draws out of total people, of whom some are marked: the law of the marked ones among the drawn. */
typedef struct caucus_sampling {
    double total;
    double marked;
    double draws;
} caucus_sampling;

/* Stirling's error for any real n > 0, by its recurrence where the series does not reach. */
CAUCUS_SHARED double caucus_stirling_error_real(double n)
{
    double sum = 0;
    while (n < 16) {
        sum += (n + 0.5) * caucus_log1p(1 / n) - 1;
        n++;
    }
    return sum + caucus_stirling_error(n);
}

/* log P(X = c) for X ~ Binomial(k, p), c real with 0 < c < k: the formula of caucus_binomial_log_pmf. */
CAUCUS_SHARED double caucus_binomial_log_density(caucus_binomial x, double c)
{
    const double rest = x.k - c;
    const double difference = (c - x.mean) - x.mean_rest;
    const double exponent = caucus_minus_deviance(c, x.mean, difference) +
                            caucus_minus_deviance(rest, x.k * x.q, -difference) + caucus_stirling_error_real(x.k) -
                            caucus_stirling_error_real(c) - caucus_stirling_error_real(rest);
    return exponent + 0.5 * caucus_log(x.k / (6.283185307179586477 * c * rest));
}

CAUCUS_SHARED double caucus_binomial_log_at(caucus_binomial x, double c)
{
    if (!(x.k > 0)) {
        return 0;
    }
    return c <= 0 || c >= x.k ? caucus_binomial_log_pmf(x, c) : caucus_binomial_log_density(x, c);
}

/* log P(X = c) for a count c that can be drawn, c real between the ends: three binomial probabilities (Loader 2000),
 * from which p cancels; it is draws/total so that each is near its mode. */
CAUCUS_CALLED double caucus_hypergeometric_log_pmf(caucus_sampling s, double c)
{
    if (s.draws <= 0 || s.draws >= s.total || s.marked <= 0 || s.marked >= s.total) {
        return 0; /* only one count can be drawn */
    }
    const double p = s.draws / s.total;
    const double q = (s.total - s.draws) / s.total;
    return caucus_binomial_log_at(caucus_binomial_of(s.marked, p, q), c) +
           caucus_binomial_log_at(caucus_binomial_of(s.total - s.marked, p, q), s.draws - c) -
           caucus_binomial_log_at(caucus_binomial_of(s.total, p, q), s.draws);
}

CAUCUS_SHARED double caucus_sampling_lowest(caucus_sampling s)
{
    return fmax(0.0, s.draws + s.marked - s.total);
}

CAUCUS_SHARED double caucus_sampling_highest(caucus_sampling s)
{
    return fmin(s.marked, s.draws);
}

/* Those who are not marked. */
CAUCUS_SHARED caucus_sampling caucus_sampling_unmarked(caucus_sampling s)
{
    s.marked = s.total - s.marked;
    return s;
}

/* P(X = c) / P(X = c + 1) - 1, without cancellation. */
CAUCUS_SHARED double caucus_hypergeometric_fall(caucus_sampling s, double c)
{
    const double up = (s.marked - c) * (s.draws - c);
    return ((c + 1) * (s.total - s.marked - s.draws + c + 1) - up) / up;
}

/* P(X <= c) / P(X = c) by the sum itself. */
CAUCUS_SHARED double caucus_hypergeometric_sum(caucus_sampling s, double c)
{
    double term = 1;
    double sum = 1;
    const double unmarked = s.total - s.marked - s.draws;
    for (double i = c; i > 0 && term > 1e-18 * sum; i--) {
        term *= i * (unmarked + i) / ((s.marked - i + 1) * (s.draws - i + 1));
        sum += term;
    }
    return sum;
}

/* P(X <= c) / P(X = c) where the sum is long and its terms smooth: its integral up to c + 1/2, by Gauss and Legendre,
 * with the midpoint rule's corrections (Euler and Maclaurin). */
CAUCUS_CALLED double caucus_hypergeometric_integral(caucus_sampling s, double c)
{
    enum { DEPTH = 40 };
    const double at_c = caucus_hypergeometric_log_pmf(s, c);
    const double slope = -caucus_log1p(caucus_hypergeometric_fall(s, c)); /* of the logarithm at c + 1/2 */
    const double bend =
        1 / c + 1 / (s.marked - c) + 1 / (s.draws - c) + 1 / (s.total - s.marked - s.draws + c); /* minus its second */
    double end = 2 * DEPTH / (slope + sqrt(slope * slope + 2 * DEPTH * bend));
    end = fmin(end, c + 0.49);
    const double third = slope * slope * slope - 3 * slope * bend;
    const double edge =
        caucus_exp(caucus_hypergeometric_log_pmf(s, c + 0.5) - at_c) * (slope / 24 - 7.0 / 5760 * third);
    double sum = 0;
    CAUCUS_ROLLED
    for (int i = 0; i < CAUCUS_QUADRATURE_NODES; i++) {
        const caucus_quadrature_node node = caucus_quadrature(i);
        const double back = end / 2 * (1 + node.at);
        sum += node.weight * caucus_exp(caucus_hypergeometric_log_pmf(s, c + 0.5 - back) - at_c);
    }
    return sum * end / 2 - edge;
}

/* log P(X <= c) where c is not above the mean. */
CAUCUS_CALLED double caucus_hypergeometric_log_lower(caucus_sampling s, double c)
{
    enum { MOST_TERMS = 2000, DEPTH = 40 };
    const double slope = -caucus_log1p(caucus_hypergeometric_fall(s, c));
    const double bend =
        1 / (c + 1) + 1 / (s.marked - c + 1) + 1 / (s.draws - c + 1) + 1 / (s.total - s.marked - s.draws + c + 1);
    const double terms = 2 * DEPTH / (slope + sqrt(slope * slope + 2 * DEPTH * bend));
    const double point = caucus_hypergeometric_log_pmf(s, c); /* first: little is to be kept across what follows */
    const double ratio =
        fmin(terms, c) <= MOST_TERMS ? caucus_hypergeometric_sum(s, c) : caucus_hypergeometric_integral(s, c);
    return point + caucus_log(ratio);
}

/* log P(X <= c) for any whole c. */
CAUCUS_CALLED double caucus_hypergeometric_log_cdf(caucus_sampling s, double c)
{
    if (c >= caucus_sampling_highest(s)) {
        return 0;
    }
    if (c < caucus_sampling_lowest(s)) {
        return -INFINITY;
    }
    if (caucus_hypergeometric_fall(s, c) < 0) { /* the probabilities still rise after c */
        return caucus_hypergeometric_log_lower(s, c);
    }
    /* X > c: at most draws - c - 1 of the drawn are not marked */
    const double above = caucus_hypergeometric_log_lower(caucus_sampling_unmarked(s), s.draws - c - 1);
    return above < 0 ? caucus_log1p(-caucus_exp(above)) : -36.0; /* rounding; far from any level asked for */
}

#endif
