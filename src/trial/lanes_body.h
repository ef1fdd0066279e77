/* One way to run trials side by side, named CAUCUS_FLAVOUR: included once by each file that defines that, CAUCUS_LANES
 * and CAUCUS_COUNT_BITS. */
#include "trial/lanes.h"
#include "trial/steps.h"
#include "trial/teach.h"
#if CAUCUS_LANES > 1
#include "trial/lockstep_bounds.h"
#include "trial/lockstep_conclude.h"
#include "trial/lockstep_draw.h"
#include "trial/lockstep_platform.h"
#include "trial/lockstep_success.h"
#endif

#include <stdlib.h>

struct caucus_trial_group {
    const caucus_compiled *compiled;
    unsigned char *memory;
#if CAUCUS_LANES > 1
    caucus_count *spare; /* [most_classes][lane] for draws */
    uint32_t *wins;      /* for the test */
    caucus_lockstep_scratch bounds;
#endif
    caucus_trial lanes[CAUCUS_LANES]; /* the first one serves all where they go in step */
};

static size_t whole_lines(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static size_t lanes_bytes(const caucus_compiled *compiled)
{
    return whole_lines(caucus_trial_bytes(compiled) * CAUCUS_LANES);
}

/* What steps of all lanes need besides; laid out in memory unless that is NULL. */
static size_t lay_out_steps(const caucus_compiled *compiled, unsigned char *memory, caucus_trial_group *group)
{
#if CAUCUS_LANES > 1
    const size_t spare = whole_lines((size_t)compiled->most_classes * CAUCUS_LANES * sizeof *group->spare);
    const size_t wins = whole_lines(caucus_lockstep_wins(compiled) * sizeof *group->wins);
    if (memory == NULL) {
        return spare + wins + caucus_lockstep_scratch_lay_out(compiled, NULL, NULL);
    }
    group->spare = (caucus_count *)(void *)memory;
    group->wins = (uint32_t *)(void *)(memory + spare);
    return spare + wins + caucus_lockstep_scratch_lay_out(compiled, memory + spare + wins, &group->bounds);
#else
    (void)compiled;
    (void)memory;
    (void)group;
    return 0;
#endif
}

static size_t memory_bytes(const caucus_compiled *compiled)
{
    return whole_lines(lanes_bytes(compiled) + lay_out_steps(compiled, NULL, NULL));
}

static size_t group_bytes(const caucus_compiled *compiled)
{
    return whole_lines(sizeof(caucus_trial_group)) + memory_bytes(compiled);
}

static caucus_trial_group *lay_out(const caucus_compiled *compiled, void *memory)
{
    caucus_trial_group *group = memory;
    memset(memory, 0, group_bytes(compiled)); /* lanes behind the last trial go along */
    group->compiled = compiled;
    group->memory = (unsigned char *)memory + whole_lines(sizeof *group);
    (void)lay_out_steps(compiled, group->memory + lanes_bytes(compiled), group);
    for (uint32_t lane = 0; lane < CAUCUS_LANES; lane++) {
        caucus_trial_lay_out_lane(compiled, group->memory, lane, &group->lanes[lane]);
    }
    return group;
}

static caucus_trial *trial(caucus_trial_group *group, uint32_t lane)
{
    return &group->lanes[lane];
}

#if CAUCUS_LANES > 1

static void draw(caucus_trial_group *group, uint32_t first, uint32_t n)
{
    caucus_trial *all = &group->lanes[0];
    memset(all->total, 0, all->n_cleared * CAUCUS_LANES * sizeof *all->total);
    const caucus_lane_trials trials = {.lanes = group->lanes, .n = n, .spare = group->spare};
    for (uint32_t lane = 0; lane < CAUCUS_LANES; lane++) {
        *group->lanes[lane].number = first + lane;
    }
    caucus_lane_draw_groups(&trials);
}

static void learn(caucus_trial_group *group, uint32_t n)
{
    caucus_lockstep_learn(group->lanes, n);
}

static void test(caucus_trial_group *group)
{
    caucus_lockstep_test(&group->lanes[0], group->wins);
}

static void keep(caucus_trial_group *group, uint32_t n)
{
    caucus_lockstep_keep(group->lanes, n, group->bounds);
}

static void conclude(const caucus_trial_group *group, uint32_t n, const caucus_row *results)
{
    if (!group->compiled->config->bounds.measured) {
        caucus_lockstep_conclude(group->lanes, n, results);
        return;
    }
    for (uint32_t lane = 0; lane < n; lane++) {
        caucus_guarantees_conclude(&group->lanes[lane], &results[lane]);
    }
}

#else

static void draw(caucus_trial_group *group, uint32_t first, uint32_t n)
{
    caucus_trial *trial = &group->lanes[0];
    (void)n;
    caucus_trial_begin(trial, first);
    caucus_draw_groups(trial);
}

static void learn(caucus_trial_group *group, uint32_t n)
{
    (void)n;
    caucus_platform_learn(&group->lanes[0]);
}

static void test(caucus_trial_group *group)
{
    caucus_trial *trial = &group->lanes[0];
    caucus_success_test(trial);
}

static void keep(caucus_trial_group *group, uint32_t n)
{
    (void)n;
    caucus_guarantees_keep(&group->lanes[0]);
}

static void conclude(const caucus_trial_group *group, uint32_t n, const caucus_row *results)
{
    (void)n;
    caucus_guarantees_conclude(&group->lanes[0], &results[0]);
}

#endif

#if CAUCUS_COUNT_BITS == 64

static void trainee(caucus_trial_group *group, uint32_t lane, uint32_t which, caucus_trainee *trainee)
{
    caucus_teach_trainee(&group->lanes[lane], 0, which, trainee);
}

static void measure(caucus_trial_group *group, uint32_t lane, bool converged)
{
    *group->lanes[lane].converged = converged ? 1 : 0;
    caucus_platform_measure(&group->lanes[lane]);
}

#endif

static void finish(caucus_trial_group *group, uint32_t n, const caucus_row *results)
{
    keep(group, n);
    for (uint32_t lane = 0; lane < n; lane++) {
        caucus_trial_report(&group->lanes[lane], &results[lane]);
    }
    conclude(group, n, results);
}

const caucus_lanes CAUCUS_FLAVOUR = {.name = CAUCUS_FLAVOUR_NAME,
                                     .n_lanes = CAUCUS_LANES,
                                     .count_bits = CAUCUS_COUNT_BITS,
                                     .bytes = group_bytes,
                                     .lay_out = lay_out,
                                     .trial = trial,
                                     .draw = draw,
                                     .learn = learn,
#if CAUCUS_COUNT_BITS == 64
                                     .trainee = trainee,
                                     .measure = measure,
#endif
                                     .test = test,
                                     .finish = finish};
