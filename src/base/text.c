#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 64 };

static int letter_cost(char a, char b)
{
    if (a == b) {
        return 0;
    }
    return tolower((unsigned char)a) == tolower((unsigned char)b) ? 1 : 2;
}

static int smallest(int a, int b, int c)
{
    int d = a < b ? a : b;
    return d < c ? d : c;
}

/* Levenshtein distance in half letters; names beyond LONGEST_NAME letters count as infinitely far. */
static int distance(const char *a, const char *b)
{
    size_t n_a = strlen(a);
    size_t n_b = strlen(b);
    if (n_a > LONGEST_NAME || n_b > LONGEST_NAME) {
        return INT_MAX;
    }
    int row[LONGEST_NAME + 1];
    for (size_t j = 0; j <= n_b; j++) {
        row[j] = (int)(2 * j);
    }
    for (size_t i = 1; i <= n_a; i++) {
        int diagonal = row[0];
        row[0] = (int)(2 * i);
        for (size_t j = 1; j <= n_b; j++) {
            int above = row[j];
            row[j] = smallest(above + 2, row[j - 1] + 2, diagonal + letter_cost(a[i - 1], b[j - 1]));
            diagonal = above;
        }
    }
    return row[n_b];
}

size_t caucus_text_nearest(const char *word, const char *const *names, size_t n)
{
    size_t best = n;
    int best_distance = (int)strlen(word) + 2; /* about half of its letters may be wrong */
    for (size_t i = 0; i < n; i++) {
        int d = distance(word, names[i]);
        if (d < best_distance) {
            best_distance = d;
            best = i;
        }
    }
    return best;
}

/* strtod of "MANTISSAeEXPONENT", so that 0.3M is 300000 to the bit and not 0.3 times 10^6. */
static double scaled(const char *mantissa, size_t length, int exponent)
{
    char decimal[128];
    snprintf(decimal, sizeof decimal, "%.*se%d", (int)length, mantissa, exponent);
    return strtod(decimal, NULL);
}

bool caucus_text_number(const char *text, double *value)
{
    if (text[0] == '\0' || isspace((unsigned char)text[0])) {
        return false;
    }
    char *end = NULL;
    double number = strtod(text, &end);
    if (end == text || strpbrk(text, "xXpPnN") != NULL) { /* no hexadecimal, no nan, no inf */
        return false;
    }
    static const struct {
        char suffix;
        int exponent;
    } scales[] = {{'K', 3}, {'k', 3}, {'M', 6}, {'G', 9}, {'T', 12}};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        if (*end != scales[i].suffix) {
            continue;
        }
        size_t length = (size_t)(end - text);
        bool plain = length <= 100 && memchr(text, 'e', length) == NULL && memchr(text, 'E', length) == NULL;
        number = plain ? scaled(text, length, scales[i].exponent) : number * pow(10, scales[i].exponent);
        end++;
        break;
    }
    if (*end != '\0' || !isfinite(number)) {
        return false;
    }
    *value = number;
    return true;
}

bool caucus_text_count(const char *text, uint64_t *value)
{
    double number = 0;
    if (!caucus_text_number(text, &number) || number < 0 || number > 9007199254740992.0 || number != floor(number)) {
        return false;
    }
    *value = (uint64_t)number;
    return true;
}

bool caucus_text_word(const char *text, uint64_t *value)
{
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hexadecimal ? text + 2 : text;
    size_t length = strlen(digits);
    if (length == 0 || strspn(digits, hexadecimal ? "0123456789abcdefABCDEF" : "0123456789") != length) {
        return !hexadecimal && caucus_text_count(text, value);
    }
    errno = 0;
    unsigned long long number = strtoull(digits, NULL, hexadecimal ? 16 : 10);
    if (errno != 0) {
        return false;
    }
    *value = number;
    return true;
}

char *caucus_text_copy(const char *text)
{
    return strdup(text);
}

char *caucus_text_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return length < 0 ? NULL : text;
}

const char *caucus_text_group(uint64_t value, char text[CAUCUS_TEXT_GROUPED])
{
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, value);
    char *to = text;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}
