#include "kernels/slot_memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int caucus_slot_fail(caucus_cuda_fault *fault, cudaError_t error, const char *at, ...)
{
    va_list arguments;
    va_start(arguments, at);
    vsnprintf(fault->at, sizeof fault->at, at, arguments);
    va_end(arguments);
    fault->error = error;
    (void)cudaGetLastError();
    return error;
}

void caucus_slot_memory_init(struct caucus_slot_memory *memory)
{
    memset(memory, 0, sizeof *memory);
    memory->tables.purpose = "tables";
    memory->workspace.purpose = "the workspace of trials";
    memory->rows.purpose = "the output of trials";
    memory->sums.purpose = "sums over trials";
}

static void release(struct caucus_slot_buffer *buffer)
{
    (void)cudaFree(buffer->d_bytes_at);
    (void)cudaFreeHost(buffer->pinned);
    buffer->d_bytes_at = NULL;
    buffer->d_bytes = 0;
    buffer->pinned = NULL;
    buffer->pinned_bytes = 0;
}

void caucus_slot_memory_release(struct caucus_slot_memory *memory)
{
    release(&memory->tables);
    release(&memory->workspace);
    release(&memory->rows);
    release(&memory->sums);
    (void)cudaGetLastError();
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* What was there goes first, so that both never have to fit. Zeroed, since whole buffers are copied whatever part of
 * them is in use. */
static int grow(struct caucus_slot_buffer *buffer, uint64_t d_bytes, uint64_t pinned_bytes, cudaStream_t stream,
                caucus_cuda_fault *fault)
{
    if (d_bytes <= buffer->d_bytes && pinned_bytes <= buffer->pinned_bytes) {
        return 0;
    }
    d_bytes = larger(d_bytes, buffer->d_bytes);
    pinned_bytes = larger(pinned_bytes, buffer->pinned_bytes);
    release(buffer);
    CUDA_TRY(cudaMalloc((void **)&buffer->d_bytes_at, d_bytes), fault, "allocating %llu bytes of device memory for %s",
             (unsigned long long)d_bytes, buffer->purpose);
    buffer->d_bytes = d_bytes;
    CUDA_TRY(cudaMemsetAsync(buffer->d_bytes_at, 0, d_bytes, stream), fault,
             "clearing %llu bytes of device memory for %s", (unsigned long long)d_bytes, buffer->purpose);
    if (pinned_bytes > 0) {
        CUDA_TRY(cudaMallocHost((void **)&buffer->pinned, pinned_bytes), fault,
                 "pinning %llu bytes of host memory for %s", (unsigned long long)pinned_bytes, buffer->purpose);
        buffer->pinned_bytes = pinned_bytes;
        memset(buffer->pinned, 0, pinned_bytes);
    }
    return 0;
}

int caucus_slot_memory_grow(struct caucus_slot_memory *memory, const caucus_cuda_room *room, cudaStream_t stream,
                            caucus_cuda_fault *fault)
{
    const uint64_t sent = CAUCUS_CUDA_ORDER + caucus_cuda_rounded(room->tables);
    int error = grow(&memory->tables, sent + room->blanks, sent, stream, fault);
    if (error == 0) {
        error = grow(&memory->workspace, room->workspace, 0, stream, fault);
    }
    if (error == 0) {
        error = grow(&memory->rows, room->rows, room->rows_read, stream, fault);
    }
    return error == 0 ? grow(&memory->sums, room->sums, room->sums, stream, fault) : error;
}
