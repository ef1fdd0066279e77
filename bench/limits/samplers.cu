/* The engine's samplers by themselves: draws a second at the sizes of vehicles-planting, and the share of bare Philox's
 * speed at which they take random numbers. */
#include "math/binomial.h"
#include "math/hypergeometric.h"
#include "timing.h"

enum { TRIALS_EACH = 16, CHECKED = 2048, COUNTED = 20000 };

/* The sum of all draws of some trials. */
CAUCUS_SHARED uint64_t run_hypergeometric(const limits_draws *draws, uint32_t first, uint32_t n_trials)
{
    uint64_t sum = 0;
    for (uint32_t trial = first; trial < first + n_trials; trial++) {
        for (uint32_t i = 0; i < draws->n; i++) {
            caucus_place place = {{1, trial, 0}, 0, i};
            sum += caucus_draw_hypergeometric(place, draws->of[i].good, draws->of[i].bad, draws->of[i].n);
        }
    }
    return sum;
}

CAUCUS_SHARED uint64_t run_binomial(const limits_draws *draws, const caucus_chances *odds, uint32_t first,
                                    uint32_t n_trials)
{
    uint64_t sum = 0;
    for (uint32_t trial = first; trial < first + n_trials; trial++) {
        for (uint32_t i = 0; i < draws->n; i++) {
            caucus_place place = {{1, trial, 0}, 0, i};
            sum += caucus_draw_binomial_at(place, draws->of[i].n, &odds[i]);
        }
    }
    return sum;
}

struct sampler_arguments {
    const limits_draws *d_draws;
    const caucus_chances *d_odds; /* [draw] */
    uint64_t *d_sums;             /* [thread] */
    uint32_t n_threads, n_trials; /* of each thread */
};

static __global__ void hypergeometric_kernel(const __grid_constant__ struct sampler_arguments arguments)
{
    uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x;
    if (thread < arguments.n_threads) {
        arguments.d_sums[thread] =
            run_hypergeometric(arguments.d_draws, thread * arguments.n_trials, arguments.n_trials);
    }
}

static __global__ void binomial_kernel(const __grid_constant__ struct sampler_arguments arguments)
{
    uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x;
    if (thread < arguments.n_threads) {
        arguments.d_sums[thread] =
            run_binomial(arguments.d_draws, arguments.d_odds, thread * arguments.n_trials, arguments.n_trials);
    }
}

static int launch_hypergeometric(void *argument, cudaStream_t stream)
{
    const struct sampler_arguments *arguments = (const struct sampler_arguments *)argument;
    hypergeometric_kernel<<<arguments->n_threads / LIMITS_BLOCK, LIMITS_BLOCK, 0, stream>>>(*arguments);
    LIMITS_TRY(cudaGetLastError());
    return 0;
}

static int launch_binomial(void *argument, cudaStream_t stream)
{
    const struct sampler_arguments *arguments = (const struct sampler_arguments *)argument;
    binomial_kernel<<<arguments->n_threads / LIMITS_BLOCK, LIMITS_BLOCK, 0, stream>>>(*arguments);
    LIMITS_TRY(cudaGetLastError());
    return 0;
}

static void make_odds(const limits_draws *draws, caucus_chances *odds)
{
    for (uint32_t i = 0; i < draws->n; i++) {
        odds[i] = caucus_chances_of(draws->of[i].good, draws->of[i].bad);
    }
}

/* What is timed must draw what the host draws. */
static int check(const struct sampler_arguments *arguments, const limits_draws *draws, const caucus_chances *odds)
{
    static uint64_t sums[CHECKED];
    LIMITS_TRY(cudaMemcpy(sums, arguments->d_sums, sizeof sums, cudaMemcpyDeviceToHost));
    const uint32_t n = arguments->n_trials;
    for (uint32_t i = 0; i < CHECKED; i++) {
        uint64_t expected = odds != NULL ? run_binomial(draws, odds, i * n, n) : run_hypergeometric(draws, i * n, n);
        if (sums[i] != expected) {
            fprintf(stderr, "device_limits: the device's draws differ from the host's in thread %u\n", i);
            return 1;
        }
    }
    return 0;
}

static void print(const char *name, const limits_draws *draws, double trials_per_second, double blocks)
{
    char text[64];
    snprintf(text, sizeof text, "%s_draws", name);
    limits_print(text, trials_per_second * draws->n, "draws/s");
    snprintf(text, sizeof text, "%s_blocks", name);
    limits_print(text, trials_per_second * blocks, "blocks/s");
    snprintf(text, sizeof text, "%s_blocks_per_trial", name);
    limits_print(text, blocks, "blocks");
}

static double host_seconds(const limits_draws *draws, const caucus_chances *odds, uint32_t n_trials)
{
    volatile uint64_t sum = 0;
    double best = 1e300;
    for (uint32_t i = 0; i < LIMITS_REPEATS; i++) {
        const double start = limits_clock();
        sum = sum + (odds != NULL ? run_binomial(draws, odds, i * n_trials, n_trials)
                                  : run_hypergeometric(draws, i * n_trials, n_trials));
        const double seconds = limits_clock() - start;
        best = seconds < best ? seconds : best;
    }
    return best;
}

int limits_samplers(int host, const limits_draws *draws)
{
    caucus_chances odds[LIMITS_MOST_DRAWS];
    make_odds(draws, odds);
    const double blocks = limits_blocks_hypergeometric(draws, COUNTED);
    const double binomial_blocks = limits_blocks_binomial(draws, COUNTED);
    if (host) {
        print("hypergeometric", draws, COUNTED / host_seconds(draws, NULL, COUNTED), blocks);
        print("binomial", draws, COUNTED / host_seconds(draws, odds, COUNTED), binomial_blocks);
        return 0;
    }
    struct cudaDeviceProp properties;
    LIMITS_TRY(cudaGetDeviceProperties(&properties, 0));
    struct sampler_arguments arguments;
    limits_draws *d_draws = NULL;
    caucus_chances *d_odds = NULL;
    arguments.n_threads = (uint32_t)properties.multiProcessorCount * 2048u * 8u;
    arguments.n_trials = TRIALS_EACH;
    LIMITS_TRY(cudaMalloc((void **)&d_draws, sizeof *draws));
    LIMITS_TRY(cudaMalloc((void **)&d_odds, sizeof odds));
    LIMITS_TRY(cudaMalloc((void **)&arguments.d_sums, arguments.n_threads * sizeof(uint64_t)));
    LIMITS_TRY(cudaMemcpy(d_draws, draws, sizeof *draws, cudaMemcpyHostToDevice));
    LIMITS_TRY(cudaMemcpy(d_odds, odds, sizeof odds, cudaMemcpyHostToDevice));
    arguments.d_draws = d_draws;
    arguments.d_odds = d_odds;
    const double n_trials = (double)arguments.n_threads * TRIALS_EACH;
    double seconds = 0.0;
    if (limits_time(launch_hypergeometric, &arguments, &seconds) != 0 || check(&arguments, draws, NULL) != 0) {
        return 1;
    }
    print("hypergeometric", draws, n_trials / seconds, blocks);
    if (limits_time(launch_binomial, &arguments, &seconds) != 0 || check(&arguments, draws, odds) != 0) {
        return 1;
    }
    print("binomial", draws, n_trials / seconds, binomial_blocks);
    LIMITS_TRY(cudaFree(d_draws));
    LIMITS_TRY(cudaFree(d_odds));
    LIMITS_TRY(cudaFree(arguments.d_sums));
    return 0;
}
