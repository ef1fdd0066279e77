/* The lead of one label over another among people who were not seen, limited as one number from the two counts among
 * those who were (docs/bounds.md, "Two labels at once"). Shared with devices. */
#ifndef CAUCUS_BOUND_HYPERGEOMETRIC_JOINT_H
#define CAUCUS_BOUND_HYPERGEOMETRIC_JOINT_H

#include "bound/hypergeometric_limit.h"

/* eta: the share of a level that goes to how many have either label. */
#define CAUCUS_JOINT_EITHER 0.1

/* What is asked: k were drawn of k + others; among them a have one label and b the other. */
typedef struct caucus_joint {
    double k;
    double others;
    double a;
    double b;
    double log_level; /* ln of (1 - eta) d */
    double either;    /* at most so many of the others have either label */
} caucus_joint;

/* ---- the p-value ----------------------------------------------------------------------------------------------- */

/* P(X_b - X_a <= s) where k are drawn of total people, a of whom have one label and b the other. */
typedef struct caucus_pair_law {
    double total;
    double a;
    double b;
    double k;
    double s;
} caucus_pair_law;

/* The same event told of those who are not drawn. */
CAUCUS_SHARED caucus_pair_law caucus_pair_law_mirror(caucus_pair_law law)
{
    const caucus_pair_law mirrored = {law.total, law.b, law.a, law.total - law.k, law.s + law.a - law.b};
    return mirrored;
}

/* The law of X_b given X_a = i, and the most that X_b may be. */
CAUCUS_SHARED caucus_sampling caucus_pair_law_inner(caucus_pair_law law, double i)
{
    const caucus_sampling inner = {law.total - law.a, law.b, law.k - i};
    return inner;
}

/* ln of the sum of P(X_a = i) P(X_b <= s + i | X_a = i) over every i from first to last. From i to i + 1 the second
 * factor grows by two point probabilities, so that nothing cancels; both factors keep a scale of their own. */
CAUCUS_SHARED double caucus_pair_law_by_steps(caucus_pair_law law, double first, double last)
{
    const double huge = 1e150;
    const caucus_sampling outer = {law.total, law.a, law.k};
    const double pool = law.total - law.a;
    caucus_sampling inner = caucus_pair_law_inner(law, first);
    const double log_tail = caucus_hypergeometric_log_cdf(inner, law.s + first);
    double scale = caucus_hypergeometric_log_pmf(outer, first) + log_tail;
    const bool whole = law.s + first >= caucus_sampling_highest(inner);
    double tail = 1;
    double point = whole ? 0 : caucus_exp(caucus_hypergeometric_log_pmf(inner, law.s + first) - log_tail);
    double outer_point = 1;
    double sum = 1;
    for (double i = first; i < last; i++) {
        const double n = law.k - i; /* drawn of the pool: with one less, X_b <= q is likelier, and then q may grow */
        const double q = law.s + i;
        const double others = pool - law.b - n + q + 1; /* of neither label and not drawn, and one */
        const double fewer = point * (n - q) * (pool - n + 1) / (others * n); /* n - 1 drawn hold q */
        tail += point > 0 ? fewer * (law.b - q) / (pool - n + 1) : 0;
        point = point > 0 ? fewer * (law.b - q) * (n - q - 1) / ((q + 1) * (others + 1)) : 0;
        tail += point;
        outer_point *= (law.a - i) * (law.k - i) / ((i + 1) * (law.total - law.a - law.k + i + 1));
        if (tail > huge) {
            tail /= huge;
            point /= huge;
            sum /= huge;
            scale += 345.38776394910684;
        }
        if (outer_point > huge) {
            outer_point /= huge;
            sum /= huge;
            scale += 345.38776394910684;
        }
        sum += outer_point * tail;
    }
    return scale + caucus_log(sum);
}

/* The same where the terms change slowly: every stride-th of them, which for a smooth peak loses nothing. */
CAUCUS_SHARED double caucus_pair_law_by_strides(caucus_pair_law law, double first, double last, double stride)
{
    const caucus_sampling outer = {law.total, law.a, law.k};
    double most = -INFINITY;
    double sum = 0;
    for (double i = first; i <= last; i += stride) {
        const double term = caucus_hypergeometric_log_pmf(outer, i) +
                            caucus_hypergeometric_log_cdf(caucus_pair_law_inner(law, i), law.s + i);
        if (term > most) {
            sum = sum * caucus_exp(most - term) + 1;
            most = term;
        } else if (term > -INFINITY) {
            sum += caucus_exp(term - most);
        }
    }
    return most > -INFINITY ? most + caucus_log(sum * stride) : most;
}

/* ln P(X_b - X_a <= s), but for what is less than 1e-17 caucus_exp(-l). */
CAUCUS_SHARED double caucus_pair_law_log(caucus_pair_law law, double l)
{
    enum { MOST_STEPS_SD = 2000 };
    law = law.a > law.b ? caucus_pair_law_mirror(law) : law; /* the rarer label outside */
    const double share = law.k / law.total;
    const double mean = law.a * share;
    const double sd = sqrt(mean * (1 - law.a / law.total) * (1 - share) * law.total / fmax(law.total - 1, 1.0));
    const double reach = sqrt(2 * (l + 45)) * sd + l + 45;
    const caucus_sampling outer = {law.total, law.a, law.k};
    const double last = fmin(caucus_sampling_highest(outer), ceil(mean + reach));
    double first = fmax(caucus_sampling_lowest(outer), floor(mean - reach));
    first = fmax(first, -law.s); /* below, X_b <= s + i is impossible */
    first = fmax(first, ceil((law.k - law.total + law.a + law.b - law.s) / 2));
    if (first > last) {
        return -INFINITY;
    }
    return sd > MOST_STEPS_SD ? caucus_pair_law_by_strides(law, first, last, floor(sd / 3))
                              : caucus_pair_law_by_steps(law, first, last);
}

/* The same of the law's numbers, which on a device are handed over in registers, as a structure would not be. */
CAUCUS_CALLED double caucus_pair_log_of(double total, double a, double b, double k, double s, double l)
{
    const caucus_pair_law law = {total, a, b, k, s};
    return caucus_pair_law_log(law, l);
}

/* ln of the p-value of y_a and y_a + c of the others having the labels: rises in y_a at fixed y_a + c. */
CAUCUS_SHARED double caucus_joint_log_p(const caucus_joint *joint, double y_a, double y_b)
{
    return caucus_pair_log_of(joint->k + joint->others, joint->a + y_a, joint->b + y_b, joint->k, joint->b - joint->a,
                              -joint->log_level);
}

/* ---- is a lead of c by the second label refuted? ----------------------------------------------------------------- */

/* Whether the lemmas of docs/bounds.md ("Two labels at once") show that the p-value does not fall from one y_a to the
 * next along the edge y_b = y_a + c. */
typedef struct caucus_joint_slope {
    bool more;         /* whatever the counts, one more of the second label is likelier */
    bool less;         /* whatever the counts, one less of the first is */
    bool usable;       /* the factors below exist, and their product tells */
    double factors[3]; /* quotients of linear functions of y_a; the last one counts twice */
} caucus_joint_slope;

CAUCUS_SHARED caucus_joint_slope caucus_joint_slope_at(const caucus_joint *joint, double y_a, double c)
{
    const double s = joint->b - joint->a;
    const double a = joint->a + y_a;
    const double b = a + s + c;
    const double n = joint->k - 1;
    const double total = joint->k + joint->others - 2;
    const double rest = total - a - b;
    const double i = ((b - s) * (n - s) - (s + 1) * (rest - n + s + 1)) / (total + s + c + 3);
    const double j = i + s;
    const double o = n - i - j;
    caucus_joint_slope slope;
    slope.more = i >= fmin(a, n);
    slope.less = fmax(0.0, -s) >= (a + 1) * (n - s + 1) / (total - s - c + 3);
    slope.usable = i > 0 && i <= a && j > 0 && j <= b && o >= 0 && rest - o >= 1;
    slope.factors[0] = i / (a - i + 1);
    slope.factors[1] = j / (b - j + 1);
    slope.factors[2] = (rest - o - 1) / (o + 2);
    return slope;
}

/* Over a block from u to v: each condition is linear in y_a and each factor monotone, so that its ends tell. */
CAUCUS_SHARED bool caucus_joint_rises(const caucus_joint *joint, double u, double v, double c)
{
    const caucus_joint_slope at_u = caucus_joint_slope_at(joint, u, c);
    const caucus_joint_slope at_v = caucus_joint_slope_at(joint, v, c);
    const double third = fmin(at_u.factors[2], at_v.factors[2]);
    return u == v || (at_u.more && at_v.more) || (at_u.less && at_v.less) ||
           (at_u.usable && at_v.usable &&
            fmin(at_u.factors[0], at_v.factors[0]) * fmin(at_u.factors[1], at_v.factors[1]) * third * third >= 1);
}

/* Whether every y_a from u to v is refuted: the last is, and they rise to it; or the corner (v, u + c) is, which
 * none of them exceeds. */
CAUCUS_SHARED bool caucus_joint_block(const caucus_joint *joint, double u, double v, double c)
{
    if (caucus_joint_rises(joint, u, v, c) && caucus_joint_log_p(joint, v, v + c) <= joint->log_level) {
        return true;
    }
    return u < v && caucus_joint_log_p(joint, v, u + c) <= joint->log_level;
}

CAUCUS_SHARED double caucus_joint_last(const caucus_joint *joint, double c)
{
    return floor((joint->either - c) / 2);
}

/* Whether the data refute every way in which the second label leads by c among the others (then it leads by less). */
CAUCUS_SHARED bool caucus_joint_refutes(const caucus_joint *joint, double c)
{
    const double first = fmax(0.0, -c);
    double v = caucus_joint_last(joint, c);
    double size = v - first + 1;
    while (v >= first) {
        const double u = fmax(first, v - size + 1);
        if (caucus_joint_block(joint, u, v, c)) {
            v = u - 1;
            size *= 2;
        } else if (u == v) {
            return false;
        } else {
            size = floor((v - u + 1) / 2);
        }
    }
    return true;
}

/* ln p at the last point of the edge, less the level: above 0 where that point alone keeps the edge from being refuted.
 */
CAUCUS_SHARED double caucus_joint_excess(const caucus_joint *joint, double c)
{
    const double v = caucus_joint_last(joint, c);
    return v < fmax(0.0, -c) ? -INFINITY : caucus_joint_log_p(joint, v, v + c) - joint->log_level;
}

/* ---- the limit -------------------------------------------------------------------------------------------------- */

CAUCUS_SHARED caucus_joint caucus_joint_of(double a, double b, double k, double others, double l)
{
    caucus_joint joint;
    joint.k = k;
    joint.others = others;
    joint.a = a;
    joint.b = b;
    joint.log_level =
        caucus_log1p(-CAUCUS_JOINT_EITHER) - l + 1e-13 * (1 + l); /* equal up to rounding counts as equal */
    joint.either = caucus_hypergeometric_most(fmin(a + b, k), k, others, l - caucus_log(CAUCUS_JOINT_EITHER));
    return joint;
}

/* A lead of the second label that is about as large as the data allow, from the normal approximation. */
CAUCUS_SHARED double caucus_joint_guess(const caucus_joint *joint)
{
    const double share = joint->k / (joint->k + joint->others);
    const double pooled = joint->a + joint->b + joint->either;
    const double s = joint->b - joint->a;
    const double z = caucus_rough_deviate(-joint->log_level);
    return floor((s + z * sqrt(pooled * share * (1 - share))) / share - s);
}

/* V: by so many at most does the second label lead the first among the others, but for probability d = caucus_exp(-l).
 * The search goes along the last points of the edges, by secants; then the edge above is proved as a whole. */
CAUCUS_SHARED double caucus_joint_most(double a, double b, double k, double others, double l)
{
    const caucus_joint joint = caucus_joint_of(a, b, k, others, l);
    const double share = k / (k + others);
    double low = -joint.either; /* not refuted, or the least there is */
    double high = joint.either + 1;
    double c = caucus_joint_guess(&joint);
    double slope = -share * caucus_rough_deviate(l) /
                   sqrt(fmax(1.0, (a + b + joint.either) * share * (1 - share))); /* of the excess */
    double before = NAN;
    double excess_before = 0;
    for (int i = 0; high - low > 1; i++) {
        c = i < 12 ? fmin(fmax(c, low + 1), high - 1) : floor((low + high) / 2);
        const double excess = caucus_joint_excess(&joint, c);
        if (fabs(c - before) > 2 && excess - excess_before < INFINITY && excess - excess_before > -INFINITY) {
            const double secant = (excess - excess_before) / (c - before);
            slope = secant < 0 ? secant : slope;
        }
        before = c;
        excess_before = excess;
        if (excess > 0) {
            low = c;
            c += fmax(1.0, floor(excess / -slope));
        } else {
            high = c;
            c -= excess > -INFINITY ? fmax(1.0, floor(-excess / -slope)) : floor((high - low) / 2);
        }
    }
    while (!caucus_joint_refutes(&joint, low + 1)) {
        low++;
    }
    return low;
}

#endif
