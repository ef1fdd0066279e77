/* The table of functions that the engine finds in this shared object. */
#include "kernels/module.h"

#include "kernels/dense.h"
#include "kernels/probe.h"
#include "kernels/slot.h"
#include "kernels/steps.h"

#include <cuda_runtime_api.h>
#include <stdio.h>
#include <string.h>

/* An error is told once: CUDA keeps the last one of a thread, and the next launch would be taken to have failed by it.
 */
static int told(cudaError_t error)
{
    (void)cudaGetLastError();
    return error;
}

static int module_versions(int *driver, int *runtime)
{
    *driver = 0;
    *runtime = 0;
    cudaError_t error = cudaDriverGetVersion(driver);
    return told(error != cudaSuccess ? error : cudaRuntimeGetVersion(runtime));
}

static int module_device_count(int *count)
{
    int found = 0; /* CUDA leaves its argument alone when it fails */
    cudaError_t error = cudaGetDeviceCount(&found);
    *count = error == cudaSuccess ? found : 0;
    return told(error);
}

static cudaError_t free_memory(uint64_t *bytes)
{
    size_t memory_free = 0;
    size_t memory_total = 0;
    cudaError_t error = cudaMemGetInfo(&memory_free, &memory_total);
    *bytes = error == cudaSuccess ? memory_free : 0;
    return error;
}

static int module_device_free(int index, uint64_t *bytes)
{
    *bytes = 0;
    cudaError_t error = cudaSetDevice(index);
    return told(error != cudaSuccess ? error : free_memory(bytes));
}

/* The free memory last: contexts and kernels take their share of it. */
static int probe(int index, caucus_cuda_device *device)
{
    int groups = 0;
    int error = cudaSetDevice(index);
    if (error == 0) {
        error = caucus_probe_run(0);
    }
    if (error == 0) {
        error = caucus_trials_resident(&groups);
    }
    device->lane_groups_resident = (uint32_t)groups;
    const int asked = free_memory(&device->memory_free);
    return error != 0 ? error : asked;
}

static int module_device_describe(int index, caucus_cuda_device *device)
{
    memset(device, 0, sizeof *device);
    struct cudaDeviceProp properties;
    cudaError_t error = cudaGetDeviceProperties(&properties, index);
    if (error != cudaSuccess) {
        return told(error);
    }
    snprintf(device->name, sizeof device->name, "%s", properties.name);
    device->major = properties.major;
    device->minor = properties.minor;
    device->memory_total = properties.totalGlobalMem;
    device->n_processors = (uint32_t)properties.multiProcessorCount;
    int previous = 0;
    error = cudaGetDevice(&previous);
    if (error != cudaSuccess) {
        return told(error);
    }
    device->probe_error = probe(index, device);
    (void)told(cudaSetDevice(previous)); /* fails when the device is lost, which probe_error tells */
    return 0;
}

static const char *module_error_text(int error)
{
    if (error == CAUCUS_CUDA_WRONG_WORDS) {
        return "a test kernel ran, and its random numbers are wrong";
    }
    switch (error) {
    case CAUCUS_CUDA_NO_CUBLAS:
        return "there is no cuBLAS";
    case CAUCUS_CUDA_CUBLAS:
        return "cuBLAS failed";
    case CAUCUS_CUDA_NO_PRECISION:
        return "the device does not multiply in this precision";
    default:
        return cudaGetErrorString((cudaError_t)error);
    }
}

const caucus_cuda_module *caucus_cuda_module_get(void)
{
    static const caucus_cuda_module module = {
        CAUCUS_CUDA_ABI,        CAUCUS_CUDA_ARCHITECTURES, module_versions,   module_device_count,
        module_device_describe, module_device_free,        module_error_text, caucus_slot_open,
        caucus_slot_close,      caucus_slot_reserve,       caucus_slot_run,   &caucus_dense_on_device,
    };
    return &module;
}
