/* Numbers and lines as people read them. */
#include "command/command.h"

#include <inttypes.h>
#include <string.h>

const char *caucus_command_bytes(uint64_t bytes, char *text)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 999.95 && unit < sizeof units / sizeof units[0] - 1) {
        value /= 1000;
        unit++;
    }
    snprintf(text, CAUCUS_COMMAND_NUMBER, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return text;
}

const char *caucus_command_time(double seconds, char *text)
{
    if (!(seconds < 1e15)) { /* not a number, too */
        snprintf(text, CAUCUS_COMMAND_NUMBER, "forever");
    } else if (seconds < 9.95) {
        snprintf(text, CAUCUS_COMMAND_NUMBER, "%.1f s", seconds < 0 ? 0 : seconds);
    } else if (seconds < 59.5) {
        snprintf(text, CAUCUS_COMMAND_NUMBER, "%.0f s", seconds);
    } else {
        uint64_t whole = (uint64_t)(seconds + 0.5);
        if (whole < 3600) {
            snprintf(text, CAUCUS_COMMAND_NUMBER, "%" PRIu64 ":%02" PRIu64 " min", whole / 60, whole % 60);
        } else {
            snprintf(text, CAUCUS_COMMAND_NUMBER, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64 " h", whole / 3600,
                     whole / 60 % 60, whole % 60);
        }
    }
    return text;
}

void caucus_command_print_lines(const char *lines, const char *before, FILE *to)
{
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n");
        fprintf(to, "%s%.*s\n", before, (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}
