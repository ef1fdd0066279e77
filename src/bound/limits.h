/* The inequalities: four one-sided limits each, at level l = ln(1/d), for k draws (docs/bounds.md,
 * "Inequalities"). L and U limit a probability given a frequency, PL and PU a frequency given the probability. Shared
 * with devices. */
#ifndef CAUCUS_BOUND_LIMITS_H
#define CAUCUS_BOUND_LIMITS_H

#include "bound/bound.h"
#include "bound/quantile.h"

/* Levels below 1e-300 are near the end of what a double can represent: Clopper-Pearson then gives way to kl. */
#define CAUCUS_DEEPEST_LEVEL 690.77552789821370520

CAUCUS_SHARED double caucus_clip(double theta)
{
    return theta > 0 ? (theta < 1 ? theta : 1) : 0;
}

/* The q on one side of theta with k kl(theta, q) = l. In the log-odds t by which q differs from theta the divergence is
 * the cumulant of a centred Bernoulli(theta): convex, with derivative q - theta, and asymptotically linear. */
CAUCUS_SHARED double caucus_kl_confidence(double theta, double k, double l, int side)
{
    double rest = 1 - theta;
    if (theta <= 0) {
        return side == CAUCUS_UPPER ? -caucus_expm1(-l / k) : 0;
    }
    if (rest <= 0) {
        return side == CAUCUS_UPPER ? 1 : caucus_exp(-l / k);
    }
    double goal = l / k;
    double sign = side == CAUCUS_UPPER ? 1 : -1;
    /* A start beyond the root: the sum of where the parabola near theta and the line far from it reach the goal. */
    double own = side == CAUCUS_UPPER ? rest : theta;
    double t = sign * (sqrt(2 * goal / (theta * rest)) + goal / own);
    double inner = 0; /* towards theta: kl too small there */
    double outer = INFINITY;
    for (int i = 0; i < 200; i++) {
        double size = fabs(t);
        double value = caucus_bernoulli_cumulant(theta, rest, t);
        if (value < goal) {
            inner = fmax(inner, size);
        } else {
            outer = fmin(outer, size);
        }
        double moved = theta * rest * caucus_expm1(t) / (rest + theta * caucus_exp(t));
        if (isinf(caucus_exp(t))) {
            moved = rest;
        }
        /* Newton on the square root of the divergence, which is nearly linear near theta and concave far from it. */
        double root = sqrt(value);
        double step = 2 * root * (root - sqrt(goal)) / fabs(moved);
        double next = size - step;
        /* The error left is of second order in the step. */
        bool close = fabs(step) < 1e-8 * size || (isfinite(outer) && outer - inner <= 2e-16 * outer);
        if (!close && !(next > inner && next < outer)) {
            next = isinf(outer) ? 2 * size : (inner + outer) / 2;
        }
        t = sign * next;
        if (close) {
            break;
        }
    }
    double raised = caucus_exp(-fabs(t));
    return t < 0 ? theta * raised / (rest + theta * raised) : theta / (theta + rest * raised);
}

/* The q on one side of theta with k kl(q, theta) = l, or the end of [0,1] where there is none. Convex in q. */
CAUCUS_SHARED double caucus_kl_prediction(double theta, double k, double l, int side)
{
    double rest = 1 - theta;
    if (theta <= 0 || rest <= 0) {
        return theta <= 0 ? 0 : 1;
    }
    double goal = l / k;
    /* Mirror so that the search goes up from a to a + u, u in (0, b]. */
    double a = side == CAUCUS_UPPER ? theta : rest;
    double b = side == CAUCUS_UPPER ? rest : theta;
    if (-caucus_log(a) <= goal) {
        return side == CAUCUS_UPPER ? 1 : 0;
    }
    double inner = 0;
    double outer = b;
    double u = sqrt(2 * goal * a * b + goal * goal / 9 * (1 - 2 * a) * (1 - 2 * a)) + goal / 3 * fabs(1 - 2 * a);
    u = u < b ? u : b / 2;
    for (int i = 0; i < 200; i++) {
        double up = u / a;
        double down = u / b;
        double value = up > 1 ? (a + u) * caucus_log1p(up) - u : -(a + u) * caucus_log1p_less(-up / (1 + up));
        if (down > 0.5) {
            value += down < 1 ? u + (b - u) * caucus_log1p(-down) : u;
        } else {
            value -= (b - u) * caucus_log1p_less(down / (1 - down));
        }
        if (value < goal) {
            inner = u;
        } else {
            outer = u;
        }
        double root = sqrt(value > 0 ? value : 0);
        double step = 2 * root * (root - sqrt(goal)) / (caucus_log1p(up) - caucus_log1p(-down));
        double next = u - step;
        bool close = fabs(step) < 1e-8 * fmin(u, b - u) || outer - inner <= 2e-16 * outer;
        if (!close && !(next > inner && next < outer)) {
            next = (inner + outer) / 2;
        }
        u = next < b ? next : b;
        if (close) {
            break;
        }
    }
    return side == CAUCUS_UPPER ? theta + u : theta - u;
}

/* Maurer & Pontil 2009, theorem 4: a probability from the frequency theta in k draws. */
CAUCUS_SHARED double caucus_bernstein_confidence(double theta, double k, double l, int side)
{
    if (!(k > 1)) {
        return side == CAUCUS_UPPER ? 1 : 0;
    }
    const double log_2_d = l + 0.69314718055994530942;
    const double variance = theta * (1 - theta) * k / (k - 1);
    const double radius = sqrt(2 * variance * log_2_d / k) + 7 * log_2_d / (3 * (k - 1));
    return caucus_clip(side == CAUCUS_UPPER ? theta + radius : theta - radius);
}

/* Bernstein's inequality solved for the deviation: the frequency in k draws from the probability theta. */
CAUCUS_SHARED double caucus_bernstein_prediction(double theta, double k, double l, int side)
{
    if (!(k > 0)) {
        return side == CAUCUS_UPPER ? 1 : 0;
    }
    const double c = l / (3 * k);
    const double radius = c + sqrt(c * c + 2 * theta * (1 - theta) * l / k);
    return caucus_clip(side == CAUCUS_UPPER ? theta + radius : theta - radius);
}

/* L or U from count of k draws. The count need not be whole (part of a cell may have been taken off): Clopper-Pearson
 * then goes to the whole number on the safe side. */
CAUCUS_SHARED double caucus_limit_confidence(caucus_inequality inequality, double count, double k, double l, int side)
{
    double sign = side == CAUCUS_UPPER ? 1 : -1;
    if (inequality == CAUCUS_POPULATION) {
        return count / k;
    }
    if (inequality == CAUCUS_HOEFFDING) { /* Hoeffding 1963 */
        return k > 0 ? count / k + sign * sqrt(l / (2 * k)) : sign * INFINITY;
    }
    if (!(k > 0)) {
        return side == CAUCUS_UPPER ? 1 : 0;
    }
    double theta = caucus_clip(count / k);
    if (inequality == CAUCUS_HOEFFDING_CLIPPED) {
        return caucus_clip(theta + sign * sqrt(l / (2 * k)));
    }
    if (inequality == CAUCUS_BERNSTEIN) {
        return caucus_bernstein_confidence(theta, k, l, side);
    }
    if (inequality == CAUCUS_KL || l > CAUCUS_DEEPEST_LEVEL) {
        return caucus_kl_confidence(theta, k, l, side);
    }
    /* Clopper & Pearson 1934; the upper limit of c hits is the complement of the lower limit of k - c. */
    const double c = side == CAUCUS_UPPER ? k - fmax(ceil(count), 0.0) : fmin(floor(count), k);
    if (c <= 0) {
        return side == CAUCUS_UPPER ? 1 : 0;
    }
    const caucus_odds limit = caucus_beta_quantile(l, c, k);
    return side == CAUCUS_UPPER ? limit.q : limit.p;
}

/* PL or PU: how many of k draws will be hits, given the probability. */
CAUCUS_SHARED double caucus_limit_prediction(caucus_inequality inequality, double theta, double k, double l, int side)
{
    const double sign = side == CAUCUS_UPPER ? 1 : -1;
    if (inequality == CAUCUS_POPULATION) {
        return k * theta;
    }
    if (!(k > 0)) {
        return 0;
    }
    if (inequality == CAUCUS_HOEFFDING) {
        return k * (theta + sign * sqrt(l / (2 * k)));
    }
    theta = caucus_clip(theta);
    if (inequality == CAUCUS_HOEFFDING_CLIPPED) {
        return k * caucus_clip(theta + sign * sqrt(l / (2 * k)));
    }
    if (inequality == CAUCUS_BERNSTEIN) {
        return k * caucus_bernstein_prediction(theta, k, l, side);
    }
    if (inequality == CAUCUS_KL || l > CAUCUS_DEEPEST_LEVEL) {
        return k * caucus_kl_prediction(theta, k, l, side);
    }
    return caucus_binomial_quantile(l, k, theta, side == CAUCUS_UPPER);
}

#endif
