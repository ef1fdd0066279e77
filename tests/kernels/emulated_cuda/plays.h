/* What the emulated CUDA plays: KEY=NUMBER, with commas between them, in the environment variable EMULATED_CUDA. It is
 * read at every question, so that one process can play several machines.
 *
 * driver=V       version of the driver, 1000 * major + 10 * minor; 0: none is loaded; below 13000: too old
 * devices=N      devices that are shown (1)
 * memory=BYTES   of each device (4 GB)
 * grants=BYTES   what a device really hands out, whatever it says is free: somebody else takes the rest (all)
 * pinned=BYTES   host memory that can be pinned (all)
 * processors=N   multiprocessors of each device (1)
 * resident=N     blocks that each of them holds at a time (1)
 * shared=BYTES   shared memory of each multiprocessor (100 KB)
 * idle=N         kernels after the N-th of the process do nothing: takes no time, results are wrong
 * major=N        compute capability N.0 of each device (9)
 * cublas=0       cuBLAS does not start (emulated_cublas.cpp)
 * no_image=D     device D has no code in the module
 * fails=N        the N-th launch of the process fails and its device is lost: all that follows on it fails too
 * device=D       the launches of fails are those of device D alone
 */
#ifndef EMULATED_CUDA_PLAYS_H
#define EMULATED_CUDA_PLAYS_H

#include <cstdint>

/* The number that a key has, or fallback. */
uint64_t emulated_plays(const char *key, uint64_t fallback);

#endif
