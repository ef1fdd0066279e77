/* How the memory of CUDA devices is shared out, before a run begins: what fits runs, what does not fit runs with less
 * of it at a time, and what cannot run at all is refused. Results do not depend on it. */
#ifndef CAUCUS_RUN_CUDA_QUOTA_H
#define CAUCUS_RUN_CUDA_QUOTA_H

#include "kernels/module.h"
#include "run/backend.h"
#include "run/devices.h"

/* The most that any configuration of an experiment needs of a device, in bytes. */
typedef struct caucus_need {
    uint64_t tables;
    uint64_t blanks; /* behind them */
    uint64_t trial;  /* workspace of one trial */
    uint64_t team;   /* workspace of a team that trains; 0: nothing is trained */
    uint64_t row;    /* output of one trial */
    uint64_t sums;   /* words of sums over the trials of a block; 0: none are kept */
    /* of experiments on rows, in place of all but row and sums: */
    uint64_t dense;        /* of a slot that trains; 0: people are in cells */
    uint64_t dense_host;   /* the same on the host */
    uint32_t dense_trials; /* that are trained together */
} caucus_need;

void caucus_need_add(caucus_need *need, const caucus_compiled *compiled);

struct caucus_quota {
    int device;
    char name[CAUCUS_DEVICE_NAME]; /* "cuda:0 (NVIDIA H100)", for messages */
    caucus_need need;
    uint32_t launch_trials; /* that one launch computes, in rounds: longer blocks take several launches */
    uint32_t n_lane_groups; /* of trials, in a round */
    uint32_t n_teams;       /* that train their platforms; 0 where nothing is trained */
};

/* What a slot takes of its device, in parts and in all, and of host memory. */
void caucus_quota_room(const caucus_quota *quota, caucus_cuda_room *room);
uint64_t caucus_quota_device_bytes(const caucus_quota *quota);
uint64_t caucus_quota_host_bytes(const caucus_quota *quota);

/* Trials of a block that keeps a device busy for a while. nanoseconds: of one trial on the CPU. total_trials: of the
 * whole run. At least 1. */
uint32_t caucus_device_block(const caucus_device *device, const caucus_need *need, double nanoseconds,
                             uint64_t total_trials);

/* Share out each device: quotas[device], the same number of slots on each. n_blocks: of the whole run; there are no
 * more slots than that. CAUCUS_FAILED when a device has no room for one group of trials, with the figures. */
caucus_status caucus_quotas_plan(const caucus_device *device, const caucus_need *need, uint32_t block_trials,
                                 uint64_t n_blocks, caucus_quota *quotas, unsigned *n_slots);

/* Rounds of a launch, and trials whose output has room on the device: of a launch, or of a round where sums are kept.
 */
uint32_t caucus_quota_rounds(const caucus_quota *quota);
uint32_t caucus_quota_rows(const caucus_quota *quota);

/* Take half as much: for devices that have less than they said. False when it is down to one group. */
bool caucus_quota_halve(caucus_quota *quota);

#endif
