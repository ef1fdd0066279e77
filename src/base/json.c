#include "base/json.h"

#include <math.h>
#include <stdlib.h>

void caucus_json_string(FILE *to, const char *text)
{
    if (text == NULL) {
        fputs("null", to);
        return;
    }
    fputc('"', to);
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        switch (*c) {
        case '"':
        case '\\':
            fprintf(to, "\\%c", *c);
            break;
        case '\n':
            fputs("\\n", to);
            break;
        case '\t':
            fputs("\\t", to);
            break;
        default:
            if (*c < 0x20) {
                fprintf(to, "\\u%04x", *c);
            } else {
                fputc(*c, to);
            }
        }
    }
    fputc('"', to);
}

void caucus_json_number(FILE *to, double value)
{
    if (!isfinite(value)) {
        fputs("null", to);
        return;
    }
    /* The shortest of the two that reads back the same: 0.1, not 0.10000000000000001. */
    char text[32];
    snprintf(text, sizeof text, "%.15g", value);
    if (strtod(text, NULL) != value) {
        snprintf(text, sizeof text, "%.17g", value);
    }
    fputs(text, to);
}
