/* How many trials a block has. */
#include "run/plan.h"
#include "trial/block.h"
#include "trial/sums.h"

#include <math.h>

/* A block should take about this long, so that stopping is quick and the scheduler costs nothing. */
static const double BLOCK_NANOSECONDS = 20e6;
static const double BLOCK_BYTES = 4e6;
static const uint32_t MOST_BLOCK_TRIALS = 1u << 16;

/* Trainings are worth less than their company: a pack takes as long for one as for all that it has room for, 8 at the
 * most, and wastes least where those who have converged make room for many others. */
static const double TRAINED_BLOCK_NANOSECONDS = 200e6;
static const uint32_t LEAST_TRAINED_TRIALS = 8;

/* Trials that are drawn side by side take nearly as long for one as for so many. */
static const uint32_t LEAST_DRAWN_TRIALS = 16;

/* Of runs that keep sums: time for each word of them, in which a block is a hundred times as long as merging it. */
static const double WORD_NANOSECONDS = 100;
static const uint32_t MOST_SUMS_TRIALS = 1u << 31;
static const double MOST_BLOCKS = 1 << 20;

static double block_nanoseconds(const caucus_plan *plan)
{
    return plan->layout.trained ? TRAINED_BLOCK_NANOSECONDS : BLOCK_NANOSECONDS;
}

static uint32_t least_block(const caucus_plan *plan)
{
    if (plan->least_trials > 0) {
        return plan->least_trials;
    }
    return plan->layout.trained ? LEAST_TRAINED_TRIALS : plan->by_individuals ? 1 : LEAST_DRAWN_TRIALS;
}

/* Where only sums are kept: long enough that adding the words of a block to those of its configuration costs next to
 * nothing, and that the list of blocks stays small however many trials there are. */
static uint32_t choose_sums_block(const caucus_plan *plan, double nanoseconds)
{
    const caucus_layout *layout = &plan->layout;
    const caucus_shape shape = caucus_layout_shape(layout);
    double least = block_nanoseconds(plan) + WORD_NANOSECONDS * (double)caucus_sums_words(&shape);
    uint32_t block = least_block(plan);
    uint64_t full = layout->n_trials / block; /* blocks of a configuration, but for the last one */
    while (block < MOST_SUMS_TRIALS && block < layout->n_trials &&
           (2.0 * block * nanoseconds <= least || (double)layout->n_configs * (double)full > MOST_BLOCKS)) {
        block *= 2;
        full = layout->n_trials / block;
    }
    return block;
}

static uint32_t choose_trials_block(const caucus_plan *plan, double nanoseconds)
{
    const caucus_shape shape = caucus_layout_shape(&plan->layout);
    double trials = fmin(block_nanoseconds(plan) / nanoseconds, BLOCK_BYTES / (double)caucus_row_bytes(&shape));
    uint32_t block = MOST_BLOCK_TRIALS;
    while (block > least_block(plan) && (double)block > trials) {
        block /= 2;
    }
    return block;
}

/* A launch of a device that keeps it busy; as above, long blocks where only sums are kept. */
static uint32_t choose_device_block(const caucus_plan *plan, double nanoseconds)
{
    const caucus_layout *layout = &plan->layout;
    const double n_trials = (double)layout->n_configs * (double)layout->n_trials;
    uint32_t block = caucus_device_block(&plan->device, &plan->need, nanoseconds, (uint64_t)n_trials);
    while (plan->need.sums > 0 && block < MOST_SUMS_TRIALS && n_trials / block > MOST_BLOCKS) {
        block *= 2;
    }
    return block;
}

uint32_t caucus_plan_choose_block(const caucus_plan *plan, double nanoseconds)
{
    uint32_t block = plan->quotas != NULL              ? choose_device_block(plan, nanoseconds)
                     : plan->experiment->output.trials ? choose_trials_block(plan, nanoseconds)
                                                       : choose_sums_block(plan, nanoseconds);
    return plan->layout.n_trials < block ? (uint32_t)plan->layout.n_trials : block;
}
