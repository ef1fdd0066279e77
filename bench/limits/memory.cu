/* Bytes a second: copies inside the device's memory, and over the bus to and from pinned memory of the host. */
#include "timing.h"

#include <string.h>

enum { INSIDE_BYTES = 1 << 30, BUS_BYTES = 1 << 28 };

struct copy {
    void *to;
    const void *from;
    size_t bytes;
    cudaMemcpyKind kind;
    void *back_to; /* NULL: one way only */
    const void *back_from;
    cudaStream_t there, back;
    cudaEvent_t begun, done;
};

static int run_copy(void *argument, cudaStream_t stream)
{
    struct copy *copy = (struct copy *)argument;
    if (copy->back_to == NULL) {
        LIMITS_TRY(cudaMemcpyAsync(copy->to, copy->from, copy->bytes, copy->kind, stream));
        return 0;
    }
    cudaStream_t streams[2] = {copy->there, copy->back};
    LIMITS_TRY(cudaEventRecord(copy->begun, stream));
    for (int i = 0; i < 2; i++) {
        LIMITS_TRY(cudaStreamWaitEvent(streams[i], copy->begun, 0));
    }
    LIMITS_TRY(cudaMemcpyAsync(copy->to, copy->from, copy->bytes, cudaMemcpyHostToDevice, copy->there));
    LIMITS_TRY(cudaMemcpyAsync(copy->back_to, copy->back_from, copy->bytes, cudaMemcpyDeviceToHost, copy->back));
    for (int i = 0; i < 2; i++) {
        LIMITS_TRY(cudaEventRecord(copy->done, streams[i]));
        LIMITS_TRY(cudaStreamWaitEvent(stream, copy->done, 0));
    }
    return 0;
}

static int report(const char *name, struct copy *copy, double directions)
{
    double seconds = 0.0;
    if (limits_time(run_copy, copy, &seconds) != 0) {
        return 1;
    }
    limits_print(name, directions * (double)copy->bytes / seconds, "bytes/s");
    return 0;
}

static int over_the_bus(unsigned char *d_memory, unsigned char *memory)
{
    struct copy copy;
    memset(&copy, 0, sizeof copy);
    copy.bytes = BUS_BYTES;
    copy.to = d_memory;
    copy.from = memory;
    copy.kind = cudaMemcpyHostToDevice;
    if (report("to_device", &copy, 1.0) != 0) {
        return 1;
    }
    copy.to = memory;
    copy.from = d_memory;
    copy.kind = cudaMemcpyDeviceToHost;
    if (report("from_device", &copy, 1.0) != 0) {
        return 1;
    }
    copy.to = d_memory;
    copy.from = memory;
    copy.back_to = memory + BUS_BYTES;
    copy.back_from = d_memory + BUS_BYTES;
    LIMITS_TRY(cudaStreamCreateWithFlags(&copy.there, cudaStreamNonBlocking));
    LIMITS_TRY(cudaStreamCreateWithFlags(&copy.back, cudaStreamNonBlocking));
    LIMITS_TRY(cudaEventCreate(&copy.begun));
    LIMITS_TRY(cudaEventCreate(&copy.done));
    int failed = report("both_ways", &copy, 2.0);
    LIMITS_TRY(cudaEventDestroy(copy.done));
    LIMITS_TRY(cudaEventDestroy(copy.begun));
    LIMITS_TRY(cudaStreamDestroy(copy.back));
    LIMITS_TRY(cudaStreamDestroy(copy.there));
    return failed;
}

int limits_memory(void)
{
    unsigned char *d_memory = NULL;
    unsigned char *memory = NULL;
    LIMITS_TRY(cudaMalloc((void **)&d_memory, 2 * (size_t)INSIDE_BYTES));
    LIMITS_TRY(cudaMallocHost((void **)&memory, 2 * (size_t)BUS_BYTES));
    memset(memory, 0x5a, 2 * (size_t)BUS_BYTES);
    LIMITS_TRY(cudaMemset(d_memory, 0x5a, 2 * (size_t)INSIDE_BYTES));
    struct copy inside;
    memset(&inside, 0, sizeof inside);
    inside.to = d_memory + INSIDE_BYTES;
    inside.from = d_memory;
    inside.bytes = INSIDE_BYTES;
    inside.kind = cudaMemcpyDeviceToDevice;
    if (report("device_memory", &inside, 2.0) != 0 || over_the_bus(d_memory, memory) != 0) { /* read and written */
        return 1;
    }
    LIMITS_TRY(cudaFreeHost(memory));
    LIMITS_TRY(cudaFree(d_memory));
    return 0;
}
