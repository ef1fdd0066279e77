/* Draws by tables of integers (docs/engine.md, "Draws by table"). Shared with devices.
 *
 * A distribution is a list of thresholds in units of 2^-64; a draw is how many of them its 64 random bits have reached.
 * 32 bits decide unless they equal the upper half of a threshold; then the lower halves are compared too. Distributions
 * with a large standard deviation have no list but a polynomial (wide.h). */
#ifndef CAUCUS_MATH_DRAW_TABLE_H
#define CAUCUS_MATH_DRAW_TABLE_H

#include "math/fixed.h"
#include "math/words.h"

#define CAUCUS_NO_TABLE UINT32_MAX

/* A wide distribution: log2 of its probabilities relative to the mode's is a polynomial in y = d / (160 width), d the
 * distance to the mode. */
enum { CAUCUS_WIDE_DEGREE = 11, CAUCUS_WIDE_STRIPS = 148 /* on each side of the mode, of `width` values each */ };

typedef struct caucus_wide {
    uint64_t mode;
    uint64_t inverse;                            /* 2^62 / (160 width), times 2^shift */
    int64_t coefficient[CAUCUS_WIDE_DEGREE + 1]; /* in 2^-56; the first is 0 */
    uint32_t shift;
    uint32_t width;
    uint32_t left_over; /* 2^32 mod width */
    uint32_t unused;
} caucus_wide;

/* Up to so many thresholds of a single row have no slices and are compared with all lanes' words at a time, in turns of
 * so many. */
enum { CAUCUS_MOST_COUNTED = 40, CAUCUS_COUNTED_TURN = 8 };

/* One distribution: the count is base + 0 .. last. */
typedef struct caucus_table_row {
    uint64_t base;
    uint32_t last;
    uint32_t wide; /* its number, or CAUCUS_NO_TABLE */
} caucus_table_row;

/* Distributions that are looked up alike. Offsets count words of the pool.
 *
 * The first bits of a draw choose a slice. Its word has, in the upper value_bits, how many thresholds the slice's
 * beginning has reached, and below where in the slice the next one lies: 2^(32 - slice_bits) where that is further on,
 * all ones where several lie in the slice, so that the thresholds themselves must be looked at. */
typedef struct caucus_table {
    uint32_t first_row;
    uint32_t n_rows;
    uint32_t stride;     /* thresholds of a row: the most that any has, and at least one; counted ones in whole turns */
    uint32_t value_bits; /* of a slice's count */
    uint32_t slice_bits; /* value_bits + 1 */
    uint32_t slices;     /* [row][2^slice_bits], or CAUCUS_NO_TABLE: few thresholds, or few draws: found by search */
    uint32_t high;       /* [row][stride] upper halves of thresholds */
    uint32_t low;        /* [row][stride] lower halves */
    uint32_t bases;      /* [row] lower halves of the rows' bases */
} caucus_table;

/* Binomial(n, p) for any n: n is split into digits to base 16, and a digit's a 16^j people have a table row of their
 * own. */
enum { CAUCUS_LADDER_BITS = 4, CAUCUS_LADDER_ROWS = 15 };
enum { CAUCUS_LADDER_NONE, CAUCUS_LADDER_ALL, CAUCUS_LADDER_SPLITS }; /* p = 0, p = 1, else */

typedef struct caucus_ladder {
    uint32_t first_table; /* of digit 0 */
    uint32_t n_digits;
    uint32_t kind;
} caucus_ladder;

/* All tables of a configuration. */
typedef struct caucus_tables {
    uint32_t *pool;
    caucus_table *tables;
    caucus_table_row *rows;
    caucus_wide *wides;
    caucus_ladder *ladders;
    uint64_t n_pool;
    uint32_t n_tables, n_rows, n_wides, n_ladders;
    uint32_t strips;  /* the table of strips that wide draws share, or CAUCUS_NO_TABLE */
    uint32_t heights; /* in the pool, two words each: log2 of the strips' heights in 2^-56, less than 0 */
} caucus_tables;

/* log2 of P(mode + d) / P(mode), in 2^-56. d within the strips. */
CAUCUS_SHARED int64_t caucus_wide_log(const caucus_wide *wide, int64_t d)
{
    const uint64_t distance = (uint64_t)(d < 0 ? -d : d);
    const uint64_t size = caucus_mul_high(distance << (64 - wide->shift), wide->inverse);
    const int64_t y = d < 0 ? -(int64_t)size : (int64_t)size; /* in 2^-62 */
    int64_t sum = wide->coefficient[CAUCUS_WIDE_DEGREE];
    CAUCUS_ROLLED
    for (int i = CAUCUS_WIDE_DEGREE - 1; i >= 0; i--) {
        sum = wide->coefficient[i] + caucus_mul_high_signed(sum, y) * 4;
    }
    return sum;
}

CAUCUS_SHARED uint64_t caucus_join_words(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

/* How many of n thresholds have an upper half below u. */
CAUCUS_SHARED uint32_t caucus_table_search(const uint32_t *high, uint32_t n, uint32_t u)
{
    uint32_t below = 0;
    for (uint32_t left = n; left > 0;) { /* the same steps whatever is found */
        const uint32_t step = (left + 1) / 2;
        below += high[below + step - 1] < u ? step : 0;
        left -= step;
    }
    return below;
}

/* Which of a row's thresholds the draw's bits have reached; `from` are known to be. u: its first word. */
CAUCUS_SHARED uint32_t caucus_table_step(const uint32_t *high, const uint32_t *low, uint32_t from, uint32_t last,
                                         uint32_t u, const caucus_reader *reader, uint32_t space, uint32_t draw)
{
    uint32_t k = from;
    while (k < last && high[k] < u) {
        k++;
    }
    if (k < last && high[k] == u) {
        const uint32_t more = caucus_read_more(reader, space, draw);
        while (k < last && high[k] == u && low[k] <= more) {
            k++;
        }
    }
    return k;
}

CAUCUS_SHARED uint32_t caucus_table_find(const caucus_tables *tables, const caucus_table *table, uint32_t row,
                                         uint32_t u, const caucus_reader *reader, uint32_t space, uint32_t draw)
{
    const uint32_t *high = tables->pool + table->high + (size_t)row * table->stride;
    const uint32_t *low = tables->pool + table->low + (size_t)row * table->stride;
    const uint32_t last = tables->rows[table->first_row + row].last;
    uint32_t from = 0;
    if (table->slices == CAUCUS_NO_TABLE) {
        from = caucus_table_search(high, last, u);
    } else {
        const size_t slice = table->slices + ((size_t)row << table->slice_bits) + (u >> (32 - table->slice_bits));
        from = tables->pool[slice] >> (32 - table->value_bits);
    }
    return caucus_table_step(high, low, from, last, u, reader, space, draw);
}

/* Rejection below a hat of strips that all wide distributions share: a strip by its table, a place in it, and a height
 * that is compared with the probability. */
CAUCUS_SHARED uint64_t caucus_wide_draw(const caucus_tables *tables, const caucus_wide *wide, caucus_reader *reader,
                                        uint32_t draw)
{
    const caucus_table *strips = &tables->tables[tables->strips];
    caucus_reader own = *reader;
    for (uint32_t attempt = 0;; attempt++) {
        own.attempt = reader->attempt << CAUCUS_TRY_BITS | attempt;
        const caucus_words words = caucus_read_block(&own, CAUCUS_SPACE_WIDE, own.attempt, draw);
        const uint64_t place = (uint64_t)words.w[1] * wide->width;
        if ((uint32_t)place < wide->left_over) {
            continue; /* so that all places are equally likely */
        }
        const uint32_t strip = (uint32_t)tables->rows[strips->first_row].base +
                               caucus_table_find(tables, strips, 0, words.w[0], &own, CAUCUS_SPACE_WIDE, 4 * draw);
        const int64_t d = ((int64_t)strip - CAUCUS_WIDE_STRIPS) * (int64_t)wide->width + (int64_t)(place >> 32);
        const uint32_t *height = tables->pool + tables->heights + 2 * strip;
        const int64_t ratio = caucus_wide_log(wide, d) - (int64_t)caucus_join_words(height[0], height[1]);
        if (caucus_join_words(words.w[2], words.w[3]) < caucus_exp2(ratio)) {
            return wide->mode + (uint64_t)d;
        }
    }
}

/* A count of a table's row. */
CAUCUS_SHARED uint64_t caucus_table_draw(const caucus_tables *tables, uint32_t index, uint32_t row,
                                         caucus_reader *reader, uint32_t space, uint32_t draw)
{
    const caucus_table *table = &tables->tables[index];
    const caucus_table_row *of = &tables->rows[table->first_row + row];
    if (of->wide != CAUCUS_NO_TABLE) {
        return caucus_wide_draw(tables, &tables->wides[of->wide], reader, 8 * draw + space);
    }
    if (of->last == 0) {
        return of->base;
    }
    return of->base + caucus_table_find(tables, table, row, caucus_read(reader, space, draw), reader, space, draw);
}

/* How many of n a ladder takes. It uses draws draw .. draw + n_digits - 1. */
CAUCUS_SHARED uint64_t caucus_ladder_draw(const caucus_tables *tables, uint32_t index, uint64_t n,
                                          caucus_reader *reader, uint32_t draw)
{
    const caucus_ladder *ladder = &tables->ladders[index];
    if (ladder->kind != CAUCUS_LADDER_SPLITS) {
        return ladder->kind == CAUCUS_LADDER_ALL ? n : 0;
    }
    const uint32_t top = ladder->n_digits - 1;
    uint64_t k = 0;
    for (uint32_t chunk = 0; n >> CAUCUS_LADDER_BITS >> CAUCUS_LADDER_BITS * top > 0; chunk++) { /* hardly ever */
        k += caucus_table_draw(tables, ladder->first_table + top, CAUCUS_LADDER_ROWS - 1, reader, CAUCUS_SPACE_CHUNKS,
                               draw * 64 + chunk);
        n -= (uint64_t)CAUCUS_LADDER_ROWS << CAUCUS_LADDER_BITS * top;
    }
    for (uint32_t j = 0; j <= top; j++) {
        const uint32_t digit = (uint32_t)(n >> CAUCUS_LADDER_BITS * j) & 15;
        if (digit > 0) {
            k += caucus_table_draw(tables, ladder->first_table + j, digit - 1, reader, CAUCUS_SPACE_COUNTS, draw + j);
        }
    }
    return k;
}

#endif
