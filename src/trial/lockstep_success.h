/* Testing the platform, for all lanes of a group at a time: the numbers of trial/success.h. */
#ifndef CAUCUS_LOCKSTEP_SUCCESS_H
#define CAUCUS_LOCKSTEP_SUCCESS_H

#include "config/strategy.h"
#include "trial/lockstep.h"
#include "trial/success.h"

/* Words that a group needs for the test: [collective][position of the union][lane]. */
static inline size_t caucus_lockstep_wins(const caucus_compiled *compiled)
{
    return (size_t)compiled->n_collectives * compiled->signals.n_union * CAUCUS_LANES;
}

static inline uint32_t *caucus_lockstep_won(const caucus_compiled *compiled, uint32_t *wins, uint32_t m, uint32_t image)
{
    return wins + CAUCUS_ROW((size_t)m * compiled->signals.n_union + image);
}

/* Where collective m wins at a signal cell whatever the point's raw position is; erase: where the cell has one leader.
 * All bits of a word, or none. */
static inline void caucus_lockstep_win(const caucus_trial *all, uint32_t m, uint32_t image, uint32_t *restrict won)
{
    const caucus_compiled *compiled = all->compiled;
    const uint32_t target = compiled->targets[m];
    const caucus_strategy strategy = compiled->strategies[m];
    const uint32_t *restrict leader = all->leader + CAUCUS_ROW(image);
    const uint32_t *restrict tied = all->tied + CAUCUS_ROW(image);
    if (strategy == CAUCUS_ERASE) {
        CAUCUS_EACH_LANE (i) {
            won[i] = tied[i] == 0 ? UINT32_MAX : 0;
        }
    } else if (!caucus_strategy_unplants(strategy)) {
        CAUCUS_EACH_LANE (i) {
            won[i] = tied[i] == 0 && leader[i] == target ? UINT32_MAX : 0;
        }
    } else {
        const caucus_count *row = all->total + CAUCUS_ROW((size_t)image * compiled->n_labels);
        const bool may_tie = compiled->training == NULL;
        CAUCUS_EACH_LANE (i) {
            const bool less = row[CAUCUS_ROW(target) + i] < row[CAUCUS_ROW(leader[i]) + i];
            won[i] = (tied[i] == 0 ? leader[i] != target : may_tie && less) ? UINT32_MAX : 0;
        }
    }
}

/* Take points off a lane's where collective m fails on them. */
static inline void caucus_lockstep_keep_wins(const caucus_trial *all, const uint32_t *wins, uint32_t m, uint32_t raw,
                                             uint32_t image, uint32_t *restrict kept)
{
    const caucus_compiled *compiled = all->compiled;
    const uint32_t *restrict won = caucus_lockstep_won(compiled, (uint32_t *)wins, m, image);
    if (compiled->strategies[m] != CAUCUS_ERASE) {
        memcpy(kept, won, CAUCUS_LANES * sizeof *kept);
    } else if (raw == image) {
        memset(kept, 0xff, CAUCUS_LANES * sizeof *kept);
    } else {
        const uint32_t *restrict here = all->leader + CAUCUS_ROW(raw);
        const uint32_t *restrict tied = all->tied + CAUCUS_ROW(raw);
        const uint32_t *restrict there = all->leader + CAUCUS_ROW(image);
        CAUCUS_EACH_LANE (i) {
            kept[i] = tied[i] == 0 && here[i] == there[i] ? won[i] : 0;
        }
    }
}

/* Add where a mask has all bits. */
static inline void caucus_lockstep_add(caucus_count *restrict to, const caucus_count *restrict n,
                                       const uint32_t *restrict mask)
{
    CAUCUS_EACH_LANE (i) {
        to[i] += mask[i] != 0 ? n[i] : 0;
    }
}

/* Success and joint success on the points of an outcome, of which test_class is one. */
static inline void caucus_lockstep_count_points(const caucus_trial *all, const uint32_t *wins, uint32_t test_class,
                                                const caucus_count *restrict n)
{
    const caucus_compiled *compiled = all->compiled;
    const uint32_t raw = caucus_success_raw(compiled, test_class);
    caucus_lane_words every;
    memset(every, 0xff, sizeof every);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const uint32_t image = compiled->test->columns[caucus_column_image(m)][test_class];
        caucus_lane_words kept;
        caucus_lockstep_keep_wins(all, wins, m, raw, image, kept);
        caucus_lockstep_add(all->success + CAUCUS_ROW(m), n, kept);
        CAUCUS_EACH_LANE (i) {
            every[i] &= kept[i];
        }
    }
    caucus_lockstep_add(all->joint, n, every);
}

/* Test points that are labelled right, by what the platform learnt; leader: [position][lane]. */
static inline void caucus_lockstep_count_right(const caucus_partition *test, uint32_t test_class,
                                               const uint32_t *leader, const caucus_count *restrict n,
                                               caucus_count *restrict correct)
{
    const uint32_t label = test->columns[CAUCUS_LABEL][test_class];
    const uint32_t *restrict row = leader + CAUCUS_ROW(test->columns[CAUCUS_RAW][test_class]);
    CAUCUS_EACH_LANE (i) {
        correct[i] += row[i] == label ? n[i] : 0;
    }
}

/* As caucus_success_test. wins: of caucus_lockstep_wins, for its own use. */
static inline void caucus_lockstep_test(const caucus_trial *all, uint32_t *wins)
{
    const caucus_compiled *compiled = all->compiled;
    const caucus_partition *test = compiled->test;
    const size_t row_bytes = CAUCUS_LANES * sizeof *all->joint;
    memset(all->success, 0, compiled->n_collectives * row_bytes);
    memset(all->joint, 0, row_bytes);
    memset(all->correct, 0, row_bytes);
    memset(all->clean_correct, 0, row_bytes);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const caucus_signal *signal = &compiled->signals.of[m];
        for (uint32_t s = 0; s < signal->n_cells; s++) {
            if (signal->positions[s] < compiled->signals.n_union) {
                caucus_lockstep_win(all, m, signal->positions[s],
                                    caucus_lockstep_won(compiled, wins, m, signal->positions[s]));
            }
        }
    }
    memset(all->classes, 0, CAUCUS_ROW(compiled->n_outcomes) * sizeof *all->classes); /* by now free */
    for (uint32_t c = 0; c < test->n_classes; c++) {
        const caucus_count *restrict n = all->tested + CAUCUS_ROW(c);
        caucus_count *restrict sum = all->classes + CAUCUS_ROW(compiled->outcomes[c]);
        CAUCUS_EACH_LANE (i) {
            sum[i] += n[i];
        }
        if (compiled->config->accuracy) {
            caucus_lockstep_count_right(test, c, all->leader, n, all->correct);
        }
        if (compiled->config->accuracy_cost) {
            caucus_lockstep_count_right(test, c, all->clean_leader, n, all->clean_correct);
        }
    }
    for (uint32_t i = 0; i < compiled->n_outcomes; i++) {
        caucus_lockstep_count_points(all, wins, compiled->outcome_classes[i], all->classes + CAUCUS_ROW(i));
    }
}

#endif
