/* Families: from leads over the cells to the members whose cells are sure to obey, or may obey (docs/bounds.md,
 * "Families"). Each returns a count of members, which need not be whole for budget. Shared with devices. */
#ifndef CAUCUS_BOUND_FAMILY_H
#define CAUCUS_BOUND_FAMILY_H

#include "bound/margin.h"

/* One person in 10^12 is a lead of 1e-12: a lead below this share of the consumers is the rounding of a tie, and ties
 * count against the collective. */
#define CAUCUS_TIE 1e-14

/* What a family needs beside the margin. */
typedef struct caucus_family_rule {
    const uint32_t *image;         /* erase: [cell] g(x); else NULL */
    bool contamination;            /* the convention of the slack */
    caucus_transfer certify_lower; /* erase, staircase: limits of base probabilities */
    caucus_transfer certify_upper;
} caucus_family_rule;

typedef struct caucus_purchase { /* something that a budget can buy */
    double mass;
    double cost;
} caucus_purchase;

/* Doubles of scratch: leads, followers, items, ranks. What margins remember lies behind them. */
CAUCUS_SHARED uint64_t caucus_family_scratch(uint32_t n_cells, uint32_t n_others)
{
    return 6 * (uint64_t)n_cells + n_others;
}

/* kappa: the slack that a lead must exceed, as a share, when the platform is epsilon-suboptimal. */
CAUCUS_SHARED double caucus_family_slack(const caucus_family_rule *rule, double epsilon)
{
    return rule->contamination ? epsilon / (1 - epsilon) : 2 * epsilon;
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

/* staircase: members at the cells whose leads, and at whose images, exceed the threshold. Overwrites lead. */
CAUCUS_SHARED double caucus_family_staircase(const caucus_family_rule *rule, const caucus_margin *margin,
                                             const caucus_bound_view *view, const uint64_t *mass, double threshold,
                                             double *lead)
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
        kept += lead[CAUCUS_AT(x)] > threshold && lead[CAUCUS_AT(signal)] > threshold ? mass[CAUCUS_AT(x)] : 0;
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

/* The most mass that a budget can buy: the knapsack with its last item in part. An item whose cost is the budget's rest
 * but for rounding is bought whole. Destroys the items. */
CAUCUS_SHARED double caucus_family_bought(caucus_purchase *items, uint32_t n_items, double budget, double rounding)
{
    double bought = 0;
    for (uint32_t place = n_items / 2; place-- > 0;) {
        caucus_family_sift(items, n_items, place);
    }
    while (n_items > 0) {
        if (items[CAUCUS_AT(0)].cost > budget + rounding) {
            return bought + items[CAUCUS_AT(0)].mass * (budget > 0 ? budget / items[CAUCUS_AT(0)].cost : 0);
        }
        bought += items[CAUCUS_AT(0)].mass;
        budget -= items[CAUCUS_AT(0)].cost;
        n_items--;
        items[CAUCUS_AT(0)] = items[CAUCUS_AT(n_items)];
        caucus_family_sift(items, n_items, 0);
    }
    return bought;
}

/* budget, from below: members at cells that lead, less the most that a budget can take off. For erase a cell can be
 * lost by itself or with its signal cell; a cell paid for twice is taken off twice, which only makes the bound smaller.
 * scratch: caucus_family_scratch, the leads at its front, exact as far as the budget reaches. */
CAUCUS_SHARED double caucus_family_budget(const caucus_family_rule *rule, const caucus_margin *margin, double budget,
                                          const uint64_t *mass, double *scratch)
{
    const double *lead = scratch;                              /* [cell] */
    double *followers = scratch + CAUCUS_ROW(margin->n_cells); /* [cell] members that go down with a signal cell */
    caucus_purchase *items = (caucus_purchase *)(void *)(scratch + CAUCUS_ROW(2 * (uint64_t)margin->n_cells));
    const double rounding = CAUCUS_TIE * margin->consumers;
    const double most = budget + rounding; /* a cell on the edge can be lost */
    uint32_t n_items = 0;
    double kept = 0;
    for (uint32_t x = 0; x < margin->n_cells; x++) {
        followers[CAUCUS_AT(x)] = 0;
    }
    for (uint32_t x = 0; x < margin->n_cells; x++) {
        const uint32_t signal = rule->image != NULL ? rule->image[x] : x;
        const double members = (double)mass[CAUCUS_AT(x)];
        if (!(lead[CAUCUS_AT(x)] > rounding && lead[CAUCUS_AT(signal)] > rounding) || members == 0) {
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
    return n_items > 0 ? kept - caucus_family_bought(items, n_items, budget, rounding) : kept;
}

/* From above: members at cells that nothing is sure to prevent, and for budget those that a helper can win besides.
 * scratch as above; lead: by how much each cell is prevented at least. */
CAUCUS_SHARED double caucus_family_reached(const caucus_margin *margin, caucus_family family, double budget,
                                           const uint64_t *mass, double *scratch)
{
    const double *lead = scratch;
    caucus_purchase *items = (caucus_purchase *)(void *)(scratch + CAUCUS_ROW(2 * (uint64_t)margin->n_cells));
    const double rounding = CAUCUS_TIE * margin->consumers;
    const double free_up_to = family == CAUCUS_STAIRCASE ? budget : 0;
    uint32_t n_items = 0;
    double reached = 0;
    for (uint32_t x = 0; x < margin->n_cells; x++) {
        const double cost = lead[CAUCUS_AT(x)];
        const double members = (double)mass[CAUCUS_AT(x)];
        if (cost < free_up_to - rounding) {
            reached += members;
        } else if (family == CAUCUS_BUDGET && budget > 0 && cost <= budget + rounding && members > 0) {
            items[CAUCUS_AT(n_items)].mass = members;
            items[CAUCUS_AT(n_items)].cost = cost > 0 ? cost : 0;
            n_items++;
        }
    }
    return n_items > 0 ? reached + caucus_family_bought(items, n_items, budget, rounding) : reached;
}

/* Of a cell, the most by which a rival of the good label leads in the base data; with one rival, that one's lead. */
CAUCUS_SHARED double caucus_family_gap(const caucus_margin *margin, const uint64_t *counts, uint32_t cell,
                                       uint32_t good, bool against)
{
    double most = 0;
    for (uint32_t label = 0; label < margin->n_labels; label++) {
        if (label != good && (margin->pairs == CAUCUS_PAIRS_GOOD || label == margin->target)) {
            most = fmax(most, (double)caucus_margin_count(margin, counts, cell, label));
        }
    }
    return against ? most : most - (double)caucus_margin_count(margin, counts, cell, good);
}

/* The infinite-data bound that is linear in the shares (Hardt et al. 2023, theorem 1, for one collective; Battiloro et
 * al. 2025 for several), cell by cell: a cell that fails cannot hold more members than what speaks against it allows.
 */
CAUCUS_SHARED double caucus_family_linear(const caucus_family_rule *rule, const caucus_margin *margin,
                                          const caucus_bound_view *view, caucus_strategy strategy, double epsilon)
{
    const double kappa = caucus_family_slack(rule, epsilon);
    const uint64_t *counts = margin->pooled ? view->pooled : view->base;
    const double total = (double)(margin->pooled ? view->n_pooled : view->n_base);
    const double rest = margin->rest_size / margin->consumers;
    const double own = margin->own_size / margin->consumers;
    const double others = margin->others_size / margin->consumers;
    double lost = 0;
    for (uint32_t x = 0; x < margin->n_cells; x++) {
        const uint32_t good = view->good[CAUCUS_AT(x)];
        const double mass = (double)view->mass[CAUCUS_AT(x)];
        double planted = 1; /* rho: the share of the members with g(member) = x who hand in the good label there */
        double against = rest * fmax(caucus_family_gap(margin, counts, x, good, false) / total, 0.0) + kappa;
        if (others > 0) {
            against += others * (caucus_family_gap(margin, view->others, x, good, true) / (double)view->n_others);
        }
        if (strategy == CAUCUS_FEATURE_ONLY || strategy == CAUCUS_FEATURE_ONLY_KEEP) {
            planted = mass > 0 ? (double)caucus_margin_count(margin, view->own, x, good) / mass : 0;
        }
        if (strategy == CAUCUS_FEATURE_ONLY_KEEP) { /* who stays is a rival */
            against += own * (caucus_family_gap(margin, counts, x, good, true) / total);
        }
        lost += planted > 0 ? against / (own * planted) : mass / (double)view->n_own;
    }
    return 1 - lost;
}

#endif
