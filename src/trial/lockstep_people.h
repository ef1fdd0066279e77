/* Drawing people one by one with replacement, for all lanes at a time: the numbers of caucus_group_seat. Lanes
 * have different numbers of people to draw, so that blocks of random words are dealt out to whichever lane needs one:
 * no place of a vector is idle. */
#ifndef CAUCUS_TRIAL_LOCKSTEP_PEOPLE_H
#define CAUCUS_TRIAL_LOCKSTEP_PEOPLE_H

#include "trial/draw_group.h"
#include "trial/lockstep_table.h"

/* Blocks of four people each; those behind the first n are copies. */
typedef struct caucus_lane_blocks {
    uint32_t n;
    uint32_t next_lane, next_block; /* to be dealt out */
    caucus_lane_words lane, block, turn, trial;
    caucus_lane_words words[4];
} caucus_lane_blocks;

/* Deal out the next blocks. missing: people that a lane draws. */
static inline void caucus_lane_deal(caucus_lane_blocks *blocks, const uint32_t *number, const uint64_t *missing,
                                    uint32_t n_lanes)
{
    uint32_t n = 0;
    while (n < CAUCUS_LANES && blocks->next_lane < n_lanes) {
        if (4 * (uint64_t)blocks->next_block >= missing[blocks->next_lane]) {
            blocks->next_lane++;
            blocks->next_block = 0;
            continue;
        }
        blocks->lane[n] = blocks->next_lane;
        blocks->block[n] = blocks->next_block++;
        blocks->trial[n] = number[blocks->next_lane];
        n++;
    }
    blocks->n = n;
    for (uint32_t i = n; n > 0 && i < caucus_lane_round_up(n); i++) {
        blocks->lane[i] = blocks->lane[0];
        blocks->block[i] = blocks->block[0];
        blocks->trial[i] = blocks->trial[0];
    }
}

/* The people of word w of the blocks, each to her class. */
static inline void caucus_lane_seat(const caucus_tables *tables, const caucus_table *table, uint32_t attempt,
                                    const caucus_lane_blocks *blocks, caucus_place place, const uint64_t *missing,
                                    uint32_t w, caucus_count *counts)
{
    const uint32_t *u = blocks->words[w];
    const uint32_t n = caucus_lane_round_up(blocks->n);
    caucus_lane_words k, open;
    if (table->slices == CAUCUS_NO_TABLE) {
        (void)caucus_lane_count(tables->pool + table->high, table->stride, u, n, k, open);
    } else {
        (void)caucus_lane_look_up(tables->pool + table->slices, table, u, n, k, open);
    }
    for (uint32_t i = 0; i < blocks->n; i++) {
        const uint32_t person = 4 * blocks->block[i] + w;
        if (open[i] != 0) {
            place.source.trial = blocks->trial[i];
            caucus_reader one = caucus_reader_at(place);
            one.attempt = attempt;
            k[i] = caucus_table_find(tables, table, 0, u[i], &one, CAUCUS_SPACE_PEOPLE, person);
        }
        counts[CAUCUS_ROW(k[i]) + blocks->lane[i]] += person < missing[blocks->lane[i]] ? 1 : 0;
    }
}

/* As caucus_group_seat: missing[lane] people to the counts of each of the first n lanes. number: of their trials;
 * counts: [class][CAUCUS_LANES]. */
static inline void caucus_lane_add_people(const caucus_group *group, uint32_t index, uint32_t attempt,
                                          caucus_place place, const uint32_t *number, uint32_t n,
                                          const uint64_t *missing, caucus_count *counts)
{
    const caucus_table *table = &group->tables.tables[index];
    caucus_lane_blocks blocks;
    uint32_t *const words[4] = {blocks.words[0], blocks.words[1], blocks.words[2], blocks.words[3]};
    blocks.next_lane = 0;
    blocks.next_block = 0;
    CAUCUS_EACH_LANE (i) {
        blocks.turn[i] = place.stream << CAUCUS_STREAM_BITS | caucus_turn(CAUCUS_SPACE_PEOPLE, attempt);
    }
    for (caucus_lane_deal(&blocks, number, missing, n); blocks.n > 0; caucus_lane_deal(&blocks, number, missing, n)) {
        caucus_philox_lanes(place.source.seed, blocks.block, blocks.turn, blocks.trial, place.source.config, words,
                            caucus_lane_round_up(blocks.n));
        for (uint32_t w = 0; w < 4; w++) {
            caucus_lane_seat(&group->tables, table, attempt, &blocks, place, missing, w, counts);
        }
    }
}

#endif
