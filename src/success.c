#include "success.h"

#include "multinomial.h"

#include <string.h>

/* With up to this many collectives, test points are drawn over patterns of success (one bit a collective, one more for
 * a right label) instead of over classes: the patterns are few, and how likely each is follows from the trained
 * platform. */
enum { MOST_PATTERN_BITS = 10 };

static uint32_t pattern_bits(const caucus_compiled *compiled)
{
    return compiled->n_collectives + (compiled->config->accuracy ? 1 : 0);
}

static bool by_pattern(const caucus_compiled *compiled)
{
    return pattern_bits(compiled) <= MOST_PATTERN_BITS;
}

static uint32_t n_outcomes(const caucus_compiled *compiled)
{
    return by_pattern(compiled) ? 1u << pattern_bits(compiled) : compiled->test->n_classes;
}

size_t caucus_success_space(const caucus_compiled *compiled)
{
    return 4 * (size_t)n_outcomes(compiled); /* a heap of weights and one of counts */
}

bool caucus_success_at(const caucus_trial *trial, uint32_t m, uint32_t raw, uint32_t image)
{
    const uint32_t target = trial->compiled->targets[m];
    const uint64_t *counts;
    switch (trial->compiled->strategies[m]) {
    case CAUCUS_UNPLANT_NAIVE:
    case CAUCUS_UNPLANT_ADAPTIVE: /* a tie with the target counts against the collective, one among others does not */
        if (!trial->tied[image]) {
            return trial->leader[image] != target;
        }
        counts = trial->total + (size_t)image * trial->compiled->n_labels;
        return counts[target] < counts[trial->leader[image]];
    case CAUCUS_ERASE:
        return raw == image || (!trial->tied[raw] && !trial->tied[image] && trial->leader[raw] == trial->leader[image]);
    default:
        return !trial->tied[image] && trial->leader[image] == target;
    }
}

static uint32_t raw_of(const caucus_compiled *compiled, uint32_t class)
{
    const uint32_t *raw = compiled->test->columns[CAUCUS_RAW];
    return raw == NULL ? CAUCUS_NOWHERE : raw[class];
}

bool caucus_success_of(const caucus_trial *trial, uint32_t m, uint32_t class)
{
    const caucus_compiled *compiled = trial->compiled;
    return caucus_success_at(trial, m, raw_of(compiled, class), compiled->test->columns[caucus_column_image(m)][class]);
}

bool caucus_success_trivial(const caucus_compiled *compiled, uint32_t m, uint32_t class)
{
    return compiled->strategies[m] == CAUCUS_ERASE &&
           raw_of(compiled, class) == compiled->test->columns[caucus_column_image(m)][class];
}

static bool right_label(const caucus_trial *trial, uint32_t class)
{
    const caucus_partition *test = trial->compiled->test;
    return trial->leader[test->columns[CAUCUS_RAW][class]] == test->columns[CAUCUS_LABEL][class];
}

/* Which collectives win at each signal position, a bit each; erase depends on more than that. */
static void mark_wins(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    memset(trial->wins, 0, compiled->signals.n_union * sizeof *trial->wins);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const caucus_signal *signal = &compiled->signals.of[m];
        for (uint32_t s = 0; compiled->strategies[m] != CAUCUS_ERASE && s < signal->n_cells; s++) {
            uint32_t image = signal->positions[s];
            trial->wins[image] |= (uint32_t)caucus_success_at(trial, m, CAUCUS_NOWHERE, image) << m;
        }
    }
}

static uint32_t pattern_of(const caucus_trial *trial, uint32_t class)
{
    const caucus_compiled *compiled = trial->compiled;
    uint32_t pattern = 0;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        pattern |= compiled->strategies[m] == CAUCUS_ERASE
                       ? (uint32_t)caucus_success_of(trial, m, class) << m
                       : trial->wins[compiled->test->columns[caucus_column_image(m)][class]] & (1u << m);
    }
    if (compiled->config->accuracy) {
        pattern |= (uint32_t)right_label(trial, class) << compiled->n_collectives;
    }
    return pattern;
}

/* n test points have this outcome. */
static void count_pattern(caucus_trial *trial, uint32_t pattern, uint64_t n)
{
    const uint32_t M = trial->compiled->n_collectives;
    const uint32_t everybody = (1u << M) - 1;
    for (uint32_t m = 0; m < M; m++) {
        trial->success[m] += (pattern >> m & 1) ? n : 0;
    }
    trial->joint += (pattern & everybody) == everybody ? n : 0;
    trial->correct += (pattern >> M & 1) ? n : 0;
}

static void count_class(caucus_trial *trial, uint32_t class, uint64_t n)
{
    bool all = true;
    for (uint32_t m = 0; m < trial->compiled->n_collectives; m++) {
        bool success = caucus_success_of(trial, m, class);
        trial->success[m] += success ? n : 0;
        all = all && success;
    }
    trial->joint += all ? n : 0;
    trial->correct += trial->compiled->config->accuracy && right_label(trial, class) ? n : 0;
}

void caucus_success_test(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_partition *test = compiled->test;
    const uint32_t n = n_outcomes(compiled);
    const bool patterns = by_pattern(compiled);
    const uint64_t *people = (compiled->config->without_replacement ? trial->urn : test->weights) + test->n_classes;
    uint64_t *weights = trial->patterns;
    uint64_t *counts = trial->patterns + 2 * (size_t)n;
    memset(weights, 0, 2 * (size_t)n * sizeof *weights);
    if (patterns) {
        mark_wins(trial);
    }
    for (uint32_t c = 0; c < test->n_classes; c++) {
        weights[n + (patterns ? pattern_of(trial, c) : c)] += people[c];
    }
    caucus_heap_sum(weights, n);
    caucus_place place = caucus_trial_place(trial, compiled->n_collectives + 1, 0);
    if (compiled->config->without_replacement) {
        caucus_multivariate_hypergeometric(place, compiled->config->test, weights, n, counts);
    } else {
        caucus_multinomial(place, compiled->config->test, NULL, weights, n, counts);
    }
    memset(trial->success, 0, compiled->n_collectives * sizeof *trial->success);
    trial->joint = 0;
    trial->correct = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (counts[n + i] == 0) {
            continue;
        }
        if (patterns) {
            count_pattern(trial, i, counts[n + i]);
        } else {
            count_class(trial, i, counts[n + i]);
        }
    }
}
