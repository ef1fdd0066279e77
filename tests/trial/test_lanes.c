/* Trials side by side, of every flavour that this processor runs, give what trials one at a time give, to the byte. */
#include "compile/compile.h"
#include "experiment/experiment.h"
#include "run/cpu_batch.h"
#include "trial/block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    TRIALS = 70, /* more than lanes: the last group is not full */
    WARM = 330,  /* more than limits are spared for */
    SETTINGS = 7
};

#define EVERY_INEQUALITY                                                                                               \
    "bounds.inequalities=[hoeffding, hoeffding_clipped, bernstein, kl, clopper_pearson, hypergeometric, "              \
    "hypergeometric_joint]"

typedef struct problem {
    const char *experiment;
    uint32_t n_trials;
    const char *settings[SETTINGS];
} problem;

static const problem problems[] = {
    {"vehicles-planting", TRIALS, {NULL}},
    {"vehicles-planting",
     TRIALS,
     {"population.draw=iid", "collectives[0].noise.compliance=0.7", "collectives[0].noise.miss=0.2"}},
    {"vehicles-planting", TRIALS, {"platform.classifier={name: worst_case, epsilon: 0.02}"}},
    {"vehicles-feature-only", TRIALS, {NULL}},
    {"vehicles-unplanting", TRIALS, {NULL}},
    {"vehicles-unplanting",
     TRIALS,
     {"collectives[0].noise.miss=0.3", "output.accuracy=true", "output.accuracy_cost=true"}},
    {"vehicles-erasing", TRIALS, {NULL}},
    {"vehicles-erasing",
     TRIALS,
     {"platform.classifier={name: worst_case, epsilon: 0.05}", "collectives[0].noise.miss=0.1"}},
    {"income-renters-students", TRIALS, {NULL}},
    {"income-renters-students",
     TRIALS,
     {"collectives[0].noise.compliance=0.5", "output.accuracy=true", "output.accuracy_cost=true"}},
    {"climate-four", TRIALS, {NULL}},
    {"climate-four", TRIALS, {"platform.consumers=20G", "platform.test=1M"}},
    {"knowledge-levels", TRIALS, {NULL}},
    {"income-renters-students",
     TRIALS,
     {"bounds.families=[staircase, budget]", "bounds.inequalities=[hoeffding, bernstein, kl, clopper_pearson]"}},
    {"climate-four",
     TRIALS,
     {"bounds.families=[budget]", "bounds.inequalities=[kl, population]", "bounds.epsilon=0.001"}},
    {"vehicles-unplanting", TRIALS, {"bounds.inequalities=[bernstein, kl, clopper_pearson]"}},
    {"knowledge-levels",
     2,
     {"bounds.families=budget", "bounds.inequalities=[hypergeometric, hypergeometric_joint]", "bounds.upper=true"}},
    {"vehicles-erasing", TRIALS, {"bounds.inequalities=[hoeffding, kl]"}},
    {"vehicles-feature-only",
     TRIALS,
     {"bounds.families=[staircase, budget]", "bounds.inequalities=[clopper_pearson, bernstein]"}},
    /* at sizes where one inequality or another is near its edge */
    {"vehicles-planting",
     WARM,
     {"population.draw=iid", "sweep=[]", "collectives[0].size=41K", "collectives[0].target=Poor",
      "bounds.families=[staircase, budget]", EVERY_INEQUALITY, "bounds.upper=true"}},
    {"vehicles-planting",
     WARM,
     {"sweep=[]", "collectives[0].size=60K", "collectives[0].target=Poor", "bounds.families=[staircase, budget]",
      EVERY_INEQUALITY, "bounds.upper=true", "bounds.epsilon=0.002"}},
    {"vehicles-feature-only",
     WARM,
     {"bounds.families=[staircase, budget]", EVERY_INEQUALITY, "bounds.upper=true", "bounds.epsilon=0.0005"}},
    {"vehicles-unplanting", WARM, {"bounds.families=[staircase, budget]", EVERY_INEQUALITY, "bounds.upper=true"}},
    {"privacy", 2, {"platform.consumers=20K", "platform.test=1K"}},
    {"quick", 20, {NULL}}, /* thousands of classes: their shares are coarse */
};

static caucus_block *run(const caucus_compiled *compiled, const caucus_shape *shape, const caucus_lanes *lanes,
                         uint32_t n_trials)
{
    caucus_trial_batch *batch = NULL;
    caucus_block *block = NULL;
    assert_int_equal(caucus_block_alloc_rows(n_trials, shape, &block), CAUCUS_OK);
    assert_int_equal(caucus_trial_batch_open(compiled, lanes, NULL, &batch), CAUCUS_OK);
    for (uint32_t done = 0; done < n_trials;) {
        const uint32_t left = n_trials - done;
        const uint32_t n = left < batch->n_trials ? left : batch->n_trials;
        for (uint32_t i = 0; i < n; i++) {
            batch->results[i] = caucus_block_row(block, shape, done + i);
        }
        caucus_trial_batch_run(batch, done, n);
        done += n;
    }
    caucus_trial_batch_close(batch);
    return block;
}

static void compare(const caucus_compiled *compiled, const caucus_lanes *lanes, const problem *of)
{
    const caucus_shape shape = {.n_collectives = compiled->n_collectives,
                                .n_methods = compiled->config->bounds.n_methods,
                                .trained = compiled->training != NULL,
                                .compared = compiled->config->accuracy_cost,
                                .upper = compiled->config->bounds.upper};
    caucus_block *one = run(compiled, &shape, &caucus_lanes_one, of->n_trials);
    caucus_block *many = run(compiled, &shape, lanes, of->n_trials);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        const size_t width = caucus_variable_width(&caucus_variables[v], &shape);
        const uint32_t *expected = caucus_variable_data(&caucus_variables[v], one);
        const uint32_t *found = caucus_variable_data(&caucus_variables[v], many);
        for (size_t i = 0; i < width * of->n_trials; i++) {
            if (expected[i] != found[i]) {
                print_error("%s, configuration %u, %s: %s of trial %zu differs\n", of->experiment, compiled->index,
                            lanes->name, caucus_variables[v].name, i / width);
                fail();
            }
        }
    }
    free(many);
    free(one);
}

/* The first configuration and the last. */
static void same_numbers(void **state)
{
    (void)state;
    for (size_t p = 0; p < sizeof problems / sizeof problems[0]; p++) {
        char path[512];
        caucus_experiment *experiment = NULL;
        size_t n_settings = 0;
        while (n_settings < SETTINGS && problems[p].settings[n_settings] != NULL) {
            n_settings++;
        }
        snprintf(path, sizeof path, "%s/experiments/%s.yaml", TEST_SOURCE_DIR, problems[p].experiment);
        if (caucus_experiment_open(path, problems[p].settings, n_settings, &experiment) != CAUCUS_OK) {
            print_error("%s: %s\n", problems[p].experiment, caucus_error_message());
            fail();
        }
        const uint64_t last = experiment->n_configs - 1;
        for (uint64_t index = 0; index <= last; index += last > 0 ? last : 1) {
            caucus_config *config = NULL;
            caucus_compiled *compiled = NULL;
            assert_int_equal(caucus_experiment_config(experiment, index, &config), CAUCUS_OK);
            config->n_trials = p % 2 == 0 ? 0 : 1; /* tables with slices, or to be searched */
            assert_int_equal(caucus_compile(config, (uint32_t)index, &compiled), CAUCUS_OK);
            unsigned n_served = 0;
            for (const caucus_lanes *const *lanes = caucus_lanes_here(); *lanes != &caucus_lanes_one; lanes++) {
                if (caucus_lanes_serve(*lanes, compiled)) {
                    compare(compiled, *lanes, &problems[p]);
                    n_served++;
                }
            }
            assert_true(n_served > 0);
            caucus_compiled_free(compiled);
        }
        caucus_experiment_close(experiment);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
