/* What a pilot decides (docs/bounds.md, "A pilot"): which leads get how much of delta, and in which order cells are
 * taken for the nested sets of the last step. The pilot is a sample apart from the members who prove, so that to them
 * both are constants. Shared with devices. */
#ifndef CAUCUS_BOUND_PILOT_H
#define CAUCUS_BOUND_PILOT_H

#include "bound/margin.h"
#include "math/normal.h"

/* Where a pilot's decisions lie: in scratch of caucus_pilot_scratch doubles. */
typedef struct caucus_pilot_plan {
    double *levels;  /* [cell][pair] ln(1/d) of the limit of a base lead; NaN where the pair does not decide */
    double *order;   /* [cell] cells, the safest first */
    double *nearest; /* [cell] least distance of its pairs */
} caucus_pilot_plan;

CAUCUS_SHARED uint64_t caucus_pilot_scratch(const caucus_margin *margin)
{
    return (uint64_t)margin->n_cells * (margin->n_labels + 2);
}

CAUCUS_SHARED caucus_pilot_plan caucus_pilot_plan_at(const caucus_margin *margin, double *scratch)
{
    const uint64_t n = margin->n_cells;
    caucus_pilot_plan plan;
    plan.levels = scratch;
    plan.order = scratch + CAUCUS_ROW(n * margin->n_labels);
    plan.nearest = plan.order + CAUCUS_ROW(n);
    return plan;
}

/* How far off a lead is from being lost, as the pilot has it: in standard deviations of what is to be limited, at least
 * 0.3. pilot: counts of the pair's labels; here: those of it who plant there. */
CAUCUS_SHARED double caucus_pilot_distance(const caucus_margin *margin, const caucus_bound_view *view, double label_a,
                                           double label_b, double here)
{
    const double n = (double)view->n_pilot;
    const double rest = fmax(margin->rest_size, 1.0);
    const double a = (label_a + 0.5) / n;
    const double b = (label_b + 0.5) / n;
    const double lead = margin->own_size * here / (n * rest) - (b - a);
    return fmax(0.3, lead / sqrt((a + b) * (1 / (double)view->n_base + 1 / rest)));
}

/* Fill levels with the distances of the pairs that decide, and nearest. Returns how many pairs there are. */
CAUCUS_SHARED uint32_t caucus_pilot_measure(const caucus_margin *margin, const caucus_bound_view *view,
                                            const caucus_pilot_plan *plan)
{
    uint32_t n_pairs = 0;
    for (uint32_t x = 0; x < margin->n_cells; x++) {
        const uint32_t good = view->good[CAUCUS_AT(x)];
        double nearest = INFINITY;
        for (uint32_t label = 0; label < margin->n_labels; label++) {
            const bool plants = margin->pairs == CAUCUS_PAIRS_GOOD;
            const bool decides = plants ? label != good : label == good;
            double z = NAN;
            if (decides) {
                const uint32_t rival = plants ? label : margin->target;
                z = caucus_pilot_distance(margin, view, (double)caucus_margin_count(margin, view->pilot, x, good),
                                          (double)caucus_margin_count(margin, view->pilot, x, rival),
                                          (double)view->pilot_mass[CAUCUS_AT(x)]);
                nearest = fmin(nearest, z);
                n_pairs++;
            }
            plan->levels[CAUCUS_AT((uint64_t)x * margin->n_labels + label)] = z;
        }
        plan->nearest[CAUCUS_AT(x)] = nearest;
    }
    return n_pairs;
}

/* Cells by distance, the farthest first; among equals in order. */
CAUCUS_SHARED void caucus_pilot_sort(const caucus_margin *margin, const caucus_pilot_plan *plan)
{
    for (uint32_t i = 0; i < margin->n_cells; i++) {
        uint32_t place = i;
        for (; place > 0; place--) {
            const double before = plan->order[CAUCUS_AT(place - 1)];
            if (plan->nearest[CAUCUS_AT((uint32_t)before)] >= plan->nearest[CAUCUS_AT(i)]) {
                break;
            }
            plan->order[CAUCUS_AT(place)] = before;
        }
        plan->order[CAUCUS_AT(place)] = i;
    }
}

/* Sum of P(Z > factor z) over the pairs of a cell; slope: of the sum by the factor, added up. */
CAUCUS_SHARED double caucus_pilot_tails(const caucus_margin *margin, const caucus_pilot_plan *plan, uint32_t cell,
                                        double factor, double *slope)
{
    double sum = 0;
    for (uint32_t label = 0; label < margin->n_labels; label++) {
        const double z = plan->levels[CAUCUS_AT((uint64_t)cell * margin->n_labels + label)];
        if (z == z) {
            sum += caucus_normal_tail(factor * z);
            *slope -= z * caucus_exp(-0.5 * factor * z * (factor * z)) / 2.5066282746310005024;
        }
    }
    return sum;
}

/* Cells whose pairs together, at their distances, take no more than the share: the first of the order, at least one. */
CAUCUS_SHARED uint32_t caucus_pilot_live(const caucus_margin *margin, const caucus_pilot_plan *plan, double share)
{
    double unused = 0;
    double sum = 0;
    uint32_t n = 0;
    while (n < margin->n_cells) {
        sum += caucus_pilot_tails(margin, plan, (uint32_t)plan->order[CAUCUS_AT(n)], 1, &unused);
        if (n > 0 && sum > share) {
            break;
        }
        n++;
    }
    return n;
}

/* The factor at which the pairs of the first n cells of the order take the share: Newton's method on the logarithm of
 * the sum, which bends little. */
CAUCUS_SHARED double caucus_pilot_factor(const caucus_margin *margin, const caucus_pilot_plan *plan, uint32_t n,
                                         double share)
{
    double low = -INFINITY; /* takes too much */
    double high = INFINITY;
    double factor = 1;
    for (int i = 0; i < 200; i++) {
        double slope = 0;
        double sum = 0;
        for (uint32_t at = 0; at < n; at++) {
            sum += caucus_pilot_tails(margin, plan, (uint32_t)plan->order[CAUCUS_AT(at)], factor, &slope);
        }
        if (sum > share) {
            low = factor;
        } else {
            high = factor;
        }
        double next = sum > 0 ? factor - (caucus_log(sum) - caucus_log(share)) * sum / slope : NAN;
        if (!(next > low && next < high)) {
            next = high == INFINITY ? 2 * fabs(factor) : low == -INFINITY ? factor - 1 : (low + high) / 2;
        }
        if (fabs(next - factor) <= 1e-14 * fabs(next)) {
            return next;
        }
        factor = next;
    }
    return factor;
}

/* Share out what the base pairs have together: a third by their distances among the cells that can be won with it, a
 * third by their distances among all, a third alike. So no pair has less than a third of what any of these rules would
 * give it, and a pilot that is wrong costs little. */
CAUCUS_SHARED void caucus_pilot_decide(const caucus_margin *margin, const caucus_bound_view *view, double share,
                                       const caucus_pilot_plan *plan)
{
    const uint32_t n_pairs = caucus_pilot_measure(margin, view, plan);
    caucus_pilot_sort(margin, plan);
    const uint32_t n_live = caucus_pilot_live(margin, plan, share);
    const double of_live = caucus_pilot_factor(margin, plan, n_live, share);
    const double of_all =
        n_live < margin->n_cells ? caucus_pilot_factor(margin, plan, margin->n_cells, share) : of_live;
    for (uint32_t at = 0; at < margin->n_cells; at++) {
        const uint64_t row = (uint64_t)plan->order[CAUCUS_AT(at)] * margin->n_labels;
        for (uint32_t label = 0; label < margin->n_labels; label++) {
            double *level = &plan->levels[CAUCUS_AT(row + label)];
            if (*level == *level) {
                const double live = at < n_live ? caucus_normal_tail(of_live * *level) : 0;
                const double third = live + caucus_normal_tail(of_all * *level) + share / n_pairs;
                *level = -caucus_log(fmin(third / 3, 0.5)); /* limits are made for levels of a half at most */
            }
        }
    }
}

#endif
