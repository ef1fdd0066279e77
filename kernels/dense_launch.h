/* How kernels of training on rows are launched: a thread for each number. For kernels/dense_*.cu alone. */
#ifndef CAUCUS_KERNELS_DENSE_LAUNCH_H
#define CAUCUS_KERNELS_DENSE_LAUNCH_H

#include "kernels/dense.h"
#include "kernels/launch.h"

#include <cuda_runtime.h>

typedef caucus_dense_arguments arguments_of;

enum { THREADS = 256 };

static unsigned blocks_of(size_t n)
{
    return (unsigned)((n + THREADS - 1) / THREADS);
}

static __device__ size_t own_index(void)
{
    return (size_t)blockIdx.x * THREADS + threadIdx.x;
}

#define LAUNCH_REAL(kernel, n, arguments)                                                                              \
    do {                                                                                                               \
        if (single) {                                                                                                  \
            CAUCUS_LAUNCH(kernel<float>, blocks_of(n), THREADS, 0, stream, *(arguments));                              \
        } else {                                                                                                       \
            CAUCUS_LAUNCH(kernel<double>, blocks_of(n), THREADS, 0, stream, *(arguments));                             \
        }                                                                                                              \
    } while (0)

#endif
