/* What a strategy does with one member's record, whoever asks: trials, kernels, and advice from counts. Shared with
 * devices. */
#ifndef CAUCUS_CONFIG_STRATEGY_H
#define CAUCUS_CONFIG_STRATEGY_H

#include "config/config.h"
#include "math/shared.h"

/* What sets strategies apart. */
enum {
    CAUCUS_MARKS = 1,      /* members apply g */
    CAUCUS_UNPLANTS = 2,   /* any label but the target is wanted */
    CAUCUS_ADAPTS = 4,     /* labels handed in depend on the members' data */
    CAUCUS_ASKS_LABEL = 8, /* members with the target as their own label do something else than the others */
    CAUCUS_STAYS = 16      /* members may hand in from where they stand, though they comply */
};

CAUCUS_SHARED uint32_t caucus_strategy_traits(caucus_strategy strategy)
{
    switch (strategy) {
    case CAUCUS_FEATURE_LABEL:
        return CAUCUS_MARKS;
    case CAUCUS_FEATURE_ONLY:
        return CAUCUS_MARKS | CAUCUS_ASKS_LABEL;
    case CAUCUS_FEATURE_ONLY_KEEP:
        return CAUCUS_MARKS | CAUCUS_ASKS_LABEL | CAUCUS_STAYS;
    case CAUCUS_UNPLANT_NAIVE:
    case CAUCUS_UNPLANT_ADAPTIVE:
        return CAUCUS_MARKS | CAUCUS_UNPLANTS | CAUCUS_ADAPTS;
    case CAUCUS_ERASE:
        return CAUCUS_ADAPTS | CAUCUS_STAYS;
    case CAUCUS_N_STRATEGIES:
        break;
    }
    return 0;
}

CAUCUS_SHARED bool caucus_strategy_unplants(caucus_strategy strategy)
{
    return (caucus_strategy_traits(strategy) & CAUCUS_UNPLANTS) != 0;
}

CAUCUS_SHARED bool caucus_strategy_adapts(caucus_strategy strategy)
{
    return (caucus_strategy_traits(strategy) & CAUCUS_ADAPTS) != 0;
}

CAUCUS_SHARED bool caucus_strategy_asks_label(caucus_strategy strategy)
{
    return (caucus_strategy_traits(strategy) & CAUCUS_ASKS_LABEL) != 0;
}

CAUCUS_SHARED bool caucus_strategy_stays(caucus_strategy strategy)
{
    return (caucus_strategy_traits(strategy) & CAUCUS_STAYS) != 0;
}

/* Whether a pilot can tell beforehand which labels must lead: not where the data of all members choose them. */
CAUCUS_SHARED bool caucus_strategy_takes_pilot(caucus_strategy strategy)
{
    return strategy != CAUCUS_UNPLANT_NAIVE && strategy != CAUCUS_ERASE;
}

/* Most frequent label, lowest id on ties, never `except` (n_labels: none); less: counts to take off first, or NULL. */
CAUCUS_SHARED uint32_t caucus_most_frequent(const caucus_count *counts, const caucus_count *less, uint32_t n_labels,
                                            uint32_t except)
{
    uint32_t best = except == 0 ? 1 : 0;
    uint64_t most = 0;
    for (uint32_t y = 0; y < n_labels; y++) {
        uint64_t n = counts[CAUCUS_AT(y)] - (less == NULL ? 0 : less[CAUCUS_AT(y)]);
        if (y != except && n > most) {
            best = y;
            most = n;
        }
    }
    return best;
}

/* What a complying member without misses hands in: position and label from its raw position, label, g(x), outside. */
typedef struct caucus_record {
    uint32_t position;
    uint32_t label;
    bool marked; /* g was applied, so that misses may change the position */
} caucus_record;

/* The strategies (docs/engine.md, "The model"); marking is the label that g(x) is marked with. */
CAUCUS_SHARED caucus_record caucus_strategy_record(caucus_strategy strategy, uint32_t target, uint32_t marking,
                                                   uint32_t raw, uint32_t label, uint32_t image, uint32_t outside)
{
    caucus_record record;
    record.marked = (caucus_strategy_traits(strategy) & CAUCUS_MARKS) != 0;
    record.position = record.marked ? image : raw;
    record.label = marking;
    if (caucus_strategy_asks_label(strategy)) {
        record.marked = label == target;
        record.label = label;
        if (!record.marked) {
            record.position = caucus_strategy_stays(strategy) ? raw : outside;
        }
    }
    return record;
}

#endif
