/* The random words of a draw: a function of where it stands, read in any order. Shared with devices.
 *
 * Draw i of a stream reads word i % 4 of Philox block i / 4, so that four draws share a block. The counter is (block
 * and part, stream and turn, trial, point); a turn is a space and the attempt of the group that is drawn. An attempt
 * whose number is longer than a turn goes on at the points behind the configuration's: they are free, since the key is
 * the configuration's own. */
#ifndef CAUCUS_MATH_WORDS_H
#define CAUCUS_MATH_WORDS_H

#include "math/random.h"

/* What words are for. Four more spaces hold the second words of these: the lower 32 of a draw's 64 bits. */
enum { CAUCUS_SPACE_COUNTS, CAUCUS_SPACE_PEOPLE, CAUCUS_SPACE_CHUNKS, CAUCUS_SPACE_WIDE, CAUCUS_SPACES };

enum {
    CAUCUS_ATTEMPT_BITS = 13, /* of a turn */
    CAUCUS_TRY_BITS = 5,      /* of attempts, a wide draw's tries */
    CAUCUS_PART_SHIFT = 22    /* parts of a group are blocks of 2^22 blocks */
};

typedef struct caucus_reader {
    caucus_source source;
    uint32_t stream;
    uint32_t attempt; /* of the group */
    uint32_t part;    /* of the group: see draw.h */
    uint32_t block;   /* that words holds */
    uint32_t turn;
    bool holds;
    caucus_words words;
} caucus_reader;

CAUCUS_SHARED caucus_reader caucus_reader_at(caucus_place place)
{
    caucus_reader reader;
    reader.source = place.source;
    reader.stream = place.stream;
    reader.attempt = 0;
    reader.part = 0;
    reader.block = 0;
    reader.turn = 0;
    reader.holds = false;
    reader.words.w[0] = reader.words.w[1] = reader.words.w[2] = reader.words.w[3] = 0;
    return reader;
}

CAUCUS_SHARED uint32_t caucus_turn(uint32_t space, uint32_t attempt)
{
    return space << CAUCUS_ATTEMPT_BITS | (attempt & ((1u << CAUCUS_ATTEMPT_BITS) - 1));
}

CAUCUS_SHARED uint32_t caucus_point(uint32_t config, uint32_t attempt)
{
    return config + (attempt >> CAUCUS_ATTEMPT_BITS);
}

CAUCUS_SHARED caucus_words caucus_read_block(const caucus_reader *reader, uint32_t space, uint32_t attempt,
                                             uint32_t block)
{
    return caucus_philox(reader->source.seed, block + (reader->part << CAUCUS_PART_SHIFT),
                         reader->stream << CAUCUS_STREAM_BITS | caucus_turn(space, attempt), reader->source.trial,
                         caucus_point(reader->source.config, attempt));
}

CAUCUS_SHARED uint32_t caucus_pick_word(const caucus_words *words, uint32_t i)
{
    const uint32_t low = i & 1 ? words->w[1] : words->w[0]; /* an index would put the words into memory on a device */
    const uint32_t high = i & 1 ? words->w[3] : words->w[2];
    return i & 2 ? high : low;
}

/* The word of a draw; a block is kept for the draws that follow. Attempts are made in turn, so that turns tell those
 * apart that may meet here. */
CAUCUS_SHARED uint32_t caucus_read(caucus_reader *reader, uint32_t space, uint32_t draw)
{
    const uint32_t turn = caucus_turn(space, reader->attempt);
    const uint32_t block = draw / 4;
    if (!reader->holds || reader->block != block || reader->turn != turn) {
        reader->words = caucus_read_block(reader, space, reader->attempt, block);
        reader->block = block;
        reader->turn = turn;
        reader->holds = true;
    }
    return caucus_pick_word(&reader->words, draw & 3);
}

/* The second word of a draw, which is hardly ever needed. */
CAUCUS_SHARED uint32_t caucus_read_more(const caucus_reader *reader, uint32_t space, uint32_t draw)
{
    const caucus_words words = caucus_read_block(reader, space + CAUCUS_SPACES, reader->attempt, draw / 4);
    return caucus_pick_word(&words, draw & 3);
}

#endif
