/* The second step of trials whose platform is trained: teach it what was handed in. A thread block is a team, which
 * takes trials one after another and trains one classifier at a time. Each way of training has a kernel of its own,
 * with the registers that it needs. */
#include "kernels/launch.h"
#include "kernels/steps.h"
#include "training/fit.h"
#include "trial/teach.h"

struct teach_arguments {
    caucus_trials_arguments trials;
    uint32_t near_bytes; /* shared memory for a team's workspace */
};

/* What a team's threads share. */
struct lesson {
    caucus_trial trial; /* the arrays of its group */
    caucus_trainee trainee;
    caucus_fit fit;
};

/* The next training, for one thread to prepare: whose it is, and what lies where. */
static __device__ __forceinline__ void prepare(const struct teach_arguments *arguments, uint32_t index, uint32_t which,
                                               unsigned char *near, struct lesson *lesson)
{
    const caucus_trials_arguments *trials = &arguments->trials;
    const caucus_compiled *compiled = trials->d_order->compiled;
    const uint32_t group = index / CAUCUS_LANE_GROUP;
    caucus_fit_memory memory;
    caucus_trial_lay_out(compiled, trials->d_workspace + group * trials->lane_group_bytes, &lesson->trial);
    caucus_teach_trainee(&lesson->trial, index % CAUCUS_LANE_GROUP, which, &lesson->trainee);
    memory.near = near;
    memory.near_bytes = arguments->near_bytes;
    memory.near_used = 0;
    memory.far = trials->d_teams + blockIdx.x * trials->team_bytes;
    memory.far_used = 0;
    caucus_fit_lay_out(caucus_teach_training(compiled, which), true, &memory, &lesson->fit);
}

static __device__ __forceinline__ void teach(const struct teach_arguments *arguments, caucus_way way,
                                             unsigned char *near, struct lesson *lesson)
{
    const caucus_trials_order *order = arguments->trials.d_order;
    const caucus_compiled *compiled = order->compiled;
    const uint32_t each = caucus_teach_trainees(compiled);
    CAUCUS_ROLLED
    for (uint32_t index = blockIdx.x; index < order->n_trials; index += gridDim.x) {
        bool converged = true;
        CAUCUS_ROLLED
        for (uint32_t which = 0; which < each; which++) {
            if (CAUCUS_TEAM_RANK == 0) {
                prepare(arguments, index, which, near, lesson);
            }
            caucus_team_sync();
            caucus_train_by(way, &lesson->fit, &lesson->trainee, 1, 0, 1);
            caucus_team_sync(); /* the lesson is read until here */
            converged = converged && lesson->trainee.report.converged;
        }
        if (CAUCUS_TEAM_RANK == 0) {
            lesson->trial.converged[index % CAUCUS_LANE_GROUP] = converged ? 1 : 0;
        }
    }
}

static __global__ void __launch_bounds__(CAUCUS_TEAM_THREADS, CAUCUS_TEAMS_RESIDENT)
    count_kernel(const __grid_constant__ struct teach_arguments arguments)
{
    __shared__ struct lesson lesson;
    CAUCUS_BLOCK_MEMORY(unsigned char, near);
    teach(&arguments, CAUCUS_BY_COUNTING, near, &lesson);
}

static __global__ void __launch_bounds__(CAUCUS_TEAM_THREADS, CAUCUS_TEAMS_RESIDENT)
    noisy_kernel(const __grid_constant__ struct teach_arguments arguments)
{
    __shared__ struct lesson lesson;
    CAUCUS_BLOCK_MEMORY(unsigned char, near);
    teach(&arguments, CAUCUS_BY_NOISY_STEPS, near, &lesson);
}

static __global__ void __launch_bounds__(CAUCUS_TEAM_THREADS, CAUCUS_TEAMS_RESIDENT)
    search_kernel(const __grid_constant__ struct teach_arguments arguments)
{
    __shared__ struct lesson lesson;
    CAUCUS_BLOCK_MEMORY(unsigned char, near);
    teach(&arguments, CAUCUS_BY_SEARCH, near, &lesson);
}

/* Shared memory that a team may take, so that as many are resident as there are registers for. */
static cudaError_t near_room(int *bytes)
{
    int device = 0;
    int of_processor = 0;
    int of_block = 0;
    int reserved = 0;
    cudaError_t error = cudaGetDevice(&device);
    if (error == cudaSuccess) {
        error = cudaDeviceGetAttribute(&of_processor, cudaDevAttrMaxSharedMemoryPerMultiprocessor, device);
    }
    if (error == cudaSuccess) {
        error = cudaDeviceGetAttribute(&of_block, cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
    }
    if (error == cudaSuccess) {
        error = cudaDeviceGetAttribute(&reserved, cudaDevAttrReservedSharedMemoryPerBlock, device);
    }
    const int share = of_processor / CAUCUS_TEAMS_RESIDENT - reserved;
    const int left = (share < of_block ? share : of_block) - (int)sizeof(struct lesson);
    *bytes = left > 0 ? left / 128 * 128 : 0;
    return error;
}

/* What a kernel may be launched with is set to the most of any launch, since streams share the setting. */
static cudaError_t allow(int bytes)
{
    cudaError_t error = cudaFuncSetAttribute(count_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
    if (error == cudaSuccess) {
        error = cudaFuncSetAttribute(noisy_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
    }
    if (error == cudaSuccess) {
        error = cudaFuncSetAttribute(search_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
    }
    return error;
}

int caucus_teach_launch(const caucus_trials_arguments *trials, cudaStream_t stream)
{
    struct teach_arguments arguments;
    int most = 0;
    cudaError_t error = near_room(&most);
    if (error == cudaSuccess) {
        error = allow(most);
    }
    if (error != cudaSuccess) {
        return error;
    }
    arguments.trials = *trials;
    arguments.near_bytes = (uint32_t)(trials->team_bytes < (uint64_t)most ? trials->team_bytes : (uint64_t)most);
    const uint32_t near = arguments.near_bytes;
    switch (trials->way) {
    case CAUCUS_BY_COUNTING:
        CAUCUS_LAUNCH_TEAM(count_kernel, trials->n_teams, CAUCUS_TEAM_THREADS, near, stream, arguments);
        break;
    case CAUCUS_BY_NOISY_STEPS:
        CAUCUS_LAUNCH_TEAM(noisy_kernel, trials->n_teams, CAUCUS_TEAM_THREADS, near, stream, arguments);
        break;
    default:
        CAUCUS_LAUNCH_TEAM(search_kernel, trials->n_teams, CAUCUS_TEAM_THREADS, near, stream, arguments);
        break;
    }
    return cudaGetLastError();
}
