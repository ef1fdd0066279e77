/* Functions that the host compiler and nvcc both take, so that CPU and GPU compute the same numbers from one source. */
#ifndef CAUCUS_SHARED_H
#define CAUCUS_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __CUDACC__
#define CAUCUS_SHARED static __host__ __device__ __forceinline__ /* calls would cost registers */
#else
#define CAUCUS_SHARED static inline
#endif

/* In front of a loop that a device compiler would unroll though its body is large. */
#ifdef __CUDA_ARCH__
#define CAUCUS_ROLLED _Pragma("unroll 1")
#else
#define CAUCUS_ROLLED
#endif

/* Code as a device runs it. Tests compile it for the CPU too, which then plays the device. */
#if defined(__CUDA_ARCH__) || defined(CAUCUS_EMULATED_DEVICE)
#define CAUCUS_DEVICE_CODE
#endif

/* How the arrays of a trial lie in memory. On the CPU a trial has its own. On a device the trials of a thread block lie
 * side by side, element by element, so that neighbouring threads meet neighbouring words: element i of this thread's
 * trial is array[CAUCUS_AT(i)], and array + CAUCUS_ROW(i) is the part of the array that begins there. */
#ifdef CAUCUS_DEVICE_CODE
#define CAUCUS_LANES 128u
#define CAUCUS_LANE threadIdx.x
#define CAUCUS_AT(i) ((size_t)(i)*CAUCUS_LANES + CAUCUS_LANE)
#define CAUCUS_ROW(i) ((size_t)(i)*CAUCUS_LANES)
#else
#define CAUCUS_LANES 1u
#define CAUCUS_AT(i) ((size_t)(i))
#define CAUCUS_ROW(i) ((size_t)(i))
#endif

#endif
