/* The margin by which the good label is sure to lead at a cell (docs/bounds.md, "Margin and slack"): a sum of one
 * lower bound for each group of consumers. What the groups are known to do is data, so that one function serves all
 * strategies, knowledge levels, inequalities and families. Shared with devices. */
#ifndef CAUCUS_BOUND_MARGIN_H
#define CAUCUS_BOUND_MARGIN_H

#include "bound/bound.h"
#include "bound/transfer.h"

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

/* What one group adds for or against a label: a limit of a count, weighed. */
typedef struct caucus_margin_term {
    const caucus_transfer *transfer; /* NULL: nothing */
    double weight;
    uint64_t count;
    uint64_t total;
} caucus_margin_term;

/* Term 0 is the collective itself, 1 the others outside all collectives, then come the neighbours. entry: of a
 * [cell][label] array. */
CAUCUS_SHARED caucus_margin_term caucus_margin_term_of(const caucus_margin *margin, const caucus_bound_view *view,
                                                       uint64_t entry, int side, uint32_t number)
{
    const bool lower = side == CAUCUS_LOWER;
    const size_t at = CAUCUS_AT(entry);
    caucus_margin_term term;
    if (number == 0) {
        term.transfer = lower ? &margin->own_lower : &margin->own_upper;
        term.transfer = margin->own_exact || !(lower || margin->own_rivals) ? NULL : term.transfer;
        term.weight = margin->own_weight;
        term.count = view->own[at];
        term.total = view->n_own;
    } else if (number == 1) {
        term.transfer = lower ? &margin->base_lower : &margin->base_upper;
        term.transfer = margin->rest_weight > 0 ? term.transfer : NULL;
        term.weight = margin->rest_weight;
        term.count = margin->pooled ? view->pooled[at] : view->base[at];
        term.total = margin->pooled ? view->n_pooled : view->n_base;
    } else {
        const caucus_neighbour *neighbour = &margin->neighbours[number - 2];
        term.transfer = lower ? &neighbour->lower : &neighbour->upper;
        term.weight = neighbour->weight;
        term.count = view->crossed[CAUCUS_AT((uint64_t)neighbour->row * margin->n_cells * margin->n_labels + entry)];
        term.total = view->n_base;
    }
    return term;
}

/* What speaks for a label (side lower) or against it (side upper) at a cell, over all groups. */
CAUCUS_SHARED double caucus_margin_support(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell,
                                           uint32_t label, int side, caucus_precision precision)
{
    const uint64_t entry = (uint64_t)cell * margin->n_labels + label;
    const size_t at = CAUCUS_AT(entry);
    double sum = margin->own_exact ? margin->own_weight * ((double)view->own[at] / (double)view->n_own) : 0;
    CAUCUS_ROLLED
    for (uint32_t number = 0; number < 2 + margin->n_neighbours; number++) {
        const caucus_margin_term term = caucus_margin_term_of(margin, view, entry, side, number);
        if (term.transfer != NULL) {
            sum += term.weight * (precision == CAUCUS_EXACT
                                      ? caucus_transfer_value(term.transfer, term.count, (double)term.total)
                                      : caucus_transfer_rough(term.transfer, term.count, precision));
        }
    }
    if (margin->others_exact) {
        sum += margin->others_weight * ((double)view->others[at] / (double)view->n_others);
    }
    return side == CAUCUS_LOWER ? sum : sum + margin->label_loss[label];
}

/* min over rivals of the lower bounds on G(x, b). */
CAUCUS_SHARED double caucus_margin_to(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell,
                                      caucus_precision precision)
{
    const uint32_t good = view->good[CAUCUS_AT(cell)];
    double lead = 0;
    double strongest = -INFINITY;
    CAUCUS_ROLLED
    for (uint32_t label = 0; label < margin->n_labels; label++) {
        if (label != good && margin->one_rival && label != margin->rival) {
            continue;
        }
        const int side = label == good ? CAUCUS_LOWER : CAUCUS_UPPER;
        const double support = caucus_margin_support(margin, view, cell, label, side, precision);
        if (label == good) {
            lead = support;
        } else if (support > strongest) {
            strongest = support;
        }
    }
    return lead - strongest;
}

/* The margin itself where exact, else a number that exceeds the threshold just when the margin does: where limits are
 * dear, numbers on either side of them mostly tell; 1e-9 is far more than their rounding. */
CAUCUS_SHARED double caucus_margin_judge(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell,
                                         double threshold, bool exact)
{
    double value = 0;
    CAUCUS_ROLLED
    for (int precision = exact || caucus_transfer_is_cheap(&margin->base_lower) ? CAUCUS_EXACT : CAUCUS_OUTWARD;;
         precision = precision == CAUCUS_OUTWARD ? CAUCUS_INWARD : CAUCUS_EXACT) {
        value = caucus_margin_to(margin, view, cell, (caucus_precision)precision);
        if (precision == CAUCUS_EXACT || (precision == CAUCUS_OUTWARD && value > threshold + 1e-9)) {
            return value;
        }
        if (precision == CAUCUS_INWARD && value < threshold - 1e-9) {
            return value;
        }
    }
}

CAUCUS_SHARED double caucus_margin_at(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell)
{
    return caucus_margin_judge(margin, view, cell, 0, true);
}

#endif
