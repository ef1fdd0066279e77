/* What goes wrong on CUDA devices, in words. */
#ifndef CAUCUS_RUN_CUDA_FAIL_H
#define CAUCUS_RUN_CUDA_FAIL_H

#include "base/status.h"
#include "kernels/module.h"

/* What, on the device of this number and name, and what to do; the run says for which configuration and trials.
 * CAUCUS_FAILED. */
caucus_status caucus_cuda_fail(const caucus_cuda_module *module, int device, const char *name,
                               const caucus_cuda_fault *fault);

#endif
