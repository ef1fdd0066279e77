/* Limits of counts, for all lanes of a group at a time: the numbers of bound/transfer.h. */
#ifndef CAUCUS_LOCKSTEP_LIMITS_H
#define CAUCUS_LOCKSTEP_LIMITS_H

#include "bound/transfer.h"
#include "trial/lockstep.h"

/* A loop over lanes becomes vector instructions only with all that it calls inside. */
#define CAUCUS_LOCKSTEP_LOOP static inline __attribute__((flatten))

CAUCUS_LOCKSTEP_LOOP void caucus_lockstep_hoeffding(const caucus_transfer *transfer,
                                                    const caucus_count *restrict counts, double total,
                                                    double *restrict limits)
{
    const double radius = transfer->radius;
    const double k_to = transfer->k_to;
    CAUCUS_EACH_LANE (i) {
        limits[i] = k_to * ((double)counts[i] / total + radius);
    }
}

CAUCUS_LOCKSTEP_LOOP void caucus_lockstep_bernstein(const caucus_transfer *transfer,
                                                    const caucus_count *restrict counts, int side,
                                                    double *restrict limits)
{
    const double k_from = transfer->k_from;
    const double level_from = transfer->level_from;
    const double k_to = transfer->k_to;
    const double level_to = transfer->level_to;
    CAUCUS_EACH_LANE (i) {
        const double probability =
            caucus_bernstein_confidence(caucus_clip((double)counts[i] / k_from), k_from, level_from, side);
        limits[i] = k_to * caucus_bernstein_prediction(caucus_clip(probability), k_to, level_to, side);
    }
}

CAUCUS_LOCKSTEP_LOOP void caucus_lockstep_outward(const caucus_transfer *transfer, const caucus_count *restrict counts,
                                                  int side, double *restrict limits)
{
    const double k_from = transfer->k_from;
    const double level_from = transfer->level_from;
    const double k_to = transfer->k_to;
    const double level_to = transfer->level_to;
    CAUCUS_EACH_LANE (i) {
        const double probability = caucus_limit_beyond((double)counts[i] / k_from, k_from, level_from, side);
        limits[i] = k_to * caucus_limit_beyond(probability, k_to, level_to, side);
    }
}

/* Of one exact step. */
CAUCUS_LOCKSTEP_LOOP void caucus_lockstep_outward_step(const caucus_transfer *transfer,
                                                       const caucus_count *restrict counts, int side,
                                                       double *restrict limits)
{
    const double k_from = transfer->k_from;
    const double k_to = transfer->k_to;
    const double level = transfer->level_from;
    CAUCUS_EACH_LANE (i) {
        const double both = caucus_limit_beyond((double)counts[i] / k_from, k_from, level, side);
        const double marked = both * (k_from + k_to) - (double)counts[i];
        limits[i] = side == CAUCUS_LOWER ? (marked > 0.0 ? marked : 0.0) - 1 : (marked < k_to ? marked : k_to) + 1;
    }
}

CAUCUS_LOCKSTEP_LOOP void caucus_lockstep_inward(const caucus_transfer *transfer, const caucus_count *restrict counts,
                                                 double *restrict limits)
{
    const double k_from = transfer->k_from;
    const double k_to = transfer->k_to;
    const double sign = transfer->side == CAUCUS_LOWER ? -1 : 1;
    CAUCUS_EACH_LANE (i) {
        limits[i] = k_to * ((double)counts[i] / k_from) - sign;
    }
}

/* limits[lane]: as caucus_transfer_value, or caucus_transfer_rough where not exact. total: that counts are out of. */
static inline void caucus_lockstep_limit(const caucus_transfer *transfer, caucus_precision precision,
                                         const caucus_count *restrict counts, double total, double *restrict limits)
{
    const caucus_inequality inequality = transfer->inequality;
    const bool lower = transfer->side == CAUCUS_LOWER;
    const bool plain =
        !isinf(transfer->k_to) && transfer->k_from > 1 && transfer->k_to > 0 && total > 0 && !(transfer->ratio > 1);
    const bool one_step = inequality >= CAUCUS_HYPERGEOMETRIC;
    if (plain && precision == CAUCUS_EXACT && inequality == CAUCUS_HOEFFDING) {
        caucus_lockstep_hoeffding(transfer, counts, total, limits);
    } else if (plain && precision == CAUCUS_EXACT && inequality == CAUCUS_BERNSTEIN && lower) {
        caucus_lockstep_bernstein(transfer, counts, CAUCUS_LOWER, limits);
    } else if (plain && precision == CAUCUS_EXACT && inequality == CAUCUS_BERNSTEIN) {
        caucus_lockstep_bernstein(transfer, counts, CAUCUS_UPPER, limits);
    } else if (plain && precision == CAUCUS_OUTWARD && one_step && lower) {
        caucus_lockstep_outward_step(transfer, counts, CAUCUS_LOWER, limits);
    } else if (plain && precision == CAUCUS_OUTWARD && one_step) {
        caucus_lockstep_outward_step(transfer, counts, CAUCUS_UPPER, limits);
    } else if (plain && precision == CAUCUS_OUTWARD && lower) {
        caucus_lockstep_outward(transfer, counts, CAUCUS_LOWER, limits);
    } else if (plain && precision == CAUCUS_OUTWARD) {
        caucus_lockstep_outward(transfer, counts, CAUCUS_UPPER, limits);
    } else if (plain && precision == CAUCUS_INWARD) {
        caucus_lockstep_inward(transfer, counts, limits);
    } else {
        CAUCUS_EACH_LANE (i) {
            limits[i] = precision == CAUCUS_EXACT ? caucus_transfer_value(transfer, counts[i], total)
                                                  : caucus_transfer_rough(transfer, counts[i], precision);
        }
    }
}

#endif
