/* Draws by table for many lanes at a time: the numbers of math/draw_table.h. */
#ifndef CAUCUS_TRIAL_LOCKSTEP_TABLE_H
#define CAUCUS_TRIAL_LOCKSTEP_TABLE_H

#include "math/draw_table.h"
#include "math/philox_lanes.h"
#include "trial/lockstep.h"

/* What lanes read: they draw the same thing in trials of their own. n: a multiple of CAUCUS_PHILOX_STEP; the lanes
 * behind the last trial draw too. */
typedef struct caucus_lane_reader {
    caucus_place place; /* but for the trial */
    uint32_t attempt;
    uint32_t n;
    uint32_t held; /* block that words holds */
    bool holds;
    caucus_lane_words trial, turn, block;
    caucus_lane_words words[4];
} caucus_lane_reader;

static inline uint32_t caucus_lane_round_up(uint32_t n)
{
    return (n + CAUCUS_PHILOX_STEP - 1) / CAUCUS_PHILOX_STEP * CAUCUS_PHILOX_STEP;
}

static inline void caucus_lane_reader_start(caucus_lane_reader *reader, caucus_place place, uint32_t attempt)
{
    reader->place = place;
    reader->attempt = attempt;
    reader->holds = false;
    for (uint32_t i = 0; i < reader->n; i++) {
        reader->turn[i] = place.stream << CAUCUS_STREAM_BITS | caucus_turn(CAUCUS_SPACE_COUNTS, attempt);
    }
}

/* The first words of a draw. */
static inline const uint32_t *caucus_lane_read(caucus_lane_reader *reader, uint32_t draw)
{
    uint32_t *const words[4] = {reader->words[0], reader->words[1], reader->words[2], reader->words[3]};
    if (!reader->holds || reader->held != draw / 4) {
        reader->held = draw / 4;
        reader->holds = true;
        CAUCUS_EACH_LANE (i) {
            reader->block[i] = draw / 4;
        }
        caucus_philox_lanes(reader->place.source.seed, reader->block, reader->turn, reader->trial,
                            caucus_point(reader->place.source.config, reader->attempt), words, reader->n);
    }
    return reader->words[draw & 3];
}

/* Counts of rows by the steps of caucus_table_search, over all of the stride: behind a row's last threshold there are
 * ones, which no word is above. open: lanes whose word equals a threshold; returns whether there are any. row: [lane],
 * or NULL: all the first. */
static inline bool caucus_lane_search(const uint32_t *restrict high, const caucus_table *table,
                                      const uint32_t *restrict row, const uint32_t *restrict u, uint32_t n,
                                      uint32_t *restrict k, uint32_t *restrict open)
{
    caucus_lane_words first, at;
    for (uint32_t i = 0; i < n; i++) {
        first[i] = row == NULL ? 0 : row[i] * table->stride;
        at[i] = first[i];
    }
    for (uint32_t left = table->stride; left > 0;) {
        const uint32_t step = (left + 1) / 2;
        for (uint32_t i = 0; i < n; i++) {
            at[i] += high[(int32_t)(at[i] + step - 1)] < u[i] ? step : 0;
        }
        left -= step;
    }
    uint32_t any = 0;
    for (uint32_t i = 0; i < n; i++) {
        k[i] = at[i] - first[i];
        open[i] = k[i] < table->stride ? high[(int32_t)at[i]] == u[i] : 0;
        any |= open[i];
    }
    return any != 0;
}

/* The reader of one lane, with the words that are at hand. */
static inline caucus_reader caucus_lane_reader_of(const caucus_lane_reader *reader, uint32_t lane)
{
    caucus_place place = reader->place;
    place.source.trial = reader->trial[lane];
    caucus_reader one = caucus_reader_at(place);
    one.attempt = reader->attempt;
    if (reader->holds) {
        one.block = reader->held;
        one.turn = caucus_turn(CAUCUS_SPACE_COUNTS, reader->attempt);
        one.holds = true;
        for (int i = 0; i < 4; i++) {
            one.words.w[i] = reader->words[i][lane];
        }
    }
    return one;
}

/* Lanes whose counts stay in registers: as many as any flavour has at least. In vectors as the processor has them. */
#if defined(__AVX512F__)
enum { CAUCUS_COUNTED_LANES = 16, CAUCUS_COUNTED_BYTES = 64 };
#elif defined(__AVX2__)
enum { CAUCUS_COUNTED_LANES = 16, CAUCUS_COUNTED_BYTES = 32 };
#else
enum { CAUCUS_COUNTED_LANES = 16, CAUCUS_COUNTED_BYTES = 16 };
#endif
enum { CAUCUS_COUNTED_VECTORS = CAUCUS_COUNTED_LANES * sizeof(uint32_t) / CAUCUS_COUNTED_BYTES };
typedef uint32_t caucus_counted __attribute__((vector_size(CAUCUS_COUNTED_BYTES), may_alias));

static inline bool caucus_counted_any(caucus_counted v)
{
#if defined(__AVX512F__)
    return _mm512_test_epi32_mask((__m512i)v, (__m512i)v) != 0;
#elif defined(__AVX2__)
    return _mm256_testz_si256((__m256i)v, (__m256i)v) == 0;
#elif defined(__SSE2__)
    return _mm_movemask_epi8(_mm_cmpeq_epi8((__m128i)v, _mm_setzero_si128())) != 0xffff;
#else
    return (v[0] | v[1] | v[2] | v[3]) != 0;
#endif
}

/* Counts of one row by counting thresholds, of which there is a multiple of CAUCUS_COUNTED_TURN; open: lanes whose word
 * equals one; returns whether there are any. Arrays of all lanes, of which n are wanted. */
static inline bool caucus_lane_count(const uint32_t *restrict high, uint32_t n_thresholds, const uint32_t *restrict u,
                                     uint32_t n, uint32_t *restrict k, uint32_t *restrict open)
{
    caucus_counted any = {0};
    for (uint32_t at = 0; at < n; at += CAUCUS_COUNTED_LANES) {
        const caucus_counted *words = (const caucus_counted *)(const void *)(u + at);
        caucus_counted count[CAUCUS_COUNTED_VECTORS] = {{0}};
        caucus_counted ties[CAUCUS_COUNTED_VECTORS] = {{0}};
        caucus_counted above = {1}; /* the last threshold that was looked at: then more must be */
        for (uint32_t j = 0; j < n_thresholds && caucus_counted_any(above); j += CAUCUS_COUNTED_TURN) {
            above = (caucus_counted){0};
#pragma GCC unroll 8
            for (uint32_t i = j; i < j + CAUCUS_COUNTED_TURN; i++) {
                const caucus_counted threshold = high[i] - (caucus_counted){0};
#pragma GCC unroll 4
                for (int v = 0; v < CAUCUS_COUNTED_VECTORS; v++) {
                    const caucus_counted reached = (caucus_counted)(words[v] > threshold);
                    count[v] -= reached; /* -1 where it is so */
                    ties[v] |= (caucus_counted)(words[v] == threshold);
                    above |= i == j + CAUCUS_COUNTED_TURN - 1 ? reached : (caucus_counted){0};
                }
            }
        }
#pragma GCC unroll 4
        for (int v = 0; v < CAUCUS_COUNTED_VECTORS; v++) {
            ((caucus_counted *)(void *)(k + at))[v] = count[v];
            ((caucus_counted *)(void *)(open + at))[v] = ties[v];
            any |= ties[v];
        }
    }
    return caucus_counted_any(any);
}

/* Counts of one row by slices; open: lanes that must look at the thresholds themselves; returns whether there are any.
 */
static inline bool caucus_lane_look_up(const uint32_t *restrict slices, const caucus_table *table,
                                       const uint32_t *restrict u, uint32_t n, uint32_t *restrict k,
                                       uint32_t *restrict open)
{
    const uint32_t to_slice = 32 - table->slice_bits;
    const uint32_t to_value = 32 - table->value_bits;
    const uint32_t in_slice = (1u << to_slice) - 1;
    const uint32_t several = UINT32_MAX >> table->value_bits;
    uint32_t any = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t slice = slices[(int32_t)(u[i] >> to_slice)];
        const uint32_t place = slice & several;
        const uint32_t rest = u[i] & in_slice;
        k[i] = (slice >> to_value) + (rest > place);
        open[i] = (rest == place) | (place == several);
        any |= open[i];
    }
    return any != 0;
}

/* A count of row 0 of a table for each lane. */
static inline void caucus_lane_table(const caucus_tables *tables, uint32_t index, caucus_lane_reader *reader,
                                     uint32_t draw, caucus_count *restrict counts)
{
    const caucus_table *table = &tables->tables[index];
    const caucus_table_row *row = &tables->rows[table->first_row];
    const uint32_t n = reader->n;
    const caucus_count base = (caucus_count)row->base;
    caucus_lane_words k, open;
    if (row->wide != CAUCUS_NO_TABLE) {
        for (uint32_t i = 0; i < n; i++) {
            caucus_reader one = caucus_lane_reader_of(reader, i);
            counts[i] = (caucus_count)caucus_table_draw(tables, index, 0, &one, CAUCUS_SPACE_COUNTS, draw);
        }
        return;
    }
    if (row->last == 0) {
        for (uint32_t i = 0; i < n; i++) {
            counts[i] = base;
        }
        return;
    }
    const uint32_t *u = caucus_lane_read(reader, draw);
    const uint32_t *high = tables->pool + table->high;
    const bool any = table->slices != CAUCUS_NO_TABLE
                         ? caucus_lane_look_up(tables->pool + table->slices, table, u, n, k, open)
                     : table->stride > CAUCUS_MOST_COUNTED ? caucus_lane_search(high, table, NULL, u, n, k, open)
                                                           : caucus_lane_count(high, table->stride, u, n, k, open);
    for (uint32_t i = 0; any && i < n; i++) {
        if (open[i] != 0) {
            const caucus_reader one = caucus_lane_reader_of(reader, i);
            k[i] = caucus_table_find(tables, table, 0, u[i], &one, CAUCUS_SPACE_COUNTS, draw);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        counts[i] = base + k[i];
    }
}

/* The same for each lane's own row of a table. */
static inline bool caucus_lane_look_up_rows(const uint32_t *restrict slices, const caucus_table *table,
                                            const uint32_t *restrict row, const uint32_t *restrict u, uint32_t n,
                                            uint32_t *restrict k, uint32_t *restrict open)
{
    const uint32_t to_slice = 32 - table->slice_bits;
    const uint32_t to_value = 32 - table->value_bits;
    const uint32_t in_slice = (1u << to_slice) - 1;
    const uint32_t several = UINT32_MAX >> table->value_bits;
    uint32_t any = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t slice = slices[(int32_t)((row[i] << table->slice_bits) + (u[i] >> to_slice))];
        const uint32_t place = slice & several;
        const uint32_t rest = u[i] & in_slice;
        k[i] = (slice >> to_value) + (rest > place);
        open[i] = (rest == place) | (place == several);
        any |= open[i];
    }
    return any != 0;
}

/* One digit of a ladder: adds the counts of the rows that lanes' digits choose; digit 0 adds nothing. */
static inline void caucus_lane_digit(const caucus_tables *tables, uint32_t index, const uint32_t *restrict digit,
                                     caucus_lane_reader *reader, uint32_t draw, caucus_count *restrict counts)
{
    const caucus_table *table = &tables->tables[index];
    const uint32_t n = reader->n;
    const uint32_t *restrict bases = tables->pool + table->bases;
    const uint32_t *restrict u = caucus_lane_read(reader, draw);
    caucus_lane_words row, k, open;
    for (uint32_t i = 0; i < n; i++) {
        row[i] = digit[i] == 0 ? 0 : digit[i] - 1;
    }
    const bool any = table->slices != CAUCUS_NO_TABLE
                         ? caucus_lane_look_up_rows(tables->pool + table->slices, table, row, u, n, k, open)
                         : caucus_lane_search(tables->pool + table->high, table, row, u, n, k, open);
    for (uint32_t i = 0; any && i < n; i++) {
        if (open[i] != 0 && digit[i] != 0) {
            const caucus_reader one = caucus_lane_reader_of(reader, i);
            k[i] = caucus_table_find(tables, table, row[i], u[i], &one, CAUCUS_SPACE_COUNTS, draw);
        }
    }
#if CAUCUS_COUNT_BITS == 32
    for (uint32_t i = 0; i < n; i++) {
        k[i] += bases[(int32_t)row[i]];
    }
    for (uint32_t i = 0; i < n; i++) {
        counts[i] += digit[i] == 0 ? 0 : k[i];
    }
#else
    (void)bases;
    for (uint32_t i = 0; i < n; i++) {
        counts[i] += digit[i] == 0 ? 0 : tables->rows[table->first_row + row[i]].base + k[i];
    }
#endif
}

/* Adds how many of people[i] a ladder takes to counts[i]; people is used up. */
static inline void caucus_lane_ladder(const caucus_tables *tables, uint32_t index, caucus_count *restrict people,
                                      caucus_lane_reader *reader, uint32_t draw, caucus_count *restrict counts)
{
    const caucus_ladder *ladder = &tables->ladders[index];
    const uint32_t n = reader->n;
    if (ladder->kind != CAUCUS_LADDER_SPLITS) {
        for (uint32_t i = 0; i < n; i++) {
            counts[i] += ladder->kind == CAUCUS_LADDER_ALL ? people[i] : 0;
        }
        return;
    }
    uint64_t most = 0;
    for (uint32_t i = 0; i < n; i++) {
        most = people[i] > most ? people[i] : most;
    }
    if (most >> CAUCUS_LADDER_BITS >> CAUCUS_LADDER_BITS * (ladder->n_digits - 1) > 0) { /* hardly ever */
        for (uint32_t i = 0; i < n; i++) {
            caucus_reader one = caucus_lane_reader_of(reader, i);
            counts[i] += (caucus_count)caucus_ladder_draw(tables, index, people[i], &one, draw);
        }
        return;
    }
    for (uint32_t j = 0; j < ladder->n_digits && most >> CAUCUS_LADDER_BITS * j > 0; j++) {
        const uint32_t table = ladder->first_table + j;
        const caucus_table_row *last = &tables->rows[tables->tables[table].first_row + CAUCUS_LADDER_ROWS - 1];
        caucus_lane_words digit;
        for (uint32_t i = 0; i < n; i++) {
            digit[i] = (uint32_t)(people[i] >> CAUCUS_LADDER_BITS * j) & 15;
        }
        if (last->wide == CAUCUS_NO_TABLE) {
            caucus_lane_digit(tables, table, digit, reader, draw + j, counts);
            continue;
        }
        for (uint32_t i = 0; i < n; i++) {
            caucus_reader one = caucus_lane_reader_of(reader, i);
            counts[i] += digit[i] == 0 ? 0
                                       : (caucus_count)caucus_table_draw(tables, table, digit[i] - 1, &one,
                                                                         CAUCUS_SPACE_COUNTS, draw + j);
        }
    }
}

#endif
