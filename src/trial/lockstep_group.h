/* Drawing a group for all lanes at a time: the numbers of trial/draw_group.h. */
#ifndef CAUCUS_TRIAL_LOCKSTEP_GROUP_H
#define CAUCUS_TRIAL_LOCKSTEP_GROUP_H

#include "trial/draw_group.h"
#include "trial/lockstep_people.h"
#include "trial/lockstep_table.h"

/* Up to so many lanes that draw a group anew do it one by one: a step of vectors costs little more than one lane. */
enum { CAUCUS_LANE_FEWEST = 1 };

/* A draw of a group: some lanes of the trials', by their numbers. */
typedef struct caucus_lane_draw {
    const caucus_group *group;
    caucus_lane_reader reader;
    uint32_t n;                /* lanes with trials */
    caucus_lane_words lane;    /* of the trials' */
    const caucus_count *taken; /* of the trials */
    caucus_lane_counts sum;
} caucus_lane_draw;

/* People of a class that are left for each lane when the group begins. */
static inline void caucus_lane_left(const caucus_lane_draw *draw, uint32_t c, bool all, caucus_count *restrict left)
{
    const caucus_count people = (caucus_count)draw->group->people[c];
    const caucus_count *restrict taken = draw->taken + CAUCUS_ROW(c);
    const uint32_t n = draw->reader.n;
    if (all) {
        for (uint32_t i = 0; i < n; i++) {
            left[i] = people == 0 ? 0 : people - taken[i];
        }
    } else {
        for (uint32_t i = 0; i < n; i++) {
            left[i] = people == 0 ? 0 : people - taken[draw->lane[i]];
        }
    }
}

/* One class's counts without replacement. */
static inline void caucus_lane_urn_count(caucus_lane_draw *draw, const caucus_draw_level *level, uint32_t c, bool all,
                                         caucus_count *restrict k)
{
    const caucus_group *group = draw->group;
    const caucus_draw_class *of = &group->classes[level->first_class + c];
    const uint32_t first = c * group->stride;
    const uint32_t n = draw->reader.n;
    const caucus_count low = of->table == CAUCUS_NO_TABLE ? 0 : (caucus_count)of->low;
    caucus_lane_counts left;
    caucus_lane_left(draw, c, all, left);
    uint32_t any = 0;
    uint32_t short_of = 0;
    for (uint32_t i = 0; i < n; i++) {
        any |= left[i] > low;
        short_of |= left[i] < low;
    }
    if (short_of != 0) { /* hardly ever: lanes without so many people have no use for the table */
        for (uint32_t i = 0; i < n; i++) {
            caucus_reader one = caucus_lane_reader_of(&draw->reader, i);
            uint64_t people = left[i];
            uint64_t found = 0;
            if (people >= low) {
                found = caucus_table_draw(&group->tables, of->table, 0, &one, CAUCUS_SPACE_COUNTS, first);
                people -= low;
            }
            k[i] = (caucus_count)(found + (people == 0 ? 0
                                                       : caucus_ladder_draw(&group->tables, level->ladder, people, &one,
                                                                            first + 1)));
        }
        return;
    }
    if (of->table != CAUCUS_NO_TABLE) {
        caucus_lane_table(&group->tables, of->table, &draw->reader, first, k);
    } else {
        memset(k, 0, n * sizeof *k);
    }
    if (any != 0) {
        for (uint32_t i = 0; i < n; i++) {
            left[i] -= low;
        }
        caucus_lane_ladder(&group->tables, level->ladder, left, &draw->reader, first + 1, k);
    }
}

/* Counts of the first level; all but one class (skip) are drawn. counts: [class][CAUCUS_LANES]. */
static inline void caucus_lane_level(caucus_lane_draw *draw, bool all, caucus_count *restrict counts)
{
    const caucus_group *group = draw->group;
    const caucus_draw_level *level = &group->levels[0];
    const uint32_t skip = group->form == CAUCUS_DRAW_BY_REST ? group->rest : CAUCUS_NO_TABLE;
    const uint32_t n = draw->reader.n;
    memset(draw->sum, 0, sizeof draw->sum);
    for (uint32_t c = 0; c < group->n_classes; c++) {
        caucus_count *restrict k = counts + CAUCUS_ROW(c);
        const uint32_t table = group->classes[level->first_class + c].table;
        if (c == skip || (!group->urn && table == CAUCUS_NO_TABLE)) {
            memset(k, 0, n * sizeof *k);
            continue;
        }
        if (group->urn) {
            caucus_lane_urn_count(draw, level, c, all, k);
        } else {
            caucus_lane_table(&group->tables, table, &draw->reader, c * group->stride, k);
        }
        for (uint32_t i = 0; i < n; i++) {
            draw->sum[i] += k[i];
        }
    }
}

/* Whether a lane's counts stand. */
static inline bool caucus_lane_stands(caucus_lane_draw *draw, uint32_t i)
{
    const caucus_group *group = draw->group;
    if (draw->sum[i] > group->size) {
        return false;
    }
    if (group->form != CAUCUS_DRAW_BY_REST) {
        return true;
    }
    uint64_t left = 0;
    if (group->accept == CAUCUS_ACCEPT_WINDOWS) {
        left = group->people[group->rest] - draw->taken[CAUCUS_ROW(group->rest) + draw->lane[i]];
    }
    const uint32_t number = group->n_classes * group->stride;
    const uint64_t threshold = caucus_group_acceptance(group, left, group->size - draw->sum[i]);
    const uint32_t u = caucus_lane_read(&draw->reader, number)[i];
    const uint32_t high = (uint32_t)(threshold >> 32);
    if (u != high) {
        return u < high;
    }
    const caucus_reader one = caucus_lane_reader_of(&draw->reader, i);
    return caucus_read_more(&one, CAUCUS_SPACE_COUNTS, number) < (uint32_t)threshold;
}

/* The lanes whose counts do not stand, into again; rest takes what is left in the others. */
static inline uint32_t caucus_lane_judge(caucus_lane_draw *draw, caucus_count *restrict counts, uint32_t *again)
{
    const caucus_group *group = draw->group;
    uint32_t n_again = 0;
    for (uint32_t i = 0; i < draw->n; i++) {
        if (!caucus_lane_stands(draw, i)) {
            again[n_again++] = i;
        } else if (group->form == CAUCUS_DRAW_BY_REST) {
            counts[CAUCUS_ROW(group->rest) + i] = (caucus_count)(group->size - draw->sum[i]);
        }
    }
    return n_again;
}

/* One lane that is left over, from an attempt on. */
static inline void caucus_lane_finish_one(const caucus_lane_draw *draw, uint32_t lane, uint32_t trial, uint32_t attempt,
                                          caucus_count *counts)
{
    caucus_place place = draw->reader.place;
    place.source.trial = trial;
    caucus_reader one = caucus_reader_at(place);
    one.attempt = attempt;
    caucus_group_first_level(draw->group, draw->taken == NULL ? NULL : draw->taken + lane, counts + lane, &one);
}

/* Lanes that must draw anew: close together, in rounds, until few are left. spare: [class][CAUCUS_LANES]. */
static inline void caucus_lane_again(caucus_lane_draw *draw, uint32_t n_again, uint32_t *again, caucus_count *counts,
                                     caucus_count *restrict spare)
{
    const caucus_place place = draw->reader.place;
    for (uint32_t attempt = draw->reader.attempt + 1; n_again > 0; attempt++) {
        for (uint32_t j = 0; j < n_again; j++) { /* in place: again[j] >= j */
            draw->lane[j] = draw->lane[again[j]];
            draw->reader.trial[j] = draw->reader.trial[again[j]];
        }
        if (n_again <= CAUCUS_LANE_FEWEST) {
            for (uint32_t j = 0; j < n_again; j++) {
                caucus_lane_finish_one(draw, draw->lane[j], draw->reader.trial[j], attempt, counts);
            }
            return;
        }
        draw->n = n_again;
        draw->reader.n = caucus_lane_round_up(n_again);
        for (uint32_t j = n_again; j < draw->reader.n; j++) {
            draw->lane[j] = draw->lane[0];
            draw->reader.trial[j] = draw->reader.trial[0];
        }
        caucus_lane_reader_start(&draw->reader, place, attempt);
        caucus_lane_level(draw, false, spare);
        const uint32_t n_before = n_again;
        n_again = caucus_lane_judge(draw, spare, again);
        uint32_t next = 0; /* of again */
        for (uint32_t j = 0; j < n_before; j++) {
            if (next < n_again && again[next] == j) {
                next++;
                continue;
            }
            for (uint32_t c = 0; c < draw->group->n_classes; c++) {
                counts[CAUCUS_ROW(c) + draw->lane[j]] = spare[CAUCUS_ROW(c) + j];
            }
        }
    }
}

/* As caucus_group_add_missing, with replacement. */
static inline void caucus_lane_add_missing(const caucus_group *group, caucus_place place, const uint32_t *number,
                                           uint32_t n, caucus_count *counts)
{
    uint64_t missing[CAUCUS_LANES];
    caucus_lane_counts sum;
    memset(sum, 0, sizeof sum);
    for (uint32_t c = 0; group->form == CAUCUS_DRAW_BY_MISSING && c < group->n_classes; c++) {
        const caucus_count *restrict row = counts + CAUCUS_ROW(c);
        CAUCUS_EACH_LANE (i) {
            sum[i] += row[i];
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        missing[i] = group->size - sum[i];
        if (group->n_levels > 1) {
            place.source.trial = number[i];
            caucus_reader one = caucus_reader_at(place);
            missing[i] = caucus_group_add_levels(group, missing[i], NULL, counts + i, &one);
        }
    }
    caucus_lane_add_people(group, place, number, n, missing, counts);
}

/* As caucus_group_draw, for the first n lanes. number: of the trials; taken, counts: [class][CAUCUS_LANES]. */
static inline void caucus_lane_group(const caucus_group *group, caucus_place place, const uint32_t *number, uint32_t n,
                                     caucus_count *taken, caucus_count *counts, caucus_count *spare)
{
    if (group->form == CAUCUS_DRAW_BY_PEOPLE && !group->urn) {
        memset(counts, 0, CAUCUS_ROW(group->n_classes) * sizeof *counts);
        if (group->size > 0) {
            caucus_lane_add_missing(group, place, number, n, counts);
        }
        return;
    }
    if (group->form == CAUCUS_DRAW_BY_PEOPLE) {
        for (uint32_t i = 0; i < n; i++) {
            place.source.trial = number[i];
            caucus_group_draw(group, place, taken + i, counts + i);
        }
        return;
    }
    caucus_lane_draw draw = {.group = group, .n = n, .taken = group->urn ? taken : NULL};
    caucus_lane_words again;
    draw.reader.n = caucus_lane_round_up(n);
    for (uint32_t i = 0; i < draw.reader.n; i++) {
        draw.lane[i] = i < n ? i : 0;
        draw.reader.trial[i] = number[i < n ? i : 0];
    }
    caucus_lane_reader_start(&draw.reader, place, 0);
    caucus_lane_level(&draw, true, counts);
    caucus_lane_again(&draw, caucus_lane_judge(&draw, counts, again), again, counts, spare);
    if (group->form == CAUCUS_DRAW_BY_MISSING && !group->urn) {
        caucus_lane_add_missing(group, place, number, n, counts);
    }
    for (uint32_t i = 0; group->form == CAUCUS_DRAW_BY_MISSING && group->urn && i < n; i++) {
        place.source.trial = number[i];
        caucus_reader one = caucus_reader_at(place);
        caucus_group_add_missing(group, taken + i, counts + i, &one);
    }
    for (uint32_t c = 0; group->urn && c < group->n_classes; c++) {
        caucus_count *restrict sum = taken + CAUCUS_ROW(c);
        const caucus_count *restrict k = counts + CAUCUS_ROW(c);
        for (uint32_t i = 0; i < n; i++) { /* lanes without a trial must not take anybody */
            sum[i] += k[i];
        }
    }
}

#endif
