/* What nvcc knows by itself: qualifiers, indices, vectors, atomics. */
#ifndef EMULATED_CUDA_RUNTIME_H
#define EMULATED_CUDA_RUNTIME_H

#include "cuda_runtime_api.h"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __shared__ static thread_local
#define __forceinline__ inline
#define __grid_constant__
#define __launch_bounds__(...)

extern thread_local uint3 threadIdx, blockIdx;
extern thread_local dim3 blockDim, gridDim;

static inline uint2 make_uint2(unsigned int x, unsigned int y)
{
    return uint2{x, y};
}

static inline uint4 make_uint4(unsigned int x, unsigned int y, unsigned int z, unsigned int w)
{
    return uint4{x, y, z, w};
}

/* For kernels/launch.h. */
#define CAUCUS_LAUNCH(kernel, grid, block, shared_bytes, stream, arguments)                                            \
    do {                                                                                                               \
        auto launched_ = (arguments);                                                                                  \
        emulated_launch(reinterpret_cast<void (*)()>(kernel), (grid), (block), (shared_bytes), (stream),               \
                        [launched_] { kernel(launched_); });                                                           \
    } while (0)
#define CAUCUS_LAUNCH_TEAM(kernel, grid, block, shared_bytes, stream, arguments)                                       \
    CAUCUS_LAUNCH(kernel, grid, ((void)(block), 1), shared_bytes, stream, arguments)
#define CAUCUS_BLOCK_MEMORY(type, name) type *name = static_cast<type *>(emulated_block_memory())

/* Right where one thread prepares what the others read, since they come in order, and where they are alone. */
static inline void __syncthreads()
{
}
static inline void __threadfence()
{
}

template <typename T> static inline T atomicAdd(T *at, T amount)
{
    return __atomic_fetch_add(at, amount, __ATOMIC_RELAXED);
}

template <typename T> static inline T atomicExch(T *at, T value)
{
    return __atomic_exchange_n(at, value, __ATOMIC_RELAXED);
}

template <typename T> static inline T atomicCAS(T *at, T expected, T value)
{
    __atomic_compare_exchange_n(at, &expected, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return expected;
}

template <typename T> static inline T __ldg(const T *at)
{
    return *at;
}

#endif
