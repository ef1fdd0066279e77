/* Finding and opening the CUDA module. */
#ifndef CAUCUS_RUN_CUDA_MODULE_H
#define CAUCUS_RUN_CUDA_MODULE_H

#include "base/status.h"
#include "kernels/module.h"

/* Open the module: the file named by the environment variable CAUCUS_CUDA_MODULE if that is set, else caucus_cuda.so
 * beside the program or library that holds this code, else where it was installed. *module lives as long as the
 * process. CAUCUS_FAILED with the reason and the remedy when there is none, or it cannot be opened or is of another
 * version. */
caucus_status caucus_cuda_module_open(const caucus_cuda_module **module);

/* How many devices there are; no device is CAUCUS_FAILED with the reason: no driver, driver too old, none visible. */
caucus_status caucus_cuda_module_count(const caucus_cuda_module *module, int *count);

/* Why kernels do not run on this device, in words; NULL when they do. text holds the words. */
const char *caucus_cuda_module_refusal(const caucus_cuda_module *module, const caucus_cuda_device *device, char *text,
                                       size_t size);

#endif
