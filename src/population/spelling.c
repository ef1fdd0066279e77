#include "population/spelling.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

static const char *const DEFAULT_WORDS[] = {"NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "?"};

const caucus_missing_words caucus_missing_default = {sizeof DEFAULT_WORDS / sizeof DEFAULT_WORDS[0], DEFAULT_WORDS};

static void trim(const char **text, size_t *length)
{
    while (*length > 0 && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && ((*text)[*length - 1] == ' ' || (*text)[*length - 1] == '\t')) {
        (*length)--;
    }
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

typedef struct number_parts {
    bool negative;
    size_t whole;    /* digits before a point */
    size_t fraction; /* after it */
    bool point, exponent, zero;
} number_parts;

static size_t count_digits(const char *text, size_t length)
{
    size_t n = 0;
    while (n < length && isdigit((unsigned char)text[n])) {
        n++;
    }
    return n;
}

static bool read_exponent(const char *text, size_t length)
{
    size_t at = length > 1 && (text[1] == '+' || text[1] == '-') ? 2 : 1;
    size_t digits = at < length ? count_digits(text + at, length - at) : 0;
    return digits > 0 && at + digits == length;
}

/* -12.50e3 in its parts; false for everything that is no such number, or begins with a zero that no number has. */
static bool read_parts(const char *text, size_t length, number_parts *parts)
{
    *parts = (number_parts){.negative = length > 0 && text[0] == '-'};
    size_t at = parts->negative;
    parts->whole = count_digits(text + at, length - at);
    if (parts->whole > 1 && text[at] == '0') {
        return false;
    }
    size_t end = at + parts->whole;
    if (end < length && text[end] == '.') {
        parts->point = true;
        parts->fraction = count_digits(text + end + 1, length - end - 1);
        end += 1 + parts->fraction;
    }
    if (parts->whole + parts->fraction == 0) {
        return false;
    }
    parts->zero = strspn(text + at, "0.") >= end - at;
    if (end < length && (text[end] == 'e' || text[end] == 'E')) {
        parts->exponent = true;
        return read_exponent(text + end, length - end);
    }
    return end == length;
}

static bool is_infinite(const char *text, size_t length)
{
    return is_word(text, length, "inf") || is_word(text, length, "Inf") || is_word(text, length, "Infinity");
}

bool caucus_spell_number(const char *text, size_t length, char out[CAUCUS_NUMBER_BYTES])
{
    trim(&text, &length);
    bool negative = length > 0 && text[0] == '-';
    if (is_infinite(text + negative, length - negative)) {
        snprintf(out, CAUCUS_NUMBER_BYTES, negative ? "-inf" : "inf");
        return true;
    }
    char copy[CAUCUS_NUMBER_BYTES]; /* strspn and friends want an end */
    number_parts parts;
    double value = 0;
    if (length == 0 || length >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (!read_parts(copy, length, &parts)) {
        return false;
    }
    if (!parts.point && !parts.exponent) { /* an integer keeps its digits, also those that a double has no room for */
        snprintf(out, CAUCUS_NUMBER_BYTES, "%s", parts.zero ? "0" : copy);
        return true;
    }
    if (!caucus_number_parse(copy, length, &value)) {
        return false;
    }
    caucus_number_format(value + 0.0, false, out); /* -0 becomes 0 */
    return true;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

const char *caucus_spell_boolean(const char *text, size_t length)
{
    static const char *const spellings[][2] = {
        {"true", "true"},   {"True", "true"},   {"TRUE", "true"},
        {"false", "false"}, {"False", "false"}, {"FALSE", "false"},
    };
    trim(&text, &length);
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        if (is_word(text, length, spellings[i][0])) {
            return spellings[i][1];
        }
    }
    return NULL;
}

bool caucus_is_missing(const caucus_missing_words *missing, const char *text, size_t length)
{
    trim(&text, &length);
    if (length == 0 || is_word(text, length, CAUCUS_MISSING)) {
        return true;
    }
    char number[CAUCUS_NUMBER_BYTES];
    char word[CAUCUS_NUMBER_BYTES];
    bool is_number = missing->n > 0 && caucus_spell_number(text, length, number);
    for (uint32_t i = 0; i < missing->n; i++) {
        const char *one = missing->words[i];
        if (is_word(text, length, one) ||
            (is_number && caucus_spell_number(one, strlen(one), word) && strcmp(number, word) == 0)) {
            return true;
        }
    }
    return false;
}

static uint32_t find_exactly(const char *const *values, uint32_t n, const char *text, size_t length)
{
    uint32_t v = 0;
    while (v < n && !is_word(text, length, values[v])) {
        v++;
    }
    return v;
}

uint32_t caucus_find_value(const caucus_missing_words *missing, const char *const *values, uint32_t n, const char *text,
                           size_t length)
{
    uint32_t v = find_exactly(values, n, text, length);
    char number[CAUCUS_NUMBER_BYTES];
    if (v == n && caucus_spell_number(text, length, number)) {
        v = find_exactly(values, n, number, strlen(number));
    }
    const char *boolean = v == n ? caucus_spell_boolean(text, length) : NULL;
    if (boolean != NULL) {
        v = find_exactly(values, n, boolean, strlen(boolean));
    }
    if (v == n && caucus_is_missing(missing, text, length)) {
        v = find_exactly(values, n, CAUCUS_MISSING, sizeof CAUCUS_MISSING - 1);
    }
    return v;
}
