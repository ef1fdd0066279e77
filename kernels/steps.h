/* Trials on a device: one thread a trial, over a replica of the configuration's tables (src/run/cuda_tables.h).
 *
 * A trial's steps are kernels of their own (draw.cu, teach.cu, platform.cu, keep.cu, limits.cu, bounds.cu), each with
 * the registers that it needs; between them a trial lives in its workspace. */
#ifndef CAUCUS_KERNELS_TRIALS_H
#define CAUCUS_KERNELS_TRIALS_H

#include "trial/block.h"
#include "trial/tables.h"

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a launch is to do. Lies in device memory, so that one captured graph serves every block of trials. */
typedef struct caucus_trials_order {
    const caucus_compiled *compiled; /* device address */
    uint32_t first_trial;
    uint32_t n_trials;  /* at most CAUCUS_LANE_GROUP times the groups */
    uint32_t first_row; /* of the output, that the first trial fills */
} caucus_trials_order;

typedef struct caucus_trials_arguments {
    const caucus_trials_order *d_order;
    unsigned char *d_workspace; /* n_lane_groups times lane_group_bytes */
    uint64_t lane_group_bytes;  /* at least CAUCUS_LANE_GROUP times caucus_trial_bytes of the configuration */
    uint32_t n_lane_groups;
    uint32_t n_teams;       /* that train; 0: nothing is trained */
    unsigned char *d_teams; /* n_teams times team_bytes */
    uint64_t team_bytes;    /* at least caucus_training_team_space of the configuration, a multiple of 64 */
    uint32_t way;           /* caucus_way of its trainings, where n_teams > 0 */
    bool limits;            /* some bound needs limits that are computed when they are asked for */
    caucus_shape shape;     /* of the rows */
    caucus_block d_rows;    /* arrays in device memory: rows first_row .. first_row + n_trials - 1 are filled */
    uint64_t *d_sums;       /* words of sums over trials, in device memory; NULL: none are kept */
} caucus_trials_arguments;

/* All steps of the trials of the order, one kernel after another. 0 or a cudaError_t. */
int caucus_trials_launch(const caucus_trials_arguments *arguments, cudaStream_t stream);

/* Groups that a multiprocessor of the current device holds at a time, of the kernel that it holds most of. 0 or a
 * cudaError_t. */
int caucus_trials_resident(int *groups);

/* The steps. */
int caucus_draw_launch(const caucus_trials_arguments *arguments, cudaStream_t stream);
int caucus_teach_launch(const caucus_trials_arguments *arguments, cudaStream_t stream);
int caucus_platform_launch(const caucus_trials_arguments *arguments, cudaStream_t stream);
int caucus_keep_launch(const caucus_trials_arguments *arguments, cudaStream_t stream);
int caucus_limits_launch(const caucus_trials_arguments *arguments, cudaStream_t stream);

/* Fill the windows of limits of new tables: those of the order. */
int caucus_windows_launch(const caucus_trials_order *d_order, cudaStream_t stream);
int caucus_bounds_launch(const caucus_trials_arguments *arguments, cudaStream_t stream);
int caucus_draw_resident(int *groups);
int caucus_platform_resident(int *groups);
int caucus_keep_resident(int *groups);
int caucus_bounds_resident(int *groups);
int caucus_sums_launch(const caucus_trials_arguments *arguments, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
