/* Drawing the groups of a trial by counts over classes, and what their members hand in. Shared with devices. */
#ifndef CAUCUS_TRIAL_DRAW_H
#define CAUCUS_TRIAL_DRAW_H

#include "math/multinomial.h"
#include "trial/strategy.h"

#define CAUCUS_PROBABILITY_UNIT 4503599627370496.0 /* probabilities as weights: parts in 2^52 */

/* Value of a column in a class; columns that a partition does not keep are CAUCUS_NOWHERE. */
CAUCUS_SHARED uint32_t caucus_partition_at(const caucus_partition *partition, uint32_t column, uint32_t c)
{
    return partition->columns[column] == NULL ? CAUCUS_NOWHERE : partition->columns[column][c];
}

/* People left of those who may join collective m. */
CAUCUS_SHARED const uint64_t *caucus_draw_left_for(caucus_trial *trial, uint32_t m)
{
    const caucus_partition *urn = trial->compiled->others;
    const uint32_t *member = urn->columns[caucus_column_member(m)];
    if (member == NULL) {
        return trial->urn;
    }
    uint32_t n = urn->n_classes;
    for (uint32_t c = 0; c < n; c++) {
        trial->masked[CAUCUS_AT(n + c)] = member[c] ? trial->urn[CAUCUS_AT(n + c)] : 0;
    }
    caucus_heap_sum(trial->masked, n);
    return trial->masked;
}

/* Draw `size` people of collective m's partition (anybody's for m >= M) into a heap of counts. */
CAUCUS_SHARED void caucus_draw_people(caucus_trial *trial, caucus_place place, const caucus_partition *partition,
                                      uint32_t m, uint64_t size, uint64_t *counts)
{
    uint32_t n = partition->n_classes;
    if (!trial->compiled->config->without_replacement) {
        caucus_multinomial(place, size, partition->odds, n, counts);
        return;
    }
    const uint64_t *left = m < trial->compiled->n_collectives ? caucus_draw_left_for(trial, m) : trial->urn;
    caucus_multivariate_hypergeometric(place, size, left, n, counts);
    for (uint32_t node = 1; node < 2 * n; node++) {
        trial->urn[CAUCUS_AT(node)] -= counts[CAUCUS_AT(node)];
    }
}

/* The records of complying members of one class, before misses; marks that may be missed wait in acting. */
CAUCUS_SHARED void caucus_draw_act(caucus_trial *trial, uint32_t m, caucus_record record, uint64_t n)
{
    const caucus_signal *signal = &trial->compiled->signals.of[m];
    if (record.marked && signal->misses.n_variants > 0) {
        size_t row = (size_t)signal->index[record.position] * trial->compiled->n_labels;
        trial->acting[CAUCUS_AT(row + record.label)] += n;
    } else {
        caucus_strategy_submit(trial, m, record.position, record.label, n);
    }
}

CAUCUS_SHARED uint64_t caucus_draw_expected_part(uint64_t n, uint64_t part, uint64_t whole)
{
    return (uint64_t)((double)n * ((double)part / (double)whole) + 0.5);
}

/* Spread waiting marks over the variants that misses make of them. */
CAUCUS_SHARED void caucus_draw_misses(caucus_trial *trial, uint32_t m, bool expected)
{
    const uint32_t L = trial->compiled->n_labels;
    const caucus_signal *signal = &trial->compiled->signals.of[m];
    const caucus_misses *misses = &signal->misses;
    const uint32_t V = misses->n_variants;
    caucus_place place = caucus_trial_place(trial, m + 1, CAUCUS_DRAW_MISSES);
    for (uint32_t i = 0; i < signal->n_cells * L; i++) {
        const uint64_t n = trial->acting[CAUCUS_AT(i)];
        if (n == 0) {
            continue;
        }
        uint64_t *parts = trial->estimators; /* by now free */
        place.draw = i * V;                  /* a multinomial over V uses V - 1 draws */
        if (!expected) {
            caucus_multinomial(place, n, misses->odds, V, parts);
        }
        for (uint32_t v = 0; v < V; v++) {
            uint64_t part = expected ? caucus_draw_expected_part(n, misses->weights[V + v], misses->weights[1])
                                     : parts[CAUCUS_AT(V + v)];
            caucus_strategy_submit(trial, m, misses->positions[i / L * V + v], i % L, part);
        }
    }
}

/* Members hand in their records, some of them not complying, some missing features; or as many as expected do. */
CAUCUS_SHARED void caucus_draw_submit(caucus_trial *trial, uint32_t m, const caucus_partition *partition, bool expected)
{
    const caucus_compiled *compiled = trial->compiled;
    const double compliance = compiled->config->collectives[m].compliance;
    const uint64_t complying = (uint64_t)(compliance * CAUCUS_PROBABILITY_UNIT + 0.5);
    const caucus_chances odds = caucus_chances_of(complying, (uint64_t)CAUCUS_PROBABILITY_UNIT - complying);
    caucus_place place = caucus_trial_place(trial, m + 1, CAUCUS_DRAW_COMPLIANCE);
    for (uint32_t i = 0; i < compiled->signals.of[m].n_cells * compiled->n_labels; i++) {
        trial->acting[CAUCUS_AT(i)] = 0;
    }
    for (uint32_t c = 0; c < partition->n_classes; c++) {
        const uint64_t n = trial->classes[CAUCUS_AT(partition->n_classes + c)];
        if (n == 0) {
            continue;
        }
        uint32_t raw = caucus_partition_at(partition, CAUCUS_RAW, c);
        uint32_t label = partition->columns[CAUCUS_LABEL][c];
        caucus_record record =
            caucus_strategy_act(trial, m, raw, label, caucus_partition_at(partition, caucus_column_image(m), c),
                                caucus_partition_at(partition, caucus_column_outside(m), c));
        place.draw = c;
        uint64_t n_acting = expected ? caucus_draw_expected_part(n, complying, (uint64_t)CAUCUS_PROBABILITY_UNIT)
                                     : caucus_draw_binomial_at(place, n, &odds);
        caucus_draw_act(trial, m, record, n_acting);
        caucus_strategy_submit(trial, m, raw, label, n - n_acting);
        if (compiled->noisy && record.position < compiled->n_tracked) {
            trial->planned[CAUCUS_AT(caucus_tracked_row(compiled, m, record.position) + record.label)] += n;
        }
    }
    if (compiled->signals.of[m].misses.n_variants > 0) {
        caucus_draw_misses(trial, m, expected);
    }
}

/* Count the members' raw data; classes then holds all members, estimators included. */
CAUCUS_SHARED void caucus_draw_tally(caucus_trial *trial, uint32_t m, const caucus_partition *partition,
                                     bool estimating)
{
    const caucus_compiled *compiled = trial->compiled;
    for (uint32_t c = 0; c < partition->n_classes; c++) {
        const size_t at = CAUCUS_AT(partition->n_classes + c);
        const uint64_t rest = trial->classes[at];
        const uint64_t n_estimating = estimating ? trial->estimators[at] : 0;
        if (rest + n_estimating == 0) {
            continue;
        }
        uint32_t raw = caucus_partition_at(partition, CAUCUS_RAW, c);
        uint32_t label = partition->columns[CAUCUS_LABEL][c];
        for (uint32_t j = 0; compiled->crossing && j < compiled->n_collectives; j++) {
            if (j != m && !caucus_strategy_adapts(compiled->strategies[j])) {
                caucus_strategy_cross(trial, m, j, raw, label,
                                      caucus_partition_at(partition, caucus_column_image(j), c),
                                      caucus_partition_at(partition, caucus_column_outside(j), c), rest);
            }
        }
        trial->classes[at] = rest + n_estimating;
        caucus_strategy_count(trial, m, raw, label, caucus_partition_at(partition, caucus_column_image(m), c),
                              rest + n_estimating, n_estimating);
    }
}

/* What the others hand in. */
CAUCUS_SHARED void caucus_draw_hand_in(caucus_trial *trial)
{
    const caucus_partition *others = trial->compiled->others;
    for (uint32_t c = 0; c < others->n_classes; c++) {
        caucus_strategy_abstain(trial, caucus_partition_at(others, CAUCUS_RAW, c), others->columns[CAUCUS_LABEL][c],
                                trial->classes[CAUCUS_AT(others->n_classes + c)]);
    }
}

/* Group 0, the others, comes last: without replacement they are who is left. */
CAUCUS_SHARED void caucus_draw_group(caucus_trial *trial, uint32_t group)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t m = group - 1;
    const bool is_collective = group > 0;
    const caucus_partition *partition = is_collective ? compiled->members[m] : compiled->others;
    const uint64_t estimators = is_collective ? compiled->config->collectives[m].estimators : 0;
    const uint64_t size = is_collective ? compiled->config->collectives[m].size : compiled->others_size;
    for (uint32_t estimating = estimators > 0 ? 1 : 0;; estimating--) {
        const uint32_t phase = estimating != 0 ? CAUCUS_DRAW_ESTIMATORS : CAUCUS_DRAW_REST;
        caucus_draw_people(trial, caucus_trial_place(trial, group, phase), partition, m,
                           estimating != 0 ? estimators : size - estimators,
                           estimating != 0 ? trial->estimators : trial->classes);
        if (estimating == 0) {
            break;
        }
    }
    if (!is_collective) {
        caucus_draw_hand_in(trial);
        return;
    }
    trial->n_members[CAUCUS_AT(m)] = size;
    trial->n_estimators[CAUCUS_AT(m)] = estimators;
    caucus_draw_tally(trial, m, partition, estimators > 0);
    caucus_strategy_choose(trial, m);
    caucus_draw_submit(trial, m, partition, false);
}

/* Everybody is still to be drawn: needed once a trial, without replacement. */
CAUCUS_SHARED void caucus_draw_fill_urn(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    for (uint32_t node = 0; compiled->config->without_replacement && node < 2 * compiled->others->n_classes; node++) {
        trial->urn[CAUCUS_AT(node)] = compiled->others->weights[node];
    }
}

/* Draw all groups; fills total, raw, base, mass, submitted, planned, crossed, good and (without replacement) urn. */
CAUCUS_SHARED void caucus_draw_groups(caucus_trial *trial)
{
    const uint32_t n_collectives = trial->compiled->n_collectives;
    caucus_draw_fill_urn(trial);
    for (uint32_t i = 1; i <= n_collectives + 1; i++) {
        caucus_draw_group(trial, i <= n_collectives ? i : 0);
    }
}

#endif
