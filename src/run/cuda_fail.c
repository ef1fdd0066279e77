#include "run/cuda_fail.h"

#include "run/cuda_errors.h"

caucus_status caucus_cuda_fail(const caucus_cuda_module *module, int device, const char *name,
                               const caucus_cuda_fault *fault)
{
    uint64_t free_bytes = 0;
    switch (fault->error) {
    case CAUCUS_CUDA_OUT_OF_MEMORY:
        (void)module->device_free(device, &free_bytes);
        return caucus_fail(
            CAUCUS_FAILED,
            "%s: out of memory while %s (%.1f MB are free now): somebody else uses it; wait for them, use "
            "another device, or --device cpu",
            name, fault->at, 1e-6 * (double)free_bytes);
    case CAUCUS_CUDA_NO_KERNEL_IMAGE:
    case CAUCUS_CUDA_UNSUPPORTED_PTX:
        return caucus_fail(CAUCUS_FAILED,
                           "%s: the CUDA module has no code for this device, only for %s; build it again, or use "
                           "--device cpu",
                           name, module->architectures);
    case CAUCUS_CUDA_INSUFFICIENT_DRIVER:
        return caucus_fail(CAUCUS_FAILED, "%s: the NVIDIA driver is too old; update it, or use --device cpu", name);
    case CAUCUS_CUDA_NO_CUBLAS:
        return caucus_fail(CAUCUS_FAILED, "%s: training on rows needs cuBLAS: %s; or use --device cpu", name,
                           fault->at);
    case CAUCUS_CUDA_CUBLAS:
        return caucus_fail(CAUCUS_FAILED, "%s failed while %s; use another device, or --device cpu", name, fault->at);
    case CAUCUS_CUDA_NO_PRECISION:
        return caucus_fail(CAUCUS_FAILED, "%s has no tf32: %s; write precision: single, or use another device", name,
                           fault->at);
    default:
        return caucus_fail(CAUCUS_FAILED,
                           "%s is lost: error %d (%s) while %s; the system's log may say why; go on with another "
                           "device or with --device cpu",
                           name, fault->error, module->error_text(fault->error), fault->at);
    }
}
