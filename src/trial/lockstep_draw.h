/* Drawing and handing in for all lanes at a time: the numbers of trial/draw.h. What a class adds to is the same for all
 * trials, so each class is a few additions of rows; only labels that members choose from their data differ by lane. */
#ifndef CAUCUS_TRIAL_LOCKSTEP_DRAW_H
#define CAUCUS_TRIAL_LOCKSTEP_DRAW_H

#include "trial/draw.h"
#include "trial/lockstep_group.h"

/* The lanes of a group that are drawn. */
typedef struct caucus_lane_trials {
    caucus_trial *lanes; /* views; the first one's arrays are those of all */
    uint32_t n;
    caucus_count *spare; /* [most_classes][CAUCUS_LANES] */
} caucus_lane_trials;

static inline void caucus_lane_add(caucus_count *restrict to, const caucus_count *restrict n)
{
    CAUCUS_EACH_LANE (i) {
        to[i] += n[i];
    }
}

/* The same for rows that lanes choose by a label: to[label[i]]. */
static inline void caucus_lane_add_labels(caucus_count *to, const uint32_t *restrict label,
                                          const caucus_count *restrict n)
{
    CAUCUS_EACH_LANE (i) {
        to[CAUCUS_ROW(label[i]) + i] += n[i];
    }
}

/* As caucus_strategy_count. */
static inline void caucus_lane_count_raw(const caucus_trial *all, uint32_t m, uint32_t raw, uint32_t label,
                                         uint32_t image, const caucus_count *n, const caucus_count *base)
{
    const caucus_compiled *compiled = all->compiled;
    if (raw < compiled->n_tracked) {
        const size_t row = CAUCUS_ROW(caucus_tracked_row(compiled, m, raw) + label);
        caucus_lane_add(all->raw + row, n);
        if (compiled->estimating) {
            caucus_lane_add(all->base + row, base);
        }
    }
    if (compiled->config->accuracy_cost && raw != CAUCUS_NOWHERE) {
        caucus_lane_add(all->clean + CAUCUS_ROW((size_t)raw * compiled->n_labels + label), n);
    }
    if (image < compiled->n_tracked) {
        const size_t row = CAUCUS_ROW((size_t)m * compiled->n_tracked + image);
        caucus_lane_add(all->mass + row, n);
        if (compiled->estimating) {
            caucus_lane_add(all->base_mass + row, base);
        }
    }
}

/* As caucus_strategy_cross. */
static inline void caucus_lane_cross(const caucus_trial *all, uint32_t m, uint32_t j, uint32_t c, uint32_t raw,
                                     uint32_t label, const caucus_count *base)
{
    const caucus_compiled *compiled = all->compiled;
    const caucus_partition *partition = compiled->members[m];
    const caucus_signal *signal = &compiled->signals.of[m];
    const uint32_t target = compiled->targets[j];
    const caucus_record record = caucus_strategy_record(compiled->strategies[j], target, target, raw, label,
                                                        caucus_partition_at(partition, caucus_column_image(j), c),
                                                        caucus_partition_at(partition, caucus_column_outside(j), c));
    if (record.position == CAUCUS_NOWHERE || signal->index[record.position] == CAUCUS_NOWHERE) {
        return;
    }
    const size_t cell = (size_t)j * signal->n_cells + signal->index[record.position];
    caucus_lane_add(all->crossed + CAUCUS_ROW(compiled->crossed_offset[m] + cell * compiled->n_labels + record.label),
                    base);
}

/* As caucus_draw_tally. */
static inline void caucus_lane_tally(const caucus_trial *all, uint32_t m, bool estimating)
{
    const caucus_compiled *compiled = all->compiled;
    const caucus_partition *partition = compiled->members[m];
    for (uint32_t c = 0; c < partition->n_classes; c++) {
        caucus_count *n = all->classes + CAUCUS_ROW(c);
        const uint32_t raw = caucus_partition_at(partition, CAUCUS_RAW, c);
        const uint32_t label = partition->columns[CAUCUS_LABEL][c];
        caucus_lane_counts base;
        memcpy(base, n, sizeof base);
        for (uint32_t j = 0; compiled->crossing && j < compiled->n_collectives; j++) {
            if (j != m && !caucus_strategy_adapts(compiled->strategies[j])) {
                caucus_lane_cross(all, m, j, c, raw, label, base);
            }
        }
        if (estimating) {
            caucus_lane_add(n, all->estimators + CAUCUS_ROW(c));
        }
        caucus_lane_count_raw(all, m, raw, label, caucus_partition_at(partition, caucus_column_image(m), c), n, base);
    }
}

/* As caucus_strategy_submit; labels: where lanes have chosen them, else NULL. */
static inline void caucus_lane_submit_row(const caucus_trial *all, uint32_t m, uint32_t position, uint32_t label,
                                          const uint32_t *labels, const caucus_count *n)
{
    const caucus_compiled *compiled = all->compiled;
    if (position == CAUCUS_NOWHERE) {
        return;
    }
    caucus_count *total = all->total + CAUCUS_ROW((size_t)position * compiled->n_labels);
    caucus_count *submitted =
        position < compiled->n_tracked ? all->submitted + CAUCUS_ROW(caucus_tracked_row(compiled, m, position)) : NULL;
    if (labels != NULL) {
        caucus_lane_add_labels(total, labels, n);
    } else {
        caucus_lane_add(total + CAUCUS_ROW(label), n);
    }
    if (submitted != NULL && labels != NULL) {
        caucus_lane_add_labels(submitted, labels, n);
    } else if (submitted != NULL) {
        caucus_lane_add(submitted + CAUCUS_ROW(label), n);
    }
}

/* Of a class's people those who comply. */
static inline void caucus_lane_comply(const caucus_noise *noise, uint32_t c, caucus_lane_reader *reader,
                                      const caucus_count *restrict n, caucus_count *restrict acting)
{
    caucus_lane_counts people;
    memcpy(people, n, sizeof people);
    memset(acting, 0, sizeof people);
    caucus_lane_ladder(&noise->tables, noise->compliance, people, reader, c * noise->compliance_digits, acting);
}

/* What a class of members hands in. acting: those of n who comply. */
static inline void caucus_lane_submit_class(const caucus_trial *all, uint32_t m, uint32_t c, const caucus_count *n,
                                            const caucus_count *acting, bool noisy)
{
    const caucus_compiled *compiled = all->compiled;
    const caucus_partition *partition = compiled->members[m];
    const caucus_signal *signal = &compiled->signals.of[m];
    const uint32_t raw = caucus_partition_at(partition, CAUCUS_RAW, c);
    const uint32_t label = partition->columns[CAUCUS_LABEL][c];
    const uint32_t image = caucus_partition_at(partition, caucus_column_image(m), c);
    const uint32_t target = compiled->targets[m];
    const caucus_record record = caucus_strategy_record(compiled->strategies[m], target, target, raw, label, image,
                                                        caucus_partition_at(partition, caucus_column_outside(m), c));
    const uint32_t *labels = caucus_strategy_adapts(compiled->strategies[m])
                                 ? all->good + CAUCUS_ROW((size_t)m * compiled->n_tracked + image)
                                 : NULL;
    if (record.marked && signal->misses.n_variants > 0) {
        caucus_count *waiting = all->acting + CAUCUS_ROW((size_t)signal->index[record.position] * compiled->n_labels);
        if (labels != NULL) {
            caucus_lane_add_labels(waiting, labels, acting);
        } else {
            caucus_lane_add(waiting + CAUCUS_ROW(record.label), acting);
        }
    } else {
        caucus_lane_submit_row(all, m, record.position, record.label, labels, acting);
    }
    if (noisy) {
        caucus_lane_counts rest;
        CAUCUS_EACH_LANE (i) {
            rest[i] = n[i] - acting[i];
        }
        caucus_lane_submit_row(all, m, raw, label, NULL, rest);
    }
    if (compiled->noisy && record.position < compiled->n_tracked) {
        caucus_count *planned = all->planned + CAUCUS_ROW(caucus_tracked_row(compiled, m, record.position));
        if (labels != NULL) {
            caucus_lane_add_labels(planned, labels, n);
        } else {
            caucus_lane_add(planned + CAUCUS_ROW(record.label), n);
        }
    }
}

/* As caucus_draw_feature_misses. parts: [combination of values][lane] */
static inline void caucus_lane_feature_misses(const caucus_noise *noise, const caucus_draw_feature *feature,
                                              uint32_t before, caucus_lane_reader *reader, uint32_t draw,
                                              caucus_count *parts)
{
    for (uint32_t i = 0; i < before; i++) {
        caucus_lane_counts left;
        uint32_t value = feature->wanted;
        memcpy(left, parts + CAUCUS_ROW(i), sizeof left);
        for (uint32_t v = 0; v + 1 < feature->n_values; v++) {
            caucus_lane_counts people;
            caucus_lane_counts k;
            memcpy(people, left, sizeof people);
            memset(k, 0, sizeof k);
            caucus_lane_ladder(&noise->tables, noise->ladders[feature->first_ladder + v], people, reader, draw, k);
            draw += noise->miss_digits;
            memcpy(parts + CAUCUS_ROW(i + value * before), k, sizeof k);
            CAUCUS_EACH_LANE (lane) {
                left[lane] -= k[lane];
            }
            value = v < feature->wanted ? v : v + 1; /* the others in their order */
        }
        memcpy(parts + CAUCUS_ROW(i + value * before), left, sizeof left);
    }
}

/* As caucus_draw_misses, where they are drawn. */
static inline void caucus_lane_misses(const caucus_trial *all, uint32_t m)
{
    const caucus_compiled *compiled = all->compiled;
    const uint32_t L = compiled->n_labels;
    const caucus_signal *signal = &compiled->signals.of[m];
    const uint32_t V = signal->misses.n_variants;
    const caucus_noise *noise = &compiled->draws.noise[m];
    caucus_count *parts = all->estimators; /* by now free */
    caucus_lane_reader reader;
    reader.n = CAUCUS_LANES;
    memcpy(reader.trial, all->number, sizeof reader.trial);
    caucus_lane_reader_start(&reader, caucus_trial_place(all, m + 1, CAUCUS_DRAW_MISSES), 0);
    for (uint32_t row = 0; row < signal->n_cells * L; row++) {
        const caucus_count *waiting = all->acting + CAUCUS_ROW(row);
        caucus_count any = 0;
        CAUCUS_EACH_LANE (i) {
            any |= waiting[i];
        }
        if (any == 0) {
            continue;
        }
        uint32_t draw = row * (V - 1) * noise->miss_digits;
        uint32_t before = 1;
        memcpy(parts, waiting, sizeof(caucus_lane_counts));
        for (uint32_t i = 0; i < noise->n_features; i++) {
            const caucus_draw_feature *feature = &noise->features[i];
            caucus_lane_feature_misses(noise, feature, before, &reader, draw, parts);
            draw += before * (feature->n_values - 1) * noise->miss_digits;
            before *= feature->n_values;
        }
        for (uint32_t v = 0; v < V; v++) {
            caucus_lane_submit_row(all, m, signal->misses.positions[row / L * V + v], row % L, NULL,
                                   parts + CAUCUS_ROW(v));
        }
    }
}

/* As caucus_draw_submit. */
static inline void caucus_lane_submit(const caucus_lane_trials *trials, uint32_t m)
{
    const caucus_trial *all = &trials->lanes[0];
    const caucus_compiled *compiled = all->compiled;
    const bool noisy = compiled->config->collectives[m].compliance < 1.0;
    const size_t n_acting = (size_t)compiled->signals.of[m].n_cells * compiled->n_labels;
    caucus_lane_reader reader;
    if (compiled->signals.of[m].misses.n_variants > 0) {
        memset(all->acting, 0, CAUCUS_ROW(n_acting) * sizeof *all->acting);
    }
    reader.n = CAUCUS_LANES;
    memcpy(reader.trial, all->number, sizeof reader.trial);
    caucus_lane_reader_start(&reader, caucus_trial_place(all, m + 1, CAUCUS_DRAW_COMPLIANCE), 0);
    for (uint32_t c = 0; c < compiled->members[m]->n_classes; c++) {
        const caucus_count *n = all->classes + CAUCUS_ROW(c);
        caucus_lane_counts acting;
        if (noisy) {
            caucus_lane_comply(&compiled->draws.noise[m], c, &reader, n, acting);
        }
        caucus_lane_submit_class(all, m, c, n, noisy ? acting : n, noisy);
    }
    if (compiled->signals.of[m].misses.n_variants > 0) {
        caucus_lane_misses(all, m);
    }
}

/* As caucus_draw_people. */
static inline void caucus_lane_people(const caucus_lane_trials *trials, uint32_t group, uint32_t urn,
                                      caucus_place place, caucus_count *counts)
{
    caucus_trial *all = &trials->lanes[0];
    caucus_lane_group(all->compiled->draws.groups[group], place, all->number, trials->n, all->taken[urn], counts,
                      trials->spare);
}

/* As caucus_draw_next_urn. */
static inline void caucus_lane_next_urn(const caucus_trial *all, uint32_t next)
{
    const caucus_urn *urn = &all->compiled->urn;
    memset(all->taken[next], 0, CAUCUS_ROW(urn->n_classes[next]) * sizeof **all->taken);
    for (uint32_t c = 0; c < urn->n_classes[next - 1]; c++) {
        caucus_lane_add(all->taken[next] + CAUCUS_ROW(urn->into[next - 1][c]), all->taken[next - 1] + CAUCUS_ROW(c));
    }
}

/* As caucus_draw_collective. */
static inline void caucus_lane_collective(const caucus_lane_trials *trials, uint32_t m)
{
    caucus_trial *all = &trials->lanes[0];
    const caucus_collective *collective = &all->compiled->config->collectives[m];
    if (collective->estimators > 0) {
        caucus_lane_people(trials, 2 * m, 0, caucus_trial_place(all, m + 1, CAUCUS_DRAW_ESTIMATORS), all->estimators);
    }
    caucus_lane_people(trials, 2 * m + 1, 0, caucus_trial_place(all, m + 1, CAUCUS_DRAW_REST), all->classes);
    CAUCUS_EACH_LANE (i) {
        all->n_members[CAUCUS_ROW(m) + i] = (caucus_count)collective->size;
        all->n_estimators[CAUCUS_ROW(m) + i] = (caucus_count)collective->estimators;
    }
    for (uint32_t i = 0; collective->pilot > 0 && i < trials->n; i++) {
        caucus_draw_pilot(&trials->lanes[i], m);
    }
    for (uint32_t i = 0; collective->membership.affinity > 0 && i < trials->n; i++) {
        caucus_draw_matching(&trials->lanes[i], m);
    }
    caucus_lane_tally(all, m, collective->estimators > 0);
    for (uint32_t i = 0; i < trials->n; i++) {
        caucus_strategy_choose(&trials->lanes[i], m);
    }
    caucus_lane_submit(trials, m);
}

/* As caucus_draw_hand_in. */
static inline void caucus_lane_hand_in(const caucus_trial *all)
{
    const caucus_compiled *compiled = all->compiled;
    const caucus_partition *others = compiled->others;
    for (uint32_t c = 0; c < others->n_classes; c++) {
        const uint32_t position = caucus_partition_at(others, CAUCUS_RAW, c);
        if (position == CAUCUS_NOWHERE) {
            continue;
        }
        const size_t row = CAUCUS_ROW((size_t)position * compiled->n_labels + others->columns[CAUCUS_LABEL][c]);
        caucus_lane_add(all->total + row, all->classes + CAUCUS_ROW(c));
        if (compiled->config->accuracy_cost) {
            caucus_lane_add(all->clean + row, all->classes + CAUCUS_ROW(c));
        }
    }
}

/* As caucus_draw_groups, for the first n lanes, whose numbers are set. */
static inline void caucus_lane_draw_groups(const caucus_lane_trials *trials)
{
    caucus_trial *all = &trials->lanes[0];
    const caucus_compiled *compiled = all->compiled;
    const uint32_t M = compiled->n_collectives;
    memset(all->taken[0], 0, CAUCUS_ROW(compiled->urn.n_classes[0]) * sizeof **all->taken);
    for (uint32_t m = 0; m < M; m++) {
        caucus_lane_collective(trials, m);
    }
    for (uint32_t i = 0; i < 2; i++) {
        const bool test = compiled->urn.test_first == (i == 0);
        caucus_lane_next_urn(all, i + 1);
        caucus_lane_people(trials, test ? 2 * M + 1 : 2 * M, i + 1,
                           caucus_trial_place(all, test ? M + 1 : 0, CAUCUS_DRAW_REST),
                           test ? all->tested : all->classes);
    }
    caucus_lane_hand_in(all);
}

#endif
