/* Functions that the host compiler and nvcc both take, so that CPU and GPU compute the same numbers from one source. */
#ifndef CAUCUS_MATH_SHARED_H
#define CAUCUS_MATH_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __CUDACC__
#define CAUCUS_SHARED static __host__ __device__ __forceinline__ /* calls would cost registers */
#else
#define CAUCUS_SHARED static inline
#endif

/* What is dear by itself and asked for seldom: a call, since a device compiler would take minutes over the copies. */
#ifdef __CUDACC__
#define CAUCUS_CALLED static __host__ __device__ __noinline__
#else
#define CAUCUS_CALLED static inline
#endif

/* In front of a loop that a device compiler would unroll though its body is large. */
#ifdef __CUDA_ARCH__
#define CAUCUS_ROLLED _Pragma("unroll 1")
#else
#define CAUCUS_ROLLED
#endif

/* Between the turns of a loop that all lanes of a warp go through, where they may come back from searches at different
 * times. */
#ifdef __CUDA_ARCH__
#define CAUCUS_TOGETHER() __syncwarp()
#else
#define CAUCUS_TOGETHER() ((void)0)
#endif

/* Code as a device runs it. Tests compile it for the CPU too, which then plays the device. */
#if defined(__CUDA_ARCH__) || defined(CAUCUS_EMULATED_DEVICE)
#define CAUCUS_DEVICE_CODE
#endif

/* How the arrays of a trial lie in memory: trials that share a workspace lie side by side, element by element, so that
 * neighbouring lanes meet neighbouring words. Element i of a trial is array[CAUCUS_AT(i)], and array + CAUCUS_ROW(i) is
 * the part of the array that begins there. On a device a lane is a thread of a block. On the CPU pointers are to the
 * trial's own lane already; sources that define CAUCUS_LANES (trial/lanes_body.h) have so many side by side, all others
 * one. */
#define CAUCUS_LANE_GROUP 128 /* lanes of a thread block on a device */
#ifdef CAUCUS_DEVICE_CODE
#define CAUCUS_LANES ((unsigned)CAUCUS_LANE_GROUP)
#define CAUCUS_LANE threadIdx.x
#define CAUCUS_AT(i) ((size_t)(i)*CAUCUS_LANES + CAUCUS_LANE)
#define CAUCUS_ROW(i) ((size_t)(i)*CAUCUS_LANES)
#else
#ifndef CAUCUS_LANES
#define CAUCUS_LANES 1u
#endif
#define CAUCUS_AT(i) ((size_t)(i)*CAUCUS_LANES)
#define CAUCUS_ROW(i) ((size_t)(i)*CAUCUS_LANES)
#endif

/* A number of people in a trial. 32 bits halve what trials read and write; they do where nobody counts beyond them, and
 * then a source may define CAUCUS_COUNT_BITS as 32. */
#ifndef CAUCUS_COUNT_BITS
#define CAUCUS_COUNT_BITS 64
#endif
#if CAUCUS_COUNT_BITS == 32
typedef uint32_t caucus_count;
#else
typedef uint64_t caucus_count;
#endif

/* Tests define these: what a device makes of a double that becomes a float (only NaN has other bits there), and how
 * often something was done. */
#ifndef CAUCUS_NARROW
#define CAUCUS_NARROW(x) ((float)(x))
#endif
#ifndef CAUCUS_TALLY
#define CAUCUS_TALLY(what)
#endif

#endif
