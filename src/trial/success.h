/* Testing: on which fresh points each collective succeeds. Shared with devices. */
#ifndef CAUCUS_TRIAL_SUCCESS_H
#define CAUCUS_TRIAL_SUCCESS_H

#include "config/strategy.h"
#include "trial/trial.h"

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
    if (!caucus_strategy_unplants(strategy)) {
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

CAUCUS_SHARED void caucus_success_count_class(caucus_trial *trial, uint32_t test_class, caucus_count n)
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

/* Count success, joint and correct over the test points. */
CAUCUS_SHARED void caucus_success_test(caucus_trial *trial)
{
    caucus_success_clear(trial);
    for (uint32_t c = 0; c < trial->compiled->test->n_classes; c++) {
        const caucus_count n = trial->tested[CAUCUS_AT(c)];
        if (n > 0) {
            caucus_success_count_class(trial, c, n);
        }
    }
}

#endif
