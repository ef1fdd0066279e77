/* The platform: what it learns from a trial's counts (docs/engine.md, "The model"). Shared with devices. */
#ifndef CAUCUS_TRIAL_PLATFORM_H
#define CAUCUS_TRIAL_PLATFORM_H

#include "config/strategy.h"
#include "trial/success.h"

#include <math.h> /* INFINITY */

/* How many candidates worst_case may have to choose from; fixed when a configuration is compiled. */
static inline size_t caucus_platform_flips(const caucus_compiled *compiled)
{
    return compiled->config->classifier == CAUCUS_WORST_CASE
               ? (size_t)compiled->signals.n_positions + compiled->test->n_classes
               : 0;
}

/* The most frequent label at a position, lowest id on ties, except one. */
CAUCUS_SHARED uint32_t caucus_platform_rival(const caucus_count *counts, uint32_t n_labels, uint32_t except)
{
    uint32_t best = except == 0 ? 1 : 0;
    for (uint32_t y = best + 1; y < n_labels; y++) {
        if (y != except && counts[CAUCUS_AT(y)] > counts[CAUCUS_AT(best)]) {
            best = y;
        }
    }
    return best;
}

/* The fewest records, fractions allowed, that must change to label y until no label leads it. They are taken from the
 * most frequent labels down to a common level; with one label above y that is half the gap. */
CAUCUS_SHARED double caucus_platform_cost(const caucus_count *counts, uint32_t n_labels, uint32_t y)
{
    double own = (double)counts[CAUCUS_AT(y)];
    double level = own;
    double sum = own;
    double previous = INFINITY;
    uint32_t n = 1;
    for (;;) {
        double next = -1.0; /* the largest count below the previous one that is above the level */
        uint32_t n_next = 0;
        for (uint32_t b = 0; b < n_labels; b++) {
            double count = (double)counts[CAUCUS_AT(b)];
            if (b == y || count >= previous || count < next) {
                continue;
            }
            n_next = count > next ? 1 : n_next + 1;
            next = count;
        }
        if (n_next == 0 || next <= level) {
            return level - own;
        }
        sum += next * (double)n_next;
        n += n_next;
        level = sum / (double)n;
        previous = next;
    }
}

/* The most frequent label of every position, lowest id on ties. certain: [position] where it is known before, and
 * counts are not kept; counts: [position][label]; tied may be NULL. */
CAUCUS_SHARED void caucus_platform_learn_histogram(const caucus_compiled *compiled, const uint32_t *certain,
                                                   const caucus_count *counts, uint32_t *leader, uint32_t *tied)
{
    const uint32_t L = compiled->n_labels;
    for (uint32_t p = 0; p < compiled->signals.n_positions; p++) {
        const caucus_count *row = counts + CAUCUS_ROW((size_t)p * L);
        const bool known = certain[p] != CAUCUS_NOWHERE;
        uint32_t best = known ? certain[p] : 0;
        bool tie = false;
        for (uint32_t y = 1; y < L && !known; y++) {
            const uint64_t count = row[CAUCUS_AT(y)];
            const uint64_t most = row[CAUCUS_AT(best)];
            tie = count > most ? false : tie || count == most;
            best = count > most ? y : best;
        }
        leader[CAUCUS_AT(p)] = best;
        if (tied != NULL) {
            tied[CAUCUS_AT(p)] = tie ? 1 : 0;
        }
    }
}

CAUCUS_SHARED caucus_flip caucus_flips_get(const caucus_flips *flips, uint32_t i)
{
    caucus_flip flip;
    flip.position = flips->position[CAUCUS_AT(i)];
    flip.rival = flips->rival[CAUCUS_AT(i)];
    flip.cost = flips->cost[CAUCUS_AT(i)];
    flip.mass = flips->mass[CAUCUS_AT(i)];
    flip.test_class = flips->test_class[CAUCUS_AT(i)];
    return flip;
}

CAUCUS_SHARED void caucus_flips_put(const caucus_flips *flips, uint32_t i, const caucus_flip *flip)
{
    flips->position[CAUCUS_AT(i)] = flip->position;
    flips->rival[CAUCUS_AT(i)] = flip->rival;
    flips->cost[CAUCUS_AT(i)] = flip->cost;
    flips->mass[CAUCUS_AT(i)] = flip->mass;
    flips->test_class[CAUCUS_AT(i)] = flip->test_class;
}

/* Whether the victim loses position p if its label becomes a rival's, and what that takes. */
CAUCUS_SHARED caucus_flip caucus_platform_candidate(const caucus_trial *trial, uint32_t m, uint32_t p)
{
    const uint32_t L = trial->compiled->n_labels;
    const caucus_count *counts = trial->total + CAUCUS_ROW((size_t)p * L);
    const bool unplanting = caucus_strategy_unplants(trial->compiled->strategies[m]);
    caucus_flip flip;
    flip.position = p;
    flip.rival =
        unplanting ? trial->compiled->targets[m] : caucus_platform_rival(counts, L, trial->leader[CAUCUS_AT(p)]);
    flip.cost = caucus_platform_cost(counts, L, flip.rival);
    flip.mass = 0;
    flip.test_class = CAUCUS_NOWHERE;
    return flip;
}

/* The victim's cells: one candidate for each signal position that it wins, weighed by the test people who meet it. */
CAUCUS_SHARED uint32_t caucus_platform_list_signals(caucus_trial *trial, uint32_t victim)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_partition *test = compiled->test;
    const uint32_t *image = test->columns[caucus_column_image(victim)];
    const caucus_signal *signal = &compiled->signals.of[victim];
    const caucus_flips *flips = &trial->flips;
    uint32_t n = 0;
    for (uint32_t s = 0; s < signal->n_cells; s++) { /* numbered by place in the signal set while masses are added */
        const caucus_flip flip = caucus_platform_candidate(trial, victim, signal->positions[s]);
        caucus_flips_put(flips, s, &flip);
    }
    for (uint32_t c = 0; c < test->n_classes; c++) {
        if (caucus_success_of(trial, victim, c) && !caucus_success_trivial(compiled, victim, c)) {
            flips->mass[CAUCUS_AT(signal->index[image[c]])] += test->weights[c];
        }
    }
    for (uint32_t s = 0; s < signal->n_cells; s++) {
        if (flips->mass[CAUCUS_AT(s)] > 0) {
            const caucus_flip flip = caucus_flips_get(flips, s);
            caucus_flips_put(flips, n, &flip);
            n++;
        }
    }
    return n;
}

/* erase can also be broken at x itself. Test classes that share a raw position are one candidate. */
CAUCUS_SHARED uint32_t caucus_platform_list_singles(caucus_trial *trial, uint32_t victim, uint32_t n)
{
    const caucus_compiled *compiled = trial->compiled;
    if (compiled->strategies[victim] != CAUCUS_ERASE) {
        return n;
    }
    const caucus_partition *test = compiled->test;
    const uint32_t first = n;
    for (uint32_t c = 0; c < test->n_classes; c++) {
        if (!caucus_success_of(trial, victim, c) || caucus_success_trivial(compiled, victim, c)) {
            continue;
        }
        caucus_flip flip = caucus_platform_candidate(trial, victim, test->columns[CAUCUS_RAW][c]);
        flip.test_class = c;
        flip.mass = test->weights[c];
        /* Classes are in order of cells, so those of one position follow each other. */
        if (n > first && trial->flips.position[CAUCUS_AT(n - 1)] == flip.position) {
            trial->flips.mass[CAUCUS_AT(n - 1)] += flip.mass;
        } else {
            caucus_flips_put(&trial->flips, n, &flip);
            n++;
        }
    }
    return n;
}

/* Whether x is to be turned before y: most mass for its cost first; positions break ties, so that the order is the same
 * everywhere. */
CAUCUS_SHARED bool caucus_flip_precedes(const caucus_flip *x, const caucus_flip *y)
{
    double value_x = (double)x->mass / x->cost;
    double value_y = (double)y->mass / y->cost;
    if (value_x != value_y) {
        return value_x > value_y;
    }
    if (x->position != y->position) {
        return x->position < y->position;
    }
    return x->test_class == CAUCUS_NOWHERE && y->test_class != CAUCUS_NOWHERE;
}

/* Move the flip at place down a heap of n whose top comes first. */
CAUCUS_SHARED void caucus_flips_sift(const caucus_flips *flips, uint32_t n, uint32_t place)
{
    const caucus_flip moved = caucus_flips_get(flips, place);
    for (;;) {
        uint32_t first = place;
        caucus_flip best = moved;
        for (uint32_t child = 2 * place + 1; child <= 2 * place + 2 && child < n; child++) {
            const caucus_flip other = caucus_flips_get(flips, child);
            if (caucus_flip_precedes(&other, &best)) {
                first = child;
                best = other;
            }
        }
        if (first == place) {
            caucus_flips_put(flips, place, &moved);
            return;
        }
        caucus_flips_put(flips, place, &best);
        place = first;
    }
}

/* Turn a position to the rival's label; a tie counts against every collective that needs the leader's. */
CAUCUS_SHARED void caucus_platform_turn(caucus_trial *trial, const caucus_flip *flip)
{
    trial->leader[CAUCUS_AT(flip->position)] = flip->rival;
    trial->tied[CAUCUS_AT(flip->position)] = 1;
}

/* Of n candidates that a budget can pay for by themselves, the one of most mass; its mass is 0 where there is none. */
CAUCUS_SHARED caucus_flip caucus_platform_single(const caucus_flips *flips, uint32_t n, double budget)
{
    caucus_flip best;
    best.position = 0;
    best.rival = 0;
    best.cost = 0;
    best.mass = 0;
    best.test_class = CAUCUS_NOWHERE;
    for (uint32_t i = 0; i < n; i++) {
        const caucus_flip flip = caucus_flips_get(flips, i);
        if (flip.cost <= budget &&
            (flip.mass > best.mass || (flip.mass == best.mass && caucus_flip_precedes(&flip, &best)))) {
            best = flip;
        }
    }
    return best;
}

/* Weight of the test people on whom the victim succeeds. */
CAUCUS_SHARED uint64_t caucus_platform_wins(const caucus_trial *trial, uint32_t victim)
{
    const caucus_partition *test = trial->compiled->test;
    uint64_t weight = 0;
    for (uint32_t c = 0; c < test->n_classes; c++) {
        weight += caucus_success_of(trial, victim, c) ? test->weights[c] : 0;
    }
    return weight;
}

/* Turn n candidates, what hurts the victim most for its cost first, as far as the budget goes. Returns what is spent.
 */
CAUCUS_SHARED double caucus_platform_turn_many(caucus_trial *trial, uint32_t victim, uint32_t n, double budget)
{
    const caucus_flips *flips = &trial->flips;
    double left = budget;
    for (uint32_t place = n / 2; place-- > 0;) {
        caucus_flips_sift(flips, n, place);
    }
    while (n > 0) {
        const caucus_flip flip = caucus_flips_get(flips, 0);
        const caucus_flip last = caucus_flips_get(flips, --n);
        caucus_flips_put(flips, 0, &last);
        caucus_flips_sift(flips, n, 0);
        if (flip.cost > left ||
            (flip.test_class != CAUCUS_NOWHERE && !caucus_success_of(trial, victim, flip.test_class))) {
            continue; /* too dear, or lost already with its signal cell */
        }
        left -= flip.cost;
        caucus_platform_turn(trial, &flip);
    }
    return budget - left;
}

/* worst_case: turn what hurts the victim most for its cost, or where that hurts more the single position of most people
 * that the budget pays for: the better of the two takes at least half of what any choice could. */
CAUCUS_SHARED void caucus_platform_hurt(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t victim = compiled->config->victim;
    const uint32_t n = caucus_platform_list_singles(trial, victim, caucus_platform_list_signals(trial, victim));
    const double consumers = (double)compiled->config->consumers;
    const double budget = compiled->config->classifier_epsilon * consumers;
    const caucus_flip single = caucus_platform_single(&trial->flips, n, budget);
    const uint64_t before = caucus_platform_wins(trial, victim);
    double spent = caucus_platform_turn_many(trial, victim, n, budget);
    if (single.mass > before - caucus_platform_wins(trial, victim)) {
        caucus_platform_learn_histogram(compiled, compiled->certain, trial->total, trial->leader, trial->tied);
        caucus_platform_turn(trial, &single);
        spent = single.cost;
    }
    trial->spent[CAUCUS_AT(0)] = spent / consumers;
}

/* Learn from counts: fills leader, tied, spent and clean_leader from total and clean. histogram takes the most frequent
 * label of every position; worst_case then turns positions against its victim, of which there is none when nobody acts.
 */
CAUCUS_SHARED void caucus_platform_learn(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    caucus_platform_learn_histogram(compiled, compiled->certain, trial->total, trial->leader, trial->tied);
    trial->spent[CAUCUS_AT(0)] = 0.0;
    if (compiled->config->classifier == CAUCUS_WORST_CASE && compiled->n_collectives > 0) {
        caucus_platform_hurt(trial);
    }
    if (compiled->config->accuracy_cost) {
        caucus_platform_learn_histogram(compiled, compiled->clean_certain, trial->clean, trial->clean_leader, NULL);
    }
}

/* The measured suboptimality of a trained classifier: the least mass that must change its label inside every cell until
 * no label leads the one that it predicts. */
CAUCUS_SHARED void caucus_platform_measure(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    double cost = 0.0;
    for (uint32_t p = 0; p < compiled->signals.n_positions; p++) {
        const caucus_count *counts = trial->total + CAUCUS_ROW((size_t)p * compiled->n_labels);
        cost += caucus_platform_cost(counts, compiled->n_labels, trial->leader[CAUCUS_AT(p)]);
    }
    trial->spent[CAUCUS_AT(0)] = cost / (double)compiled->config->consumers;
}

#endif
