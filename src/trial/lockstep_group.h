/* Drawing a group for all lanes at a time: the numbers of trial/draw_group.h. */
#ifndef CAUCUS_TRIAL_LOCKSTEP_GROUP_H
#define CAUCUS_TRIAL_LOCKSTEP_GROUP_H

#include "trial/draw_group.h"
#include "trial/lockstep_people.h"
#include "trial/lockstep_table.h"

/* Up to so many lanes that draw a group anew do it one by one: a step of vectors costs little more than one lane. */
enum { CAUCUS_LANE_FEWEST = 1 };

/* A draw of a group or of a link of it: some lanes of the trials', by their numbers. */
typedef struct caucus_lane_draw {
    const caucus_group *group;
    const caucus_draw_link *link; /* by rest */
    caucus_lane_reader reader;
    uint32_t n;                /* lanes with trials */
    caucus_lane_words lane;    /* of the trials' */
    const caucus_count *taken; /* of the trials */
    caucus_lane_counts sum;
    caucus_lane_counts total; /* [lane of the trials] people whom the classes and the rest are to have */
    caucus_lane_counts left;  /* [lane of the trials] of the rest, where its windows ask for them */
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

/* One class's counts without replacement; first: the number of its first draw. */
static inline void caucus_lane_urn_count(caucus_lane_draw *draw, const caucus_draw_level *level, uint32_t c,
                                         uint32_t first, bool all, caucus_count *restrict k)
{
    const caucus_group *group = draw->group;
    const caucus_draw_class *of = &group->classes[level->first_class + c];
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

/* One class's counts, into its row and the sum. counts: [class][CAUCUS_LANES]. */
static inline void caucus_lane_class(caucus_lane_draw *draw, uint32_t c, uint32_t first, bool all,
                                     caucus_count *restrict counts)
{
    const caucus_group *group = draw->group;
    const caucus_draw_level *level = &group->levels[0];
    caucus_count *restrict k = counts + CAUCUS_ROW(c);
    const uint32_t table = group->classes[level->first_class + c].table;
    if (group->urn) {
        caucus_lane_urn_count(draw, level, c, first, all, k);
    } else if (table != CAUCUS_NO_TABLE) {
        caucus_lane_table(&group->tables, table, &draw->reader, first, k);
    } else {
        memset(k, 0, draw->reader.n * sizeof *k);
    }
    for (uint32_t i = 0; i < draw->reader.n; i++) {
        draw->sum[i] += k[i];
    }
}

/* Counts of a link's classes, or of all classes. */
static inline void caucus_lane_classes(caucus_lane_draw *draw, bool all, caucus_count *counts)
{
    const caucus_group *group = draw->group;
    const caucus_draw_link *link = draw->link;
    const uint32_t n = link != NULL ? link->n : group->n_classes;
    memset(draw->sum, 0, sizeof draw->sum);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t c = link != NULL ? group->order[link->first + i] : i;
        caucus_lane_class(draw, c, (link != NULL ? link->draw : 0) + i * group->stride, all, counts);
    }
}

/* Whether a lane's counts stand. */
static inline bool caucus_lane_stands(caucus_lane_draw *draw, uint32_t i)
{
    const caucus_group *group = draw->group;
    const caucus_draw_link *link = draw->link;
    const caucus_count total = draw->total[draw->lane[i]];
    if (draw->sum[i] > total) {
        return false;
    }
    if (link == NULL) {
        return true;
    }
    const uint32_t number = link->draw + link->n * group->stride;
    const uint64_t threshold = caucus_group_acceptance(group, link, draw->left[draw->lane[i]], total - draw->sum[i]);
    const uint32_t u = caucus_lane_read(&draw->reader, number)[i];
    const uint32_t high = (uint32_t)(threshold >> 32);
    if (u != high) {
        return u < high;
    }
    const caucus_reader one = caucus_lane_reader_of(&draw->reader, i);
    return caucus_read_more(&one, CAUCUS_SPACE_COUNTS, number) < (uint32_t)threshold;
}

/* As caucus_lane_judge, of a link whose thresholds lie in a row: upper halves decide but for ties. */
static inline uint32_t caucus_lane_judge_by_table(caucus_lane_draw *draw, uint32_t *again)
{
    const caucus_draw_link *link = draw->link;
    const int64_t *thresholds = draw->group->logs + link->takes.offset;
    const caucus_count first = (caucus_count)link->takes.first;
    const uint32_t *u = caucus_lane_read(&draw->reader, link->draw + link->n * draw->group->stride);
    uint32_t n_again = 0;
    for (uint32_t i = 0; i < draw->n; i++) {
        const caucus_count total = draw->total[draw->lane[i]];
        const caucus_count at = total - draw->sum[i] - first;
        const bool inside = draw->sum[i] <= total && at < link->takes.n;
        const uint32_t high = inside ? (uint32_t)((uint64_t)thresholds[at] >> 32) : 0;
        again[n_again] = i;
        n_again += u[i] == high ? !caucus_lane_stands(draw, i) : u[i] > high;
    }
    return n_again;
}

/* The lanes whose counts do not stand, into again; returns how many. */
static inline uint32_t caucus_lane_judge(caucus_lane_draw *draw, uint32_t *again)
{
    if (draw->link != NULL && draw->link->accept == CAUCUS_ACCEPT_TABLE) {
        return caucus_lane_judge_by_table(draw, again);
    }
    uint32_t n_again = 0;
    for (uint32_t i = 0; i < draw->n; i++) {
        if (!caucus_lane_stands(draw, i)) {
            again[n_again++] = i;
        }
    }
    return n_again;
}

/* One lane that is left over, from an attempt on. */
static inline void caucus_lane_finish_one(const caucus_lane_draw *draw, uint32_t lane, uint32_t trial, uint32_t attempt,
                                          caucus_count *counts)
{
    const caucus_count *taken = draw->taken == NULL ? NULL : draw->taken + lane;
    caucus_place place = draw->reader.place;
    place.source.trial = trial;
    caucus_reader one = caucus_reader_at(place);
    one.attempt = attempt;
    if (draw->link != NULL) {
        (void)caucus_group_link(draw->group, draw->link, draw->total[lane], taken, counts + lane, &one);
    } else {
        caucus_group_by_missing(draw->group, draw->total[lane], taken, counts + lane, &one);
    }
}

/* Close the lanes of again together. */
static inline void caucus_lane_gather(caucus_lane_draw *draw, uint32_t n_again, const uint32_t *again)
{
    for (uint32_t j = 0; j < n_again; j++) { /* in place: again[j] >= j */
        draw->lane[j] = draw->lane[again[j]];
        draw->reader.trial[j] = draw->reader.trial[again[j]];
    }
    draw->n = n_again;
    draw->reader.n = caucus_lane_round_up(n_again);
    for (uint32_t j = n_again; j < draw->reader.n; j++) {
        draw->lane[j] = draw->lane[0];
        draw->reader.trial[j] = draw->reader.trial[0];
    }
}

/* Counts of a lane that stand, from among those that were drawn anew. */
static inline void caucus_lane_scatter(const caucus_lane_draw *draw, uint32_t j, const caucus_count *spare,
                                       caucus_count *counts)
{
    const caucus_draw_link *link = draw->link;
    const uint32_t n = link != NULL ? link->n : draw->group->n_classes;
    for (uint32_t i = 0; i < n; i++) {
        const size_t row = CAUCUS_ROW(link != NULL ? draw->group->order[link->first + i] : i);
        counts[row + draw->lane[j]] = spare[row + j];
    }
}

/* Lanes that must draw anew: close together, in rounds, until few are left. spare: [class][CAUCUS_LANES]. */
static inline void caucus_lane_again(caucus_lane_draw *draw, uint32_t n_again, uint32_t *again, caucus_count *counts,
                                     caucus_count *restrict spare)
{
    const caucus_place place = draw->reader.place;
    for (uint32_t attempt = draw->reader.attempt + 1; n_again > 0; attempt++) {
        caucus_lane_gather(draw, n_again, again);
        if (n_again <= CAUCUS_LANE_FEWEST) {
            for (uint32_t j = 0; j < n_again; j++) {
                caucus_lane_finish_one(draw, draw->lane[j], draw->reader.trial[j], attempt, counts);
            }
            return;
        }
        caucus_lane_reader_start(&draw->reader, place, attempt);
        caucus_lane_classes(draw, false, spare);
        const uint32_t n_before = n_again;
        n_again = caucus_lane_judge(draw, again);
        uint32_t next = 0; /* of again */
        for (uint32_t j = 0; j < n_before; j++) {
            if (next < n_again && again[next] == j) {
                next++;
            } else {
                caucus_lane_scatter(draw, j, spare, counts);
            }
        }
    }
}

/* All lanes' counts of a link's classes, or of all classes. draw: has group, link, taken, total and left. */
static inline void caucus_lane_draw_classes(caucus_lane_draw *draw, caucus_place place, const uint32_t *number,
                                            uint32_t n, caucus_count *counts, caucus_count *spare)
{
    caucus_lane_words again;
    draw->n = n;
    draw->reader.n = caucus_lane_round_up(n);
    for (uint32_t i = 0; i < draw->reader.n; i++) {
        draw->lane[i] = i < n ? i : 0;
        draw->reader.trial[i] = number[i < n ? i : 0];
    }
    caucus_lane_reader_start(&draw->reader, place, 0);
    caucus_lane_classes(draw, true, counts);
    caucus_lane_again(draw, caucus_lane_judge(draw, again), again, counts, spare);
}

/* People of a link's rest who are left, where its windows ask for them. */
static inline void caucus_lane_rest_left(caucus_lane_draw *draw)
{
    const caucus_draw_link *link = draw->link;
    if (link->accept != CAUCUS_ACCEPT_WINDOWS) {
        return;
    }
    CAUCUS_EACH_LANE (i) {
        draw->left[i] = (caucus_count)link->people;
    }
    for (uint32_t place = link->first + link->n; place < draw->group->n_ordered; place++) {
        const caucus_count *restrict taken = draw->taken + CAUCUS_ROW(draw->group->order[place]);
        CAUCUS_EACH_LANE (i) {
            draw->left[i] -= taken[i];
        }
    }
}

/* As caucus_group_by_rest. */
static inline void caucus_lane_by_rest(caucus_lane_draw *draw, caucus_place place, const uint32_t *number, uint32_t n,
                                       caucus_count *counts, caucus_count *spare)
{
    const caucus_group *group = draw->group;
    if (group->n_ordered < group->n_classes) {
        memset(counts, 0, CAUCUS_ROW(group->n_classes) * sizeof *counts);
    }
    for (uint32_t i = 0; i < group->n_links; i++) {
        const caucus_draw_link *link = &group->links[i];
        draw->link = link;
        caucus_lane_rest_left(draw);
        caucus_lane_draw_classes(draw, place, number, n, counts, spare);
        for (uint32_t j = 0; j < link->n; j++) {
            const caucus_count *restrict k = counts + CAUCUS_ROW(group->order[link->first + j]);
            CAUCUS_EACH_LANE (lane) {
                draw->total[lane] -= k[lane];
            }
        }
    }
    for (uint32_t i = n; i < CAUCUS_LANES; i++) { /* lanes without a trial go along, but with few people */
        draw->total[i] = 0;
    }
    memcpy(counts + CAUCUS_ROW(group->order[group->n_ordered - 1]), draw->total, sizeof draw->total);
}

/* As caucus_group_add_missing, with replacement. coarse: [lane]. */
static inline void caucus_lane_add_missing(const caucus_group *group, const caucus_count *coarse, caucus_place place,
                                           const uint32_t *number, uint32_t n, caucus_count *counts)
{
    uint64_t missing[CAUCUS_LANES] = {0};
    caucus_lane_counts sum;
    memset(sum, 0, sizeof sum);
    for (uint32_t c = 0; group->form == CAUCUS_DRAW_BY_MISSING && c < group->n_classes; c++) {
        const caucus_count *restrict row = counts + CAUCUS_ROW(c);
        CAUCUS_EACH_LANE (i) {
            sum[i] += row[i];
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        missing[i] = coarse[i] - sum[i];
        if (group->n_levels > 1) {
            place.source.trial = number[i];
            caucus_reader one = caucus_reader_at(place);
            missing[i] = caucus_group_add_levels(group, missing[i], NULL, counts + i, &one);
        }
    }
    caucus_lane_add_people(group, group->choice, 0, place, number, n, missing, counts);
    if (group->coarse != CAUCUS_NO_TABLE) {
        for (uint32_t i = 0; i < n; i++) {
            missing[i] = group->size - coarse[i];
        }
        caucus_lane_add_people(group, group->remainder, CAUCUS_REMAINDER_ATTEMPT, place, number, n, missing, counts);
    }
}

/* As caucus_group_coarse. */
static inline void caucus_lane_coarse(const caucus_group *group, caucus_place place, const uint32_t *number, uint32_t n,
                                      caucus_count *coarse)
{
    CAUCUS_EACH_LANE (i) {
        coarse[i] = (caucus_count)group->size;
    }
    for (uint32_t i = 0; group->coarse != CAUCUS_NO_TABLE && i < n; i++) {
        place.source.trial = number[i];
        caucus_reader one = caucus_reader_at(place);
        coarse[i] = (caucus_count)caucus_group_coarse(group, &one);
    }
}

/* As caucus_group_draw, for the first n lanes. number: of the trials; taken, counts: [class][CAUCUS_LANES]. */
static inline void caucus_lane_group(const caucus_group *group, caucus_place place, const uint32_t *number, uint32_t n,
                                     caucus_count *taken, caucus_count *counts, caucus_count *spare)
{
    caucus_lane_draw draw;
    caucus_lane_coarse(group, place, number, n, draw.total);
    if (group->form == CAUCUS_DRAW_BY_PEOPLE && !group->urn) {
        memset(counts, 0, CAUCUS_ROW(group->n_classes) * sizeof *counts);
        if (group->size > 0) {
            caucus_lane_add_missing(group, draw.total, place, number, n, counts);
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
    draw.group = group;
    draw.link = NULL;
    draw.taken = group->urn ? taken : NULL;
    memset(draw.left, 0, sizeof draw.left);
    if (group->form == CAUCUS_DRAW_BY_REST) {
        caucus_lane_by_rest(&draw, place, number, n, counts, spare);
    } else {
        caucus_lane_draw_classes(&draw, place, number, n, counts, spare);
    }
    if (group->form == CAUCUS_DRAW_BY_MISSING && !group->urn) {
        caucus_lane_add_missing(group, draw.total, place, number, n, counts);
    }
    for (uint32_t i = 0; group->form == CAUCUS_DRAW_BY_MISSING && group->urn && i < n; i++) {
        place.source.trial = number[i];
        caucus_reader one = caucus_reader_at(place);
        caucus_group_add_missing(group, group->size, taken + i, counts + i, &one);
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
