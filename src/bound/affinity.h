/* Members of whom it is known that people who match are so many times as likely to join as others, and who are like
 * everybody in all else (docs/bounds.md, "An affinity that is known"). Shared with devices. */
#ifndef CAUCUS_BOUND_AFFINITY_H
#define CAUCUS_BOUND_AFFINITY_H

#include "bound/transfer.h"

typedef struct caucus_affinity {
    double times;            /* a; 0: members are a sample of everybody, or a ratio bounds them */
    const uint8_t *matching; /* [cell] whether people there match */
    caucus_transfer lower;   /* of a share of the base members */
    caucus_transfer upper;
} caucus_affinity;

/* A limit of a share of the base members, as far as it can be one. */
CAUCUS_SHARED double caucus_affinity_share(const caucus_affinity *affinity, uint64_t count, uint64_t n_base, int side)
{
    return caucus_clip(
        caucus_transfer_value(side == CAUCUS_LOWER ? &affinity->lower : &affinity->upper, count, (double)n_base));
}

/* A limit of Z: among people all who do not match are Z times as frequent as among members. It rises with the share
 * of those who match, or falls where a is below 1. */
CAUCUS_SHARED double caucus_affinity_factor(const caucus_affinity *affinity, uint64_t n_matching, uint64_t n_base,
                                            int side)
{
    const double a = affinity->times;
    const double low = caucus_affinity_share(affinity, n_matching, n_base, CAUCUS_LOWER);
    const double high = caucus_affinity_share(affinity, n_matching, n_base, CAUCUS_UPPER);
    const double at_low = a / (low + a * (1 - low));
    const double at_high = a / (high + a * (1 - high));
    return side == CAUCUS_LOWER ? fmin(at_low, at_high) : fmax(at_low, at_high);
}

/* The limit of a probability among people, from those of its two parts among members. */
CAUCUS_SHARED double caucus_affinity_weigh(const caucus_affinity *affinity, double factor, double matching,
                                           double others)
{
    return caucus_clip(factor * (matching / affinity->times + others));
}

#endif
