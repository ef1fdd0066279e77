#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { PLAIN_BLOCK = 64 };

/* Whether a block is ASCII without NUL. With no high bit set, a byte minus 1 borrows only if some byte is 0. */
static bool is_plain(const char *text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t found = 0;
    for (size_t i = 0; i < PLAIN_BLOCK; i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        found |= word | (word - ones);
    }
    return (found & (ones << 7)) == 0;
}

/* Length of the character that begins here, 0 when it is none. */
static size_t character_length(const unsigned char *c, size_t left)
{
    if (c[0] < 0x80) {
        return c[0] != 0;
    }
    size_t length = c[0] >= 0xF0 ? 4 : c[0] >= 0xE0 ? 3 : 2;
    if (c[0] < 0xC2 || c[0] > 0xF4 || left < length) {
        return 0;
    }
    /* The second byte's limits exclude overlong forms, surrogates, and what lies beyond U+10FFFF. */
    unsigned char low = c[0] == 0xE0 ? 0xA0 : c[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = c[0] == 0xED ? 0x9F : c[0] == 0xF4 ? 0x8F : 0xBF;
    if (c[1] < low || c[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((c[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

size_t caucus_utf8_check(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        if (length - at >= PLAIN_BLOCK && is_plain(text + at)) {
            at += PLAIN_BLOCK;
            continue;
        }
        size_t stop = length - at < PLAIN_BLOCK ? length : at + PLAIN_BLOCK;
        while (at < stop) {
            size_t n = character_length((const unsigned char *)text + at, length - at);
            if (n == 0) {
                return at;
            }
            at += n;
        }
    }
    return length;
}
