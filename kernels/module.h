/* What the engine and its CUDA module agree on. The module is a shared object that is opened only when a device is
 * looked for, so that a machine without CUDA needs none of its libraries; all that it exports is one table of C
 * functions. */
#ifndef CAUCUS_KERNELS_MODULE_H
#define CAUCUS_KERNELS_MODULE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Goes up with every change of this file: a module of another version is refused. */
enum { CAUCUS_CUDA_ABI = 1 };

enum { CAUCUS_CUDA_TEXT = 256 };

/* Errors are CUDA's own numbers (cudaError_t), 0 for success; these are the module's. */
enum { CAUCUS_CUDA_WRONG_WORDS = -1 /* the probe kernel ran, and its random numbers are wrong */ };

typedef struct caucus_cuda_device {
    char name[CAUCUS_CUDA_TEXT];
    int32_t major, minor;  /* compute capability */
    uint64_t memory_total; /* bytes */
    uint64_t memory_free;  /* bytes; 0 when probe_error came before it could be asked */
    int32_t probe_error;   /* 0: a kernel of this module ran on the device and gave known answers */
} caucus_cuda_device;

typedef struct caucus_cuda_module {
    uint32_t abi_version;      /* CAUCUS_CUDA_ABI; first, and there in every version */
    const char *architectures; /* that the kernels were compiled for, as CMake lists them */

    /* Versions as 1000 * major + 10 * minor; driver 0 when none is installed. */
    int (*versions)(int *driver, int *runtime);

    /* Devices that CUDA shows to this process; *count is 0 on errors. */
    int (*device_count)(int *count);

    /* Describe device index and try a kernel on it. A kernel that fails is told in probe_error, not by the return
     * value. */
    int (*device_describe)(int index, caucus_cuda_device *device);

    /* Never NULL; static storage. */
    const char *(*error_text)(int error);
} caucus_cuda_module;

/* The one symbol that the shared object exports. */
#define CAUCUS_CUDA_MODULE_SYMBOL "caucus_cuda_module_get"
__attribute__((visibility("default"))) const caucus_cuda_module *caucus_cuda_module_get(void);

#ifdef __cplusplus
}
#endif
#endif
