/* What nvcc knows by itself: qualifiers, indices, vectors, atomics. */
#ifndef EMULATED_CUDA_RUNTIME_H
#define EMULATED_CUDA_RUNTIME_H

#include "cuda_runtime_api.h"

#include <cmath>
#include <cstring>

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
static inline void __syncwarp()
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

/* The elementary functions of a device's library are not the host's: they differ in last bits. Here they are off by one
 * unit, up or down, so that results which depend on one show it. */
double emulated_wobble(double x);
#define EMULATED_LIBM(name)                                                                                            \
    static inline double emulated_##name(double x)                                                                     \
    {                                                                                                                  \
        return emulated_wobble(std::name(x));                                                                          \
    }
EMULATED_LIBM(exp)
EMULATED_LIBM(exp2)
EMULATED_LIBM(expm1)
EMULATED_LIBM(log)
EMULATED_LIBM(log2)
EMULATED_LIBM(log1p)
EMULATED_LIBM(tanh)
EMULATED_LIBM(lgamma)
#define exp(x) emulated_exp(x)
#define exp2(x) emulated_exp2(x)
#define expm1(x) emulated_expm1(x)
#define log(x) emulated_log(x)
#define log2(x) emulated_log2(x)
#define log1p(x) emulated_log1p(x)
#define tanh(x) emulated_tanh(x)
#define lgamma(x) emulated_lgamma(x)

/* A NaN that becomes a float is the canonical one of single-precision results, whatever it was. */
static inline float emulated_narrow(double x)
{
    float narrow = (float)x;
    const uint32_t canonical = 0x7fffffff;
    if (x != x) {
        std::memcpy(&narrow, &canonical, sizeof narrow);
    }
    return narrow;
}
#define CAUCUS_NARROW(x) emulated_narrow(x)

/* Work that the trace reports (trace.h). */
void emulated_tally_limits();
void emulated_tally_recalls();
#define CAUCUS_TALLY(what) emulated_tally_##what()

template <typename T> static inline T __ldg(const T *at)
{
    return *at;
}

#endif
