#include "kernels/probe.h"

#include "kernels/launch.h"
#include "kernels/module.h"

#include <cuda_runtime.h>
#include <curand_philox4x32_x.h>
#include <stdint.h>
#include <string.h>

enum { PROBES = 3 };

/* Philox4x32-10 by its block function alone: key = seed, counter = (block, subsequence), low words first. The answers
 * are those of the generator's reference implementation (Salmon et al. 2011, Random123). */
struct probe {
    uint64_t seed;
    uint64_t subsequence;
    uint64_t block;
    uint32_t words[4];
};

static const struct probe probes[PROBES] = {
    {0, 0, 0, {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}},
    {0x0123456789abcdefull, 1, 0, {0xfa9dff5eu, 0x6c10844bu, 0x6979c717u, 0x0590ff83u}},
    {42, 7, 3, {0x945bcadau, 0x7e42d578u, 0x8747d589u, 0xfcd7d3ceu}},
};

struct probe_arguments {
    uint2 keys[PROBES];
    uint4 counters[PROBES];
    uint4 *d_words; /* [probe] */
};

static __global__ void probe_kernel(const __grid_constant__ struct probe_arguments arguments)
{
    unsigned int i = threadIdx.x;
    if (i < PROBES) {
        arguments.d_words[i] = curand_Philox4x32_10(arguments.counters[i], arguments.keys[i]);
    }
}

static unsigned int low(uint64_t value)
{
    return (unsigned int)value;
}

static unsigned int high(uint64_t value)
{
    return (unsigned int)(value >> 32);
}

int caucus_probe_run(cudaStream_t stream)
{
    struct probe_arguments arguments;
    uint4 words[PROBES];
    memset(words, 0, sizeof words);
    for (int i = 0; i < PROBES; i++) {
        const struct probe *probe = &probes[i];
        arguments.keys[i] = make_uint2(low(probe->seed), high(probe->seed));
        arguments.counters[i] =
            make_uint4(low(probe->block), high(probe->block), low(probe->subsequence), high(probe->subsequence));
    }
    cudaError_t error = cudaMalloc((void **)&arguments.d_words, sizeof words);
    if (error != cudaSuccess) {
        return error;
    }
    CAUCUS_LAUNCH(probe_kernel, 1, 32, 0, stream, arguments);
    error = cudaGetLastError();
    if (error == cudaSuccess) {
        error = cudaMemcpyAsync(words, arguments.d_words, sizeof words, cudaMemcpyDeviceToHost, stream);
    }
    if (error == cudaSuccess) {
        error = cudaStreamSynchronize(stream);
    }
    cudaError_t freed = cudaFree(arguments.d_words);
    if (error == cudaSuccess) {
        error = freed;
    }
    for (int i = 0; error == cudaSuccess && i < PROBES; i++) {
        if (memcmp(&words[i], probes[i].words, sizeof words[i]) != 0) {
            return CAUCUS_CUDA_WRONG_WORDS;
        }
    }
    return error;
}
