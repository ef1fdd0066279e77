#include "base/csv_write.h"

#include <string.h>

static bool guarding = true;

void caucus_csv_guard(bool guard)
{
    guarding = guard;
}

void caucus_csv_write(FILE *to, const char *text)
{
    const bool guarded = guarding && text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
    if (!guarded && strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, to);
        return;
    }
    fputs(guarded ? "\"'" : "\"", to);
    for (const char *c = text; *c != '\0'; c++) {
        fputs(*c == '"' ? "\"\"" : (char[]){*c, '\0'}, to);
    }
    fputc('"', to);
}
