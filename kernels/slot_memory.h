/* The memory of a slot: it grows when a configuration needs more than any before, and never shrinks. */
#ifndef CAUCUS_KERNELS_SLOT_MEMORY_H
#define CAUCUS_KERNELS_SLOT_MEMORY_H

#include "kernels/module.h"

#include <cuda_runtime_api.h>

/* Device and pinned memory of one purpose; either may be absent. */
struct caucus_slot_buffer {
    const char *purpose;
    unsigned char *d_bytes_at;
    uint64_t d_bytes;
    unsigned char *pinned;
    uint64_t pinned_bytes;
};

struct caucus_slot_memory {
    struct caucus_slot_buffer tables; /* orders, tables, blanks (pinned: without blanks) */
    struct caucus_slot_buffer workspace;
    struct caucus_slot_buffer rows;
    struct caucus_slot_buffer sums;
};

/* Nothing allocated yet. */
void caucus_slot_memory_init(struct caucus_slot_memory *memory);

/* At least the room that is asked for; what is new will be zero for what the stream does next. 0 or a cudaError_t. */
int caucus_slot_memory_grow(struct caucus_slot_memory *memory, const caucus_cuda_room *room, cudaStream_t stream,
                            caucus_cuda_fault *fault);
void caucus_slot_memory_release(struct caucus_slot_memory *memory);

/* Tell of an error and where it came (printf style), and clear CUDA's memory of it, or the next launch would be taken
 * for the one that failed. Returns error. */
int caucus_slot_fail(caucus_cuda_fault *fault, cudaError_t error, const char *at, ...)
    __attribute__((format(printf, 3, 4)));

#define CUDA_TRY(call, fault, ...)                                                                                     \
    do {                                                                                                               \
        cudaError_t cuda_error_ = (call);                                                                              \
        if (cuda_error_ != cudaSuccess) {                                                                              \
            return caucus_slot_fail((fault), cuda_error_, __VA_ARGS__);                                                \
        }                                                                                                              \
    } while (0)

#endif
