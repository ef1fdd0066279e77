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

#endif
