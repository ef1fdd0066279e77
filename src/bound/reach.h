/* What a strategy can hand in at all, known from its name and targets: the rest is exactly 0. */
#ifndef CAUCUS_BOUND_REACH_H
#define CAUCUS_BOUND_REACH_H

#include "bound/bound.h"

/* Whether a strategy can put anybody on a cell with these flags and label y. */
static inline bool caucus_reach_at(caucus_strategy strategy, uint32_t target, unsigned flags, uint32_t y)
{
    const bool signal = (flags & CAUCUS_REACH_SIGNAL) != 0;
    switch (strategy) {
    case CAUCUS_FEATURE_LABEL:
        return signal && y == target;
    case CAUCUS_FEATURE_ONLY:
        return y == target ? signal : (flags & CAUCUS_REACH_OUTSIDE) != 0;
    case CAUCUS_FEATURE_ONLY_KEEP:
        return y != target || signal;
    case CAUCUS_ERASE:
        return true;
    default: /* unplanting */
        return signal && y != target;
    }
}

/* Whether it can hand in label y anywhere. */
static inline bool caucus_reach_label(caucus_strategy strategy, uint32_t target, uint32_t y)
{
    switch (strategy) {
    case CAUCUS_FEATURE_LABEL:
        return y == target;
    case CAUCUS_UNPLANT_NAIVE:
    case CAUCUS_UNPLANT_ADAPTIVE:
        return y != target;
    default:
        return true;
    }
}

#endif
