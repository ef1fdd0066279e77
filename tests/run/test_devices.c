/* Choice and listing of devices, with CUDA played by a fake module, absent, and broken in every way we know. */
#include "base/host.h"
#include "run/backend.h"
#include "run/cuda_module.h"
#include "run/devices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void set_module(const char *path, const char *part)
{
    setenv("CAUCUS_CUDA_MODULE", path, 1);
    setenv("FAKE_CUDA", part, 1);
}

static void assert_says(const char *words)
{
    if (strstr(caucus_error_message(), words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", caucus_error_message(), words);
    }
}

static void assert_choice(const char *spec, caucus_status status, const char *words)
{
    caucus_device device;
    assert_int_equal(caucus_device_choose(spec, &device), status);
    assert_says(words);
}

static void test_cpu(void **state)
{
    (void)state;
    set_module("/nowhere/caucus_cuda.so", "");
    const char *const specs[] = {NULL, "auto", "cpu"};
    for (size_t i = 0; i < 3; i++) {
        caucus_device device;
        assert_int_equal(caucus_device_choose(specs[i], &device), CAUCUS_OK);
        assert_ptr_equal(device.backend, &caucus_backend_cpu);
        assert_int_equal(device.n_parts, 0);
        assert_memory_equal(device.description, "CPU: ", 5);
        assert_non_null(strstr(device.description, " core"));
        caucus_device_free(&device);
    }
}

static void test_spelling(void **state)
{
    (void)state;
    const char *const wrong[] = {"",         "gpu",       "CPU",      "cuda:",    "cuda:x",    "cuda:-1",
                                 "cuda: 0",  "cuda:1.5",  "cuda0",    "cuda:0x1", "cuda:1 ",   "cuda:99999999999",
                                 "auto ",    "cpu:0",     "cuda:0:1", "\n",       "cuda:\xff", "cudacuda:0",
                                 "cuda:ALL", "cuda:all:", "cuda:al"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_choice(wrong[i], CAUCUS_INVALID, "allowed are auto, cpu, cuda, cuda:I (I = 0, 1, ...) and cuda:all");
    }
}

/* A user who asks for CUDA is told what is missing and how to go on. */
static void test_reasons(void **state)
{
    (void)state;
    static const struct {
        const char *module, *part, *words;
    } cases[] = {
        {"/nowhere/caucus_cuda.so", "", "names no file"},
        {FAKE_BROKEN, "", "cannot be opened"},
        {FAKE_OTHER, "", "is no CUDA module of caucus"},
        {FAKE_MODULE, "other-version", "is of another version ("},
        {FAKE_MODULE, "no-driver", "no NVIDIA driver is loaded"},
        {FAKE_MODULE, "old-driver", "it serves CUDA 11.4, and the module needs 13.0"},
        {FAKE_MODULE, "no-device", "shows no CUDA device"},
        {FAKE_MODULE, "mismatch", "do not fit together"},
        {FAKE_MODULE, "all-broken", "none of 3 CUDA devices is usable"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_module(cases[i].module, cases[i].part);
        assert_choice("cuda", CAUCUS_FAILED, cases[i].words);
        assert_says("use --device cpu");
    }
}

static void test_one_device(void **state)
{
    (void)state;
    caucus_device device;
    set_module(FAKE_MODULE, "");
    const char *const specs[] = {"cuda", "cuda:1"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(caucus_device_choose(specs[i], &device), CAUCUS_OK);
        assert_ptr_equal(device.backend, &caucus_backend_cuda);
        assert_int_equal(device.n_parts, 1);
        assert_int_equal(device.parts[0].index, 1);
        assert_int_equal(device.parts[0].memory_free, 6ull << 30);
        assert_int_equal(device.parts[0].n_processors, 10);
        assert_int_equal(device.parts[0].lane_groups_resident, 4);
        assert_string_equal(device.parts[0].name, "cuda:1 (Fake \"1\")");
        assert_string_equal(device.description, "CUDA: Fake \"1\" (cuda:1)");
        caucus_device_free(&device);
    }
    assert_choice("cuda:0", CAUCUS_FAILED, "no code for compute capability 6.0, only for 90-real 120");
    assert_choice("cuda:2", CAUCUS_FAILED, "error -1, wrong words");
    assert_choice("cuda:3", CAUCUS_FAILED, "there is no device cuda:3, only 3 CUDA devices (cuda:0 to cuda:2)");
}

/* All that are usable, and the description says that it is not all there are. */
static void test_all_devices(void **state)
{
    (void)state;
    caucus_device device;
    set_module(FAKE_MODULE, "");
    assert_int_equal(caucus_device_choose("cuda:all", &device), CAUCUS_OK);
    assert_int_equal(device.n_parts, 1);
    assert_string_equal(device.description, "CUDA: Fake \"1\" (cuda:1), the only usable one of 3 devices");
    caucus_device_free(&device);
    set_module(FAKE_MODULE, "healthy");
    assert_int_equal(caucus_device_choose("cuda:all", &device), CAUCUS_OK);
    assert_int_equal(device.n_parts, 3);
    assert_int_equal(device.parts[2].index, 2);
    assert_string_equal(device.description,
                        "3 of 3 CUDA devices: cuda:0 (Fake \"0\"), cuda:1 (Fake \"1\"), cuda:2 (Fake \"2\")");
    caucus_device_free(&device);
    set_module(FAKE_MODULE, "all-broken");
    assert_choice("cuda:all", CAUCUS_FAILED, "none of 3 CUDA devices is usable");
}

/* The CPU at first, and whether there is a choice: devices that do not work count, since what is wrong with them is
 * said when they are tried. */
static void test_auto(void **state)
{
    (void)state;
    const char *const parts[] = {"no-driver", "old-driver", "no-device", "mismatch", "other-version", "all-broken", ""};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        caucus_device device;
        set_module(FAKE_MODULE, parts[i]);
        assert_int_equal(caucus_device_is_there(), i >= 5);
        assert_int_equal(caucus_device_choose("auto", &device), CAUCUS_OK);
        assert_ptr_equal(device.backend, &caucus_backend_cpu);
        assert_int_equal(device.n_parts, 0);
        caucus_device_free(&device);
    }
}

/* Without the variable and without a module beside the program or installed, the build is at fault. */
static void test_not_built(void **state)
{
    (void)state;
    unsetenv("CAUCUS_CUDA_MODULE");
    const caucus_cuda_module *module = NULL;
    if (caucus_cuda_module_open(&module) == CAUCUS_OK) {
        assert_non_null(module);
        assert_int_equal(module->abi_version, CAUCUS_CUDA_ABI);
        print_message("this build has its CUDA module; the message for builds without is not tried\n");
        skip();
    }
    assert_null(module);
    assert_says("build with nvcc");
}

static char *printed(caucus_format format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    assert_int_equal(caucus_devices_print(format, to), CAUCUS_OK);
    fclose(to);
    return text;
}

static void assert_prints(caucus_format format, const char *words)
{
    char *text = printed(format);
    if (strstr(text, words) == NULL) {
        fail_msg("\"%s\" is not in:\n%s", words, text);
    }
    free(text);
}

static void test_list(void **state)
{
    (void)state;
    set_module(FAKE_MODULE, "");
    assert_prints(CAUCUS_TABLE, "\ncpu ");
    assert_prints(CAUCUS_TABLE, "Fake \"1\", compute capability 9.0");
    assert_prints(CAUCUS_TABLE, "6.0 GiB  usable: a test kernel ran\n");
    assert_prints(CAUCUS_TABLE, "no code for compute capability 6.0");
    assert_prints(CAUCUS_CSV, "\ncuda:1,\"Fake \"\"1\"\"\",,9.0,8589934592,6442450944,true,\"\"\n");
    assert_prints(CAUCUS_JSON, "\"device\": \"cuda:1\", \"name\": \"Fake \\\"1\\\"\", \"compute_capability\": \"9.0\"");
    assert_prints(CAUCUS_JSON, "\"driver\": \"13.0\"");
    assert_prints(CAUCUS_JSON, "\"runs_on\": [\"cpu\", \"cuda:1\"]");
    set_module(FAKE_MODULE, "no-driver");
    assert_prints(CAUCUS_TABLE, "not usable: no NVIDIA driver is loaded");
    assert_prints(CAUCUS_CSV, "cuda,\"\",,,,,false,\"no NVIDIA driver");
    assert_prints(CAUCUS_JSON, "\"driver\": null, \"runtime\": \"13.0\", \"reason\": \"no NVIDIA driver");
    assert_prints(CAUCUS_JSON, "\"devices\": []}}\n");
    FILE *full = fopen("/dev/full", "w");
    if (full != NULL) {
        setvbuf(full, NULL, _IONBF, 0);
        assert_int_equal(caucus_devices_print(CAUCUS_TABLE, full), CAUCUS_FAILED);
        fclose(full);
    }
    assert_int_equal(caucus_devices_print((caucus_format)7, stderr), CAUCUS_INVALID);
}

/* ---- host ----------------------------------------------------------------------------------------------------- */

static char root[] = "/tmp/caucus-host-XXXXXX";

static void put(const char *path, const char *text)
{
    char whole[512];
    snprintf(whole, sizeof whole, "%s%s", root, path);
    for (char *slash = strchr(whole + strlen(root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_host(void **state)
{
    (void)state;
    caucus_host host;
    caucus_host_describe("/nowhere", &host);
    assert_string_equal(host.model, "processor of unknown model");
    assert_int_equal(host.memory_total, 0);

    assert_non_null(mkdtemp(root));
    put("/proc/cpuinfo", "processor\t: 0\nmodel\t\t: 1\nmodel name\t: Abacus 3000 @ 1 Hz\nmodel name\t: other\n");
    put("/proc/meminfo", "MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    600 kB\n");
    caucus_host_describe(root, &host);
    assert_string_equal(host.model, "Abacus 3000 @ 1 Hz");
    assert_int_equal(host.memory_total, 1024000);
    assert_int_equal(host.memory_free, 614400);

    /* Version 2: the ancestor's limit counts, "max" is none. */
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/b/memory.max", "max\n");
    put("/sys/fs/cgroup/a/memory.max", "500000\n");
    put("/sys/fs/cgroup/a/memory.current", "450000\n");
    caucus_host_describe(root, &host);
    assert_int_equal(host.memory_total, 500000);
    assert_int_equal(host.memory_free, 50000);

    /* Version 1: a limit beyond the memory is none; the mount point's own limit is used in a container. */
    put("/proc/self/cgroup", "5:cpu:/x\n4:memory:/not/there\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    caucus_host_describe(root, &host);
    assert_int_equal(host.memory_total, 1024000);
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "300000\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "400000\n");
    caucus_host_describe(root, &host);
    assert_int_equal(host.memory_total, 300000);
    assert_int_equal(host.memory_free, 0);
    char command[256];
    snprintf(command, sizeof command, "rm -r %s", root);
    assert_int_equal(system(command), 0);
}

/* Cores are those that the process may run on, not those of the machine. */
static void test_cores(void **state)
{
    (void)state;
    cpu_set_t before;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_int_equal(caucus_device_cores(), CPU_COUNT(&before));
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &before)) {
            CPU_SET(i, &one);
            break;
        }
    }
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(caucus_device_cores(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpu),        cmocka_unit_test(test_spelling),    cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_one_device), cmocka_unit_test(test_all_devices), cmocka_unit_test(test_auto),
        cmocka_unit_test(test_not_built),  cmocka_unit_test(test_list),        cmocka_unit_test(test_host),
        cmocka_unit_test(test_cores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
