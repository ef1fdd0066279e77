/* From the frequency in one sample to the frequency in another: PL after L, or PU after U, at fixed sizes and level.
 * That is a function of an integer count, so that what was computed once is remembered. */
#ifndef CAUCUS_BOUND_TRANSFER_H
#define CAUCUS_BOUND_TRANSFER_H

#include "bound/limits.h"
#include "math/portable_math.h"

typedef struct caucus_memo_entry {
    uint64_t value; /* the double's bits */
    uint64_t check; /* (count + 1) xor value, so that a torn entry is never taken for a whole one (Hyatt 1999) */
} caucus_memo_entry;

typedef struct caucus_transfer {
    caucus_inequality inequality;
    int side;                       /* CAUCUS_LOWER or CAUCUS_UPPER */
    double k_from;                  /* draws that the count is out of */
    double level_from;              /* ln(1/d) of L, U */
    double k_to;                    /* draws of the frequency to be limited; infinite: limit the probability */
    double level_to;                /* ln(1/d) of PL, PU */
    double radius;                  /* hoeffding: what both limits add, with its sign */
    const struct caucus_memo *memo; /* NULL: compute each time */
} caucus_transfer;

/* Limits by count. On the host they are remembered when they have been computed; all threads share them: entries are
 * written whole or recognized as not whole, and every thread would write the same value. On a device they are computed
 * for all counts before any trial runs. */
typedef struct caucus_memo {
    uint64_t n_entries;         /* a power of two; counts that are that far apart share an entry */
    caucus_memo_entry *entries; /* zero where nothing has been written */
    double *table;              /* [0 .. k_from] on a device */
} caucus_memo;

CAUCUS_SHARED double caucus_transfer_compute(const caucus_transfer *transfer, double count)
{
    double probability =
        caucus_limit_confidence(transfer->inequality, count, transfer->k_from, transfer->level_from, transfer->side);
    if (isinf(transfer->k_to)) { /* infinitely many draws show the probability itself */
        return probability;
    }
    return caucus_limit_prediction(transfer->inequality, probability, transfer->k_to, transfer->level_to,
                                   transfer->side);
}

/* Whether a limit is cheap: closed forms, that is. */
CAUCUS_SHARED bool caucus_transfer_is_cheap(const caucus_transfer *transfer)
{
    return transfer->inequality <= CAUCUS_BERNSTEIN;
}

#ifdef CAUCUS_DEVICE_CODE
CAUCUS_SHARED double caucus_transfer_recall(const caucus_transfer *transfer, uint64_t count)
{
    return transfer->memo->table[count];
}
#else
CAUCUS_SHARED double caucus_transfer_recall(const caucus_transfer *transfer, uint64_t count)
{
    caucus_memo_entry *entry = &transfer->memo->entries[count & (transfer->memo->n_entries - 1)];
    uint64_t bits = __atomic_load_n(&entry->value, __ATOMIC_RELAXED);
    if ((bits ^ __atomic_load_n(&entry->check, __ATOMIC_RELAXED)) == count + 1) {
        return caucus_double_of(bits);
    }
    const double value = caucus_transfer_compute(transfer, (double)count);
    bits = caucus_bits_of(value);
    __atomic_store_n(&entry->value, bits, __ATOMIC_RELAXED);
    __atomic_store_n(&entry->check, bits ^ (count + 1), __ATOMIC_RELAXED);
    return value;
}
#endif

/* How far values may be from exact limits: outward is on the side away from the frequency, inward towards it. */
typedef enum caucus_precision { CAUCUS_EXACT, CAUCUS_OUTWARD, CAUCUS_INWARD } caucus_precision;

/* A number beyond the limits of kl, and so of clopper_pearson: kl(a, b) is at least (a - b)^2 / 2 max(a, b), which can
 * be solved for either argument. */
CAUCUS_SHARED double caucus_limit_beyond(double from, double draws, double level, int side)
{
    double a = level / draws;
    if (side == CAUCUS_LOWER) {
        double low = from - sqrt(2 * from * a);
        return low > 0 ? low : 0;
    }
    double high = from + a + sqrt(a * (a + 2 * from));
    return high < 1 ? high : 1;
}

/* The limit for a count, or a number on its outward or inward side that is cheap to compute. A tail bound of Chernoff's
 * kind lies outside the exact quantile, and every limit lies outside the frequency but for one draw. */
CAUCUS_SHARED double caucus_transfer_rough(const caucus_transfer *transfer, uint64_t count, caucus_precision precision)
{
    double frequency = (double)count / transfer->k_from;
    if (precision == CAUCUS_INWARD) {
        return frequency + (transfer->side == CAUCUS_LOWER ? 1 : -1) / transfer->k_to;
    }
    double probability = caucus_limit_beyond(frequency, transfer->k_from, transfer->level_from, transfer->side);
    return isinf(transfer->k_to) ? probability
                                 : caucus_limit_beyond(probability, transfer->k_to, transfer->level_to, transfer->side);
}

/* The limit for a count out of total. total equals k_from except for population, which takes any weights. */
CAUCUS_SHARED double caucus_transfer_value(const caucus_transfer *transfer, uint64_t count, double total)
{
    if (transfer->inequality <= CAUCUS_HOEFFDING) { /* radius is 0 for population */
        return (total > 0 ? (double)count / total : 0) + transfer->radius;
    }
    if (transfer->inequality == CAUCUS_BERNSTEIN) {
        const double probability = caucus_bernstein_confidence(caucus_clip((double)count / transfer->k_from),
                                                               transfer->k_from, transfer->level_from, transfer->side);
        return isinf(transfer->k_to) ? probability
                                     : caucus_bernstein_prediction(caucus_clip(probability), transfer->k_to,
                                                                   transfer->level_to, transfer->side);
    }
    return caucus_transfer_recall(transfer, count);
}

/* The same for a count that need not be whole, nor above 0. */
CAUCUS_SHARED double caucus_transfer_value_real(const caucus_transfer *transfer, double count, double total)
{
    if (transfer->inequality <= CAUCUS_HOEFFDING) {
        return (total > 0 ? count / total : 0) + transfer->radius;
    }
    double held = count > 0 ? count : 0; /* arguments are clipped to [0, 1] */
    if (transfer->inequality == CAUCUS_CLOPPER_PEARSON && transfer->level_from <= CAUCUS_DEEPEST_LEVEL) {
        held = transfer->side == CAUCUS_UPPER ? ceil(held) : floor(held);
    }
    return held == floor(held) ? caucus_transfer_value(transfer, (uint64_t)held, total)
                               : caucus_transfer_compute(transfer, held);
}

#endif
