/* From the count in one sample to the count in another at fixed sizes and level: PL after L or PU after U, or one exact
 * step. All are functions of an integer count, so that what was computed once is remembered. In people: "at least, or
 * at most, so many of k_to". Shared with devices. */
#ifndef CAUCUS_BOUND_TRANSFER_H
#define CAUCUS_BOUND_TRANSFER_H

#include "bound/hypergeometric_limit.h"
#include "bound/limits.h"
#include "math/portable_math.h"

typedef struct caucus_transfer {
    caucus_inequality inequality;
    int side;                       /* CAUCUS_LOWER or CAUCUS_UPPER */
    double k_from;                  /* draws that the count is out of */
    double level_from;              /* ln(1/d) of L, U, or of the one step */
    double k_to;                    /* draws to be limited; infinite: limit the probability, not a count */
    double level_to;                /* ln(1/d) of PL, PU */
    double ratio;                   /* Gamma by which the probabilities of the two samples may differ; 1: the same */
    double chance;                  /* 0 or more: k_to is the count itself, each a hit so likely; nothing is sampled */
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

/* From a probability among people who may be up to ratio times as likely to be here as elsewhere, or that many times
 * less, to the one elsewhere (docs/bounds.md, "Members who are no sample"). */
CAUCUS_SHARED double caucus_transfer_reweigh(double probability, double ratio, int side)
{
    if (!(ratio > 1)) {
        return probability;
    }
    return side == CAUCUS_LOWER ? fmax(probability / ratio, 1 - ratio * (1 - probability))
                                : fmin(ratio * probability, 1 - (1 - probability) / ratio);
}

CAUCUS_SHARED double caucus_transfer_compute(const caucus_transfer *transfer, double count)
{
    CAUCUS_TALLY(limits);
    if (transfer->chance >= 0) {
        return caucus_binomial_quantile(transfer->level_to, count, transfer->chance, transfer->side == CAUCUS_UPPER);
    }
    if (transfer->inequality >= CAUCUS_HYPERGEOMETRIC) {
        return caucus_hypergeometric_transfer(count, transfer->k_from, transfer->k_to, transfer->level_from,
                                              transfer->side == CAUCUS_LOWER);
    }
    const double probability = caucus_transfer_reweigh(
        caucus_limit_confidence(transfer->inequality, count, transfer->k_from, transfer->level_from, transfer->side),
        transfer->ratio, transfer->side);
    return isinf(transfer->k_to) ? probability
                                 : caucus_limit_prediction(transfer->inequality, probability, transfer->k_to,
                                                           transfer->level_to, transfer->side);
}

/* Whether a limit is cheap: closed forms, that is. */
CAUCUS_SHARED bool caucus_transfer_is_cheap(const caucus_transfer *transfer)
{
    return transfer->inequality <= CAUCUS_BERNSTEIN &&
           !(transfer->chance >= 0 && transfer->inequality > CAUCUS_POPULATION);
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
typedef enum caucus_precision { CAUCUS_EXACT, CAUCUS_OUTWARD, CAUCUS_INWARD, CAUCUS_N_PRECISIONS } caucus_precision;

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
 * kind lies outside the exact quantile (of draws without replacement too: Hoeffding 1963), and every limit lies outside
 * the frequency but for one draw, since no level is above 1/2. */
CAUCUS_SHARED double caucus_transfer_rough(const caucus_transfer *transfer, uint64_t count, caucus_precision precision)
{
    const double sign = transfer->side == CAUCUS_LOWER ? -1 : 1;
    const double frequency = (double)count / transfer->k_from;
    if (transfer->chance >= 0) {
        const double n = (double)count;
        return precision == CAUCUS_INWARD || count == 0
                   ? n * transfer->chance - sign
                   : n * caucus_limit_beyond(transfer->chance, n, transfer->level_to, transfer->side) + sign;
    }
    if (precision == CAUCUS_INWARD) {
        return transfer->k_to * caucus_transfer_reweigh(frequency, transfer->ratio, transfer->side) - sign;
    }
    const double probability = caucus_limit_beyond(frequency, transfer->k_from, transfer->level_from, transfer->side);
    if (transfer->inequality >= CAUCUS_HYPERGEOMETRIC) { /* probability: of the two samples together */
        const double marked = probability * (transfer->k_from + transfer->k_to) - (double)count;
        return (transfer->side == CAUCUS_LOWER ? fmax(marked, 0.0) : fmin(marked, transfer->k_to)) + sign;
    }
    const double reweighed = caucus_transfer_reweigh(probability, transfer->ratio, transfer->side);
    return transfer->k_to * caucus_limit_beyond(reweighed, transfer->k_to, transfer->level_to, transfer->side);
}

/* A count out of total, as so many of size. Exact where total is size. */
CAUCUS_SHARED double caucus_rescale(double size, double count, double total)
{
    return size == total || total == 0 ? count : size * (count / total);
}

/* The limit for a count out of total. total equals k_from except for population, which takes any weights. */
CAUCUS_SHARED double caucus_transfer_value(const caucus_transfer *transfer, uint64_t count, double total)
{
    const double share = total > 0 ? (double)count / total : 0;
    if (transfer->inequality == CAUCUS_POPULATION && transfer->chance >= 0) {
        return transfer->k_from * share * transfer->chance;
    }
    if (transfer->inequality == CAUCUS_POPULATION) {
        const double reweighed = caucus_transfer_reweigh(share, transfer->ratio, transfer->side);
        return isinf(transfer->k_to) ? reweighed : transfer->k_to * reweighed;
    }
    if (transfer->inequality == CAUCUS_HOEFFDING && !(transfer->ratio > 1)) {
        return isinf(transfer->k_to) ? share + transfer->radius : transfer->k_to * (share + transfer->radius);
    }
    return caucus_transfer_is_cheap(transfer) ? caucus_transfer_compute(transfer, (double)count)
                                              : caucus_transfer_recall(transfer, count);
}

/* The same for a count that need not be whole, nor above 0. One within 1e-6 of a whole number is that number, and where
 * only whole ones have a limit it goes to the safe side. */
CAUCUS_SHARED double caucus_transfer_value_real(const caucus_transfer *transfer, double count, double total)
{
    if (transfer->inequality == CAUCUS_POPULATION) { /* no guarantee: the members' share as it is */
        return transfer->k_to * (total > 0 ? count / total : 0);
    }
    const double nearest = floor(count + 0.5);
    count = fabs(count - nearest) <= 1e-6 ? nearest : count;
    if (transfer->inequality == CAUCUS_HOEFFDING) { /* arguments of the others are clipped to [0, 1] */
        return caucus_transfer_compute(transfer, count);
    }
    double held = count > 0 ? fmin(count, transfer->k_from) : 0;
    if (transfer->inequality >= CAUCUS_HYPERGEOMETRIC ||
        (transfer->inequality == CAUCUS_CLOPPER_PEARSON && transfer->level_from <= CAUCUS_DEEPEST_LEVEL)) {
        held = transfer->side == CAUCUS_UPPER ? ceil(held) : floor(held);
    }
#ifdef CAUCUS_DEVICE_CODE
    const bool remembered = !caucus_transfer_is_cheap(transfer);
#else
    const bool remembered = transfer->memo != NULL;
#endif
    return held == floor(held) && remembered ? caucus_transfer_recall(transfer, (uint64_t)held)
                                             : caucus_transfer_compute(transfer, held);
}

#endif
