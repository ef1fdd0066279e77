/* What only a machine with a CUDA device can show: the real module runs a kernel on it and gets known answers. */
#include "run/backend.h"
#include "run/cuda_module.h"
#include "run/devices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKIPPED = 77 };

static const caucus_cuda_module *module;
static int n_devices;

static void test_devices_run_kernels(void **state)
{
    (void)state;
    for (int i = 0; i < n_devices; i++) {
        caucus_cuda_device device;
        char text[512];
        assert_int_equal(module->device_describe(i, &device), 0);
        const char *refusal = caucus_cuda_module_refusal(module, &device, text, sizeof text);
        print_message("cuda:%d: %s, %d.%d, %.1f GiB: %s\n", i, device.name, device.major, device.minor,
                      (double)device.memory_total / (1 << 30), refusal == NULL ? "runs kernels" : refusal);
        assert_null(refusal);
        assert_true(device.memory_free > 0 && device.memory_free <= device.memory_total);
    }
    assert_int_not_equal(module->device_describe(n_devices, &(caucus_cuda_device){0}), 0);
}

static void test_choice(void **state)
{
    (void)state;
    caucus_device device;
    assert_int_equal(caucus_device_choose("cuda:all", &device), CAUCUS_OK);
    assert_ptr_equal(device.backend, &caucus_backend_cuda);
    assert_int_equal(device.n_parts, n_devices);
    print_message("%s\n", device.description);
    for (unsigned i = 0; i < device.n_parts; i++) {
        assert_true(device.parts[i].n_processors > 0 && device.parts[i].lane_groups_resident > 0);
    }
    caucus_device_free(&device);
    assert_true(caucus_device_is_there());
}

int main(void)
{
    unsetenv("CAUCUS_CUDA_MODULE");
    if (caucus_cuda_module_open(&module) != CAUCUS_OK || caucus_cuda_module_count(module, &n_devices) != CAUCUS_OK) {
        printf("skipped, no CUDA device: %s\n", caucus_error_message());
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_devices_run_kernels), cmocka_unit_test(test_choice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
