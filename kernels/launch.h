/* Starting kernels. Every kernel takes one struct by value. */
#ifndef CAUCUS_KERNELS_LAUNCH_H
#define CAUCUS_KERNELS_LAUNCH_H

#include <cuda_runtime.h>

/* Tests play the device on the CPU and bring a launch of their own. */
#ifndef CAUCUS_LAUNCH
#define CAUCUS_LAUNCH(kernel, grid, block, shared_bytes, stream, arguments)                                            \
    kernel<<<(grid), (block), (shared_bytes), (stream)>>>(arguments)
#endif

#endif
