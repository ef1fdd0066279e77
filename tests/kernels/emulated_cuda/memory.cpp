/* Memory of devices and pinned memory, by address. */
#include "plays.h"
#include "state.h"
#include "trace.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

namespace
{

struct allocation {
    size_t bytes;
    int device; /* or PINNED */
};

const int PINNED = -1;
const int RUBBISH = 0xa5;

std::mutex lock;
std::map<uintptr_t, allocation> allocations; /* by their first byte */
size_t used[EMULATED_MOST_DEVICES];
size_t used_pinned;

/* The allocation that holds all the bytes, or nullptr. */
const allocation *find(const void *memory, size_t bytes)
{
    const uintptr_t first = (uintptr_t)memory;
    auto after = allocations.upper_bound(first);
    if (after == allocations.begin()) {
        return nullptr;
    }
    auto at = --after;
    const size_t offset = first - at->first;
    return offset < at->second.bytes && bytes <= at->second.bytes - offset ? &at->second : nullptr;
}

cudaError_t allocate(void **memory, size_t bytes, int device, size_t *sum, size_t most)
{
    if (emulated_spoils_capture()) {
        return emulated_say(cudaErrorStreamCaptureUnsupported);
    }
    std::lock_guard<std::mutex> guard(lock);
    if (bytes > most || *sum > most - bytes) {
        return emulated_say(cudaErrorMemoryAllocation);
    }
    void *made = nullptr;
    if (posix_memalign(&made, 256, bytes > 0 ? bytes : 1) != 0) {
        return emulated_say(cudaErrorMemoryAllocation);
    }
    std::memset(made, RUBBISH, bytes);
    allocations[(uintptr_t)made] = allocation{bytes, device};
    *sum += bytes;
    *memory = made;
    emulated_count(EMULATED_ALLOCATIONS);
    return cudaSuccess;
}

cudaError_t release(void *memory, bool pinned)
{
    if (memory == nullptr) {
        return cudaSuccess;
    }
    if (emulated_spoils_capture()) {
        return emulated_say(cudaErrorStreamCaptureUnsupported);
    }
    std::lock_guard<std::mutex> guard(lock);
    auto at = allocations.find((uintptr_t)memory);
    if (at == allocations.end() || (at->second.device == PINNED) != pinned) {
        return emulated_say(cudaErrorInvalidValue);
    }
    *(pinned ? &used_pinned : &used[at->second.device]) -= at->second.bytes;
    allocations.erase(at);
    emulated_count(EMULATED_RELEASES);
    std::free(memory);
    return cudaSuccess;
}

} // namespace

bool emulated_owns(int device, const void *memory, size_t bytes)
{
    std::lock_guard<std::mutex> guard(lock);
    const allocation *found = find(memory, bytes);
    return found != nullptr && found->device == device;
}

bool emulated_pinned(const void *memory, size_t bytes)
{
    return emulated_owns(PINNED, memory, bytes);
}

bool emulated_on_device(const void *memory)
{
    std::lock_guard<std::mutex> guard(lock);
    const allocation *found = find(memory, 1);
    return found != nullptr && found->device != PINNED;
}

cudaError_t cudaMemGetInfo(size_t *free, size_t *total)
{
    const int device = emulated_current();
    if (emulated_broken(device) != cudaSuccess) {
        return emulated_say(emulated_broken(device));
    }
    std::lock_guard<std::mutex> guard(lock);
    *total = emulated_plays("memory", 4000000000u);
    *free = *total - (used[device] < *total ? used[device] : *total);
    return cudaSuccess;
}

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
    const int device = emulated_current();
    if (emulated_broken(device) != cudaSuccess) {
        return emulated_say(emulated_broken(device));
    }
    const uint64_t total = emulated_plays("memory", 4000000000u);
    return allocate(memory, bytes, device, &used[device], emulated_plays("grants", total));
}

/* Waits for the device, as CUDA does. */
cudaError_t cudaFree(void *memory)
{
    const int device = emulated_current();
    emulated_finish_own(device);
    const cudaError_t released = release(memory, false);
    return released != cudaSuccess ? released : emulated_say(emulated_broken(device));
}

cudaError_t cudaMallocHost(void **memory, size_t bytes)
{
    if (emulated_broken(emulated_current()) != cudaSuccess) {
        return emulated_say(emulated_broken(emulated_current()));
    }
    return allocate(memory, bytes, PINNED, &used_pinned, emulated_plays("pinned", SIZE_MAX));
}

cudaError_t cudaFreeHost(void *memory)
{
    emulated_finish_own(emulated_current());
    return release(memory, true);
}
