#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 400 }; /* longer than any double written in full */

static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10,
                                       1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21};

/* Up to 15 digits with a point somewhere: an exact integer over an exact power of ten, so one rounding gives the
 * nearest double (W. D. Clinger, "How to read floating point numbers accurately", 1990). */
static bool parse_short(const char *text, size_t length, double *value)
{
    if (length > 17) {
        return false;
    }
    size_t at = length > 0 && text[0] == '-';
    uint64_t digits = 0;
    size_t n_digits = 0;
    size_t n_fraction = 0;
    bool point = false;
    for (size_t i = at; i < length; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            digits = 10 * digits + (uint64_t)(text[i] - '0');
            n_digits++;
            n_fraction += point;
        } else if (text[i] == '.' && !point) {
            point = true;
        } else {
            return false;
        }
    }
    if (n_digits == 0 || n_digits > 15) {
        return false;
    }
    double magnitude = (double)digits / powers_of_ten[n_fraction];
    *value = at == 1 ? -magnitude : magnitude;
    return true;
}

bool caucus_number_parse(const char *text, size_t length, double *value)
{
    while (length > 0 && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t')) {
        length--;
    }
    if (parse_short(text, length, value)) {
        return true;
    }
    if (length == 0 || length > LONGEST_NUMBER) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (strchr("0123456789+-.eE", text[i]) == NULL || text[i] == '\0') {
            return false;
        }
    }
    char copy[LONGEST_NUMBER + 1];
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *end = NULL;
    *value = strtod(copy, &end);
    return end == copy + length && isfinite(*value);
}

void caucus_number_format(double value, bool single, char text[CAUCUS_NUMBER_BYTES])
{
    if (value == trunc(value) && fabs(value) < 1e15) {
        snprintf(text, CAUCUS_NUMBER_BYTES, "%lld", (long long)value);
        return;
    }
    int most = single ? 9 : 17; /* decimal digits that tell any two floats or doubles apart */
    for (int digits = single ? 6 : 15; digits <= most; digits++) {
        snprintf(text, CAUCUS_NUMBER_BYTES, "%.*g", digits, value);
        double back = strtod(text, NULL);
        if (single ? (float)back == (float)value : back == value) {
            return;
        }
    }
}
