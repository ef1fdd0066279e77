/* device_retraining EXPERIMENT: how many classifiers a device trains in a second with the engine's own kernel, drawing
 * excluded. JSON, one object a line. */
#include "kernels/module.h"
#include "kernels/steps.h"
#include "limits/timing.h"
#include "retraining.h"

#include <cuda_runtime.h>
#include <stdlib.h>
#include <string.h>

enum { SKIPPED = 77, TRIALS_A_TEAM = 16 };

/* Everything lies in one piece of device memory. */
struct lessons {
    retraining_sizes sizes;
    caucus_trials_arguments arguments;
    unsigned char *d_memory;
    unsigned char *d_tables;
    uint32_t n_trials;
};

static uint64_t rounded(uint64_t bytes)
{
    return (bytes + 255) / 256 * 256;
}

/* Enough trials that all teams are busy to the end, as far as three quarters of the memory go. */
static int plan(struct lessons *lessons)
{
    struct cudaDeviceProp properties;
    size_t memory_free = 0;
    size_t memory_total = 0;
    const retraining_sizes *sizes = &lessons->sizes;
    LIMITS_TRY(cudaGetDeviceProperties(&properties, 0));
    LIMITS_TRY(cudaMemGetInfo(&memory_free, &memory_total));
    caucus_trials_arguments *arguments = &lessons->arguments;
    arguments->n_teams = (uint32_t)properties.multiProcessorCount * CAUCUS_TEAMS_RESIDENT;
    const uint64_t fixed =
        CAUCUS_CUDA_ORDER + rounded(sizes->tables) + rounded(sizes->blanks) + arguments->n_teams * sizes->team_bytes;
    const uint64_t budget = memory_free / 4 * 3;
    if (budget < fixed + sizes->lane_group_bytes) {
        fprintf(stderr, "device_retraining: one group of trials does not fit: %.1f MB\n",
                1e-6 * (double)(fixed + sizes->lane_group_bytes));
        return 1;
    }
    const uint64_t wanted = ((uint64_t)arguments->n_teams * TRIALS_A_TEAM + CAUCUS_LANE_GROUP - 1) / CAUCUS_LANE_GROUP;
    const uint64_t fitting = (budget - fixed) / sizes->lane_group_bytes;
    arguments->n_lane_groups = (uint32_t)(wanted < fitting ? wanted : fitting);
    arguments->lane_group_bytes = sizes->lane_group_bytes;
    arguments->team_bytes = sizes->team_bytes;
    lessons->n_trials = arguments->n_lane_groups * CAUCUS_LANE_GROUP;
    LIMITS_TRY(cudaMalloc((void **)&lessons->d_memory, fixed + arguments->n_lane_groups * sizes->lane_group_bytes));
    arguments->d_order = (const caucus_trials_order *)(const void *)lessons->d_memory;
    lessons->d_tables = lessons->d_memory + CAUCUS_CUDA_ORDER;
    arguments->d_teams = lessons->d_tables + rounded(sizes->tables) + rounded(sizes->blanks);
    arguments->d_workspace = arguments->d_teams + arguments->n_teams * sizes->team_bytes;
    return 0;
}

/* The order, the tables and drawn trials, on the device. */
static int fill(const retraining *problem, const struct lessons *lessons)
{
    const uint64_t bytes = CAUCUS_CUDA_ORDER + lessons->sizes.tables;
    unsigned char *staging = (unsigned char *)calloc(bytes, 1);
    if (staging == NULL) {
        fprintf(stderr, "device_retraining: out of memory\n");
        return 1;
    }
    caucus_trials_order order;
    memset(&order, 0, sizeof order);
    order.compiled = (const caucus_compiled *)(const void *)lessons->d_tables;
    order.n_trials = lessons->n_trials;
    memcpy(staging, &order, sizeof order);
    retraining_write(problem, (uint64_t)(uintptr_t)lessons->d_tables, staging + CAUCUS_CUDA_ORDER);
    const cudaError_t copied = cudaMemcpy(lessons->d_memory, staging, bytes, cudaMemcpyHostToDevice);
    free(staging);
    LIMITS_TRY(copied);
    LIMITS_TRY((cudaError_t)caucus_draw_launch(&lessons->arguments, 0));
    LIMITS_TRY(cudaDeviceSynchronize());
    return 0;
}

static int teach(void *argument, cudaStream_t stream)
{
    const struct lessons *lessons = (const struct lessons *)argument;
    LIMITS_TRY((cudaError_t)caucus_teach_launch(&lessons->arguments, stream));
    return 0;
}

/* The first group must have learnt what the CPU makes of its counts. */
static int check(const retraining *problem, const struct lessons *lessons, double *evaluations)
{
    unsigned char *group = (unsigned char *)malloc(lessons->sizes.lane_group_bytes);
    if (group == NULL) {
        fprintf(stderr, "device_retraining: out of memory\n");
        return 1;
    }
    const cudaError_t copied =
        cudaMemcpy(group, lessons->arguments.d_workspace, lessons->sizes.lane_group_bytes, cudaMemcpyDeviceToHost);
    const int failed = copied != cudaSuccess || retraining_check(problem, group, evaluations) != 0;
    free(group);
    LIMITS_TRY(copied);
    return failed;
}

static int measure(const retraining *problem, struct lessons *lessons)
{
    double seconds = 0.0;
    double evaluations = 0.0;
    if (plan(lessons) != 0 || fill(problem, lessons) != 0 || limits_time(teach, lessons, &seconds) != 0 ||
        check(problem, lessons, &evaluations) != 0) {
        return 1;
    }
    const double rate = lessons->n_trials / seconds;
    limits_print("retrainings", rate, "retrainings/s");
    limits_print("retraining_evaluations", evaluations, "evaluations");
    limits_print("retraining_exps", rate * evaluations * lessons->sizes.n_cells * lessons->sizes.n_labels, "exps/s");
    LIMITS_TRY(cudaFree(lessons->d_memory));
    return 0;
}

int main(int argc, char **argv)
{
    struct lessons lessons;
    retraining *problem = NULL;
    int n_devices = 0;
    if (argc != 2) {
        fprintf(stderr, "usage: device_retraining EXPERIMENT\n");
        return 2;
    }
    const cudaError_t error = cudaGetDeviceCount(&n_devices);
    if (error != cudaSuccess || n_devices == 0) {
        printf("{\"skipped\": \"%s\"}\n", error != cudaSuccess ? cudaGetErrorString(error) : "no CUDA device");
        return SKIPPED;
    }
    memset(&lessons, 0, sizeof lessons);
    if (retraining_open(argv[1], &problem, &lessons.sizes) != 0) {
        return 1;
    }
    const int failed = measure(problem, &lessons);
    retraining_close(problem);
    return failed;
}
