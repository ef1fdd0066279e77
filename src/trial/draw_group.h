/* Drawing a group by counts over classes (docs/engine.md, "Groups"). Shared with devices.
 *
 * counts and taken are arrays of a trial [class], indexed by CAUCUS_AT; taken is who has been drawn so far, and is not
 * read with replacement. */
#ifndef CAUCUS_TRIAL_DRAW_GROUP_H
#define CAUCUS_TRIAL_DRAW_GROUP_H

#include "trial/draw_plan.h"

/* People of class c that the group may still draw, without replacement. */
CAUCUS_SHARED uint64_t caucus_group_left(const caucus_group *group, uint32_t c, const caucus_count *taken,
                                         const caucus_count *counts)
{
    const uint64_t people = group->people[c];
    return people == 0 ? 0 : people - taken[CAUCUS_AT(c)] - counts[CAUCUS_AT(c)];
}

/* One class's count of a level; draw: the number of its first draw. */
CAUCUS_SHARED uint64_t caucus_group_count(const caucus_group *group, const caucus_draw_level *level, uint32_t c,
                                          uint32_t draw, const caucus_count *taken, const caucus_count *counts,
                                          caucus_reader *reader)
{
    const caucus_draw_class *of = &group->classes[level->first_class + c];
    if (!group->urn) {
        return of->table == CAUCUS_NO_TABLE
                   ? 0
                   : caucus_table_draw(&group->tables, of->table, 0, reader, CAUCUS_SPACE_COUNTS, draw);
    }
    uint64_t left = caucus_group_left(group, c, taken, counts);
    uint64_t k = 0;
    if (of->table != CAUCUS_NO_TABLE && left >= of->low) {
        k = caucus_table_draw(&group->tables, of->table, 0, reader, CAUCUS_SPACE_COUNTS, draw);
        left -= of->low;
    }
    return left == 0 ? k : k + caucus_ladder_draw(&group->tables, level->ladder, left, reader, draw + 1);
}

/* The sum of a level's counts; adds them to counts if asked to. */
CAUCUS_SHARED uint64_t caucus_group_level_counts(const caucus_group *group, const caucus_draw_level *level, bool keep,
                                                 const caucus_count *taken, caucus_count *counts, caucus_reader *reader)
{
    uint64_t sum = 0;
    for (uint32_t c = 0; c < group->n_classes; c++) {
        const uint64_t k = caucus_group_count(group, level, c, c * group->stride, taken, counts, reader);
        sum += k;
        if (keep) {
            counts[CAUCUS_AT(c)] += (caucus_count)k;
        }
    }
    return sum;
}

CAUCUS_SHARED void caucus_group_clear(const caucus_group *group, caucus_count *counts)
{
    for (uint32_t c = 0; c < group->n_classes; c++) {
        counts[CAUCUS_AT(c)] = 0;
    }
}

/* log2 of a window's value; false where it is outside. */
CAUCUS_SHARED bool caucus_group_log(const int64_t *logs, const caucus_draw_window *window, uint64_t at,
                                    int64_t *log2_value)
{
    if (at < window->first || at - window->first >= window->n) {
        return false;
    }
    *log2_value += logs[window->offset + (at - window->first)];
    return true;
}

/* 2^64 times the probability with which a link's rest is to take j of the `left` people that it has. */
CAUCUS_SHARED uint64_t caucus_group_acceptance(const caucus_group *group, const caucus_draw_link *link, uint64_t left,
                                               uint64_t j)
{
    int64_t log2_value = 0;
    if (link->accept == CAUCUS_ACCEPT_WIDE) {
        const caucus_wide *wide = &group->tables.wides[link->wide];
        const uint64_t most = (uint64_t)wide->width * CAUCUS_WIDE_STRIPS;
        const uint64_t distance = j < wide->mode ? wide->mode - j : j - wide->mode;
        return distance > most ? 0 : caucus_exp2(caucus_wide_log(wide, (int64_t)(j - wide->mode)));
    }
    if (!caucus_group_log(group->logs, &link->takes, j, &log2_value)) {
        return 0;
    }
    if (link->accept == CAUCUS_ACCEPT_TABLE) {
        return (uint64_t)log2_value; /* no logarithm but the threshold itself */
    }
    if (j > left || !caucus_group_log(group->logs, &link->left, left, &log2_value) ||
        !caucus_group_log(group->logs, &link->stays, left - j, &log2_value)) {
        return 0;
    }
    const int64_t least = -64 * (1LL << CAUCUS_WINDOW_BITS);
    return log2_value < least ? 0 : caucus_exp2(log2_value * (1 << (CAUCUS_LOG_BITS - CAUCUS_WINDOW_BITS)));
}

/* Whether a link's rest takes the j people that its classes leave it. */
CAUCUS_SHARED bool caucus_group_accept_rest(const caucus_group *group, const caucus_draw_link *link, uint64_t j,
                                            const caucus_count *taken, caucus_reader *reader)
{
    const uint32_t draw = link->draw + link->n * group->stride;
    uint64_t left = link->people;
    for (uint32_t i = link->first + link->n; link->accept == CAUCUS_ACCEPT_WINDOWS && i < group->n_ordered; i++) {
        left -= taken[CAUCUS_AT(group->order[i])];
    }
    const uint64_t threshold = caucus_group_acceptance(group, link, left, j);
    const uint32_t u = caucus_read(reader, CAUCUS_SPACE_COUNTS, draw);
    const uint32_t high = (uint32_t)(threshold >> 32);
    return u < high || (u == high && caucus_read_more(reader, CAUCUS_SPACE_COUNTS, draw) < (uint32_t)threshold);
}

/* Draw a link's classes, who are to have `total` people together with its rest, from the reader's attempt on. Returns
 * what the rest takes. */
CAUCUS_SHARED uint64_t caucus_group_link(const caucus_group *group, const caucus_draw_link *link, uint64_t total,
                                         const caucus_count *taken, caucus_count *counts, caucus_reader *reader)
{
    for (;; reader->attempt++) {
        uint64_t sum = 0;
        for (uint32_t i = 0; i < link->n; i++) {
            const uint32_t c = group->order[link->first + i];
            counts[CAUCUS_AT(c)] = 0;
            const uint64_t k =
                caucus_group_count(group, &group->levels[0], c, link->draw + i * group->stride, taken, counts, reader);
            counts[CAUCUS_AT(c)] = (caucus_count)k;
            sum += k;
        }
        if (sum <= total && caucus_group_accept_rest(group, link, total - sum, taken, reader)) {
            return total - sum;
        }
    }
}

CAUCUS_SHARED void caucus_group_by_rest(const caucus_group *group, const caucus_count *taken, caucus_count *counts,
                                        caucus_reader *reader)
{
    uint64_t total = group->size;
    caucus_group_clear(group, counts);
    for (uint32_t i = 0; i < group->n_links; i++) {
        reader->attempt = 0;
        total = caucus_group_link(group, &group->links[i], total, taken, counts, reader);
    }
    counts[CAUCUS_AT(group->order[group->n_ordered - 1])] = (caucus_count)total;
}

/* The class of one more person without replacement: anybody who may join, looked for again when taken already; or, when
 * few are left, one of these by her place among them. */
CAUCUS_SHARED uint32_t caucus_group_person_left(const caucus_group *group, uint64_t n_left, const caucus_count *taken,
                                                const caucus_count *counts, const caucus_reader *reader,
                                                uint32_t *block)
{
    const caucus_tables *tables = &group->tables;
    const uint64_t *people = group->people;
    for (;;) {
        const uint32_t at = (*block)++;
        const caucus_words words = caucus_read_block(reader, CAUCUS_SPACE_PEOPLE, 0, at);
        const uint64_t place = caucus_join_words(words.w[1], words.w[2]);
        if (n_left < group->n_people / 8) {
            uint64_t before = caucus_mul_high(place, n_left);
            uint32_t c = 0;
            while (before >= caucus_group_left(group, c, taken, counts)) {
                before -= caucus_group_left(group, c, taken, counts);
                c++;
            }
            return c;
        }
        const uint32_t c = caucus_table_find(tables, &tables->tables[group->choice], 0, words.w[0], reader,
                                             CAUCUS_SPACE_PEOPLE, 4 * at);
        if (caucus_mul_high(place, people[c]) < caucus_group_left(group, c, taken, counts)) {
            return c;
        }
    }
}

/* Add n people one by one, each to a class of a table; their words are those of an attempt. With replacement. */
CAUCUS_SHARED void caucus_group_seat(const caucus_group *group, uint32_t table, uint32_t attempt, uint64_t n,
                                     caucus_count *counts, caucus_reader *reader)
{
    const caucus_tables *tables = &group->tables;
    reader->attempt = attempt;
    reader->part = 0;
    reader->holds = false;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t u = caucus_read(reader, CAUCUS_SPACE_PEOPLE, i);
        counts[CAUCUS_AT(caucus_table_find(tables, &tables->tables[table], 0, u, reader, CAUCUS_SPACE_PEOPLE, i))]++;
    }
}

/* Add n people one by one. */
CAUCUS_SHARED void caucus_group_add_people(const caucus_group *group, uint64_t n, const caucus_count *taken,
                                           caucus_count *counts, caucus_reader *reader)
{
    if (n == 0) {
        return;
    }
    if (!group->urn) {
        caucus_group_seat(group, group->choice, 0, n, counts, reader);
        return;
    }
    reader->attempt = 0;
    reader->part = 0;
    reader->holds = false;
    uint64_t n_left = 0;
    for (uint32_t c = 0; c < group->n_classes; c++) {
        n_left += caucus_group_left(group, c, taken, counts);
    }
    uint32_t block = 0;
    for (; n > 0; n--) {
        counts[CAUCUS_AT(caucus_group_person_left(group, n_left, taken, counts, reader, &block))]++;
        n_left--;
    }
}

/* The attempt whose words people have who are drawn by what coarse shares leave out. */
enum { CAUCUS_REMAINDER_ATTEMPT = 1 };

/* How many of the group's people levels and `choice` are to draw: its first draw behind those of its classes. */
CAUCUS_SHARED uint64_t caucus_group_coarse(const caucus_group *group, caucus_reader *reader)
{
    return group->coarse == CAUCUS_NO_TABLE ? group->size
                                            : caucus_table_draw(&group->tables, group->coarse, 0, reader,
                                                                CAUCUS_SPACE_COUNTS, group->n_classes * group->stride);
}

/* A level's worth of counts that are not more than `most`: the form by missing's beginning. */
CAUCUS_SHARED void caucus_group_by_missing(const caucus_group *group, uint64_t most, const caucus_count *taken,
                                           caucus_count *counts, caucus_reader *reader)
{
    for (;; reader->attempt++) {
        caucus_group_clear(group, counts);
        if (caucus_group_level_counts(group, &group->levels[0], true, taken, counts, reader) <= most) {
            return;
        }
    }
}

/* Those who miss then, `missing` of them: by smaller groups. Returns how many still miss. */
CAUCUS_SHARED uint64_t caucus_group_add_levels(const caucus_group *group, uint64_t missing, const caucus_count *taken,
                                               caucus_count *counts, caucus_reader *reader)
{
    uint32_t part = 0;
    for (uint32_t i = 1; i < group->n_levels; i++) {
        const caucus_draw_level *level = &group->levels[i];
        while (missing >= level->size) {
            uint64_t sum = 0;
            reader->part = ++part;
            reader->attempt = 0;
            reader->holds = false;
            /* counted first, added once it is known that they are not too many: the same numbers again */
            while ((sum = caucus_group_level_counts(group, level, false, taken, counts, reader)) > missing) {
                reader->attempt++;
            }
            caucus_group_level_counts(group, level, true, taken, counts, reader);
            missing -= sum;
        }
    }
    return missing;
}

/* All who miss of `coarse` people: by smaller groups, in the end one by one; then those whose shares are not coarse. */
CAUCUS_SHARED void caucus_group_add_missing(const caucus_group *group, uint64_t coarse, const caucus_count *taken,
                                            caucus_count *counts, caucus_reader *reader)
{
    uint64_t missing = coarse;
    for (uint32_t c = 0; c < group->n_classes; c++) {
        missing -= counts[CAUCUS_AT(c)];
    }
    missing = caucus_group_add_levels(group, missing, taken, counts, reader);
    caucus_group_add_people(group, missing, taken, counts, reader);
    if (coarse < group->size) {
        caucus_group_seat(group, group->remainder, CAUCUS_REMAINDER_ATTEMPT, group->size - coarse, counts, reader);
    }
}

/* Draw a group into counts; without replacement they are taken then. taken: NULL with replacement. */
CAUCUS_SHARED void caucus_group_draw(const caucus_group *group, caucus_place place, caucus_count *taken,
                                     caucus_count *counts)
{
    caucus_reader reader = caucus_reader_at(place);
    if (group->form == CAUCUS_DRAW_BY_PEOPLE) {
        caucus_group_clear(group, counts);
        caucus_group_add_people(group, group->size, taken, counts, &reader);
    } else if (group->form == CAUCUS_DRAW_BY_MISSING) {
        const uint64_t coarse = caucus_group_coarse(group, &reader);
        caucus_group_by_missing(group, coarse, taken, counts, &reader);
        caucus_group_add_missing(group, coarse, taken, counts, &reader);
    } else {
        caucus_group_by_rest(group, taken, counts, &reader);
    }
    for (uint32_t c = 0; group->urn && c < group->n_classes; c++) {
        taken[CAUCUS_AT(c)] += counts[CAUCUS_AT(c)];
    }
}

#endif
