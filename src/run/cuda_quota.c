#include "run/cuda_quota.h"

#include "base/host.h"
#include "run/cuda_tables.h"
#include "trial/teach.h"

#include <math.h>

enum { GROUP = CAUCUS_LANE_GROUP };

/* Two slots hide the copies of one behind the work of the other; a third hides what the host does in between. Where a
 * block is too small to fill the device, more of them fill it together. */
enum { FEWEST_SLOTS = 3, MOST_SLOTS = 16 };

/* A launch should take about this long: long enough that nothing else counts, short enough to stop quickly. */
static const double LAUNCH_NANOSECONDS = 50e6;

/* What one multiprocessor does, in cores of the CPU that the estimate of a trial's time is for; only block sizes depend
 * on it. */
static const double CORES_PER_PROCESSOR = 6.0;

/* Merging a word of sums takes about a hundredth of it. */
static const double WORD_NANOSECONDS = 100.0;

static const double BLOCK_BYTES = 32e6;
static const uint32_t MOST_BLOCK_TRIALS = 1u << 24;

/* Left to others on the device, and to CUDA itself: contexts, stacks of kernels. */
static const uint64_t SPARE_SHARE = 8;

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void caucus_need_add(caucus_need *need, const caucus_compiled *compiled)
{
    const caucus_replica_size replica = caucus_replica_measure(compiled);
    need->tables = larger(need->tables, replica.bytes);
    need->blanks = larger(need->blanks, replica.blank_bytes);
    need->trial = larger(need->trial, caucus_trial_bytes(compiled));
    for (uint32_t i = 0; compiled->training != NULL && i < caucus_teach_trainees(compiled); i++) {
        need->team = larger(need->team, caucus_training_team_space(caucus_teach_training(compiled, i)));
    }
}

uint32_t caucus_quota_rounds(const caucus_quota *quota)
{
    const uint64_t round = (uint64_t)quota->n_lane_groups * GROUP;
    return (uint32_t)((quota->launch_trials + round - 1) / round);
}

uint32_t caucus_quota_rows(const caucus_quota *quota)
{
    return quota->need.sums > 0 ? quota->n_lane_groups * GROUP : quota->launch_trials;
}

void caucus_quota_room(const caucus_quota *quota, caucus_cuda_room *room)
{
    const caucus_need *need = &quota->need;
    *room = (caucus_cuda_room){.tables = need->tables,
                               .blanks = need->blanks,
                               .workspace = (uint64_t)quota->n_lane_groups * GROUP * need->trial +
                                            (uint64_t)quota->n_teams * need->team,
                               .rows = caucus_quota_rows(quota) * need->row,
                               .rows_read = need->sums > 0 ? 0 : caucus_quota_rows(quota) * need->row,
                               .sums = need->sums};
}

uint64_t caucus_quota_device_bytes(const caucus_quota *quota)
{
    if (quota->need.dense > 0) {
        return quota->need.dense;
    }
    caucus_cuda_room room;
    caucus_quota_room(quota, &room);
    return caucus_cuda_room_bytes(&room);
}

uint64_t caucus_quota_host_bytes(const caucus_quota *quota)
{
    if (quota->need.dense > 0) {
        return quota->need.dense_host;
    }
    caucus_cuda_room room;
    caucus_quota_room(quota, &room);
    return CAUCUS_CUDA_ORDER + caucus_cuda_rounded(room.tables) + room.rows_read + room.sums;
}

static uint64_t groups_of(uint32_t n_trials)
{
    return ((uint64_t)n_trials + GROUP - 1) / GROUP;
}

/* Groups of a round: two for each that the device holds at a time, so that it does not run dry at the end of the first
 * ones. */
enum { WAVES = 2 };

static uint64_t round_groups(const caucus_device_part *part)
{
    return larger(1, WAVES * (uint64_t)part->n_processors * larger(1, part->lane_groups_resident));
}

/* ---- size of a block --------------------------------------------------------------------------------------------- */

static uint64_t rows_that_fit(const caucus_device *device, const caucus_need *need)
{
    caucus_host host;
    caucus_host_describe("", &host);
    if (need->sums > 0 || need->row == 0) {
        return MOST_BLOCK_TRIALS;
    }
    /* The run keeps twice as many blocks as slots in memory, and two. */
    const double n_blocks = 2.0 * FEWEST_SLOTS * device->n_parts + 2.0;
    double bytes = BLOCK_BYTES;
    if (host.memory_free > 0) {
        bytes = fmin(bytes, 0.25 * (double)host.memory_free / n_blocks);
    }
    return (uint64_t)fmax(1.0, bytes / (double)need->row);
}

uint32_t caucus_device_block(const caucus_device *device, const caucus_need *need, double nanoseconds,
                             uint64_t total_trials)
{
    uint64_t processors = UINT64_MAX;
    uint64_t groups = UINT64_MAX;
    for (unsigned i = 0; i < device->n_parts; i++) {
        processors = smaller(processors, larger(1, device->parts[i].n_processors));
        groups = smaller(groups, round_groups(&device->parts[i]));
    }
    if (need->dense > 0) {
        return need->dense_trials;
    }
    /* Long enough, or as many as fill the device if that does not take a second. The host adds up the words of sums. */
    const double rate = CORES_PER_PROCESSOR * (double)processors / nanoseconds;
    const uint64_t words = need->sums / sizeof(uint64_t);
    const double timed = rate * fmax(LAUNCH_NANOSECONDS, WORD_NANOSECONDS * (double)words);
    const double filling = fmin((double)groups * GROUP, 20.0 * timed);
    uint64_t trials = (uint64_t)fmin(fmax(timed, filling), (double)MOST_BLOCK_TRIALS);
    trials = smaller(trials, rows_that_fit(device, need));
    /* Every slot gets several blocks. */
    trials = smaller(trials, total_trials / (4 * (uint64_t)FEWEST_SLOTS * device->n_parts));
    trials = trials / GROUP * GROUP;
    return (uint32_t)larger(trials, GROUP);
}

/* ---- sharing out ------------------------------------------------------------------------------------------------- */

/* As many teams as are resident, in at most a quarter of what is left: every team works on a trial of some group. */
static uint32_t teams_that_fit(const caucus_device_part *part, uint64_t team_bytes, uint64_t left, uint64_t n_trials)
{
    const uint64_t resident = CAUCUS_TEAMS_RESIDENT * larger(1, part->n_processors);
    return (uint32_t)smaller(smaller(resident, larger(1, n_trials)), 1 + left / 4 / team_bytes);
}

/* Rows of a launch get at most half of what is left, so that groups have the rest: without them the device idles. */
static bool fit(const caucus_device_part *part, uint32_t block_trials, unsigned n_slots, caucus_quota *quota)
{
    const uint64_t budget = (part->memory_free - part->memory_free / SPARE_SHARE) / n_slots;
    if (quota->need.dense > 0) {
        quota->launch_trials = quota->need.dense_trials;
        return budget >= quota->need.dense;
    }
    quota->launch_trials = GROUP < block_trials ? GROUP : block_trials;
    quota->n_lane_groups = 1;
    quota->n_teams = quota->need.team > 0 ? 1 : 0;
    const uint64_t least = caucus_quota_device_bytes(quota);
    if (budget < least) {
        return false;
    }
    const bool summed = quota->need.sums > 0;
    const uint64_t row = summed ? 0 : quota->need.row;
    const uint64_t lane_group_bytes = GROUP * (quota->need.trial + (summed ? quota->need.row : 0));
    uint64_t launch = block_trials;
    if (row > 0) {
        launch = smaller(launch, quota->launch_trials + (budget - least) / 2 / row);
        launch = launch == block_trials ? launch : launch / GROUP * GROUP;
    }
    uint64_t left = budget - least - (launch - quota->launch_trials) * row;
    if (quota->n_teams > 0) {
        quota->n_teams = teams_that_fit(part, quota->need.team, left, launch);
        left -= (quota->n_teams - 1) * quota->need.team;
    }
    const uint64_t groups = lane_group_bytes > 0 ? 1 + left / lane_group_bytes : UINT64_MAX;
    quota->n_lane_groups = (uint32_t)smaller(groups, smaller(groups_of((uint32_t)launch), round_groups(part)));
    quota->launch_trials = (uint32_t)smaller(launch, (uint64_t)CAUCUS_CUDA_ROUNDS * quota->n_lane_groups * GROUP);
    return true;
}

/* Whether more memory would keep the device busier. */
static bool ample(const caucus_device_part *part, const caucus_quota *quota)
{
    return quota->need.dense > 0 ||
           quota->n_lane_groups >= smaller(part->n_processors, groups_of(quota->launch_trials));
}

static caucus_status fail_room(const caucus_quota *quota, const caucus_device_part *part)
{
    const double mb = 1e-6;
    caucus_quota least = *quota;
    if (quota->need.dense > 0) {
        return caucus_fail(CAUCUS_FAILED,
                           "%s has no room for this experiment: training %u trials together needs %.1f MB, and %.1f MB "
                           "are free, of which an eighth is left to others; use another device, --device cpu, a "
                           "smaller batch of the classifier, or fewer rows or columns",
                           part->name, quota->need.dense_trials, mb * (double)quota->need.dense,
                           mb * (double)part->memory_free);
    }
    least.launch_trials = GROUP;
    least.n_lane_groups = 1;
    least.n_teams = quota->need.team > 0 ? 1 : 0;
    return caucus_fail(CAUCUS_FAILED,
                       "%s has no room for this experiment: %d trials at a time need %.1f MB (%.1f MB of tables, %.1f "
                       "MB of workspace), and %.1f MB are free, of which an eighth is left to others; use another "
                       "device, --device cpu, or a population of fewer cells",
                       part->name, (int)GROUP, mb * (double)caucus_quota_device_bytes(&least),
                       mb * (double)(quota->need.tables + quota->need.blanks),
                       mb * (double)(GROUP * quota->need.trial + quota->need.team), mb * (double)part->memory_free);
}

static unsigned wanted_slots(const caucus_device *device, const caucus_need *need, uint32_t block_trials,
                             uint64_t n_blocks)
{
    uint64_t slots = FEWEST_SLOTS;
    for (unsigned i = 0; need->dense == 0 && i < device->n_parts; i++) {
        slots = larger(slots, round_groups(&device->parts[i]) / groups_of(block_trials) + 2);
    }
    slots = smaller(slots, MOST_SLOTS);
    return (unsigned)larger(1, smaller(slots, (n_blocks + device->n_parts - 1) / device->n_parts));
}

caucus_status caucus_quotas_plan(const caucus_device *device, const caucus_need *need, uint32_t block_trials,
                                 uint64_t n_blocks, caucus_quota *quotas, unsigned *n_slots)
{
    for (unsigned slots = wanted_slots(device, need, block_trials, n_blocks); slots > 0; slots--) {
        bool enough = true;
        for (unsigned i = 0; i < device->n_parts; i++) {
            const caucus_device_part *part = &device->parts[i];
            caucus_quota *quota = &quotas[i];
            *quota = (caucus_quota){.device = part->index, .need = *need};
            snprintf(quota->name, sizeof quota->name, "%s", part->name);
            if (!fit(part, block_trials, slots, quota)) {
                if (slots == 1) {
                    return fail_room(quota, part);
                }
                enough = false;
            } else if (slots > 1 && !ample(part, quota)) {
                enough = false;
            }
        }
        if (enough) {
            *n_slots = slots;
            return CAUCUS_OK;
        }
    }
    return caucus_fail(CAUCUS_FAILED, "no CUDA device to run on; use --device cpu");
}

bool caucus_quota_halve(caucus_quota *quota)
{
    if (quota->n_lane_groups <= 1 && quota->n_teams <= 1 && quota->launch_trials <= GROUP) {
        return false;
    }
    quota->n_lane_groups = (quota->n_lane_groups + 1) / 2;
    quota->n_teams = (quota->n_teams + 1) / 2;
    quota->launch_trials =
        (uint32_t)smaller(quota->launch_trials, larger(GROUP, quota->launch_trials / 2 / GROUP * GROUP));
    return true;
}
