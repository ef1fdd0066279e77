/* Cells whose leading label is said to be certain: by another bound on the probability, and in trials of a platform
 * that does not know it. */
#include "compile/certain.h"
#include "compile/compile.h"
#include "experiment/experiment.h"
#include "trial/steps.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TRIALS = 100, SETTINGS = 3 };

/* n independent people: P(lead <= 0) is at most (1 - (sqrt plus - sqrt minus)^2)^n, the least that Chernoff's method
 * gives. What Bernstein's says is certain must be so by that too, and not need twice as many people. */
static void agrees_with_chernoff(void **state)
{
    (void)state;
    const double nats = 64.0 * log(2.0);
    const double shares[][2] = {{0.5, 0.4}, {0.3, 0.01}, {0.01, 0.0}, {0.001, 0.0008}, {1.0, 0.0}, {0.4, 0.399}};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        const double root = sqrt(shares[i][0]) - sqrt(shares[i][1]);
        double n = 1.0;
        while (!caucus_lead_is_certain(&(caucus_lead_part){n, shares[i][0], shares[i][1]}, 1, nats)) {
            n *= 1.01;
            assert_true(n < 1e12);
        }
        const double exponent = -n * log1p(-root * root);
        assert_true(exponent >= nats);
        assert_true(exponent < 2.0 * nats || n < 200.0 / shares[i][0]);
        assert_false(caucus_lead_is_certain(&(caucus_lead_part){n, shares[i][1], shares[i][0]}, 1, nats));
    }
}

/* Each group may lose what it may lose by itself. */
static void adds_groups(void **state)
{
    (void)state;
    const double nats = 40.0;
    const caucus_lead_part sure = {1e6, 0.3, 0.2};
    const caucus_lead_part adverse = {1e6, 0.2, 0.3};
    assert_true(caucus_lead_is_certain(&sure, 1, nats));
    assert_false(caucus_lead_is_certain((caucus_lead_part[]){sure, adverse}, 2, nats));
    assert_true(caucus_lead_is_certain((caucus_lead_part[]){sure, {1e5, 0.2, 0.3}}, 2, nats));
    assert_false(caucus_lead_is_certain((caucus_lead_part[]){{1e4, 0.3, 0.2}, {1e6, 0.0, 0.001}}, 2, nats));
    assert_false(caucus_lead_is_certain(&(caucus_lead_part){0.0, 0.3, 0.2}, 1, nats));
}

typedef struct problem {
    const char *experiment;
    const char *settings[SETTINGS];
    double share; /* of positions that are certain, at least, in the last configuration */
} problem;

static const problem problems[] = {
    {"vehicles-planting", {NULL}, 0.9},
    {"vehicles-planting", {"population.draw=iid", "output.accuracy=true"}, 0.5},
    {"vehicles-planting", {"collectives[0].noise.compliance=0.5", "collectives[0].noise.miss=0.2"}, 0.5},
    {"vehicles-feature-only", {NULL}, 0.1},
    {"vehicles-unplanting", {NULL}, 0.0},
    {"vehicles-erasing", {NULL}, 0.0},
    {"vehicles-planting", {"population.draw=iid", "output.accuracy=true", "output.accuracy_cost=true"}, 0.1},
    {"income-renters-students", {"output.accuracy=true", "output.accuracy_cost=true"}, 0.0},
    {"climate-four", {NULL}, 0.1},
};

static caucus_compiled *compile(caucus_experiment *experiment, uint64_t index)
{
    caucus_config *config = NULL;
    caucus_compiled *compiled = NULL;
    assert_int_equal(caucus_experiment_config(experiment, index, &config), CAUCUS_OK);
    assert_int_equal(caucus_compile(config, (uint32_t)index, &compiled), CAUCUS_OK);
    return compiled;
}

static caucus_experiment *open_experiment(const problem *of, const char *more)
{
    char path[512];
    const char *settings[SETTINGS + 1];
    size_t n = 0;
    caucus_experiment *experiment = NULL;
    while (n < SETTINGS && of->settings[n] != NULL) {
        settings[n] = of->settings[n];
        n++;
    }
    if (more != NULL) {
        settings[n++] = more;
    }
    snprintf(path, sizeof path, "%s/experiments/%s.yaml", TEST_SOURCE_DIR, of->experiment);
    if (caucus_experiment_open(path, settings, n, &experiment) != CAUCUS_OK) {
        print_error("%s: %s\n", of->experiment, caucus_error_message());
        fail();
    }
    return experiment;
}

/* The platform worst_case with nothing to spend learns the same as histogram, but counts everybody. */
static void compare(const caucus_compiled *compiled, const caucus_compiled *counted)
{
    caucus_trial *trial = NULL;
    assert_int_equal(caucus_trial_open(counted, &trial), CAUCUS_OK);
    for (uint32_t number = 0; number < TRIALS; number++) {
        caucus_trial_begin(trial, number);
        caucus_draw_groups(trial);
        caucus_platform_learn(trial);
        for (uint32_t p = 0; p < compiled->signals.n_positions; p++) {
            assert_int_equal(counted->certain[p], CAUCUS_NOWHERE);
            if (compiled->certain[p] != CAUCUS_NOWHERE) {
                assert_int_equal(trial->leader[p], compiled->certain[p]);
                assert_int_equal(trial->tied[p], 0);
            }
            if (compiled->config->accuracy_cost && compiled->clean_certain[p] != CAUCUS_NOWHERE) {
                assert_int_equal(trial->clean_leader[p], compiled->clean_certain[p]);
            }
        }
    }
    caucus_trial_close(trial);
}

static void is_what_trials_learn(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        caucus_experiment *experiment = open_experiment(&problems[i], NULL);
        caucus_experiment *counting =
            open_experiment(&problems[i], "platform.classifier={name: worst_case, epsilon: 0}");
        const uint64_t last = experiment->n_configs - 1;
        for (uint64_t index = 0; index <= last; index += last > 0 ? last : 1) {
            caucus_compiled *compiled = compile(experiment, index);
            caucus_compiled *counted = compile(counting, index);
            uint32_t n_certain = 0;
            for (uint32_t p = 0; p < compiled->signals.n_positions; p++) {
                n_certain += compiled->certain[p] != CAUCUS_NOWHERE ? 1 : 0;
            }
            if (index == last && n_certain < problems[i].share * compiled->signals.n_positions) {
                print_error("%s: %u of %u cells are certain\n", problems[i].experiment, n_certain,
                            compiled->signals.n_positions);
                fail();
            }
            compare(compiled, counted);
            caucus_compiled_free(counted);
            caucus_compiled_free(compiled);
        }
        caucus_experiment_close(counting);
        caucus_experiment_close(experiment);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_chernoff),
        cmocka_unit_test(adds_groups),
        cmocka_unit_test(is_what_trials_learn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
