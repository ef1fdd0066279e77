/* Strategies: counting what members have, choosing labels from that, and handing in (docs/engine.md, "The
 * model"), for the path over classes and the path over persons. Shared with devices. */
#ifndef CAUCUS_TRIAL_STRATEGY_H
#define CAUCUS_TRIAL_STRATEGY_H

#include "config/strategy.h"
#include "trial/trial.h"

/* Collective m has n more members with raw position and label, whose g(x) is at image; `estimating` of them choose the
 * labels. Positions may be CAUCUS_NOWHERE. */
CAUCUS_SHARED void caucus_strategy_count(caucus_trial *trial, uint32_t m, uint32_t raw, uint32_t label, uint32_t image,
                                         caucus_count n, caucus_count estimating)
{
    const caucus_compiled *compiled = trial->compiled;
    uint32_t n_tracked = compiled->n_tracked;
    if (raw < n_tracked) {
        size_t at = CAUCUS_AT(caucus_tracked_row(compiled, m, raw) + label);
        trial->raw[at] += n;
        if (compiled->estimating) {
            trial->base[at] += n - estimating;
        }
    }
    if (compiled->config->accuracy_cost && raw != CAUCUS_NOWHERE) {
        trial->clean[CAUCUS_AT((size_t)raw * compiled->n_labels + label)] += n;
    }
    if (image < n_tracked) {
        size_t at = CAUCUS_AT((size_t)m * n_tracked + image);
        trial->mass[at] += n;
        if (compiled->estimating) {
            trial->base_mass[at] += n - estimating;
        }
    }
}

/* n members of collective m's pilot are of this kind. */
CAUCUS_SHARED void caucus_strategy_count_pilot(const caucus_trial *trial, uint32_t m, uint32_t raw, uint32_t label,
                                               uint32_t image, caucus_count n)
{
    const uint32_t n_tracked = trial->compiled->n_tracked;
    if (raw < n_tracked) {
        trial->pilot[CAUCUS_AT(caucus_tracked_row(trial->compiled, m, raw) + label)] += n;
    }
    if (image < n_tracked) {
        trial->pilot_mass[CAUCUS_AT((size_t)m * n_tracked + image)] += n;
    }
}

/* n base members of collective m match what its bounds know an affinity of; their g(x) is at image. */
CAUCUS_SHARED void caucus_strategy_count_matching(const caucus_trial *trial, uint32_t m, uint32_t image, caucus_count n)
{
    trial->matching_mass[CAUCUS_AT((size_t)m * trial->compiled->n_tracked + image)] += n; /* signal cells are tracked */
}

/* The label other than t that most members whose raw cell is a signal cell have. */
CAUCUS_SHARED uint32_t caucus_naive_label(const caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    uint32_t target = compiled->targets[m];
    uint32_t best = target == 0 ? 1 : 0;
    uint64_t most = 0;
    for (uint32_t y = 0; y < compiled->n_labels; y++) {
        uint64_t n = 0;
        for (uint32_t s = 0; s < signal->n_cells; s++) {
            n += trial->raw[CAUCUS_AT(caucus_tracked_row(compiled, m, signal->positions[s]) + y)];
        }
        if (y != target && n > most) {
            best = y;
            most = n;
        }
    }
    return best;
}

/* Fill good[m] from the members' raw data (docs/engine.md, "The model": t, t', y', y*). */
CAUCUS_SHARED void caucus_strategy_choose(caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    const caucus_strategy strategy = compiled->strategies[m];
    const uint32_t L = compiled->n_labels;
    const uint32_t none = L; /* no label is excepted */
    const uint32_t fixed = strategy == CAUCUS_UNPLANT_NAIVE ? caucus_naive_label(trial, m) : compiled->targets[m];
    uint32_t *good = trial->good + CAUCUS_ROW((size_t)m * compiled->n_tracked);
    for (uint32_t s = 0; s < signal->n_cells; s++) {
        uint32_t position = signal->positions[s];
        if (position >= compiled->n_tracked) {
            continue; /* erase without bounds: only signal cells are tracked, and they come first */
        }
        size_t row = CAUCUS_ROW(caucus_tracked_row(compiled, m, position));
        uint32_t label = fixed;
        if (strategy == CAUCUS_UNPLANT_ADAPTIVE) {
            label = caucus_most_frequent(trial->raw + row, trial->base + row, L, compiled->targets[m]);
        } else if (strategy == CAUCUS_ERASE) {
            size_t image = CAUCUS_ROW(caucus_tracked_row(compiled, m, signal->positions[signal->erased[s]]));
            label = caucus_most_frequent(trial->raw + image, NULL, L, none);
        }
        good[CAUCUS_AT(position)] = label;
    }
}

/* n records (position, label) of collective m reach the platform. */
CAUCUS_SHARED void caucus_strategy_submit(caucus_trial *trial, uint32_t m, uint32_t position, uint32_t label,
                                          caucus_count n)
{
    const caucus_compiled *compiled = trial->compiled;
    if (position == CAUCUS_NOWHERE) {
        return;
    }
    trial->total[CAUCUS_AT((size_t)position * compiled->n_labels + label)] += n;
    if (position < compiled->n_tracked) {
        trial->submitted[CAUCUS_AT(caucus_tracked_row(compiled, m, position) + label)] += n;
    }
}

/* n people of no collective hand in what they are. */
CAUCUS_SHARED void caucus_strategy_abstain(caucus_trial *trial, uint32_t position, uint32_t label, caucus_count n)
{
    const caucus_compiled *compiled = trial->compiled;
    if (position == CAUCUS_NOWHERE) {
        return;
    }
    const size_t at = CAUCUS_AT((size_t)position * compiled->n_labels + label);
    trial->total[at] += n;
    if (compiled->config->accuracy_cost) {
        trial->clean[at] += n;
    }
}

/* outside is read for feature_only only; good must have been chosen. */
CAUCUS_SHARED caucus_record caucus_strategy_act(const caucus_trial *trial, uint32_t m, uint32_t raw, uint32_t label,
                                                uint32_t image, uint32_t outside)
{
    const caucus_compiled *compiled = trial->compiled;
    /* signal cells are always tracked */
    uint32_t marking = trial->good[CAUCUS_AT((size_t)m * compiled->n_tracked + image)];
    return caucus_strategy_record(compiled->strategies[m], compiled->targets[m], marking, raw, label, image, outside);
}

/* Collective m's base data as collective j's strategy would hand them in: n more of a kind, in crossed or in
 * that of a part of the members. */
CAUCUS_SHARED void caucus_strategy_cross(const caucus_trial *trial, caucus_count *crossed, uint32_t m, uint32_t j,
                                         uint32_t raw, uint32_t label, uint32_t image, uint32_t outside, caucus_count n)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    uint32_t target = compiled->targets[j];
    caucus_record record = caucus_strategy_record(compiled->strategies[j], target, target, raw, label, image, outside);
    if (record.position == CAUCUS_NOWHERE || signal->index[record.position] == CAUCUS_NOWHERE) {
        return;
    }
    size_t cell = (size_t)j * signal->n_cells + signal->index[record.position];
    crossed[CAUCUS_AT(compiled->crossed_offset[m] + cell * compiled->n_labels + record.label)] += n;
}

#endif
