/* Starting kernels. Every kernel takes one struct by value. */
#ifndef CAUCUS_KERNELS_LAUNCH_H
#define CAUCUS_KERNELS_LAUNCH_H

#include <cuda_runtime.h>

/* Tests play the device on the CPU and bring launches of their own. What went wrong is in cudaGetLastError(). */
#ifndef CAUCUS_LAUNCH
#define CAUCUS_LAUNCH(kernel, grid, block, shared_bytes, stream, arguments)                                            \
    kernel<<<(grid), (block), (shared_bytes), (stream)>>>(arguments)

/* The same for a kernel whose threads wait for each other. It must be right for every size of block, 1 included: that
 * is what tests give it, since they run threads one after another. */
#define CAUCUS_LAUNCH_TEAM(kernel, grid, block, shared_bytes, stream, arguments)                                       \
    CAUCUS_LAUNCH(kernel, grid, block, shared_bytes, stream, arguments)

/* In a kernel: the shared memory that the launch asked for, as an array. */
#define CAUCUS_BLOCK_MEMORY(type, name) extern __shared__ type name[]
#endif

#endif
