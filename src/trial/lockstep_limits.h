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

/* The most people who have either of two labels in any lane: numbers beside limits of leads are further off with more
 * of them, so that roots are taken once for all lanes. */
CAUCUS_LOCKSTEP_LOOP double caucus_lockstep_most_of_either(const caucus_count *restrict a,
                                                           const caucus_count *restrict b)
{
    caucus_count most = 0;
    CAUCUS_EACH_LANE (i) {
        most = a[i] + b[i] > most ? a[i] + b[i] : most;
    }
    return (double)most;
}

/* Numbers above limits of leads, none below the outward ones of caucus_lead_transfer_rough. */
CAUCUS_LOCKSTEP_LOOP void caucus_lockstep_lead_above(const caucus_lead_transfer *transfer,
                                                     const caucus_count *restrict a, const caucus_count *restrict b,
                                                     double *restrict leads)
{
    const double k = transfer->k_from;
    const double ratio = (k + transfer->k_to) / k;
    const double either = fmin(caucus_lockstep_most_of_either(a, b) / k, 1.0);
    const double most = caucus_limit_beyond(either, k, transfer->level + CAUCUS_LEAD_EITHER, CAUCUS_UPPER);
    const double level = transfer->level + CAUCUS_LEAD_REST;
    const double t = 2 * level / 3 + sqrt(4 * level * level / 9 + 2 * level * k * most);
    const double marked = most * (k + transfer->k_to);
    CAUCUS_EACH_LANE (i) {
        const double s = (double)b[i] - (double)a[i];
        const double lead = ceil((s + t) * ratio - s) + 1;
        const double all = marked - ((double)a[i] + (double)b[i]) + 1;
        leads[i] = lead < all ? lead : all;
    }
}

/* Numbers below them, none above the inward ones. */
CAUCUS_LOCKSTEP_LOOP void caucus_lockstep_lead_below(const caucus_lead_transfer *transfer,
                                                     const caucus_count *restrict a, const caucus_count *restrict b,
                                                     double *restrict leads)
{
    const double k = transfer->k_from;
    const double ratio = (k + transfer->k_to) / k;
    const double either = caucus_lockstep_most_of_either(a, b);
    const double margin = sqrt(either + 3 * sqrt(either) + 20) * transfer->spread;
    const double least = -transfer->k_to;
    CAUCUS_EACH_LANE (i) {
        const double s = (double)b[i] - (double)a[i];
        const double lead = floor((s - margin) * ratio - s) - 3 * ratio - 3;
        leads[i] = lead > least ? lead : least;
    }
}

/* Whether every count's limit has a place, in order. */
static inline bool caucus_lockstep_is_tabled(const caucus_transfer *transfer)
{
    return transfer->memo != NULL && transfer->memo->pages == NULL && transfer->memo->entries != NULL;
}

/* Exact limits out of such a table; what it lacks is computed. Lanes without a trial hold whatever they held before: a
 * count that no draw can have is looked up as 0. */
static inline void caucus_lockstep_recall(const caucus_transfer *transfer, const caucus_count *restrict counts,
                                          double *restrict limits)
{
    const uint64_t *entries = transfer->memo->entries;
    const caucus_count most = (caucus_count)transfer->k_from;
    uint64_t lacking = 0;
    CAUCUS_EACH_LANE (i) {
        const uint64_t kept = caucus_load_word(&entries[counts[i] <= most ? counts[i] : 0]);
        lacking |= kept == 0;
        limits[i] = caucus_double_of(~kept);
    }
    for (uint32_t i = 0; lacking != 0 && i < CAUCUS_LANES; i++) {
        limits[i] = caucus_transfer_recall(transfer, counts[i] <= most ? counts[i] : 0);
    }
}

/* limits[lane]: as caucus_transfer_value, or caucus_transfer_rough where not exact. warm: out of a table where there is
 * one. total: that counts are out of. */
static inline void caucus_lockstep_limit(const caucus_transfer *transfer, caucus_precision precision, bool warm,
                                         const caucus_count *restrict counts, double total, double *restrict limits)
{
    const caucus_inequality inequality = transfer->inequality;
    const bool lower = transfer->side == CAUCUS_LOWER;
    const bool plain =
        !isinf(transfer->k_to) && transfer->k_from > 1 && transfer->k_to > 0 && total > 0 && !(transfer->ratio > 1);
    const bool one_step = inequality >= CAUCUS_HYPERGEOMETRIC;
    if (warm && precision == CAUCUS_EXACT && caucus_lockstep_is_tabled(transfer)) {
        caucus_lockstep_recall(transfer, counts, limits);
    } else if (plain && precision == CAUCUS_EXACT && inequality == CAUCUS_HOEFFDING) {
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
