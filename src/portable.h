/* Functions that host C compilers and nvcc both take: plain C, no allocation, no state. */
#ifndef CAUCUS_PORTABLE_H
#define CAUCUS_PORTABLE_H

#ifdef __CUDACC__
#define CAUCUS_PORTABLE static __host__ __device__ inline
#else
#define CAUCUS_PORTABLE static inline
#endif

#endif
