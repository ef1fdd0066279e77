/* How values are spelled: one way for a number and for a truth value, whatever file they come from; and which spellings
 * mean that a value is missing. */
#ifndef CAUCUS_POPULATION_SPELLING_H
#define CAUCUS_POPULATION_SPELLING_H

#include "base/number.h"
#include "base/status.h"

/* The category of what is missing. A field that spells it is missing too. */
#define CAUCUS_MISSING "(missing)"

/* Words that mean that a value is missing, besides nothing and blanks. */
typedef struct caucus_missing_words {
    uint32_t n;
    const char *const *words;
} caucus_missing_words;

/* What is taken for missing when nobody says otherwise: NA, N/A, n/a, #N/A, <NA>, NaN, nan, NULL, null, ?. The word
 * None is not among them: it is an answer as often as not. */
extern const caucus_missing_words caucus_missing_default;

/* Whether a field is missing: empty, blanks alone, CAUCUS_MISSING, or one of the words. Blanks around it and different
 * spellings of one number (-9, -9.0) do not matter. */
bool caucus_is_missing(const caucus_missing_words *missing, const char *text, size_t length);

/* The one spelling of a number: the fewest digits that give the same number, 4 for 4.0, 1000 for 1e3, all digits of
 * long integers. False for what is no number: leading zeros and plus signs make codes (007, +41), not numbers. */
bool caucus_spell_number(const char *text, size_t length, char out[CAUCUS_NUMBER_BYTES]);

/* "true" or "false" for these words in small, capital or mixed letters as programs write them (True, TRUE); else NULL.
 */
const char *caucus_spell_boolean(const char *text, size_t length);

/* The category that a person means by a text: the text as it is, else its number's or truth value's one spelling, else
 * CAUCUS_MISSING where a word means it; n when there is none of these among the values. */
uint32_t caucus_find_value(const caucus_missing_words *missing, const char *const *values, uint32_t n, const char *text,
                           size_t length);

#endif
