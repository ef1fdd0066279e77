/* What a strategy does with one member's record, whoever asks: trials, kernels, and advice from counts. Shared with
 * devices. */
#ifndef CAUCUS_CONFIG_STRATEGY_H
#define CAUCUS_CONFIG_STRATEGY_H

#include "config/config.h"
#include "math/shared.h"

/* Whether it wants any label but the target. */
CAUCUS_SHARED bool caucus_strategy_unplants(caucus_strategy strategy)
{
    return strategy == CAUCUS_UNPLANT_NAIVE || strategy == CAUCUS_UNPLANT_ADAPTIVE;
}

/* Whether a strategy's labels depend on its members' data. */
CAUCUS_SHARED bool caucus_strategy_adapts(caucus_strategy strategy)
{
    return caucus_strategy_unplants(strategy) || strategy == CAUCUS_ERASE;
}

/* Whether its members may hand in from where they stand, though they comply. */
CAUCUS_SHARED bool caucus_strategy_stays(caucus_strategy strategy)
{
    return strategy == CAUCUS_FEATURE_ONLY_KEEP || strategy == CAUCUS_ERASE;
}

/* Whether members with the target as their own label do something else than the others. */
CAUCUS_SHARED bool caucus_strategy_asks_label(caucus_strategy strategy)
{
    return strategy == CAUCUS_FEATURE_ONLY || strategy == CAUCUS_FEATURE_ONLY_KEEP;
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
    record.marked = strategy != CAUCUS_ERASE;
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
