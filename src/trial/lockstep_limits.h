/* Limits of counts, for all lanes of a group at a time: the numbers of bound/transfer.h. */
#ifndef CAUCUS_LOCKSTEP_LIMITS_H
#define CAUCUS_LOCKSTEP_LIMITS_H

#include "bound/transfer.h"
#include "trial/lockstep.h"

/* A transfer whose inequality the compiler knows, so that a loop over lanes has no branch on it left. */
static inline caucus_transfer caucus_lockstep_plain(const caucus_transfer *transfer, caucus_inequality inequality)
{
    caucus_transfer plain = *transfer;
    plain.inequality = inequality;
    plain.ratio = 1;
    plain.chance = -1;
    return plain;
}

/* limits[lane]: as caucus_transfer_value, or caucus_transfer_rough where not exact. total: that counts are out of. */
static inline void caucus_lockstep_limit(const caucus_transfer *transfer, caucus_precision precision,
                                         const caucus_count *restrict counts, double total, double *restrict limits)
{
    const bool plain = !(transfer->ratio > 1) && transfer->chance < 0 && !isinf(transfer->k_to);
    if (plain && precision == CAUCUS_EXACT && transfer->inequality == CAUCUS_HOEFFDING) {
        const caucus_transfer t = caucus_lockstep_plain(transfer, CAUCUS_HOEFFDING);
        CAUCUS_EACH_LANE (i) {
            limits[i] = t.k_to * ((double)counts[i] / total + t.radius);
        }
    } else if (plain && precision == CAUCUS_EXACT && transfer->inequality == CAUCUS_BERNSTEIN && transfer->k_from > 1) {
        const caucus_transfer t = caucus_lockstep_plain(transfer, CAUCUS_BERNSTEIN);
        CAUCUS_EACH_LANE (i) {
            limits[i] = caucus_transfer_compute(&t, (double)counts[i]);
        }
    } else if (plain && precision == CAUCUS_OUTWARD && transfer->inequality < CAUCUS_HYPERGEOMETRIC) {
        const caucus_transfer t = caucus_lockstep_plain(transfer, CAUCUS_KL); /* the same for all of them */
        CAUCUS_EACH_LANE (i) {
            limits[i] = caucus_transfer_rough(&t, counts[i], CAUCUS_OUTWARD);
        }
    } else {
        CAUCUS_EACH_LANE (i) {
            limits[i] = precision == CAUCUS_EXACT ? caucus_transfer_value(transfer, counts[i], total)
                                                  : caucus_transfer_rough(transfer, counts[i], precision);
        }
    }
}

#endif
