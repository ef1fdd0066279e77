/* The CUDA backend's slots on emulated devices, where a plan would not lead: a slot that was given less than its
 * configurations need grows, in any order of them, and computes what the CPU does. */
#include "compile/bounds.h"
#include "compile/compile.h"
#include "run/cuda_module.h"
#include "run/cuda_quota.h"
#include "run/plan.h"
#include "trial/block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SKIPPED = 77, N_CONFIGS = 6, N_TRIALS = 150 };

static const char *const text =
    "name: slots\nseed: 3\ntrials: 150\n"
    "population: {scenario: dirichlet, cells: 30, labels: 3}\n"
    "platform: {consumers: 500, test: 100}\n"
    "collectives: {count: 4, names: [a, b, c, d], share: 0.4, strategy: feature_label, targets: [y0, y1],\n"
    "  sets: [{signal: \"yes\"}, {signal: \"yes\"}, {signal: \"yes\"}, {signal: \"yes\"}]}\n"
    "bounds: {inequalities: [hoeffding, kl]}\n"
    "sweep:\n  - {name: people, path: platform.consumers, values: [500, 1000, 4000]}\n"
    "  - {name: learner, path: platform.classifier, values: [histogram, logistic]}\n";

static caucus_experiment *experiment;
static caucus_plan *plan;
static caucus_compiled *compiled[N_CONFIGS];

static int open_plan(void **state)
{
    (void)state;
    char path[] = "/tmp/caucus-slots-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
    const caucus_plan_options options = {.device = "cpu", .threads = 1, .block_trials = N_TRIALS};
    if (caucus_experiment_open(path, NULL, 0, &experiment) != CAUCUS_OK ||
        caucus_plan_open(experiment, &options, &plan) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    unlink(path);
    for (uint64_t i = 0; i < N_CONFIGS; i++) {
        assert_int_equal(caucus_plan_compile(plan, i, &compiled[i]), CAUCUS_OK);
        assert_int_equal(caucus_guarantees_mark(compiled[i], true), CAUCUS_OK);
    }
    return 0;
}

static int close_plan(void **state)
{
    (void)state;
    for (int i = 0; i < N_CONFIGS; i++) {
        caucus_compiled_free(compiled[i]);
    }
    caucus_plan_close(plan);
    caucus_experiment_close(experiment);
    return 0;
}

static caucus_block *run(const caucus_backend *backend, caucus_slot *slot, int config)
{
    caucus_block *block = NULL;
    assert_int_equal(caucus_layout_block_alloc(&plan->layout, &block), CAUCUS_OK);
    block->config = (uint64_t)config;
    block->n_trials = N_TRIALS;
    if (backend->slot_run(slot, compiled[config], &plan->layout, block) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    return block;
}

static void assert_same(const caucus_block *left, const caucus_block *right)
{
    const caucus_shape shape = caucus_layout_shape(&plan->layout);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        const size_t bytes = caucus_variable_width(&caucus_variables[v], &shape) * CAUCUS_VALUE_BYTES * N_TRIALS;
        if (bytes > 0) {
            assert_memory_equal(caucus_variable_data(&caucus_variables[v], left),
                                caucus_variable_data(&caucus_variables[v], right), bytes);
        }
    }
}

static void test_growth(void **state)
{
    (void)state;
    static const int order[] = {0, 0, 0, 4, 4, 2, 2, 0, 4, 4, 4, 1, 1, 5, 0, 3, 4}; /* odd ones are trained */
    const caucus_shape shape = caucus_layout_shape(&plan->layout);
    caucus_quota quota = {.device = 1, .name = "cuda:1", .launch_trials = 128, .n_lane_groups = 1};
    quota.need.row = caucus_row_bytes(&shape);
    caucus_need_add(&quota.need, compiled[0]); /* the smallest */
    caucus_need larger = quota.need;
    caucus_need_add(&larger, compiled[5]);
    assert_true(larger.blanks > quota.need.blanks && larger.team > 0 && quota.need.team == 0);
    caucus_slot *cpu = NULL;
    caucus_slot *cuda = NULL;
    bool crowded = false;
    assert_int_equal(caucus_backend_cpu.slot_open(NULL, &cpu, &crowded), CAUCUS_OK);
    if (caucus_backend_cuda.slot_open(&quota, &cuda, &crowded) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        caucus_block *wanted = run(&caucus_backend_cpu, cpu, order[i]);
        caucus_block *got = run(&caucus_backend_cuda, cuda, order[i]);
        assert_same(wanted, got);
        free(got);
        free(wanted);
    }
    caucus_backend_cuda.slot_close(cuda);
    caucus_backend_cpu.slot_close(cpu);
    caucus_backend_cuda.slot_close(NULL);
}

/* A slot that cannot be made says whether only memory is missing, and leaves nothing behind. */
static void test_no_slot(void **state)
{
    (void)state;
    caucus_slot *slot = NULL;
    bool crowded = false;
    caucus_quota quota = {.device = 7, .name = "cuda:7", .launch_trials = 128, .n_lane_groups = 1};
    caucus_need_add(&quota.need, compiled[0]);
    assert_int_equal(caucus_backend_cuda.slot_open(&quota, &slot, &crowded), CAUCUS_FAILED);
    assert_false(crowded);
    assert_non_null(
        strstr(caucus_error_message(), "cuda:7 is lost: error 101 (invalid device ordinal) while setting up"));
    setenv("EMULATED_CUDA", "devices=8,grants=1000", 1);
    assert_int_equal(caucus_backend_cuda.slot_open(&quota, &slot, &crowded), CAUCUS_FAILED);
    assert_true(crowded);
    assert_non_null(strstr(caucus_error_message(), "cuda:7: out of memory while allocating "));
    setenv("EMULATED_CUDA", "devices=2", 1);
}

/* What went wrong with one device says nothing about the next one. */
static void test_errors_are_told_once(void **state)
{
    (void)state;
    const caucus_cuda_module *module = NULL;
    caucus_cuda_device device;
    uint64_t bytes = 0;
    assert_int_equal(caucus_cuda_module_open(&module), CAUCUS_OK);
    assert_int_not_equal(module->device_describe(7, &device), 0);
    assert_int_equal(module->device_describe(0, &device), 0);
    assert_int_equal(device.probe_error, 0);
    assert_int_not_equal(module->device_free(7, &bytes), 0);
    assert_int_equal(module->device_describe(0, &device), 0);
    assert_int_equal(device.probe_error, 0);
}

int main(void)
{
    const char *module = "emulated_cuda.so";
    if (access(module, F_OK) != 0) {
        printf("skipped, there is no emulated CUDA module\n");
        return SKIPPED;
    }
    setenv("CAUCUS_CUDA_MODULE", module, 1);
    setenv("EMULATED_CUDA", "devices=2", 1);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_growth), cmocka_unit_test(test_no_slot),
                                       cmocka_unit_test(test_errors_are_told_once)};
    return cmocka_run_group_tests(tests, open_plan, close_plan);
}
