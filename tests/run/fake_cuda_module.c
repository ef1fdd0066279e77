/* A CUDA module without CUDA, for tests of everything that can be wrong with drivers and devices. What it plays is in
 * the environment variable FAKE_CUDA. */
#include "kernels/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int plays(const char *part)
{
    const char *asked = getenv("FAKE_CUDA");
    return asked != NULL && strcmp(asked, part) == 0;
}

static int fake_versions(int *driver, int *runtime)
{
    *driver = plays("no-driver") ? 0 : plays("old-driver") ? 11040 : 13000;
    *runtime = 13000;
    return 0;
}

static int fake_count(int *count)
{
    *count = 0;
    if (plays("no-driver") || plays("old-driver")) {
        return 35;
    }
    if (plays("no-device")) {
        return 100;
    }
    if (plays("mismatch")) {
        return 803;
    }
    *count = 3;
    return 0;
}

/* cuda:0 is too old for the module, cuda:1 works, cuda:2 computes wrong words. */
static int fake_describe(int index, caucus_cuda_device *device)
{
    static const int major[] = {6, 9, 9};
    static const int32_t probe[] = {209, 0, CAUCUS_CUDA_WRONG_WORDS};
    memset(device, 0, sizeof *device);
    snprintf(device->name, sizeof device->name, "Fake \"%d\"", index);
    device->major = major[index];
    device->memory_total = 8ull << 30;
    device->memory_free = 6ull << 30;
    device->n_processors = 10;
    device->lane_groups_resident = 4;
    device->probe_error = plays("all-broken") ? 209 : plays("healthy") ? 0 : probe[index];
    return 0;
}

static const char *fake_text(int error)
{
    return error == CAUCUS_CUDA_WRONG_WORDS ? "wrong words" : "fake error";
}

const caucus_cuda_module *caucus_cuda_module_get(void)
{
    static caucus_cuda_module module;
    module = (caucus_cuda_module){.abi_version = plays("other-version") ? CAUCUS_CUDA_ABI + 1 : CAUCUS_CUDA_ABI,
                                  .architectures = "90-real 120",
                                  .versions = fake_versions,
                                  .device_count = fake_count,
                                  .device_describe = fake_describe,
                                  .error_text = fake_text}; /* it has no slots: devices are looked at only */
    return &module;
}
