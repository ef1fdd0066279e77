/* Functions that the host compiler and nvcc both take, so that CPU and GPU compute the same numbers from one source. */
#ifndef CAUCUS_SHARED_H
#define CAUCUS_SHARED_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __CUDACC__
#define CAUCUS_SHARED static __host__ __device__ inline
#else
#define CAUCUS_SHARED static inline
#endif

/* Where one thread is one of many that work on the same memory: on a device, or where the CPU plays one. */
#if defined(__CUDA_ARCH__) || defined(CAUCUS_EMULATED_DEVICE)
#define CAUCUS_DEVICE_CODE
#endif

#endif
