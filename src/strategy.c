#include "strategy.h"

void caucus_strategy_count(caucus_trial *trial, uint32_t m, uint32_t raw, uint32_t label, uint32_t image, uint64_t n,
                           uint64_t estimating)
{
    const caucus_compiled *compiled = trial->compiled;
    uint32_t n_tracked = compiled->n_tracked;
    if (raw < n_tracked) {
        size_t at = caucus_tracked_row(compiled, m, raw) + label;
        trial->raw[at] += n;
        if (compiled->estimating) {
            trial->base[at] += n - estimating;
        }
    }
    if (image < n_tracked) {
        size_t at = (size_t)m * n_tracked + image;
        trial->mass[at] += n;
        if (compiled->estimating) {
            trial->base_mass[at] += n - estimating;
        }
    }
}

/* Most frequent label, lowest id on ties, never `except`; less: counts to take off first, or NULL. */
static uint32_t most_frequent(const uint64_t *counts, const uint64_t *less, uint32_t n_labels, uint32_t except)
{
    uint32_t best = except == 0 ? 1 : 0;
    uint64_t most = 0;
    for (uint32_t y = 0; y < n_labels; y++) {
        uint64_t n = counts[y] - (less == NULL ? 0 : less[y]);
        if (y != except && n > most) {
            best = y;
            most = n;
        }
    }
    return best;
}

/* The label other than t that most members whose raw cell is a signal cell have. */
static uint32_t naive_label(const caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    uint32_t target = compiled->targets[m];
    uint32_t best = target == 0 ? 1 : 0;
    uint64_t most = 0;
    for (uint32_t y = 0; y < compiled->n_labels; y++) {
        uint64_t n = 0;
        for (uint32_t s = 0; s < signal->n_cells; s++) {
            n += trial->raw[caucus_tracked_row(compiled, m, signal->positions[s]) + y];
        }
        if (y != target && n > most) {
            best = y;
            most = n;
        }
    }
    return best;
}

void caucus_strategy_choose(caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    const caucus_strategy strategy = compiled->strategies[m];
    const uint32_t L = compiled->n_labels;
    const uint32_t none = L; /* no label is excepted */
    const uint32_t fixed = strategy == CAUCUS_UNPLANT_NAIVE ? naive_label(trial, m) : compiled->targets[m];
    uint32_t *good = trial->good + (size_t)m * compiled->n_tracked;
    for (uint32_t s = 0; s < signal->n_cells; s++) {
        uint32_t position = signal->positions[s];
        if (position >= compiled->n_tracked) {
            continue; /* erase without bounds: only signal cells are tracked, and they come first */
        }
        size_t row = caucus_tracked_row(compiled, m, position);
        if (strategy == CAUCUS_UNPLANT_ADAPTIVE) {
            good[position] = most_frequent(trial->raw + row, trial->base + row, L, compiled->targets[m]);
        } else if (strategy == CAUCUS_ERASE) {
            size_t image = caucus_tracked_row(compiled, m, signal->positions[signal->erased[s]]);
            good[position] = most_frequent(trial->raw + image, NULL, L, none);
        } else {
            good[position] = fixed;
        }
    }
}

void caucus_strategy_submit(caucus_trial *trial, uint32_t m, uint32_t position, uint32_t label, uint64_t n)
{
    const caucus_compiled *compiled = trial->compiled;
    if (position == CAUCUS_NOWHERE) {
        return;
    }
    trial->total[(size_t)position * compiled->n_labels + label] += n;
    if (position < compiled->n_tracked) {
        trial->submitted[caucus_tracked_row(compiled, m, position) + label] += n;
    }
}

/* The strategies of theory, "Model"; marking is the label that g(x) is marked with. */
static caucus_record act(caucus_strategy strategy, uint32_t target, uint32_t marking, uint32_t raw, uint32_t label,
                         uint32_t image, uint32_t outside)
{
    switch (strategy) {
    case CAUCUS_FEATURE_ONLY:
        return label == target ? (caucus_record){image, target, true} : (caucus_record){outside, label, false};
    case CAUCUS_FEATURE_ONLY_KEEP:
        return label == target ? (caucus_record){image, target, true} : (caucus_record){raw, label, false};
    case CAUCUS_ERASE:
        return (caucus_record){raw, marking, false};
    default:
        return (caucus_record){image, marking, true};
    }
}

caucus_record caucus_strategy_act(const caucus_trial *trial, uint32_t m, uint32_t raw, uint32_t label, uint32_t image,
                                  uint32_t outside)
{
    const caucus_compiled *compiled = trial->compiled;
    uint32_t marking = trial->good[(size_t)m * compiled->n_tracked + image]; /* signal cells are always tracked */
    return act(compiled->strategies[m], compiled->targets[m], marking, raw, label, image, outside);
}

void caucus_strategy_cross(caucus_trial *trial, uint32_t m, uint32_t j, uint32_t raw, uint32_t label, uint32_t image,
                           uint32_t outside, uint64_t n)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    uint32_t target = compiled->targets[j];
    caucus_record record = act(compiled->strategies[j], target, target, raw, label, image, outside);
    if (record.position == CAUCUS_NOWHERE || signal->index[record.position] == CAUCUS_NOWHERE) {
        return;
    }
    size_t cell = (size_t)j * signal->n_cells + signal->index[record.position];
    trial->crossed[compiled->crossed_offset[m] + cell * compiled->n_labels + record.label] += n;
}
