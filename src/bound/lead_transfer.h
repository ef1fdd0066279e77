/* The most by which one label leads another among people who were not seen, from the two counts among those who were:
 * a function of two integers, remembered where it was computed. Shared with devices. */
#ifndef CAUCUS_BOUND_LEAD_TRANSFER_H
#define CAUCUS_BOUND_LEAD_TRANSFER_H

#include "bound/hypergeometric_joint.h"
#include "bound/transfer.h"

/* Each word is told apart from a torn one by its own check. */
typedef struct caucus_lead_entry {
    uint64_t value; /* the double's bits */
    uint64_t for_a; /* (a + 1) xor value */
    uint64_t for_b; /* (b + 1) xor value, turned by half a word */
} caucus_lead_entry;

typedef struct caucus_lead_memo {
    uint64_t n_entries; /* a power of two */
    caucus_lead_entry *entries;
} caucus_lead_memo;

typedef struct caucus_lead_transfer {
    double k_from;
    double k_to;
    double level;                 /* ln(1/d) */
    double spread;                /* sqrt(2 d) */
    const caucus_lead_memo *memo; /* NULL: compute each time */
} caucus_lead_transfer;

/* The same at a level that is met this once. */
CAUCUS_SHARED caucus_lead_transfer caucus_lead_transfer_at(const caucus_lead_transfer *transfer, double level)
{
    caucus_lead_transfer at = *transfer;
    at.level = level;
    at.spread = sqrt(2 * caucus_exp(-level));
    at.memo = NULL;
    return at;
}

CAUCUS_SHARED uint64_t caucus_lead_turn(uint64_t word)
{
    return word << 32 | word >> 32;
}

/* Where the limit for two counts is remembered. */
CAUCUS_SHARED caucus_lead_entry *caucus_lead_transfer_entry(const caucus_lead_transfer *transfer, uint64_t a,
                                                            uint64_t b)
{
    const uint64_t hash = (a * 0x9e3779b97f4a7c15ULL ^ b * 0xc2b2ae3d27d4eb4fULL) >> 20;
    return &transfer->memo->entries[hash & (transfer->memo->n_entries - 1)];
}

/* What is remembered for two counts; NaN: nothing. */
CAUCUS_SHARED double caucus_lead_transfer_recall(const caucus_lead_transfer *transfer, uint64_t a, uint64_t b)
{
    CAUCUS_TALLY(recalls);
    if (transfer->memo == NULL) {
        return NAN;
    }
    const caucus_lead_entry *entry = caucus_lead_transfer_entry(transfer, a, b);
    const uint64_t bits = caucus_load_word(&entry->value);
    const bool known = (bits ^ caucus_load_word(&entry->for_a)) == a + 1 &&
                       (caucus_lead_turn(bits) ^ caucus_load_word(&entry->for_b)) == b + 1;
    return known ? caucus_double_of(bits) : NAN;
}

/* V(a, b) by a search, which is remembered: so many more of the k_to have the second label than the first, at most. */
CAUCUS_SHARED double caucus_lead_transfer_search(const caucus_lead_transfer *transfer, uint64_t a, uint64_t b)
{
    CAUCUS_TALLY(limits);
    const double value = caucus_joint_most((double)a, (double)b, transfer->k_from, transfer->k_to, transfer->level);
    if (transfer->memo != NULL) {
        caucus_lead_entry *entry = caucus_lead_transfer_entry(transfer, a, b);
        const uint64_t bits = caucus_bits_of(value);
        caucus_store_word(&entry->value, bits);
        caucus_store_word(&entry->for_a, bits ^ (a + 1));
        caucus_store_word(&entry->for_b, caucus_lead_turn(bits) ^ (b + 1));
    }
    return value;
}

/* V(a, b), remembered or searched for. */
CAUCUS_SHARED double caucus_lead_transfer_value(const caucus_lead_transfer *transfer, uint64_t a, uint64_t b)
{
    const double known = caucus_lead_transfer_recall(transfer, a, b);
    return known == known ? known : caucus_lead_transfer_search(transfer, a, b);
}

/* What the parts of a level add to ln(1/d): -ln(1 - eta) and -ln eta of CAUCUS_JOINT_EITHER. */
#define CAUCUS_LEAD_REST 0.10536051565782630
#define CAUCUS_LEAD_EITHER 2.3025850929940457

/* A cheap number above V (outward) or below it (inward), from the difference s of the counts and their sum. Above:
 * Bernstein's inequality holds for draws without replacement as well (Hoeffding 1963), and every pair of counts among
 * the others that it refutes is refuted. Below: Cantelli's inequality keeps the pair that the frequencies suggest from
 * being refuted. Both rise with s; with the sum the former rises and the latter falls. */
CAUCUS_SHARED double caucus_lead_transfer_between(const caucus_lead_transfer *transfer, double s, double either,
                                                  caucus_precision precision)
{
    const double k = transfer->k_from;
    const double total = k + transfer->k_to;
    if (precision == CAUCUS_INWARD) {
        const double sd = sqrt(either + 3 * sqrt(either) + 20); /* of the difference, at that pair */
        const double margin = sd * transfer->spread;
        const double c = floor((s - margin) * (total / k) - s) - 3 * (total / k) - 3;
        return fmax(c, -transfer->k_to);
    }
    const double level = transfer->level + CAUCUS_LEAD_REST;
    const double most =
        caucus_limit_beyond(fmin(either / k, 1.0), k, transfer->level + CAUCUS_LEAD_EITHER, CAUCUS_UPPER);
    const double t = 2 * level / 3 + sqrt(4 * level * level / 9 + 2 * level * k * most);
    return fmin(ceil((s + t) * (total / k) - s) + 1, most * total - fmin(either, k) + 1);
}

CAUCUS_SHARED double caucus_lead_transfer_rough(const caucus_lead_transfer *transfer, uint64_t a, uint64_t b,
                                                caucus_precision precision)
{
    return caucus_lead_transfer_between(transfer, (double)b - (double)a, (double)a + (double)b, precision);
}

#endif
