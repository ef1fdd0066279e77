/* The lead that a label is sure to have over another at a cell: a sum of one limit for each group of consumers, in
 * people. What the groups are known to do is data, so that one function serves all strategies, knowledge levels,
 * inequalities, families and sides. Shared with devices. */
#ifndef CAUCUS_BOUND_MARGIN_H
#define CAUCUS_BOUND_MARGIN_H

#include "bound/affinity.h"
#include "bound/bound.h"
#include "bound/lead_transfer.h"

/* Which labels must lead which at a cell. */
typedef enum caucus_pairs {
    CAUCUS_PAIRS_GOOD,   /* the good label every other one */
    CAUCUS_PAIRS_TARGET, /* the good label the target (unplanting) */
    CAUCUS_PAIRS_ANY     /* any label the target (unplanting, from above) */
} caucus_pairs;

/* Another collective that has members. */
typedef struct caucus_margin_other {
    uint32_t row; /* in the view's crossed counts */
    double size;
    bool by_data;         /* only its reach is known, whatever it is said to do */
    const uint8_t *reach; /* [cell][label] whether it can hand in anybody there */
    const uint8_t *can;   /* [label] whether anywhere */
    caucus_transfer lower;
    caucus_transfer upper;
} caucus_margin_other;

/* Two limits of counts, or one of a lead. */
typedef struct caucus_margin_base {
    caucus_transfer lower;
    caucus_transfer upper;
    caucus_lead_transfer lead; /* hypergeometric_joint */
} caucus_margin_base;

typedef struct caucus_margin {
    uint32_t n_labels;
    uint32_t n_cells;
    caucus_pairs pairs;
    uint32_t target;
    double consumers;
    double own_size;
    bool own_exact;  /* the collective takes what it hands in as it is */
    bool own_rivals; /* it may hand in other labels than the good one inside its signal set */
    bool own_noisy;  /* limits of what it hands in when members may fail to act: own_lower, own_upper of their counts */
    bool own_stays;  /* then members with another label stay where they are: all of them count against it */
    caucus_transfer own_lower;
    caucus_transfer own_upper;
    double rest_size; /* consumers outside all collectives */
    bool joint;       /* base limits are of leads */
    bool pooled;      /* level full also reckons from all raw data */
    caucus_affinity affinity;
    caucus_margin_base base;
    caucus_margin_base pool;
    double others_size;
    uint32_t n_others;
    const caucus_margin_other *others;
} caucus_margin;

/* Which of the others are not charged to cells because the budget pays for them: by rank among those who could be. */
typedef struct caucus_spared {
    bool nested; /* the first `set` ranks; else the ranks whose bits are in set */
    uint32_t set;
} caucus_spared;

enum { CAUCUS_MOST_SUBSETS_OF = 8 }; /* of so many all subsets are tried, of more the largest ones by size */

#define CAUCUS_NO_RANK UINT32_MAX

CAUCUS_SHARED bool caucus_spared_has(caucus_spared spared, uint32_t rank)
{
    return rank != CAUCUS_NO_RANK && (spared.nested ? rank < spared.set : (spared.set >> rank & 1) != 0);
}

/* ---- one lead -------------------------------------------------------------------------------------------------- */

/* Label a's lead over b at a cell is asked for. */
typedef struct caucus_lead_query {
    uint32_t cell;
    uint32_t a;
    uint32_t b;
    caucus_knowledge knowledge;
    caucus_precision precision;
    uint32_t pair; /* of the labels at the cell: the one that is not kept */
    double *known; /* caucus_margin_known_size: parts of leads that have been computed, NaN where not; NULL: none */
    const double *levels; /* [cell][pair] ln(1/d) of the base limit of a lead, where a pilot chose it; else NULL */
} caucus_lead_query;

CAUCUS_SHARED uint64_t caucus_margin_count(const caucus_margin *margin, const uint64_t *counts, uint32_t cell,
                                           uint32_t label)
{
    return counts[CAUCUS_AT((uint64_t)cell * margin->n_labels + label)];
}

/* The transfer, count and total of one term of a lead: 0, 1 own for and against; 2, 3 base; 4, 5 pool; from 6 on the
 * other collectives' by turns. NULL: the term is 0, or known otherwise. */
CAUCUS_SHARED const caucus_transfer *caucus_margin_term(const caucus_margin *margin, const caucus_bound_view *view,
                                                        const caucus_lead_query *query, uint32_t number,
                                                        uint64_t *count, uint64_t *total)
{
    const bool against = number % 2 != 0;
    const uint32_t label = against ? query->b : query->a;
    const bool full = query->knowledge == CAUCUS_FULL && margin->pooled;
    const caucus_transfer *transfer = NULL;
    const uint64_t *counts = view->own;
    *total = view->n_own;
    if (number < 2) {
        const bool can = margin->own_rivals || view->good[CAUCUS_AT(query->cell)] == label;
        transfer = against ? &margin->own_upper : &margin->own_lower;
        transfer = margin->own_noisy || (!margin->own_exact && can) ? transfer : NULL;
        counts = margin->own_noisy && against ? view->raw : view->own;
        transfer = against && margin->own_noisy && margin->own_stays ? NULL : transfer;
    } else if (number < 6) {
        const caucus_margin_base *base = number < 4 ? &margin->base : &margin->pool;
        transfer = against ? &base->upper : &base->lower;
        transfer = margin->joint || !(margin->rest_size > 0) || (number >= 4 && !full) ? NULL : transfer;
        counts = number < 4 ? view->base : view->pooled;
        *total = number < 4 ? view->n_base : view->n_pooled;
    } else {
        const caucus_margin_other *other = &margin->others[number / 2 - 3];
        const uint64_t entry = (uint64_t)query->cell * margin->n_labels + label;
        if (query->knowledge == CAUCUS_STRATEGIES && !other->by_data && other->reach[entry] != 0) {
            transfer = against ? &other->upper : &other->lower;
            counts = view->crossed + CAUCUS_ROW((uint64_t)other->row * margin->n_cells * margin->n_labels);
            *total = view->n_base;
        }
    }
    *count = transfer != NULL ? caucus_margin_count(margin, counts, query->cell, label) : 0;
    return transfer;
}

/* What the collective itself hands in, where that is certain. */
CAUCUS_SHARED double caucus_margin_own(const caucus_margin *margin, const caucus_bound_view *view,
                                       const caucus_lead_query *query)
{
    double sum = 0;
    if (margin->own_exact && !margin->own_noisy) {
        const double lead = (double)caucus_margin_count(margin, view->own, query->cell, query->a) -
                            (double)caucus_margin_count(margin, view->own, query->cell, query->b);
        sum += caucus_rescale(margin->own_size, lead, (double)view->n_own);
    }
    if (margin->own_noisy && margin->own_stays) {
        sum -= (double)caucus_margin_count(margin, view->raw, query->cell, query->b);
    }
    return sum;
}

/* What the others hand in together, where that is known. */
CAUCUS_SHARED double caucus_margin_aggregate(const caucus_margin *margin, const caucus_bound_view *view,
                                             const caucus_lead_query *query)
{
    if (query->knowledge < CAUCUS_AGGREGATE || !(margin->others_size > 0)) {
        return 0;
    }
    const double lead = (double)caucus_margin_count(margin, view->others, query->cell, query->a) -
                        (double)caucus_margin_count(margin, view->others, query->cell, query->b);
    return caucus_rescale(margin->others_size, lead, (double)view->n_others);
}

/* At least so much another collective adds whose name and targets are known, or what it does as well. */
CAUCUS_SHARED double caucus_margin_threat(const caucus_margin *margin, const caucus_margin_other *other,
                                          const caucus_lead_query *query)
{
    if (query->knowledge == CAUCUS_LABELS) {
        return other->can[query->b] != 0 ? -other->size : 0;
    }
    return other->reach[(uint64_t)query->cell * margin->n_labels + query->b] != 0 ? -other->size : 0;
}

CAUCUS_SHARED bool caucus_margin_is_cheap(const caucus_margin *margin)
{
    return !margin->joint && caucus_transfer_is_cheap(&margin->base.lower);
}

/* Doubles that remember parts of leads: levels of knowledge share them. Nothing is shared where nobody else is there.
 */
CAUCUS_SHARED uint64_t caucus_margin_known_size(const caucus_margin *margin)
{
    const uint64_t each = (uint64_t)margin->n_cells * margin->n_labels * (1 + (uint64_t)margin->n_others);
    return margin->n_others == 0 ? 0 : each * (caucus_margin_is_cheap(margin) ? 1 : CAUCUS_N_PRECISIONS);
}

/* Forget the parts of every collective, or of what is not another one's only. */
CAUCUS_SHARED void caucus_margin_forget(const caucus_margin *margin, double *known, bool all)
{
    const uint64_t n = (uint64_t)margin->n_cells * margin->n_labels;
    const uint64_t size = caucus_margin_known_size(margin);
    const uint64_t each = n * (all ? 1 : 1 + (uint64_t)margin->n_others);
    for (uint64_t row = 0; row < size; row += each) {
        for (uint64_t i = row; i < row + n; i++) {
            known[CAUCUS_AT(i)] = NAN;
        }
    }
}

/* Where a part is remembered: 0 own and base, from 1 on the other collectives'. NULL: nowhere. */
CAUCUS_SHARED double *caucus_margin_known_part(const caucus_margin *margin, const caucus_lead_query *query,
                                               uint32_t part)
{
    if (query->known == NULL || margin->n_others == 0) {
        return NULL;
    }
    const uint64_t n = (uint64_t)margin->n_cells * margin->n_labels;
    const uint64_t precision = caucus_margin_is_cheap(margin) ? 0 : (uint64_t)query->precision;
    const uint64_t row = precision * (1 + (uint64_t)margin->n_others) + part;
    return query->known + CAUCUS_AT(row * n + (uint64_t)query->cell * margin->n_labels + query->pair);
}

/* Doubles that an evaluation of a bound may need for leads that are searched for outside of it. */
CAUCUS_SHARED uint64_t caucus_margin_found_size(const caucus_margin *margin)
{
    return margin->joint ? (margin->pooled ? 2 : 1) * (uint64_t)margin->n_cells * margin->n_labels : 0;
}

/* Where they lie, behind what is known: those of one sample, pooled or not. */
CAUCUS_SHARED double *caucus_margin_found(const caucus_margin *margin, double *known, int pool)
{
    return known + CAUCUS_ROW(caucus_margin_known_size(margin) + (uint64_t)pool * margin->n_cells * margin->n_labels);
}

/* A kernel may define how it comes by a lead that nobody remembers. found: where it may keep it for as long as it
 * evaluates the same bound. */
#if !defined(CAUCUS_LEAD_MISSING) || !defined(CAUCUS_DEVICE_CODE)
#undef CAUCUS_LEAD_MISSING
#define CAUCUS_LEAD_MISSING(transfer, a, b, found) caucus_lead_transfer_search(transfer, a, b)
#endif

/* The limit of a pair's lead in one sample, or a cheap number on one side of it. */
CAUCUS_SHARED double caucus_margin_joint_in(const caucus_margin *margin, const caucus_lead_query *query,
                                            const caucus_lead_transfer *lead, const uint64_t *counts, int pool)
{
    const uint64_t a = caucus_margin_count(margin, counts, query->cell, query->a);
    const uint64_t b = caucus_margin_count(margin, counts, query->cell, query->b);
    if (query->precision != CAUCUS_EXACT) {
        return caucus_lead_transfer_rough(lead, a, b, query->precision);
    }
    const double known = caucus_lead_transfer_recall(lead, a, b);
    (void)pool; /* without a found */
    return known == known ? known
                          : CAUCUS_LEAD_MISSING(lead, a, b,
                                                caucus_margin_found(margin, query->known, pool) +
                                                    CAUCUS_AT((uint64_t)query->cell * margin->n_labels + query->pair));
}

/* The others' lead for or against, as one number from one sample. */
CAUCUS_SHARED double caucus_margin_joint(const caucus_margin *margin, const caucus_bound_view *view,
                                         const caucus_lead_query *query)
{
    double most = INFINITY;
    CAUCUS_ROLLED
    for (int pool = 0; pool < (query->knowledge == CAUCUS_FULL && margin->pooled ? 2 : 1); pool++) {
        const uint64_t *counts = pool != 0 ? view->pooled : view->base;
        const caucus_lead_transfer *lead = pool != 0 ? &margin->pool.lead : &margin->base.lead;
#ifndef CAUCUS_DEVICE_CODE /* devices have no pilots: run/cuda.c */
        caucus_lead_transfer chosen;
        if (pool == 0 && query->levels != NULL) {
            chosen = caucus_lead_transfer_at(
                lead, query->levels[CAUCUS_AT((uint64_t)query->cell * margin->n_labels + query->pair)]);
            lead = &chosen;
        }
#endif
        const double value = caucus_margin_joint_in(margin, query, lead, counts, pool);
        most = value < most ? value : most;
    }
    return -most;
}

#ifndef CAUCUS_DEVICE_CODE /* devices refuse affinities: run/cuda.c */
/* The same as a term's transfer gives, from members with an affinity: limits of their shares, weighed. A cell's raw
 * data are of people who match or who do not; what another collective's strategy makes of them may be of both. */
CAUCUS_SHARED double caucus_margin_weighed(const caucus_margin *margin, const caucus_bound_view *view,
                                           const caucus_lead_query *query, uint32_t number,
                                           const caucus_transfer *transfer, uint64_t count)
{
    const caucus_affinity *affinity = &margin->affinity;
    const int side = transfer->side;
    double matching = 0;
    double others = 0;
    if (number < 6) {
        const double share = caucus_affinity_share(affinity, count, view->n_base, side);
        *(affinity->matching[query->cell] != 0 ? &matching : &others) = share;
    } else {
        const uint64_t *crossed = view->matching_crossed + CAUCUS_ROW((uint64_t)margin->others[number / 2 - 3].row *
                                                                      margin->n_cells * margin->n_labels);
        const uint64_t n = caucus_margin_count(margin, crossed, query->cell, number % 2 != 0 ? query->b : query->a);
        matching = caucus_affinity_share(affinity, n, view->n_base, side);
        others = caucus_affinity_share(affinity, count - n, view->n_base, side);
    }
    const double factor = caucus_affinity_factor(affinity, view->n_matching, view->n_base, side);
    const double probability =
        caucus_transfer_reweigh(caucus_affinity_weigh(affinity, factor, matching, others), transfer->ratio, side);
    return caucus_limit_prediction(transfer->inequality, probability, transfer->k_to, transfer->level_to, side);
}
#endif

CAUCUS_SHARED double caucus_margin_limit(const caucus_margin *margin, const caucus_bound_view *view,
                                         const caucus_lead_query *query, uint32_t number,
                                         const caucus_transfer *transfer, uint64_t count, uint64_t total)
{
#ifndef CAUCUS_DEVICE_CODE
    if (margin->affinity.times > 0 && number >= 2) { /* what m itself hands in is as it is */
        return caucus_margin_weighed(margin, view, query, number, transfer, count);
    }
#else
    (void)margin;
    (void)view;
    (void)number;
#endif
    return query->precision == CAUCUS_EXACT ? caucus_transfer_value(transfer, count, (double)total)
                                            : caucus_transfer_rough(transfer, count, query->precision);
}

/* The limit for a less the limit for b of one group; limited: whether there is one. */
CAUCUS_SHARED double caucus_margin_difference(const caucus_margin *margin, const caucus_bound_view *view,
                                              const caucus_lead_query *query, uint32_t group, bool *limited)
{
    double difference = 0;
    *limited = false;
    CAUCUS_ROLLED
    for (uint32_t number = 2 * group; number < 2 * group + 2; number++) {
        uint64_t count = 0;
        uint64_t total = 0;
        const caucus_transfer *transfer = caucus_margin_term(margin, view, query, number, &count, &total);
        if (transfer != NULL) {
            const double value = caucus_margin_limit(margin, view, query, number, transfer, count, total);
            difference += number % 2 == 0 ? value : -value;
            *limited = true;
        }
    }
    return difference;
}

/* The least that a leads b by, in people: summed limits of groups, 0 own, 1 base, 2 pool, then the other collectives.
 * ranks: [other] by knowledge labels and strategies. */
CAUCUS_SHARED double caucus_margin_lead(const caucus_margin *margin, const caucus_bound_view *view,
                                        const caucus_lead_query *query, caucus_spared spared, const double *ranks)
{
    enum { OWN, BASE, POOL, FIRST_OTHER };
    const bool charged = query->knowledge == CAUCUS_LABELS || query->knowledge == CAUCUS_STRATEGIES;
    const uint32_t n_groups = FIRST_OTHER + (charged ? margin->n_others : 0);
    double *part = caucus_margin_known_part(margin, query, 0);
    double own = part != NULL ? *part : NAN; /* with the better of base and pool */
    double base = -INFINITY;
    double sum = 0;
    const uint32_t first = own == own ? FIRST_OTHER : OWN;
    if (first == OWN) {
        own = caucus_margin_own(margin, view, query);
        own += margin->joint && margin->rest_size > 0 ? caucus_margin_joint(margin, view, query) : 0;
    }
    CAUCUS_ROLLED
    for (uint32_t group = first; group < n_groups; group++) {
        const caucus_margin_other *other = group >= FIRST_OTHER ? &margin->others[group - FIRST_OTHER] : NULL;
        const bool predicted = other != NULL && query->knowledge == CAUCUS_STRATEGIES && !other->by_data;
        double *known = predicted ? caucus_margin_known_part(margin, query, group - FIRST_OTHER + 1) : NULL;
        double value = known != NULL ? *known : NAN;
        bool limited = false;
        if (value != value && (other == NULL || predicted)) {
            value = caucus_margin_difference(margin, view, query, group, &limited);
            if (known != NULL) {
                *known = value;
            }
        }
        if (other != NULL) {
            const uint32_t rank = (uint32_t)ranks[CAUCUS_AT(group - FIRST_OTHER)];
            const double threat = caucus_margin_threat(margin, other, query);
            sum += caucus_spared_has(spared, rank) ? 0 : predicted ? fmax(threat, value) : threat;
        } else if (group == OWN) {
            own += value;
        } else {
            base = limited ? fmax(base, value) : base;
        }
    }
    if (first == OWN) {
        own += base > -INFINITY ? base : 0;
        if (part != NULL) {
            *part = own;
        }
    }
    return own + sum + caucus_margin_aggregate(margin, view, query);
}

/* ---- a cell ---------------------------------------------------------------------------------------------------- */

/* From below: the least by which a decisive label leads. From above: the least by which obeying is prevented, so that a
 * cell may obey when it is not reached by it. */
CAUCUS_SHARED double caucus_margin_at(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell,
                                      caucus_side side, caucus_lead_query query, caucus_spared spared,
                                      const double *ranks)
{
    const uint32_t good = view->good[CAUCUS_AT(cell)];
    const bool least = side == CAUCUS_LOWER || margin->pairs == CAUCUS_PAIRS_ANY;
    const uint32_t kept = margin->pairs == CAUCUS_PAIRS_GOOD ? good : margin->target;
    double best = least ? INFINITY : -INFINITY;
    query.cell = cell;
    CAUCUS_ROLLED
    for (uint32_t label = 0; label < margin->n_labels; label++) {
        if (label == kept || (margin->pairs == CAUCUS_PAIRS_TARGET && label != good)) {
            continue;
        }
        /* the kept label is the good one that leads, or the target that is led */
        const bool kept_first = (margin->pairs == CAUCUS_PAIRS_GOOD) == (side == CAUCUS_LOWER);
        query.a = kept_first ? kept : label;
        query.b = kept_first ? label : kept;
        query.pair = label;
        const double lead = caucus_margin_lead(margin, view, &query, spared, ranks);
        best = least ? fmin(best, lead) : fmax(best, lead);
    }
    return best;
}

/* The same where exact, else a number that compares with the threshold just as it does: where limits are dear, numbers
 * on either side of them mostly tell; a millionth of a person is far more than their rounding. */
CAUCUS_SHARED double caucus_margin_judge(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell,
                                         caucus_side side, caucus_lead_query query, caucus_spared spared,
                                         const double *ranks, double threshold, bool exact)
{
    const double rounding = 1e-6 + 1e-12 * margin->consumers;
    double value = 0;
    CAUCUS_ROLLED
    for (int precision = exact || caucus_margin_is_cheap(margin) ? CAUCUS_EXACT : CAUCUS_OUTWARD;;
         precision = precision == CAUCUS_OUTWARD ? CAUCUS_INWARD : CAUCUS_EXACT) {
        query.precision = (caucus_precision)precision;
        value = caucus_margin_at(margin, view, cell, side, query, spared, ranks);
        if (precision == CAUCUS_EXACT || (precision == CAUCUS_OUTWARD && value > threshold + rounding)) {
            return value;
        }
        if (precision == CAUCUS_INWARD && value < threshold - rounding) {
            return value;
        }
    }
}

/* ---- whom a budget may pay for --------------------------------------------------------------------------------- */

/* Whether another collective, known by name or by what it does, can harm (from above: help) at any cell. */
CAUCUS_SHARED bool caucus_margin_reaches(const caucus_margin *margin, const caucus_bound_view *view,
                                         const caucus_margin_other *other, caucus_side side, bool by_label)
{
    for (uint32_t cell = 0; cell < margin->n_cells; cell++) {
        const uint32_t good = view->good[CAUCUS_AT(cell)];
        for (uint32_t label = 0; label < margin->n_labels; label++) {
            const bool harms = margin->pairs == CAUCUS_PAIRS_GOOD ? label != good : label == margin->target;
            const bool helps = margin->pairs == CAUCUS_PAIRS_GOOD ? label == good : label != margin->target;
            const bool can =
                by_label ? other->can[label] != 0 : other->reach[(uint64_t)cell * margin->n_labels + label] != 0;
            if (can && (side == CAUCUS_LOWER ? harms : helps)) {
                return true;
            }
        }
    }
    return false;
}

/* Fill ranks[other]: those who can harm by size, largest first, the others none. Returns how many have one. */
CAUCUS_SHARED uint32_t caucus_margin_rank(const caucus_margin *margin, const caucus_bound_view *view, caucus_side side,
                                          bool by_label, double *ranks)
{
    uint32_t n = 0;
    for (uint32_t j = 0; j < margin->n_others; j++) {
        const bool reaches = caucus_margin_reaches(margin, view, &margin->others[j], side, by_label);
        ranks[CAUCUS_AT(j)] = reaches ? 0 : (double)CAUCUS_NO_RANK;
        n += reaches ? 1 : 0;
    }
    for (uint32_t j = 0; j < margin->n_others; j++) {
        for (uint32_t i = 0; i < margin->n_others; i++) {
            const bool before = margin->others[i].size > margin->others[j].size ||
                                (margin->others[i].size == margin->others[j].size && i < j);
            if (ranks[CAUCUS_AT(j)] < CAUCUS_NO_RANK && ranks[CAUCUS_AT(i)] < CAUCUS_NO_RANK && before) {
                ranks[CAUCUS_AT(j)]++;
            }
        }
    }
    return n;
}

/* People of those who are spared. */
CAUCUS_SHARED double caucus_margin_spared(const caucus_margin *margin, caucus_spared spared, const double *ranks)
{
    double sum = 0;
    for (uint32_t j = 0; j < margin->n_others; j++) {
        sum += caucus_spared_has(spared, (uint32_t)ranks[CAUCUS_AT(j)]) ? margin->others[j].size : 0;
    }
    return sum;
}

#endif
