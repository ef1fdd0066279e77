/* Bare Philox4x32-10: blocks a second that are computed and thrown away, and the multiplications that they consist of.
 */
#include "math/random.h"
#include "timing.h"

enum { BLOCKS_EACH = 4096, MULTIPLICATIONS_EACH = 65536, CHAINS = 8, CHECKED = 64 };

/* The exclusive or of a thread's blocks. */
CAUCUS_SHARED uint32_t philox_blocks(uint32_t thread, uint32_t n_blocks)
{
    uint32_t sum = 0;
#ifdef __CUDA_ARCH__
#pragma unroll 4
#endif
    for (uint32_t i = 0; i < n_blocks; i++) {
        caucus_words words = caucus_philox(42, i, 0, thread, 0);
        sum ^= words.w[0] ^ words.w[1] ^ words.w[2] ^ words.w[3];
    }
    return sum;
}

struct philox_arguments {
    uint32_t *d_sums; /* [thread] */
    uint32_t n_threads, n_blocks;
    uint32_t factor; /* of bare multiplications */
};

static __global__ void philox_kernel(const __grid_constant__ struct philox_arguments arguments)
{
    uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x;
    if (thread < arguments.n_threads) {
        arguments.d_sums[thread] = philox_blocks(thread, arguments.n_blocks);
    }
}

/* Chains of 32 x 32 + 64 -> 64 bit multiplications, independent of each other: an instruction each. A factor that the
 * compiler does not know stays a multiplication. */
static __global__ void multiply_kernel(const __grid_constant__ struct philox_arguments arguments)
{
    uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x;
    uint64_t chains[CHAINS];
#pragma unroll
    for (int j = 0; j < CHAINS; j++) {
        chains[j] = thread + j + 1;
    }
#pragma unroll 4
    for (uint32_t i = 0; i < arguments.n_blocks; i++) {
#pragma unroll
        for (int j = 0; j < CHAINS; j++) {
            chains[j] = (uint64_t)(uint32_t)chains[j] * arguments.factor + chains[j];
        }
    }
    uint64_t sum = 0;
#pragma unroll
    for (int j = 0; j < CHAINS; j++) {
        sum ^= chains[j];
    }
    if (thread < arguments.n_threads) {
        arguments.d_sums[thread] = (uint32_t)(sum ^ (sum >> 32));
    }
}

static int launch_philox(void *argument, cudaStream_t stream)
{
    const struct philox_arguments *arguments = (const struct philox_arguments *)argument;
    philox_kernel<<<arguments->n_threads / LIMITS_BLOCK, LIMITS_BLOCK, 0, stream>>>(*arguments);
    LIMITS_TRY(cudaGetLastError());
    return 0;
}

static int launch_multiply(void *argument, cudaStream_t stream)
{
    const struct philox_arguments *arguments = (const struct philox_arguments *)argument;
    multiply_kernel<<<arguments->n_threads / LIMITS_BLOCK, LIMITS_BLOCK, 0, stream>>>(*arguments);
    LIMITS_TRY(cudaGetLastError());
    return 0;
}

/* What is timed must be Philox. */
static int check(const struct philox_arguments *arguments)
{
    uint32_t sums[CHECKED];
    LIMITS_TRY(cudaMemcpy(sums, arguments->d_sums, sizeof sums, cudaMemcpyDeviceToHost));
    for (uint32_t i = 0; i < CHECKED; i++) {
        if (sums[i] != philox_blocks(i, arguments->n_blocks)) {
            fprintf(stderr, "device_limits: the device's Philox differs from the host's in thread %u\n", i);
            return 1;
        }
    }
    return 0;
}

static int on_host(void)
{
    const uint32_t n_blocks = 1u << 22;
    double best = 1e300;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < LIMITS_REPEATS; i++) {
        const double start = limits_clock();
        sum ^= philox_blocks(i, n_blocks);
        const double seconds = limits_clock() - start;
        best = seconds < best ? seconds : best;
    }
    limits_print("philox", n_blocks / best, "blocks/s");
    return sum == 0; /* used, so that it is computed; 0 once in 2^32 seeds */
}

int limits_philox(int host)
{
    if (host) {
        return on_host();
    }
    struct cudaDeviceProp properties;
    LIMITS_TRY(cudaGetDeviceProperties(&properties, 0));
    struct philox_arguments arguments;
    double seconds = 0.0;
    arguments.factor = 0xD2511F53u;
    arguments.n_threads = (uint32_t)properties.multiProcessorCount * 2048u * 4u;
    LIMITS_TRY(cudaMalloc((void **)&arguments.d_sums, arguments.n_threads * sizeof(uint32_t)));
    arguments.n_blocks = BLOCKS_EACH;
    if (limits_time(launch_philox, &arguments, &seconds) != 0 || check(&arguments) != 0) {
        return 1;
    }
    limits_print("philox", (double)arguments.n_threads * BLOCKS_EACH / seconds, "blocks/s");
    arguments.n_blocks = MULTIPLICATIONS_EACH / CHAINS;
    if (limits_time(launch_multiply, &arguments, &seconds) != 0) {
        return 1;
    }
    limits_print("multiplications", (double)arguments.n_threads * MULTIPLICATIONS_EACH / seconds, "1/s");
    LIMITS_TRY(cudaFree(arguments.d_sums));
    return 0;
}
