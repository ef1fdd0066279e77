/* The emulated CUDA runtime itself: that it refuses what a device would refuse, and differs where a device differs. */
#include "cuda_runtime.h"

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>

extern "C" {
#include <cmocka.h>
}

struct captured {
    cudaStream_t stream;
    void *memory;
    void *pinned;
};

static captured begin()
{
    captured c = {};
    assert_int_equal(cudaSetDevice(0), cudaSuccess);
    assert_int_equal(cudaMalloc(&c.memory, 64), cudaSuccess);
    assert_int_equal(cudaMallocHost(&c.pinned, 64), cudaSuccess);
    assert_int_equal(cudaStreamCreateWithFlags(&c.stream, cudaStreamNonBlocking), cudaSuccess);
    assert_int_equal(cudaStreamBeginCapture(c.stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
    return c;
}

static cudaError_t end(captured c)
{
    cudaGraph_t graph = nullptr;
    const cudaError_t ended = cudaStreamEndCapture(c.stream, &graph);
    assert_true((ended == cudaSuccess) == (graph != nullptr));
    cudaGraphDestroy(graph);
    cudaStreamDestroy(c.stream);
    assert_int_equal(cudaFreeHost(c.pinned), cudaSuccess);
    assert_int_equal(cudaFree(c.memory), cudaSuccess);
    return ended;
}

static void test_captures(void **)
{
    captured c = begin();
    assert_int_equal(cudaMemcpyAsync(c.memory, c.pinned, 64, cudaMemcpyHostToDevice, c.stream), cudaSuccess);
    assert_int_equal(end(c), cudaSuccess);
}

template <typename F> static void refuses(F forbidden)
{
    captured c = begin();
    assert_int_equal(forbidden(c), cudaErrorStreamCaptureUnsupported);
    assert_int_equal(end(c), cudaErrorStreamCaptureInvalidated);
}

static void test_refusals(void **)
{
    refuses([](captured c) { return cudaMalloc(&c.memory, 8); });
    refuses([](captured c) { return cudaMallocHost(&c.pinned, 8); });
    refuses([](captured c) { return cudaFree(c.memory); });
    refuses([](captured c) { return cudaFreeHost(c.pinned); });
    refuses([](captured c) { return cudaStreamSynchronize(c.stream); });
    refuses([](captured) { return cudaStreamSynchronize(nullptr); });
    refuses([](captured c) {
        cudaEvent_t event;
        cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
        cudaEventRecord(event, c.stream);
        const cudaError_t waited = cudaEventSynchronize(event);
        cudaEventDestroy(event);
        return waited;
    });
}

/* A buffer that nobody pinned may be gone when a graph is replayed. */
static void test_pageable_memory_is_not_captured(void **)
{
    captured c = begin();
    char pageable[64] = {};
    assert_int_equal(cudaMemcpyAsync(c.memory, pageable, 64, cudaMemcpyHostToDevice, c.stream), cudaErrorInvalidValue);
    assert_int_equal(end(c), cudaSuccess);
}

static void test_elementary_functions_wobble(void **)
{
    int above = 0;
    int below = 0;
    for (int i = 1; i <= 100; i++) {
        const double exact = (std::exp)(0.01 * i);
        const double got = exp(0.01 * i);
        above += got == std::nextafter(exact, INFINITY);
        below += got == std::nextafter(exact, -INFINITY);
    }
    assert_int_equal(above + below, 100);
    assert_true(above > 20 && below > 20);
    assert_true(std::isinf(exp(1000.0)));
}

static void test_canonical_nan(void **)
{
    const float narrow = emulated_narrow(NAN);
    uint32_t bits = 0;
    std::memcpy(&bits, &narrow, sizeof bits);
    assert_int_equal(bits, 0x7fffffff);
    assert_true(emulated_narrow(0.1) == 0.1f);
}

int main()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_captures), cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_pageable_memory_is_not_captured),
                                       cmocka_unit_test(test_elementary_functions_wobble),
                                       cmocka_unit_test(test_canonical_nan)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
