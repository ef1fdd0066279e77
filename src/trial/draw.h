/* Drawing the groups of a trial, and what their members hand in. Shared with devices. */
#ifndef CAUCUS_TRIAL_DRAW_H
#define CAUCUS_TRIAL_DRAW_H

#include "math/hypergeometric.h"
#include "trial/draw_group.h"
#include "trial/strategy.h"

/* Value of a column in a class; columns that a partition does not keep are CAUCUS_NOWHERE. */
CAUCUS_SHARED uint32_t caucus_partition_at(const caucus_partition *partition, uint32_t column, uint32_t c)
{
    return partition->columns[column] == NULL ? CAUCUS_NOWHERE : partition->columns[column][c];
}

/* The records of complying members of one class, before misses; marks that may be missed wait in acting. */
CAUCUS_SHARED void caucus_draw_act(caucus_trial *trial, uint32_t m, caucus_record record, caucus_count n)
{
    const caucus_signal *signal = &trial->compiled->signals.of[m];
    if (record.marked && signal->misses.n_variants > 0) {
        size_t row = (size_t)signal->index[record.position] * trial->compiled->n_labels;
        trial->acting[CAUCUS_AT(row + record.label)] += n;
    } else {
        caucus_strategy_submit(trial, m, record.position, record.label, n);
    }
}

/* n, of which a share is expected. */
CAUCUS_SHARED caucus_count caucus_draw_expected_part(caucus_count n, double share)
{
    return (caucus_count)((double)n * share + 0.5);
}

/* Draw which value each of those who miss feature hands in: people by the values of the features before it, the first
 * one's fastest, become people by its value too. before: combinations of these; draw: the first of as many splits as
 * there are values, less one, for each of them. */
CAUCUS_SHARED void caucus_draw_feature_misses(const caucus_noise *noise, const caucus_draw_feature *feature,
                                              uint32_t before, caucus_reader *reader, uint32_t draw,
                                              caucus_count *parts)
{
    for (uint32_t i = 0; i < before; i++) {
        caucus_count left = parts[CAUCUS_AT(i)];
        uint32_t value = feature->wanted;
        for (uint32_t v = 0; v < feature->n_values; v++) {
            const bool last = v + 1 == feature->n_values;
            const caucus_count k =
                last ? left
                     : (caucus_count)caucus_ladder_draw(&noise->tables, noise->ladders[feature->first_ladder + v], left,
                                                        reader, draw);
            draw += last ? 0 : noise->miss_digits;
            parts[CAUCUS_AT(i + value * before)] = k;
            left -= k;
            value = v < feature->wanted ? v : v + 1; /* the others in their order */
        }
    }
}

/* How many of n people hand in each variant of a signal cell; row: of the cell and label. */
CAUCUS_SHARED void caucus_draw_variants(const caucus_trial *trial, uint32_t m, uint32_t row, caucus_count n,
                                        caucus_count *parts)
{
    const caucus_noise *noise = &trial->compiled->draws.noise[m];
    const uint32_t n_splits = trial->compiled->signals.of[m].misses.n_variants - 1;
    caucus_reader reader = caucus_reader_at(caucus_trial_place(trial, m + 1, CAUCUS_DRAW_MISSES));
    uint32_t draw = row * n_splits * noise->miss_digits;
    uint32_t before = 1;
    parts[CAUCUS_AT(0)] = n;
    for (uint32_t i = 0; i < noise->n_features; i++) {
        const caucus_draw_feature *feature = &noise->features[i];
        caucus_draw_feature_misses(noise, feature, before, &reader, draw, parts);
        draw += before * (feature->n_values - 1) * noise->miss_digits;
        before *= feature->n_values;
    }
}

/* Spread waiting marks over the variants that misses make of them. */
CAUCUS_SHARED void caucus_draw_misses(caucus_trial *trial, uint32_t m, bool expected)
{
    const uint32_t L = trial->compiled->n_labels;
    const caucus_signal *signal = &trial->compiled->signals.of[m];
    const caucus_misses *misses = &signal->misses;
    const uint32_t V = misses->n_variants;
    for (uint32_t i = 0; i < signal->n_cells * L; i++) {
        const caucus_count n = trial->acting[CAUCUS_AT(i)];
        if (n == 0) {
            continue;
        }
        caucus_count *parts = trial->estimators; /* by now free */
        if (!expected) {
            caucus_draw_variants(trial, m, i, n, parts);
        }
        for (uint32_t v = 0; v < V; v++) {
            const caucus_count part = expected ? caucus_draw_expected_part(n, misses->weights[v]) : parts[CAUCUS_AT(v)];
            caucus_strategy_submit(trial, m, misses->positions[i / L * V + v], i % L, part);
        }
    }
}

/* How many of a class's people comply. */
CAUCUS_SHARED caucus_count caucus_draw_complying(const caucus_noise *noise, uint32_t c, caucus_count n,
                                                 caucus_reader *reader)
{
    return (caucus_count)caucus_ladder_draw(&noise->tables, noise->compliance, n, reader, c * noise->compliance_digits);
}

/* Members hand in their records, some of them not complying, some missing features; or as many as expected do. */
CAUCUS_SHARED void caucus_draw_submit(caucus_trial *trial, uint32_t m, const caucus_partition *partition, bool expected)
{
    const caucus_compiled *compiled = trial->compiled;
    const double compliance = compiled->config->collectives[m].compliance;
    caucus_reader reader = caucus_reader_at(caucus_trial_place(trial, m + 1, CAUCUS_DRAW_COMPLIANCE));
    for (uint32_t i = 0; i < compiled->signals.of[m].n_cells * compiled->n_labels; i++) {
        trial->acting[CAUCUS_AT(i)] = 0;
    }
    for (uint32_t c = 0; c < partition->n_classes; c++) {
        const caucus_count n = trial->classes[CAUCUS_AT(c)];
        if (n == 0) {
            continue;
        }
        uint32_t raw = caucus_partition_at(partition, CAUCUS_RAW, c);
        uint32_t label = partition->columns[CAUCUS_LABEL][c];
        caucus_record record =
            caucus_strategy_act(trial, m, raw, label, caucus_partition_at(partition, caucus_column_image(m), c),
                                caucus_partition_at(partition, caucus_column_outside(m), c));
        const caucus_count n_acting = expected ? caucus_draw_expected_part(n, compliance)
                                               : caucus_draw_complying(&compiled->draws.noise[m], c, n, &reader);
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
        const size_t at = CAUCUS_AT(c);
        const caucus_count rest = trial->classes[at];
        const caucus_count n_estimating = estimating ? trial->estimators[at] : 0;
        if (rest + n_estimating == 0) {
            continue;
        }
        uint32_t raw = caucus_partition_at(partition, CAUCUS_RAW, c);
        uint32_t label = partition->columns[CAUCUS_LABEL][c];
        for (uint32_t j = 0; compiled->crossing && j < compiled->n_collectives; j++) {
            if (j != m && !caucus_strategy_adapts(compiled->strategies[j])) {
                caucus_strategy_cross(trial, trial->crossed, m, j, raw, label,
                                      caucus_partition_at(partition, caucus_column_image(j), c),
                                      caucus_partition_at(partition, caucus_column_outside(j), c), rest);
            }
        }
        trial->classes[at] = rest + n_estimating;
        caucus_strategy_count(trial, m, raw, label, caucus_partition_at(partition, caucus_column_image(m), c),
                              rest + n_estimating, n_estimating);
    }
}

#ifndef CAUCUS_DEVICE_CODE /* devices draw no pilots: run/cuda.c */
/* Who of collective m's members (in classes, without its estimators) is in its pilot. They are members like the others
 * in all but what bounds make of them. */
CAUCUS_SHARED void caucus_draw_pilot(const caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_partition *partition = compiled->members[m];
    const caucus_collective *collective = &compiled->config->collectives[m];
    uint64_t people = collective->size - collective->estimators;
    uint64_t left = collective->pilot;
    caucus_place place = caucus_trial_place(trial, 0, 0);
    place.stream = CAUCUS_STREAM_PILOT + m;
    for (uint32_t c = 0; left > 0 && c < partition->n_classes; c++) {
        const uint64_t members = trial->classes[CAUCUS_AT(c)];
        const uint32_t raw = caucus_partition_at(partition, CAUCUS_RAW, c);
        const uint32_t label = partition->columns[CAUCUS_LABEL][c];
        place.draw = c;
        const uint64_t n = caucus_draw_hypergeometric(place, members, people - members, left);
        people -= members;
        left -= n;
        if (n == 0) {
            continue;
        }
        caucus_strategy_count_pilot(trial, m, raw, label, caucus_partition_at(partition, caucus_column_image(m), c),
                                    (caucus_count)n);
        for (uint32_t j = 0; compiled->crossing && j < compiled->n_collectives; j++) {
            if (j != m && !caucus_strategy_adapts(compiled->strategies[j])) {
                caucus_strategy_cross(trial, trial->pilot_crossed, m, j, raw, label,
                                      caucus_partition_at(partition, caucus_column_image(j), c),
                                      caucus_partition_at(partition, caucus_column_outside(j), c), (caucus_count)n);
            }
        }
    }
}
#endif

#ifndef CAUCUS_DEVICE_CODE /* nor know of affinities */
/* Which of collective m's members (in classes, without its estimators) match what its bounds know an affinity of. */
CAUCUS_SHARED void caucus_draw_matching(const caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_partition *partition = compiled->members[m];
    const uint32_t *matching = partition->columns[caucus_column_matching(m, compiled->n_collectives)];
    for (uint32_t c = 0; matching != NULL && c < partition->n_classes; c++) {
        if (matching[c] == 0) {
            continue;
        }
        const caucus_count n = trial->classes[CAUCUS_AT(c)];
        const uint32_t raw = caucus_partition_at(partition, CAUCUS_RAW, c);
        const uint32_t label = partition->columns[CAUCUS_LABEL][c];
        caucus_strategy_count_matching(trial, m, caucus_partition_at(partition, caucus_column_image(m), c), n);
        for (uint32_t j = 0; compiled->crossing && j < compiled->n_collectives; j++) {
            if (j != m && !caucus_strategy_adapts(compiled->strategies[j])) {
                caucus_strategy_cross(trial, trial->matching_crossed, m, j, raw, label,
                                      caucus_partition_at(partition, caucus_column_image(j), c),
                                      caucus_partition_at(partition, caucus_column_outside(j), c), n);
            }
        }
    }
}
#endif

/* What the others hand in. */
CAUCUS_SHARED void caucus_draw_hand_in(caucus_trial *trial)
{
    const caucus_partition *others = trial->compiled->others;
    for (uint32_t c = 0; c < others->n_classes; c++) {
        caucus_strategy_abstain(trial, caucus_partition_at(others, CAUCUS_RAW, c), others->columns[CAUCUS_LABEL][c],
                                trial->classes[CAUCUS_AT(c)]);
    }
}

/* Draw a group from the urn'th urn, where there are any. */
CAUCUS_SHARED void caucus_draw_people(caucus_trial *trial, uint32_t group, uint32_t urn, caucus_place place,
                                      caucus_count *counts)
{
    caucus_group_draw(trial->compiled->draws.groups[group], place, trial->taken[urn], counts);
}

/* Whom the next urn lacks. */
CAUCUS_SHARED void caucus_draw_next_urn(const caucus_trial *trial, uint32_t next)
{
    const caucus_urn *urn = &trial->compiled->urn;
    for (uint32_t c = 0; c < urn->n_classes[next]; c++) {
        trial->taken[next][CAUCUS_AT(c)] = 0;
    }
    for (uint32_t c = 0; c < urn->n_classes[next - 1]; c++) {
        trial->taken[next][CAUCUS_AT(urn->into[next - 1][c])] += trial->taken[next - 1][CAUCUS_AT(c)];
    }
}

/* The members of collective m: its estimators, then the others. */
CAUCUS_SHARED void caucus_draw_collective(caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_collective *collective = &compiled->config->collectives[m];
    const bool estimating = collective->estimators > 0;
    if (estimating) {
        caucus_draw_people(trial, 2 * m, 0, caucus_trial_place(trial, m + 1, CAUCUS_DRAW_ESTIMATORS),
                           trial->estimators);
    }
    caucus_draw_people(trial, 2 * m + 1, 0, caucus_trial_place(trial, m + 1, CAUCUS_DRAW_REST), trial->classes);
    trial->n_members[CAUCUS_AT(m)] = (caucus_count)collective->size;
    trial->n_estimators[CAUCUS_AT(m)] = (caucus_count)collective->estimators;
#ifndef CAUCUS_DEVICE_CODE
    caucus_draw_pilot(trial, m);
    caucus_draw_matching(trial, m);
#endif
    caucus_draw_tally(trial, m, compiled->members[m], estimating);
    caucus_strategy_choose(trial, m);
    caucus_draw_submit(trial, m, compiled->members[m], false);
}

/* The members of all collectives. */
CAUCUS_SHARED void caucus_draw_collectives(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    for (uint32_t c = 0; c < compiled->urn.n_classes[0]; c++) {
        trial->taken[0][CAUCUS_AT(c)] = 0;
    }
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        caucus_draw_collective(trial, m);
    }
}

/* Draw all groups and the test points; fills total, raw, base, mass, submitted, planned, crossed, good and tested. The
 * people of no collective and the test points come behind the members: without replacement they are who is left. */
CAUCUS_SHARED void caucus_draw_groups(caucus_trial *trial)
{
    const uint32_t M = trial->compiled->n_collectives;
    const bool test_first = trial->compiled->urn.test_first;
    caucus_draw_collectives(trial);
    CAUCUS_ROLLED
    for (uint32_t i = 0; i < 2; i++) {
        const bool test = test_first == (i == 0);
        caucus_draw_next_urn(trial, i + 1);
        caucus_draw_people(trial, test ? 2 * M + 1 : 2 * M, i + 1,
                           caucus_trial_place(trial, test ? M + 1 : 0, CAUCUS_DRAW_REST),
                           test ? trial->tested : trial->classes);
    }
    caucus_draw_hand_in(trial);
}

#endif
