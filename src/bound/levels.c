#include "bound/levels.h"

#include "bound/reach.h"
#include "config/strategy.h"
#include "math/portable_math.h"

#include <math.h>

/* Kinds of counting. */
typedef enum method { STAIRCASE, BUDGET, ONE_STEP, ONE_STEP_JOINT } method;

static bool has_affinity(const caucus_bound_setting *setting, uint32_t j)
{
    return setting->affinities != NULL && setting->affinities[j] > 0;
}

/* Whether the collective itself has one. */
static bool weighed(const caucus_bound_setting *setting)
{
    return has_affinity(setting, setting->self);
}

static method method_of(caucus_bound_kind kind)
{
    if (kind.inequality == CAUCUS_HYPERGEOMETRIC_JOINT) {
        return ONE_STEP_JOINT;
    }
    if (kind.inequality == CAUCUS_HYPERGEOMETRIC) {
        return ONE_STEP;
    }
    return kind.family == CAUCUS_STAIRCASE ? STAIRCASE : BUDGET;
}

/* What the collective itself hands in: known exactly by budget, unless members may fail to act. */
static double own_events(const caucus_bound_setting *setting, method by)
{
    const double k = setting->n_cells;
    const double L = setting->n_labels;
    const caucus_strategy strategy = setting->strategies[setting->self];
    if (setting->noise.any) {
        return strategy == CAUCUS_FEATURE_ONLY_KEEP ? k : caucus_strategy_unplants(strategy) ? 2 * k : k * L;
    }
    if (by != STAIRCASE) {
        return 0;
    }
    return strategy == CAUCUS_FEATURE_ONLY_KEEP ? 2 * k * L : 2 * k;
}

/* The base term. A label that the data choose needs its confidence limits for every label that it might have been, a
 * prediction only for the one that it is. */
static double base_events(const caucus_bound_setting *setting, method by, caucus_side side)
{
    const double k = setting->n_cells;
    const double L = setting->n_labels;
    const caucus_strategy strategy = setting->strategies[setting->self];
    const bool lower = side == CAUCUS_LOWER;
    if (strategy == CAUCUS_ERASE) {
        const double of[] = {3 * k * L, 3 * k * L, 2 * k * L, k * L * (L - 1)};
        return of[by];
    }
    if (strategy == CAUCUS_UNPLANT_ADAPTIVE && lower) {
        const double of[] = {4 * k, 4 * k, 2 * k, k};
        return of[by];
    }
    const double two_step = strategy == CAUCUS_UNPLANT_NAIVE && lower ? k * L + 2 * k : 2 * k * L;
    const double of[] = {two_step, two_step, k * L, k * (L - 1)};
    return of[by];
}

static double pool_events(const caucus_bound_setting *setting, method by, caucus_side side)
{
    const double k = setting->n_cells;
    const double L = setting->n_labels;
    const caucus_strategy strategy = setting->strategies[setting->self];
    if (strategy == CAUCUS_ERASE) {
        const double of[] = {k * L, 2 * k * L, 2 * k * L, k * L * (L - 1)};
        return of[by];
    }
    if (strategy == CAUCUS_UNPLANT_ADAPTIVE && side == CAUCUS_LOWER) {
        const double of[] = {2 * k, 2 * k, 2 * k, k};
        return of[by];
    }
    const double of[] = {k * L, k * L, k * L, k * (L - 1)};
    return of[by];
}

/* Counts of another collective whose strategy is known: two limits (or one step) for each place in its reach. */
static double other_events(const caucus_bound_setting *setting, uint32_t j, method by, caucus_side side)
{
    const double more = weighed(setting) ? 1 : 0; /* limits for members who match and for those who do not */
    const caucus_strategy strategy = setting->strategies[setting->self];
    const uint32_t target = setting->targets[setting->self];
    double reached = 0;        /* r */
    double against_target = 0; /* r' */
    for (uint32_t x = 0; x < setting->n_cells; x++) {
        const unsigned flags = setting->reach != NULL ? setting->reach[(size_t)j * setting->n_cells + x]
                                                      : CAUCUS_REACH_SIGNAL | CAUCUS_REACH_OUTSIDE;
        bool some_other = false;
        for (uint32_t y = 0; y < setting->n_labels; y++) {
            const bool reaches = caucus_reach_at(setting->strategies[j], setting->targets[j], flags, y);
            reached += reaches ? 1 : 0;
            against_target += reaches && y == target ? 1 : 0;
            some_other = some_other || (reaches && y != target);
        }
        against_target += some_other ? 1 : 0;
    }
    if (strategy == CAUCUS_ERASE) {
        return reached * (by == BUDGET ? 3 + 2 * more : 2 + more);
    }
    const double n = strategy == CAUCUS_UNPLANT_ADAPTIVE && side == CAUCUS_LOWER ? against_target : reached;
    return n * (by <= BUDGET ? 2 + more : 1);
}

double caucus_levels_events(const caucus_bound_setting *setting, caucus_bound_kind kind, double last)
{
    const method by = method_of(kind);
    double events = last + own_events(setting, by) + base_events(setting, by, kind.side);
    events += weighed(setting) ? 2 : 0; /* how many members match */
    if (setting->n_collectives == 1) {
        return events;
    }
    events += pool_events(setting, by, kind.side);
    for (uint32_t j = 0; j < setting->n_collectives; j++) {
        if (j != setting->self && !setting->noise.any && !caucus_strategy_adapts(setting->strategies[j]) &&
            !has_affinity(setting, j)) {
            events += other_events(setting, j, by, kind.side);
        }
    }
    return events;
}

caucus_levels caucus_levels_of(const caucus_bound_setting *setting, caucus_bound_kind kind, double delta,
                               uint64_t mass_members)
{
    const bool one_step = kind.inequality >= CAUCUS_HYPERGEOMETRIC;
    const bool naive = setting->strategies[setting->self] == CAUCUS_UNPLANT_NAIVE;
    const double subsets = kind.family == CAUCUS_BUDGET ? setting->n_cells * 0.69314718055994530942 : 0;
    /* staircase covers each label that unplant_naive might choose with a set of its own */
    const double covers = kind.family == CAUCUS_STAIRCASE && naive ? setting->n_labels - 1 : 1;
    const double last = covers * (weighed(setting) ? 2 : 1) + 1;
    caucus_levels levels = {.two_steps = !one_step};
    if (one_step) {
        const double from = (double)mass_members;
        const double to = (double)setting->test;
        const double each = caucus_log(caucus_levels_events(setting, kind, 1) / delta);
        const double mass = each + subsets;
        levels.two_steps =
            !setting->without_replacement && sqrt(mass * (1 / from + 1 / to)) > sqrt(mass / from) + sqrt(each / to);
    }
    levels.each = caucus_log(caucus_levels_events(setting, kind, levels.two_steps ? last : 1) / delta);
    levels.mass = levels.each + subsets;
    return levels;
}

caucus_pilot_levels caucus_pilot_levels_of(const caucus_bound_setting *setting, caucus_bound_kind kind, double delta)
{
    /* Shares of delta: of each form of the last step, and of all that comes before. */
    const double last = 0.03;
    const double leads = 0.94;
    const double k = setting->n_cells;
    const double events = caucus_levels_events(setting, kind, 0);
    return (caucus_pilot_levels){.each = caucus_log(events / (leads * delta)),
                                 .mass = caucus_log(1 / (last * delta)) + k * 0.69314718055994530942,
                                 .nested = caucus_log(k / (last * delta)),
                                 .pairs = leads * delta * (base_events(setting, method_of(kind), kind.side) / events)};
}
