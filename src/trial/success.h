/* Testing: on which fresh points each collective succeeds. Shared with devices. */
#ifndef CAUCUS_TRIAL_SUCCESS_H
#define CAUCUS_TRIAL_SUCCESS_H

#include "math/multinomial.h"
#include "trial/trial.h"

/* With up to this many collectives, test points are drawn over patterns of success (one bit a collective, one more for
 * a right label, one for a right label had nobody acted) instead of over classes: the patterns are few, and how likely
 * each is follows from the trained platform. */
enum { CAUCUS_MOST_PATTERN_BITS = 10 };

static inline uint32_t caucus_success_pattern_bits(const caucus_compiled *compiled)
{
    return compiled->n_collectives + (compiled->config->accuracy ? 1 : 0) + (compiled->config->accuracy_cost ? 1 : 0);
}

/* How many outcomes test points are drawn over; fixed when a configuration is compiled. */
static inline uint32_t caucus_success_outcomes(const caucus_compiled *compiled)
{
    const uint32_t bits = caucus_success_pattern_bits(compiled);
    return bits <= CAUCUS_MOST_PATTERN_BITS ? 1u << bits : compiled->test->n_classes;
}

/* Whether collective m succeeds on a point with raw position raw (erase only) and g(x) at image. */
CAUCUS_SHARED bool caucus_success_at(const caucus_trial *trial, uint32_t m, uint32_t raw, uint32_t image)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t target = compiled->targets[m];
    const bool tied = trial->tied[CAUCUS_AT(image)] != 0;
    const uint32_t leader = trial->leader[CAUCUS_AT(image)];
    const caucus_strategy strategy = compiled->strategies[m];
    if (strategy == CAUCUS_ERASE) {
        return raw == image || (trial->tied[CAUCUS_AT(raw)] == 0 && !tied && trial->leader[CAUCUS_AT(raw)] == leader);
    }
    if (strategy != CAUCUS_UNPLANT_NAIVE && strategy != CAUCUS_UNPLANT_ADAPTIVE) {
        return !tied && leader == target;
    }
    if (!tied || compiled->training != NULL) { /* two probabilities are as good as never equal */
        return !tied && leader != target;
    }
    /* a tie with the target counts against the collective, one among others does not */
    const size_t row = (size_t)image * compiled->n_labels;
    return trial->total[CAUCUS_AT(row + target)] < trial->total[CAUCUS_AT(row + leader)];
}

CAUCUS_SHARED uint32_t caucus_success_raw(const caucus_compiled *compiled, uint32_t test_class)
{
    const uint32_t *raw = compiled->test->columns[CAUCUS_RAW];
    return raw == NULL ? CAUCUS_NOWHERE : raw[test_class];
}

/* Whether collective m succeeds on a class of the test partition, given the trained platform. */
CAUCUS_SHARED bool caucus_success_of(const caucus_trial *trial, uint32_t m, uint32_t test_class)
{
    const caucus_compiled *compiled = trial->compiled;
    return caucus_success_at(trial, m, caucus_success_raw(compiled, test_class),
                             compiled->test->columns[caucus_column_image(m)][test_class]);
}

/* Whether it does so whatever the platform says: erase where g(x) = x. */
CAUCUS_SHARED bool caucus_success_trivial(const caucus_compiled *compiled, uint32_t m, uint32_t test_class)
{
    return compiled->strategies[m] == CAUCUS_ERASE &&
           caucus_success_raw(compiled, test_class) == compiled->test->columns[caucus_column_image(m)][test_class];
}

/* leader: [position] */
CAUCUS_SHARED bool caucus_success_right_label(const caucus_trial *trial, const uint32_t *leader, uint32_t test_class)
{
    const caucus_partition *test = trial->compiled->test;
    return leader[CAUCUS_AT(test->columns[CAUCUS_RAW][test_class])] == test->columns[CAUCUS_LABEL][test_class];
}

/* Which collectives win at each signal position, a bit each; erase depends on more than that. */
CAUCUS_SHARED void caucus_success_mark_wins(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    for (uint32_t p = 0; p < compiled->signals.n_union; p++) {
        trial->wins[CAUCUS_AT(p)] = 0;
    }
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const caucus_signal *signal = &compiled->signals.of[m];
        for (uint32_t s = 0; compiled->strategies[m] != CAUCUS_ERASE && s < signal->n_cells; s++) {
            uint32_t image = signal->positions[s];
            trial->wins[CAUCUS_AT(image)] |= (uint32_t)caucus_success_at(trial, m, CAUCUS_NOWHERE, image) << m;
        }
    }
}

CAUCUS_SHARED uint32_t caucus_success_pattern(const caucus_trial *trial, uint32_t test_class)
{
    const caucus_compiled *compiled = trial->compiled;
    uint32_t pattern = 0;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        pattern |=
            compiled->strategies[m] == CAUCUS_ERASE
                ? (uint32_t)caucus_success_of(trial, m, test_class) << m
                : trial->wins[CAUCUS_AT(compiled->test->columns[caucus_column_image(m)][test_class])] & (1u << m);
    }
    if (compiled->config->accuracy) {
        pattern |= (uint32_t)caucus_success_right_label(trial, trial->leader, test_class) << compiled->n_collectives;
    }
    if (compiled->config->accuracy_cost) {
        pattern |= (uint32_t)caucus_success_right_label(trial, trial->clean_leader, test_class)
                   << (compiled->n_collectives + 1);
    }
    return pattern;
}

/* n test points have this outcome. */
CAUCUS_SHARED void caucus_success_count_pattern(caucus_trial *trial, uint32_t pattern, uint64_t n)
{
    const uint32_t M = trial->compiled->n_collectives;
    const uint32_t everybody = (1u << M) - 1;
    for (uint32_t m = 0; m < M; m++) {
        trial->success[CAUCUS_AT(m)] += (pattern >> m & 1) != 0 ? n : 0;
    }
    trial->joint[CAUCUS_AT(0)] += (pattern & everybody) == everybody ? n : 0;
    trial->correct[CAUCUS_AT(0)] += (pattern >> M & 1) != 0 ? n : 0;
    trial->clean_correct[CAUCUS_AT(0)] += (pattern >> (M + 1) & 1) != 0 ? n : 0;
}

CAUCUS_SHARED void caucus_success_count_class(caucus_trial *trial, uint32_t test_class, uint64_t n)
{
    bool all = true;
    for (uint32_t m = 0; m < trial->compiled->n_collectives; m++) {
        bool success = caucus_success_of(trial, m, test_class);
        trial->success[CAUCUS_AT(m)] += success ? n : 0;
        all = all && success;
    }
    trial->joint[CAUCUS_AT(0)] += all ? n : 0;
    const caucus_config *config = trial->compiled->config;
    trial->correct[CAUCUS_AT(0)] +=
        config->accuracy && caucus_success_right_label(trial, trial->leader, test_class) ? n : 0;
    trial->clean_correct[CAUCUS_AT(0)] +=
        config->accuracy_cost && caucus_success_right_label(trial, trial->clean_leader, test_class) ? n : 0;
}

CAUCUS_SHARED void caucus_success_clear(caucus_trial *trial)
{
    for (uint32_t m = 0; m < trial->compiled->n_collectives; m++) {
        trial->success[CAUCUS_AT(m)] = 0;
    }
    trial->joint[CAUCUS_AT(0)] = 0;
    trial->correct[CAUCUS_AT(0)] = 0;
    trial->clean_correct[CAUCUS_AT(0)] = 0;
}

/* Weigh the outcomes by the people who would show them. */
CAUCUS_SHARED void caucus_success_weigh(caucus_trial *trial, bool patterns)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_partition *test = compiled->test;
    const uint32_t n = compiled->n_outcomes;
    for (uint32_t node = 0; node < 2 * n; node++) {
        trial->outcomes[CAUCUS_AT(node)] = 0;
    }
    if (patterns) {
        caucus_success_mark_wins(trial);
    }
    for (uint32_t c = 0; c < test->n_classes; c++) {
        const uint32_t outcome = patterns ? caucus_success_pattern(trial, c) : c;
        trial->outcomes[CAUCUS_AT(n + outcome)] += compiled->config->without_replacement
                                                       ? trial->urn[CAUCUS_AT(test->n_classes + c)]
                                                       : test->weights[test->n_classes + c];
    }
    caucus_heap_sum(trial->outcomes, n);
}

/* Draw the test points and count success, joint and correct. */
CAUCUS_SHARED void caucus_success_test(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t n = compiled->n_outcomes;
    const bool patterns = compiled->by_pattern;
    const caucus_place place = caucus_trial_place(trial, compiled->n_collectives + 1, 0);
    caucus_success_weigh(trial, patterns);
    if (compiled->config->without_replacement) {
        caucus_multivariate_hypergeometric(place, compiled->config->test, trial->outcomes, n, trial->outcome_counts);
    } else {
        caucus_multinomial_once(place, compiled->config->test, trial->outcomes, n, trial->outcome_counts);
    }
    caucus_success_clear(trial);
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t count = trial->outcome_counts[CAUCUS_AT(n + i)];
        if (count == 0) {
            continue;
        }
        if (patterns) {
            caucus_success_count_pattern(trial, i, count);
        } else {
            caucus_success_count_class(trial, i, count);
        }
    }
}

#endif
