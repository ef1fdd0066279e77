/* From the frequency in one sample to the frequency in another: PL after L, or PU after U, at fixed sizes and level.
 * That is a function of an integer count, so that what was computed once is remembered. Shared with devices. */
#ifndef CAUCUS_BOUND_TRANSFER_H
#define CAUCUS_BOUND_TRANSFER_H

#include "bound/limits.h"
#include "math/portable_math.h"

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

/* Limits by count, remembered when they have been computed. All threads share them: an entry is written whole, and
 * every thread would write the same. Counts come in pages of 2^shift, of which those have a place that may well occur.
 */
typedef struct caucus_memo {
    uint32_t shift;
    uint32_t n_pages;      /* that there are counts for */
    const uint32_t *pages; /* [page] its place among the entries, or CAUCUS_NO_PAGE; NULL: all are there, in order */
    uint64_t *entries;     /* the limits' bits, complemented; 0 where none has been computed */
} caucus_memo;

#define CAUCUS_NO_PAGE UINT32_MAX

CAUCUS_SHARED double caucus_transfer_compute(const caucus_transfer *transfer, double count)
{
    CAUCUS_TALLY(limits);
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

/* A word that threads share, read or written whole. */
CAUCUS_SHARED uint64_t caucus_load_word(const uint64_t *word)
{
#ifdef __CUDA_ARCH__
    return *(const volatile uint64_t *)word;
#else
    return __atomic_load_n(word, __ATOMIC_RELAXED);
#endif
}

CAUCUS_SHARED void caucus_store_word(uint64_t *word, uint64_t value)
{
#ifdef __CUDA_ARCH__
    *(volatile uint64_t *)word = value;
#else
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
#endif
}

/* Where a count's limit is kept; NULL when it has no place. */
CAUCUS_SHARED uint64_t *caucus_memo_entry(const caucus_memo *memo, uint64_t count)
{
    const uint64_t page = count >> memo->shift;
    uint64_t at = page < memo->n_pages && memo->entries != NULL ? page : CAUCUS_NO_PAGE;
    if (at != CAUCUS_NO_PAGE && memo->pages != NULL) {
        at = memo->pages[page];
    }
    const uint64_t within = count & ((UINT64_C(1) << memo->shift) - 1);
    return at == CAUCUS_NO_PAGE ? NULL : &memo->entries[(at << memo->shift) + within];
}

CAUCUS_SHARED double caucus_transfer_recall(const caucus_transfer *transfer, uint64_t count)
{
    CAUCUS_TALLY(recalls);
    uint64_t *entry = caucus_memo_entry(transfer->memo, count);
    const uint64_t kept = entry != NULL ? caucus_load_word(entry) : 0;
    if (kept != 0) {
        return caucus_double_of(~kept);
    }
#if defined(CAUCUS_LIMIT_MISSING) && defined(CAUCUS_DEVICE_CODE) /* a kernel that leaves it to another one */
    CAUCUS_LIMIT_MISSING;
    return 0.0;
#else
    const double value = caucus_transfer_compute(transfer, (double)count);
    if (entry != NULL) {
        caucus_store_word(entry, ~caucus_bits_of(value));
    }
    return value;
#endif
}

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
