/* Does a kernel of this module run on a device, and does it compute what the CPU computes? */
#ifndef CAUCUS_KERNELS_PROBE_H
#define CAUCUS_KERNELS_PROBE_H

#include <cuda_runtime_api.h>

/* Compute Philox blocks on the current device and compare them with known answers. 0, a cudaError_t, or
 * CAUCUS_CUDA_WRONG_WORDS. Waits for the stream. */
int caucus_probe_run(cudaStream_t stream);

#endif
