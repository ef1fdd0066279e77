#include "report/markup.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

void caucus_markup_text(FILE *to, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        switch (*c) {
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '&':
            fputs("&amp;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        case '\'':
            fputs("&#39;", to);
            break;
        case '\n':
            fputc('\n', to);
            break;
        default:
            if (*c < 0x20 || *c == 0x7f) { /* Unicode has a picture of each */
                fprintf(to, "&#x%x;", *c == 0x7f ? 0x2421u : 0x2400u + *c);
            } else {
                fputc(*c, to);
            }
        }
    }
}

const char *caucus_markup_number(double value, char text[CAUCUS_MARKUP_NUMBER])
{
    char grouped[CAUCUS_TEXT_GROUPED];
    if (isnan(value)) {
        snprintf(text, CAUCUS_MARKUP_NUMBER, "–");
    } else if (value == floor(value) && fabs(value) < 1e15) {
        snprintf(text, CAUCUS_MARKUP_NUMBER, "%s%s", value < 0 ? "-" : "",
                 caucus_text_group((uint64_t)fabs(value), grouped));
    } else {
        snprintf(text, CAUCUS_MARKUP_NUMBER, "%.4g", value);
    }
    return text;
}

const char *caucus_markup_tick(double value, char text[CAUCUS_MARKUP_NUMBER])
{
    static const struct {
        double unit;
        const char *letter;
    } units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "K"}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (fabs(value) >= units[i].unit) {
            snprintf(text, CAUCUS_MARKUP_NUMBER, "%.4g%s", value / units[i].unit, units[i].letter);
            return text;
        }
    }
    snprintf(text, CAUCUS_MARKUP_NUMBER, "%.4g", value);
    return text;
}
