/* The margin by which the good label is sure to lead at a cell (theory, "The margin"): a sum of one lower bound for
 * each group of consumers. What the groups are known to do is data, so that one function serves all strategies,
 * knowledge levels, inequalities and families. */
#ifndef CAUCUS_BOUND_MARGIN_H
#define CAUCUS_BOUND_MARGIN_H

#include "bound.h"
#include "bound_transfer.h"

/* Another collective whose strategy is known, but not its data. */
typedef struct caucus_neighbour {
    uint32_t row; /* in the view's crossed counts */
    double weight;
    caucus_transfer lower;
    caucus_transfer upper;
} caucus_neighbour;

typedef struct caucus_margin {
    uint32_t n_labels;
    uint32_t n_cells;
    bool one_rival; /* only the label rival competes; else every label but the good one */
    uint32_t rival;
    double own_weight;
    bool own_exact;  /* the collective takes what it hands in as it is */
    bool own_rivals; /* it may hand in rival labels inside its signal set */
    caucus_transfer own_lower;
    caucus_transfer own_upper;
    double rest_weight; /* of the consumers outside all collectives */
    bool pooled;        /* their base rate comes from all collectives' raw data, not from this one's */
    caucus_transfer base_lower;
    caucus_transfer base_upper;
    bool others_exact; /* the other collectives' counts are known */
    double others_weight;
    uint32_t n_neighbours;
    const caucus_neighbour *neighbours;
    const double *label_loss; /* [label] what collectives known by their target, or not at all, can add to a rival */
} caucus_margin;

CAUCUS_SHARED double caucus_margin_limit(const caucus_transfer *transfer, uint64_t count, uint64_t total,
                                         caucus_precision precision)
{
    return precision == CAUCUS_EXACT ? caucus_transfer_value(transfer, count, (double)total)
                                     : caucus_transfer_rough(transfer, count, precision);
}

/* What speaks for a label (side lower) or against it (side upper) at a cell, over all groups. */
CAUCUS_SHARED double caucus_margin_support(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell,
                                           uint32_t label, int side, caucus_precision precision)
{
    const uint64_t entry = (uint64_t)cell * margin->n_labels + label;
    const size_t at = CAUCUS_AT(entry);
    double sum = 0;
    if (margin->own_exact) {
        sum = margin->own_weight * ((double)view->own[at] / (double)view->n_own);
    } else if (side == CAUCUS_LOWER) {
        sum = margin->own_weight * caucus_margin_limit(&margin->own_lower, view->own[at], view->n_own, precision);
    } else if (margin->own_rivals) {
        sum = margin->own_weight * caucus_margin_limit(&margin->own_upper, view->own[at], view->n_own, precision);
    }
    if (margin->rest_weight > 0) {
        const caucus_transfer *base = side == CAUCUS_LOWER ? &margin->base_lower : &margin->base_upper;
        sum += margin->rest_weight * (margin->pooled
                                          ? caucus_margin_limit(base, view->pooled[at], view->n_pooled, precision)
                                          : caucus_margin_limit(base, view->base[at], view->n_base, precision));
    }
    if (margin->others_exact) {
        sum += margin->others_weight * ((double)view->others[at] / (double)view->n_others);
    }
    for (uint32_t i = 0; i < margin->n_neighbours; i++) {
        const caucus_neighbour *neighbour = &margin->neighbours[i];
        uint64_t count =
            view->crossed[CAUCUS_AT((uint64_t)neighbour->row * margin->n_cells * margin->n_labels + entry)];
        sum += neighbour->weight * caucus_margin_limit(side == CAUCUS_LOWER ? &neighbour->lower : &neighbour->upper,
                                                       count, view->n_base, precision);
    }
    return side == CAUCUS_LOWER ? sum : sum + margin->label_loss[label];
}

/* min over rivals of the lower bounds on G(x, b). */
CAUCUS_SHARED double caucus_margin_to(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell,
                                      caucus_precision precision)
{
    uint32_t good = view->good[CAUCUS_AT(cell)];
    double lead = caucus_margin_support(margin, view, cell, good, CAUCUS_LOWER, precision);
    if (margin->one_rival) {
        return lead - caucus_margin_support(margin, view, cell, margin->rival, CAUCUS_UPPER, precision);
    }
    double strongest = -INFINITY;
    for (uint32_t label = 0; label < margin->n_labels; label++) {
        if (label != good) {
            double rival = caucus_margin_support(margin, view, cell, label, CAUCUS_UPPER, precision);
            strongest = rival > strongest ? rival : strongest;
        }
    }
    return lead - strongest;
}

CAUCUS_SHARED double caucus_margin_at(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell)
{
    return caucus_margin_to(margin, view, cell, CAUCUS_EXACT);
}

/* Whether the margin exceeds a threshold. Where limits are dear, numbers on either side of them mostly tell; 1e-9 is
 * far more than their rounding. */
CAUCUS_SHARED bool caucus_margin_exceeds(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell,
                                         double threshold)
{
    if (!caucus_transfer_is_cheap(&margin->base_lower)) {
        if (caucus_margin_to(margin, view, cell, CAUCUS_OUTWARD) > threshold + 1e-9) {
            return true;
        }
        if (caucus_margin_to(margin, view, cell, CAUCUS_INWARD) < threshold - 1e-9) {
            return false;
        }
    }
    return caucus_margin_at(margin, view, cell) > threshold;
}

#endif
