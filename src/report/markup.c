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

void caucus_markup_shell_word(FILE *to, const char *word)
{
    static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=+,@%-";
    if (*word != '\0' && *word != '-' && word[strspn(word, harmless)] == '\0') {
        fputs(word, to);
        return;
    }
    fputs("&#39;", to);
    for (const char *c = word; *c != '\0'; c++) {
        const char one[2] = {*c, '\0'};
        if (*c == '\'') {
            fputs("&#39;\\&#39;&#39;", to); /* a quote outside the quotes */
        } else {
            caucus_markup_text(to, one);
        }
    }
    fputs("&#39;", to);
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

const char *caucus_markup_times(double value, char text[CAUCUS_MARKUP_NUMBER])
{
    snprintf(text, CAUCUS_MARKUP_NUMBER, value < 9.95 ? "%.2g times" : "%.0f times", value);
    return text;
}

/* Behind the character that begins there: an entity is one, and so are the bytes of UTF-8. */
static const char *next_character(const char *markup)
{
    markup += *markup == '&' ? strcspn(markup, ";") : 0;
    do {
        markup += *markup != '\0';
    } while ((*markup & 0xc0) == 0x80);
    return markup;
}

unsigned caucus_markup_length(const char *markup)
{
    unsigned n = 0;
    for (; *markup != '\0'; markup = next_character(markup)) {
        n++;
    }
    return n;
}

void caucus_markup_cut(FILE *to, const char *markup, unsigned n)
{
    const char *end = markup;
    for (; *end != '\0' && n > 0; n--) {
        end = next_character(end);
    }
    fwrite(markup, 1, (size_t)(end - markup), to);
    fputs(*end != '\0' ? "\xe2\x80\xa6" : "", to);
}
