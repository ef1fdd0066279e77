/* How many events share delta, counted by hand from docs/bounds.md ("Levels"): three cells, four labels, and another
 * collective that can put one label on two of the cells. */
#include "bound/levels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CELLS = 3, LABELS = 4 };

static const double delta = 0.05;

/* Events at the level that a bound is opened with; other is what the second collective does, if there is one. */
static double events(caucus_strategy strategy, caucus_strategy other, uint32_t n_collectives, caucus_family family,
                     caucus_inequality inequality, caucus_side side)
{
    const uint64_t sizes[] = {1000, 500};
    const caucus_strategy strategies[] = {strategy, other};
    const uint32_t targets[] = {0, 1};
    const uint8_t reach[2 * CELLS] = {0, 0, 0, CAUCUS_REACH_SIGNAL, CAUCUS_REACH_SIGNAL, 0};
    const caucus_bound_setting setting = {.consumers = 100000,
                                          .test = 1000,
                                          .n_labels = LABELS,
                                          .n_collectives = n_collectives,
                                          .sizes = sizes,
                                          .strategies = strategies,
                                          .targets = targets,
                                          .reach = reach,
                                          .n_cells = CELLS};
    const caucus_bound_kind kind = {family, inequality, side};
    return exp(caucus_levels_of(&setting, kind, delta, 1000).each) * delta;
}

/* staircase; budget in two steps; in one; in one with both labels at once */
static void check(caucus_strategy strategy, caucus_side side, const double expected[4])
{
    const caucus_family families[] = {CAUCUS_STAIRCASE, CAUCUS_BUDGET, CAUCUS_BUDGET, CAUCUS_BUDGET};
    const caucus_inequality inequalities[] = {CAUCUS_KL, CAUCUS_KL, CAUCUS_HYPERGEOMETRIC, CAUCUS_HYPERGEOMETRIC_JOINT};
    for (int i = 0; i < 4; i++) {
        const double got = events(strategy, CAUCUS_FEATURE_LABEL, 2, families[i], inequalities[i], side);
        if (!(fabs(got - expected[i]) < 1e-9)) {
            fail_msg("%s, method %d: %.12g events instead of %g", caucus_strategy_names[strategy], i, got, expected[i]);
        }
    }
}

static void planting(void **state)
{
    (void)state;
    const double expected[] = {2 + 6 + 24 + 12 + 4, 2 + 24 + 12 + 4, 1 + 12 + 12 + 2, 1 + 9 + 9 + 2};
    const double keeping[] = {2 + 24 + 24 + 12 + 4, 2 + 24 + 12 + 4, 1 + 12 + 12 + 2, 1 + 9 + 9 + 2};
    check(CAUCUS_FEATURE_LABEL, CAUCUS_LOWER, expected);
    check(CAUCUS_FEATURE_ONLY, CAUCUS_LOWER, expected);
    check(CAUCUS_FEATURE_ONLY_KEEP, CAUCUS_LOWER, keeping);
    check(CAUCUS_FEATURE_LABEL, CAUCUS_UPPER, expected);
}

/* t' is one of L - 1 labels: one union over them, L - 1 sets of cells for the staircase, not delta / (L - 1) for all.
 */
static void unplant_naive_by_one_union(void **state)
{
    (void)state;
    const double expected[] = {4 + 6 + 18 + 12 + 4, 2 + 18 + 12 + 4, 1 + 12 + 12 + 2, 1 + 9 + 9 + 2};
    const double above[] = {4 + 6 + 24 + 12 + 4, 2 + 24 + 12 + 4, 1 + 12 + 12 + 2, 1 + 9 + 9 + 2};
    check(CAUCUS_UNPLANT_NAIVE, CAUCUS_LOWER, expected);
    check(CAUCUS_UNPLANT_NAIVE, CAUCUS_UPPER, above);
}

static void unplant_adaptive(void **state)
{
    (void)state;
    const double expected[] = {2 + 6 + 12 + 6 + 4, 2 + 12 + 6 + 4, 1 + 6 + 6 + 2, 1 + 3 + 3 + 2};
    const double above[] = {2 + 6 + 24 + 12 + 4, 2 + 24 + 12 + 4, 1 + 12 + 12 + 2, 1 + 9 + 9 + 2};
    check(CAUCUS_UNPLANT_ADAPTIVE, CAUCUS_LOWER, expected);
    check(CAUCUS_UNPLANT_ADAPTIVE, CAUCUS_UPPER, above);
}

/* Budget does not certify ystar, which may be any label: another's counts there need L and U at every label in its
 * reach besides the transfer of each, three events a place in place of two. */
static void erase_by_budget_with_strategies(void **state)
{
    (void)state;
    const double expected[] = {2 + 6 + 36 + 12 + 2 * 2, 2 + 36 + 24 + 3 * 2, 1 + 24 + 24 + 2 * 2, 1 + 36 + 36 + 2 * 2};
    check(CAUCUS_ERASE, CAUCUS_LOWER, expected);
}

static void who_is_alone_and_who_goes_by_data(void **state)
{
    (void)state;
    assert_true(
        fabs(events(CAUCUS_FEATURE_LABEL, CAUCUS_FEATURE_LABEL, 1, CAUCUS_STAIRCASE, CAUCUS_HOEFFDING, CAUCUS_LOWER) -
             (2 + 2 * CELLS + 2 * CELLS * LABELS)) < 1e-9); /* theorem 3.3 of Gauthier et al. */
    assert_true(fabs(events(CAUCUS_UNPLANT_ADAPTIVE, CAUCUS_FEATURE_LABEL, 1, CAUCUS_STAIRCASE, CAUCUS_HOEFFDING,
                            CAUCUS_LOWER) -
                     (2 + 2 * CELLS + 4 * CELLS)) < 1e-9); /* theorem 3.7 */
    assert_true(fabs(events(CAUCUS_FEATURE_LABEL, CAUCUS_UNPLANT_NAIVE, 2, CAUCUS_BUDGET, CAUCUS_KL, CAUCUS_LOWER) -
                     (2 + 24 + 12)) < 1e-9); /* only its reach is used */
}

/* Sizes alone choose between one step and two; people drawn without replacement are never moved in two. */
static void last_step(void **state)
{
    (void)state;
    const uint64_t sizes[] = {100000};
    const caucus_strategy strategies[] = {CAUCUS_FEATURE_LABEL};
    const uint32_t targets[] = {0};
    caucus_bound_setting setting = {.consumers = 1000000,
                                    .test = 10000,
                                    .n_labels = 2,
                                    .n_collectives = 1,
                                    .sizes = sizes,
                                    .strategies = strategies,
                                    .targets = targets,
                                    .n_cells = 60};
    const caucus_bound_kind kind = {CAUCUS_BUDGET, CAUCUS_HYPERGEOMETRIC, CAUCUS_LOWER};
    caucus_levels levels = caucus_levels_of(&setting, kind, delta, sizes[0]);
    assert_true(levels.two_steps); /* the test points would pay for 2^60 sets */
    assert_true(fabs(levels.each - log((2 + 120) / delta)) < 1e-12);
    assert_true(fabs(levels.mass - levels.each - 60 * log(2)) < 1e-12);
    setting.without_replacement = true;
    levels = caucus_levels_of(&setting, kind, delta, sizes[0]);
    assert_true(!levels.two_steps && fabs(levels.each - log((1 + 120) / delta)) < 1e-12);
    setting.without_replacement = false;
    setting.n_cells = 2;
    assert_true(!caucus_levels_of(&setting, kind, delta, sizes[0]).two_steps);
}

/* Of delta 0.03 goes to each form of the last step and the rest to all other events alike, the base pairs together. */
static void with_a_pilot(void **state)
{
    (void)state;
    const uint64_t sizes[] = {1000, 500};
    const caucus_strategy strategies[] = {CAUCUS_FEATURE_LABEL, CAUCUS_FEATURE_LABEL};
    const uint32_t targets[] = {0, 1};
    const uint8_t reach[2 * CELLS] = {0, 0, 0, CAUCUS_REACH_SIGNAL, CAUCUS_REACH_SIGNAL, 0};
    const caucus_bound_setting setting = {.consumers = 100000,
                                          .test = 1000,
                                          .n_labels = LABELS,
                                          .n_collectives = 2,
                                          .sizes = sizes,
                                          .strategies = strategies,
                                          .targets = targets,
                                          .reach = reach,
                                          .pilot = 100,
                                          .n_cells = CELLS};
    const caucus_bound_kind kind = {CAUCUS_BUDGET, CAUCUS_HYPERGEOMETRIC_JOINT, CAUCUS_LOWER};
    const caucus_pilot_levels levels = caucus_pilot_levels_of(&setting, kind, delta);
    const double events = 9 + 9 + 2;
    assert_true(fabs(levels.pairs - 0.94 * delta * 9 / events) < 1e-15);
    assert_true(fabs(exp(-levels.each) - 0.94 * delta / events) < 1e-15);
    assert_true(fabs(exp(-levels.mass) * 8 - 0.03 * delta) < 1e-15);
    assert_true(fabs(exp(-levels.nested) * CELLS - 0.03 * delta) < 1e-15);
    const double shared =
        levels.pairs + (9 + 2) * exp(-levels.each) + 8 * exp(-levels.mass) + CELLS * exp(-levels.nested);
    assert_true(fabs(shared - delta) < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planting),
        cmocka_unit_test(unplant_naive_by_one_union),
        cmocka_unit_test(unplant_adaptive),
        cmocka_unit_test(erase_by_budget_with_strategies),
        cmocka_unit_test(who_is_alone_and_who_goes_by_data),
        cmocka_unit_test(last_step),
        cmocka_unit_test(with_a_pilot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
