/* Families: from margins over the cells to the share s of members whose cells are sure to obey (docs/bounds.md,
 * "Families"). Each returns a count of members, which need not be whole for budget. Shared with devices. */
#ifndef CAUCUS_BOUND_FAMILY_H
#define CAUCUS_BOUND_FAMILY_H

#include "bound/margin.h"

/* One person in 10^12 is a lead of 1e-12: a lead below this is the rounding of a tie, and ties count against the
 * collective. */
#define CAUCUS_TIE 1e-14

/* What a family needs beside the margin. */
typedef struct caucus_family_rule {
    const uint32_t *image;         /* erase: [cell] g(x); else NULL */
    bool contamination;            /* the convention of the slack */
    double adversary;              /* for knowledge total: the others' share, an adversary's to use */
    caucus_transfer certify_lower; /* erase, staircase: limits of base probabilities */
    caucus_transfer certify_upper;
} caucus_family_rule;

/* kappa: the slack that a lead must exceed when the platform is epsilon-suboptimal. */
CAUCUS_SHARED double caucus_family_slack(const caucus_family_rule *rule, double epsilon)
{
    return rule->contamination ? epsilon / (1 - epsilon) : 2 * epsilon;
}

/* staircase: what each cell's margin must exceed. */
CAUCUS_SHARED double caucus_family_threshold(const caucus_family_rule *rule, double epsilon)
{
    return caucus_family_slack(rule, epsilon) + rule->adversary;
}

/* budget: mass that may be moved against the collective. */
CAUCUS_SHARED double caucus_family_means(const caucus_family_rule *rule, double epsilon)
{
    return 2 * epsilon + rule->adversary;
}

typedef struct caucus_purchase { /* something that a budget can buy */
    double mass;
    double cost;
} caucus_purchase;

/* Doubles of scratch that a family needs. */
CAUCUS_SHARED uint64_t caucus_family_scratch(uint32_t n_cells)
{
    return 6 * (uint64_t)n_cells;
}

/* Erase: whether the members' data show, up to the level, that the good label is the most frequent one at the cell. */
CAUCUS_SHARED bool caucus_family_certified(const caucus_family_rule *rule, const caucus_margin *margin,
                                           const caucus_bound_view *view, uint32_t cell)
{
    const uint64_t *row = view->base + CAUCUS_ROW((uint64_t)cell * margin->n_labels);
    const uint32_t good = view->good[CAUCUS_AT(cell)];
    double low = 0;
    CAUCUS_ROLLED
    for (uint32_t i = 0; i < margin->n_labels; i++) {
        const uint32_t label = i == 0 ? good : i <= good ? i - 1 : i; /* the good one first */
        const double limit = caucus_transfer_value(i == 0 ? &rule->certify_lower : &rule->certify_upper,
                                                   row[CAUCUS_AT(label)], (double)view->n_base);
        if (i == 0) {
            low = limit;
        } else if (!(low > limit)) {
            return false;
        }
    }
    return true;
}

/* The margin at every cell, as far as a family needs it: lead[x], which exceeds the threshold just when the margin does
 * and is the margin where exact. */
CAUCUS_SHARED void caucus_family_leads(const caucus_margin *margin, const caucus_bound_view *view, double threshold,
                                       bool exact, double *lead)
{
    CAUCUS_ROLLED
    for (uint32_t x = 0; x < margin->n_cells; x++) {
        lead[CAUCUS_AT(x)] = caucus_margin_judge(margin, view, x, threshold, exact);
    }
}

/* lead: by caucus_family_leads with this threshold; overwritten. */
CAUCUS_SHARED double caucus_family_staircase(const caucus_family_rule *rule, const caucus_margin *margin,
                                             const caucus_bound_view *view, double threshold, double *lead)
{
    uint64_t kept = 0;
    CAUCUS_ROLLED
    for (uint32_t x = 0; rule->image != NULL && x < margin->n_cells; x++) {
        if (lead[CAUCUS_AT(x)] > threshold && rule->image[x] == x && !caucus_family_certified(rule, margin, view, x)) {
            lead[CAUCUS_AT(x)] = -INFINITY;
        }
    }
    for (uint32_t x = 0; x < margin->n_cells; x++) {
        const uint32_t signal = rule->image != NULL ? rule->image[x] : x;
        kept += lead[CAUCUS_AT(x)] > threshold && lead[CAUCUS_AT(signal)] > threshold ? view->mass[CAUCUS_AT(x)] : 0;
    }
    return (double)kept;
}

/* Put the item at place where its children are worth no more: the heap's top is worth most mass for its cost. */
CAUCUS_SHARED void caucus_family_sift(caucus_purchase *items, uint32_t n_items, uint32_t place)
{
    for (;;) {
        uint32_t best = place;
        for (uint32_t child = 2 * place + 1; child <= 2 * place + 2 && child < n_items; child++) {
            if (items[CAUCUS_AT(child)].mass * items[CAUCUS_AT(best)].cost >
                items[CAUCUS_AT(best)].mass * items[CAUCUS_AT(child)].cost) {
                best = child;
            }
        }
        if (best == place) {
            return;
        }
        caucus_purchase held = items[CAUCUS_AT(place)];
        items[CAUCUS_AT(place)] = items[CAUCUS_AT(best)];
        items[CAUCUS_AT(best)] = held;
        place = best;
    }
}

/* The most mass that a budget can take off: the knapsack with its last item in part. Destroys the items. */
CAUCUS_SHARED double caucus_family_loss(caucus_purchase *items, uint32_t n_items, double budget)
{
    double loss = 0;
    for (uint32_t place = n_items / 2; place-- > 0;) {
        caucus_family_sift(items, n_items, place);
    }
    while (n_items > 0) {
        if (items[CAUCUS_AT(0)].cost > budget) {
            return loss + items[CAUCUS_AT(0)].mass * (budget / items[CAUCUS_AT(0)].cost);
        }
        loss += items[CAUCUS_AT(0)].mass;
        budget -= items[CAUCUS_AT(0)].cost;
        n_items--;
        items[CAUCUS_AT(0)] = items[CAUCUS_AT(n_items)];
        caucus_family_sift(items, n_items, 0);
    }
    return loss;
}

/* For erase a cell can be lost by itself or with its signal cell; a cell paid for twice is taken off twice, which only
 * makes the bound smaller. scratch: caucus_family_scratch, the leads at its front, exact where there is a budget. */
CAUCUS_SHARED double caucus_family_budget(const caucus_family_rule *rule, const caucus_margin *margin, double budget,
                                          const uint64_t *mass, double *scratch)
{
    const double *lead = scratch;                              /* [cell] */
    double *followers = scratch + CAUCUS_ROW(margin->n_cells); /* [cell] members that go down with a signal cell */
    caucus_purchase *items = (caucus_purchase *)(void *)(scratch + CAUCUS_ROW(2 * (uint64_t)margin->n_cells));
    const double most = budget + CAUCUS_TIE; /* a cell on the edge can be lost */
    uint32_t n_items = 0;
    double kept = 0;
    for (uint32_t x = 0; x < margin->n_cells; x++) {
        followers[CAUCUS_AT(x)] = 0;
    }
    for (uint32_t x = 0; x < margin->n_cells; x++) {
        const uint32_t signal = rule->image != NULL ? rule->image[x] : x;
        const double members = (double)mass[CAUCUS_AT(x)];
        if (!(lead[CAUCUS_AT(x)] > CAUCUS_TIE && lead[CAUCUS_AT(signal)] > CAUCUS_TIE) || members == 0) {
            continue;
        }
        kept += members;
        followers[CAUCUS_AT(signal)] += members;
        if (budget > 0 && lead[CAUCUS_AT(x)] <= most) {
            items[CAUCUS_AT(n_items)].mass = members;
            items[CAUCUS_AT(n_items)].cost = lead[CAUCUS_AT(x)];
            n_items++;
        }
    }
    for (uint32_t x = 0; rule->image != NULL && budget > 0 && x < margin->n_cells; x++) {
        if (followers[CAUCUS_AT(x)] > 0 && lead[CAUCUS_AT(x)] <= most) {
            items[CAUCUS_AT(n_items)].mass = followers[CAUCUS_AT(x)];
            items[CAUCUS_AT(n_items)].cost = lead[CAUCUS_AT(x)];
            n_items++;
        }
    }
    return n_items > 0 ? kept - caucus_family_loss(items, n_items, budget) : kept;
}

/* The infinite-data bound that is linear in the shares (Hardt et al. 2023, theorem 1, for one collective; Battiloro et
 * al. 2025 for several). What the others hand in inside the signal set counts where its label is not the good one: for
 * feature_label collectives that is exactly the collectives in conflict. All of it is taken as known. */
CAUCUS_SHARED double caucus_family_linear(const caucus_family_rule *rule, const caucus_margin *margin,
                                          const caucus_bound_view *view, double epsilon)
{
    const double kappa = caucus_family_slack(rule, epsilon);
    const uint64_t *counts = margin->pooled ? view->pooled : view->base;
    double total = (double)(margin->pooled ? view->n_pooled : view->n_base);
    double exclusivity = 0; /* xi: share of the base distribution in the signal set */
    double gap = -1;        /* Delta: the largest by which a rival leads there */
    double conflict = 0;    /* share of the others in the signal set with a rival label */
    for (uint32_t x = 0; x < margin->n_cells; x++) {
        uint32_t good = view->good[CAUCUS_AT(x)];
        const size_t row = CAUCUS_ROW((uint64_t)x * margin->n_labels);
        uint64_t sum = 0;
        uint64_t strongest = 0;
        for (uint32_t label = 0; label < margin->n_labels; label++) {
            sum += counts[row + CAUCUS_AT(label)];
            if (label != good) {
                strongest = counts[row + CAUCUS_AT(label)] > strongest ? counts[row + CAUCUS_AT(label)] : strongest;
                conflict += margin->others_weight > 0
                                ? (double)view->others[row + CAUCUS_AT(label)] / (double)view->n_others
                                : 0;
            }
        }
        if (sum > 0) {
            exclusivity += (double)sum / total;
            gap = fmax(gap, ((double)strongest - (double)counts[row + CAUCUS_AT(good)]) / (double)sum);
        }
    }
    double against =
        margin->rest_weight * gap * exclusivity + margin->others_weight * conflict + kappa * margin->n_cells;
    return 1 - against / margin->own_weight;
}

#endif
