#include "draw.h"

#include "multinomial.h"
#include "strategy.h"

#include <math.h>
#include <string.h>

static const double PROBABILITY_UNIT = 4503599627370496.0; /* probabilities as weights: parts in 2^52 */

/* People left of those who may join collective m. */
static const uint64_t *left_for(caucus_trial *trial, uint32_t m)
{
    const caucus_partition *urn = trial->compiled->others;
    const uint32_t *member = urn->columns[caucus_column_member(m)];
    if (member == NULL) {
        return trial->urn;
    }
    uint32_t n = urn->n_classes;
    for (uint32_t c = 0; c < n; c++) {
        trial->masked[n + c] = member[c] ? trial->urn[n + c] : 0;
    }
    caucus_heap_sum(trial->masked, n);
    return trial->masked;
}

/* Draw `size` people of a partition into a heap of counts; available: who is left, without replacement. */
static void draw(caucus_trial *trial, caucus_place place, const caucus_partition *partition, const uint64_t *available,
                 uint64_t size, uint64_t *counts)
{
    uint32_t n = partition->n_classes;
    if (!trial->compiled->config->without_replacement) {
        caucus_multinomial(place, size, partition->odds, partition->weights, n, counts);
        return;
    }
    caucus_multivariate_hypergeometric(place, size, available, n, counts);
    for (uint32_t node = 1; node < 2 * n; node++) {
        trial->urn[node] -= counts[node];
    }
}

static uint32_t at(const caucus_partition *partition, uint32_t column, uint32_t class)
{
    return partition->columns[column] == NULL ? CAUCUS_NOWHERE : partition->columns[column][class];
}

/* The records of complying members of one class, before misses; marks that may be missed wait in acting. */
static void act(caucus_trial *trial, uint32_t m, caucus_record record, uint64_t n)
{
    const caucus_signal *signal = &trial->compiled->signals.of[m];
    if (record.marked && signal->misses.n_variants > 0) {
        trial->acting[(size_t)signal->index[record.position] * trial->compiled->n_labels + record.label] += n;
    } else {
        caucus_strategy_submit(trial, m, record.position, record.label, n);
    }
}

static uint64_t expected_part(uint64_t n, uint64_t part, uint64_t whole)
{
    return (uint64_t)llround((double)n * ((double)part / (double)whole));
}

/* Spread waiting marks over the variants that misses make of them. */
static void miss(caucus_trial *trial, uint32_t m, bool expected)
{
    const uint32_t L = trial->compiled->n_labels;
    const caucus_signal *signal = &trial->compiled->signals.of[m];
    const caucus_misses *misses = &signal->misses;
    const uint32_t V = misses->n_variants;
    caucus_place place = caucus_trial_place(trial, m + 1, CAUCUS_DRAW_MISSES);
    for (uint32_t i = 0; i < signal->n_cells * L; i++) {
        if (trial->acting[i] == 0) {
            continue;
        }
        uint64_t *parts = trial->estimators; /* by now free */
        place.draw = i * V;                  /* a multinomial over V uses V - 1 draws */
        if (!expected) {
            caucus_multinomial(place, trial->acting[i], misses->odds, misses->weights, V, parts);
        }
        for (uint32_t v = 0; v < V; v++) {
            uint64_t n =
                expected ? expected_part(trial->acting[i], misses->weights[V + v], misses->weights[1]) : parts[V + v];
            caucus_strategy_submit(trial, m, misses->positions[i / L * V + v], i % L, n);
        }
    }
}

/* Members hand in their records, some of them not complying, some missing features; or as many as expected do. */
static void submit(caucus_trial *trial, uint32_t m, const caucus_partition *partition, bool expected)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_collective *collective = &compiled->config->collectives[m];
    const uint64_t complying = (uint64_t)llround(collective->compliance * PROBABILITY_UNIT);
    const caucus_chances odds = caucus_chances_of(complying, (uint64_t)PROBABILITY_UNIT - complying);
    caucus_place place = caucus_trial_place(trial, m + 1, CAUCUS_DRAW_COMPLIANCE);
    memset(trial->acting, 0, (size_t)compiled->signals.of[m].n_cells * compiled->n_labels * sizeof *trial->acting);
    for (uint32_t c = 0; c < partition->n_classes; c++) {
        uint64_t n = trial->classes[partition->n_classes + c];
        if (n == 0) {
            continue;
        }
        uint32_t raw = at(partition, CAUCUS_RAW, c);
        uint32_t label = partition->columns[CAUCUS_LABEL][c];
        caucus_record record = caucus_strategy_act(trial, m, raw, label, at(partition, caucus_column_image(m), c),
                                                   at(partition, caucus_column_outside(m), c));
        place.draw = c;
        uint64_t n_acting = expected ? expected_part(n, complying, (uint64_t)PROBABILITY_UNIT)
                                     : caucus_draw_binomial_at(place, n, &odds);
        act(trial, m, record, n_acting);
        caucus_strategy_submit(trial, m, raw, label, n - n_acting);
        if (compiled->noisy && record.position < compiled->n_tracked) {
            trial->planned[caucus_tracked_row(compiled, m, record.position) + record.label] += n;
        }
    }
    if (compiled->signals.of[m].misses.n_variants > 0) {
        miss(trial, m, expected);
    }
}

/* Count the members' raw data; classes then holds all members, estimators included. */
static void tally(caucus_trial *trial, uint32_t m, const caucus_partition *partition, bool estimating)
{
    const caucus_compiled *compiled = trial->compiled;
    for (uint32_t c = 0; c < partition->n_classes; c++) {
        uint64_t *rest = &trial->classes[partition->n_classes + c];
        uint64_t n_estimating = estimating ? trial->estimators[partition->n_classes + c] : 0;
        if (*rest + n_estimating == 0) {
            continue;
        }
        uint32_t raw = at(partition, CAUCUS_RAW, c);
        uint32_t label = partition->columns[CAUCUS_LABEL][c];
        for (uint32_t j = 0; compiled->crossing && j < compiled->n_collectives; j++) {
            if (j != m && !caucus_strategy_adapts(compiled->strategies[j])) {
                caucus_strategy_cross(trial, m, j, raw, label, at(partition, caucus_column_image(j), c),
                                      at(partition, caucus_column_outside(j), c), *rest);
            }
        }
        *rest += n_estimating;
        caucus_strategy_count(trial, m, raw, label, at(partition, caucus_column_image(m), c), *rest, n_estimating);
    }
}

static void draw_collective(caucus_trial *trial, uint32_t m)
{
    const caucus_collective *collective = &trial->compiled->config->collectives[m];
    const caucus_partition *partition = trial->compiled->members[m];
    const bool urn = trial->compiled->config->without_replacement;
    const bool estimating = collective->estimators > 0;
    if (estimating) {
        draw(trial, caucus_trial_place(trial, m + 1, CAUCUS_DRAW_ESTIMATORS), partition,
             urn ? left_for(trial, m) : NULL, collective->estimators, trial->estimators);
    }
    draw(trial, caucus_trial_place(trial, m + 1, CAUCUS_DRAW_REST), partition, urn ? left_for(trial, m) : NULL,
         collective->size - collective->estimators, trial->classes);
    trial->n_members[m] = collective->size;
    trial->n_estimators[m] = collective->estimators;
    tally(trial, m, partition, estimating);
    caucus_strategy_choose(trial, m);
    submit(trial, m, partition, false);
}

static void draw_others(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_partition *others = compiled->others;
    draw(trial, caucus_trial_place(trial, 0, CAUCUS_DRAW_REST), others, trial->urn, compiled->others_size,
         trial->classes);
    for (uint32_t c = 0; c < others->n_classes; c++) {
        uint32_t position = at(others, CAUCUS_RAW, c);
        if (position != CAUCUS_NOWHERE) {
            trial->total[(size_t)position * compiled->n_labels + others->columns[CAUCUS_LABEL][c]] +=
                trial->classes[others->n_classes + c];
        }
    }
}

void caucus_draw_groups(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    if (compiled->config->without_replacement) {
        memcpy(trial->urn, compiled->others->weights, 2 * (size_t)compiled->others->n_classes * sizeof *trial->urn);
    }
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        draw_collective(trial, m);
    }
    draw_others(trial);
}

/* Expected counts of collective m, its estimators taken out in proportion. */
static void expect_collective(caucus_trial *trial, uint32_t m, uint64_t members)
{
    static const double WHOLE = 2251799813685248.0; /* 2^51 for all collectives together */
    const caucus_compiled *compiled = trial->compiled;
    const caucus_partition *partition = compiled->members[m];
    const uint32_t *may_join = partition->columns[caucus_column_member(m)]; /* only where one urn serves all */
    const uint32_t n = partition->n_classes;
    const caucus_collective *collective = &compiled->config->collectives[m];
    double matching = 0.0;
    for (uint32_t c = 0; c < n; c++) {
        matching += may_join == NULL || may_join[c] ? (double)partition->weights[n + c] : 0.0;
    }
    double share = collective->size == 0 ? 0.0 : (double)collective->size / (double)members;
    double estimating = collective->size == 0 ? 0.0 : (double)collective->estimators / (double)collective->size;
    trial->n_members[m] = 0;
    trial->n_estimators[m] = 0;
    for (uint32_t c = 0; c < n; c++) {
        double weight = may_join == NULL || may_join[c] ? (double)partition->weights[n + c] : 0.0;
        double expected = WHOLE * share * (weight / matching);
        trial->estimators[n + c] = (uint64_t)llround(expected * estimating);
        trial->classes[n + c] = (uint64_t)llround(expected) - trial->estimators[n + c];
        trial->n_estimators[m] += trial->estimators[n + c];
        trial->n_members[m] += trial->classes[n + c] + trial->estimators[n + c];
    }
    tally(trial, m, partition, true);
    caucus_strategy_choose(trial, m);
    submit(trial, m, partition, true);
}

void caucus_draw_expected(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    uint64_t members = compiled->config->consumers - compiled->others_size;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        expect_collective(trial, m, members);
    }
}
