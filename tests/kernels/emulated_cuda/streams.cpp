/* Streams, events, graphs and kernels: work waits in a list until its stream is waited for. */
#include "plays.h"
#include "state.h"
#include "trace.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

thread_local uint3 threadIdx, blockIdx;
thread_local dim3 blockDim, gridDim;

typedef std::function<void()> operation;

static cudaError_t put(emulated_stream *stream, operation what);

struct emulated_stream : emulated_stream_head {
    int device;
    bool capturing;
    bool spoilt; /* something that cannot be captured was asked for meanwhile */
    std::vector<operation> waiting;
    std::vector<operation> captured;
};

struct emulated_event {
    cudaStream_t stream; /* where it was recorded last */
};

struct emulated_graph {
    int device;
    std::vector<operation> operations;
};

struct emulated_graph_exec {
    int device;
    std::vector<operation> operations;
};

static thread_local std::vector<cudaStream_t> own_streams;
static thread_local emulated_stream default_streams[EMULATED_MOST_DEVICES];
static thread_local std::vector<unsigned char> block_memory;

static emulated_stream *resolve(cudaStream_t stream)
{
    if (stream != nullptr) {
        return stream;
    }
    emulated_stream *found = &default_streams[emulated_current()];
    found->device = emulated_current();
    return found;
}

/* A stream serves only while its own device is the current one. */
static cudaError_t usable(const emulated_stream *stream)
{
    if (stream->device != emulated_current()) {
        return cudaErrorInvalidResourceHandle;
    }
    return emulated_broken(stream->device);
}

static cudaError_t put(emulated_stream *stream, operation what)
{
    const cudaError_t error = usable(stream);
    if (error == cudaSuccess) {
        (stream->capturing ? stream->captured : stream->waiting).push_back(std::move(what));
    }
    return emulated_say(error);
}

bool emulated_spoils_capture()
{
    bool capturing = false;
    for (cudaStream_t stream : own_streams) {
        capturing = capturing || stream->capturing;
        stream->spoilt = stream->spoilt || stream->capturing;
    }
    return capturing;
}

static cudaError_t finish(emulated_stream *stream)
{
    std::vector<operation> work;
    work.swap(stream->waiting);
    for (const operation &what : work) {
        if (emulated_broken(stream->device) == cudaSuccess) {
            what();
        }
    }
    return emulated_broken(stream->device);
}

void emulated_finish_own(int device)
{
    for (cudaStream_t stream : own_streams) {
        if (stream->device == device && !stream->capturing) {
            finish(stream);
        }
    }
    if (default_streams[device].device == device) {
        finish(&default_streams[device]);
    }
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned)
{
    if (emulated_broken(emulated_current()) != cudaSuccess) {
        return emulated_say(emulated_broken(emulated_current()));
    }
    *stream = new emulated_stream{{put}, emulated_current(), false, false, {}, {}};
    own_streams.push_back(*stream);
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    stream->capturing = false;
    own_streams.erase(std::remove(own_streams.begin(), own_streams.end(), stream), own_streams.end());
    finish(stream);
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    return emulated_say(emulated_spoils_capture() ? cudaErrorStreamCaptureUnsupported : finish(resolve(stream)));
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned)
{
    *event = new emulated_event{nullptr};
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    delete event;
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    event->stream = resolve(stream);
    return emulated_say(usable(event->stream));
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    if (emulated_spoils_capture()) {
        return emulated_say(cudaErrorStreamCaptureUnsupported);
    }
    return event->stream == nullptr ? cudaSuccess : emulated_say(finish(event->stream));
}

/* ---- graphs ---- */

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode)
{
    if (stream == nullptr || stream->capturing) {
        return emulated_say(cudaErrorStreamCaptureUnsupported);
    }
    stream->capturing = true;
    stream->spoilt = false;
    stream->captured.clear();
    return emulated_say(usable(stream));
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    *graph = nullptr;
    stream->capturing = false;
    if (stream->spoilt) {
        return emulated_say(cudaErrorStreamCaptureInvalidated);
    }
    *graph = new emulated_graph{stream->device, std::move(stream->captured)};
    stream->captured.clear();
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long)
{
    emulated_count(EMULATED_GRAPHS);
    *exec = new emulated_graph_exec{graph->device, graph->operations};
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    if (stream == nullptr || stream->device != exec->device || stream->capturing) {
        return emulated_say(cudaErrorInvalidValue);
    }
    emulated_count(EMULATED_REPLAYS);
    for (const operation &what : exec->operations) {
        const cudaError_t error = put(stream, what);
        if (error != cudaSuccess) {
            return error;
        }
    }
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    delete graph;
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    delete exec;
    return cudaSuccess;
}

/* ---- copies ---- */

cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t stream)
{
    emulated_stream *real = resolve(stream);
    if (!emulated_owns(real->device, memory, bytes)) {
        return emulated_say(cudaErrorInvalidValue);
    }
    return put(real, [=] { std::memset(memory, value, bytes); });
}

/* A graph is replayed when a buffer of the stack would be long gone: it copies from and to pinned memory only. */
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
    emulated_stream *real = resolve(stream);
    const bool upwards = kind == cudaMemcpyHostToDevice;
    const void *there = upwards ? to : from;
    const void *here = upwards ? from : to;
    if (!emulated_owns(real->device, there, bytes) || (real->capturing && !emulated_pinned(here, bytes))) {
        return emulated_say(cudaErrorInvalidValue);
    }
    if (emulated_on_device(here)) {
        return emulated_say(cudaErrorInvalidMemcpyDirection);
    }
    return put(real, [=] {
        if (upwards) {
            emulated_count(EMULATED_UPLOADS);
        }
        std::memcpy(to, from, bytes);
    });
}

/* ---- kernels ---- */

static void run_block(size_t shared_bytes, const std::function<void()> &thread)
{
    block_memory.assign(shared_bytes, 0xa5);
    for (threadIdx.z = 0; threadIdx.z < blockDim.z; threadIdx.z++) {
        for (threadIdx.y = 0; threadIdx.y < blockDim.y; threadIdx.y++) {
            for (threadIdx.x = 0; threadIdx.x < blockDim.x; threadIdx.x++) {
                thread();
            }
        }
    }
}

static void run_kernel(dim3 grid, dim3 block, size_t shared_bytes, const std::function<void()> &thread)
{
    gridDim = grid;
    blockDim = block;
    for (blockIdx.z = 0; blockIdx.z < grid.z; blockIdx.z++) {
        for (blockIdx.y = 0; blockIdx.y < grid.y; blockIdx.y++) {
            for (blockIdx.x = 0; blockIdx.x < grid.x; blockIdx.x++) {
                run_block(shared_bytes, thread);
            }
        }
    }
}

/* What a kernel gets without being asked. */
enum { SHARED_BYTES = 48 << 10 };

static std::mutex allowed_mutex;
static std::map<std::pair<int, void (*)()>, int> allowed;

cudaError_t emulated_allow(void (*kernel)(), cudaFuncAttribute attribute, int value)
{
    int most = 0;
    (void)cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, emulated_current());
    if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 || value > most) {
        return emulated_say(cudaErrorInvalidValue);
    }
    const std::lock_guard<std::mutex> lock(allowed_mutex);
    allowed[{emulated_current(), kernel}] = value;
    return cudaSuccess;
}

static bool is_allowed(int device, void (*kernel)(), size_t shared_bytes)
{
    const std::lock_guard<std::mutex> lock(allowed_mutex);
    const auto found = allowed.find({device, kernel});
    return shared_bytes <= (found == allowed.end() ? (size_t)SHARED_BYTES : (size_t)found->second);
}

void emulated_launch(void (*kernel)(), dim3 grid, dim3 block, size_t shared_bytes, cudaStream_t stream,
                     std::function<void()> thread)
{
    emulated_stream *real = resolve(stream);
    const int device = real->device;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || !is_allowed(device, kernel, shared_bytes)) {
        emulated_say(cudaErrorInvalidValue);
        return;
    }
    if (emulated_lacks_image(device)) {
        emulated_say(cudaErrorNoKernelImageForDevice);
        return;
    }
    put(real, [=] {
        if (emulated_survives(device)) {
            emulated_count(EMULATED_KERNELS);
            emulated_count(EMULATED_THREADS,
                           (unsigned long long)grid.x * grid.y * grid.z * block.x * block.y * block.z);
            static std::atomic<uint64_t> n_run;
            if (n_run++ < emulated_plays("idle", UINT64_MAX)) {
                run_kernel(grid, block, shared_bytes, thread);
            }
        }
    });
}

double emulated_wobble(double x)
{
    static thread_local uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return std::isfinite(x) ? std::nextafter(x, state >> 63 != 0 ? INFINITY : -INFINITY) : x;
}

cudaError_t emulated_resident(int *blocks)
{
    *blocks = (int)emulated_plays("resident", 1);
    return emulated_say(emulated_broken(emulated_current()));
}

void *emulated_block_memory()
{
    return block_memory.data();
}
