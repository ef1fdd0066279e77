/* Progress of a run or a merge: a bar on a terminal, now and then a line elsewhere, events for programs. */
#include "base/shown.h"
#include "base/text.h"
#include "command/command.h"

#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const double line_seconds = 10;
static const double event_seconds = 1;

enum { LINE_BYTES = 256, FALLBACK_COLUMNS = 80, LEAST_BAR = 10, MOST_BAR = 40 };

int caucus_command_terminal_columns(FILE *to)
{
    struct winsize size;
    if (ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return FALLBACK_COLUMNS;
}

static double done_share(const caucus_progress *progress)
{
    if (progress->trials_total == 0) {
        return 1;
    }
    return (double)(progress->trials_done + progress->trials_resumed) / (double)progress->trials_total;
}

/* "12,000 of 96,000 trials, 3,456 trials/s, 24 s left" */
static void write_figures(const caucus_progress *progress, char *text, size_t size)
{
    char done[CAUCUS_COMMAND_NUMBER];
    char total[CAUCUS_COMMAND_NUMBER];
    char rate[CAUCUS_COMMAND_NUMBER];
    char left[CAUCUS_COMMAND_NUMBER];
    caucus_text_group(progress->trials_done + progress->trials_resumed, done);
    caucus_text_group(progress->trials_total, total);
    double per_second = progress->trials_per_second;
    caucus_text_group(per_second > 0 && per_second < 1e18 ? (uint64_t)(per_second + 0.5) : 0, rate);
    int length = snprintf(text, size, "%s of %s trials, %s trials/s", done, total, rate);
    if (length < 0 || (size_t)length >= size) {
        return;
    }
    if (progress->joining) {
        snprintf(text + length, size - (size_t)length, ", joining the result: %d%%", (int)(progress->joined * 100));
    } else if (progress->seconds_left >= 0) {
        snprintf(text + length, size - (size_t)length, ", %s left", caucus_command_time(progress->seconds_left, left));
    }
}

/* A line wider than the terminal would wrap, and the next bar would not cover it. */
static void show_bar(caucus_command_display *display, const caucus_progress *progress)
{
    char figures[LINE_BYTES] = "";
    write_figures(progress, figures, sizeof figures);
    int columns = caucus_command_terminal_columns(display->to) - 1;
    int room = columns - (int)strlen(figures) - (int)strlen("[] 100% ");
    int width = room > MOST_BAR ? MOST_BAR : room;
    double share = done_share(progress);
    char line[LINE_BYTES + MOST_BAR + 16];
    if (width >= LEAST_BAR) {
        char bar[MOST_BAR + 1];
        int filled = (int)(share * width);
        memset(bar, '-', (size_t)width);
        memset(bar, '#', (size_t)filled);
        bar[width] = '\0';
        snprintf(line, sizeof line, "[%s] %3d%% %s", bar, (int)(share * 100), figures);
    } else {
        snprintf(line, sizeof line, "%3d%% %s", (int)(share * 100), figures);
    }
    fprintf(display->to, "\r%.*s\033[K", columns > 0 ? columns : 0, line);
    fflush(display->to);
    display->bar_open = true;
}

static void show_line(caucus_command_display *display, const caucus_progress *progress)
{
    char figures[LINE_BYTES] = "";
    write_figures(progress, figures, sizeof figures);
    fprintf(display->to, "%3d%% %s\n", (int)(done_share(progress) * 100), figures);
    fflush(display->to);
}

/* Lines that have come since the last time; --quiet does not hide them. */
static void show_notices(caucus_command_display *display, const caucus_progress *progress)
{
    const char *next = progress->notices;
    next += strnlen(next, display->notices_shown);
    next += *next == '\n'; /* it ended the last one that was shown */
    while (*next != '\0') {
        char line[LINE_BYTES * 4];
        size_t length = strcspn(next, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, next);
        if (display->show == CAUCUS_SHOW_JSON) {
            caucus_command_print_notice(line, display->to);
        } else {
            caucus_command_progress_end(display);
            fputs("caucus run: ", display->to);
            caucus_shown_put(display->to, line);
            fputc('\n', display->to);
        }
        next += length + (next[length] == '\n');
    }
    display->notices_shown = (size_t)(next - progress->notices);
}

/* Is it time again? The clock starts with the run. */
static bool due(caucus_command_display *display, const caucus_progress *progress, double every)
{
    if (progress->seconds - display->last_shown < every) {
        return false;
    }
    display->last_shown = progress->seconds;
    return true;
}

bool caucus_command_progress(const caucus_progress *progress, void *user)
{
    caucus_command_display *display = user;
    display->last = *progress;
    display->last.notices = ""; /* the run's memory */
    if (progress->notices != NULL) {
        show_notices(display, progress);
    }
    switch (display->show) {
    case CAUCUS_SHOW_NOTHING:
        break;
    case CAUCUS_SHOW_BAR:
        show_bar(display, progress);
        break;
    case CAUCUS_SHOW_LINES:
        if (due(display, progress, line_seconds)) {
            show_line(display, progress);
        }
        break;
    case CAUCUS_SHOW_JSON:
        if (due(display, progress, event_seconds)) {
            caucus_command_print_progress(progress, display->to);
        }
        /* Nobody reads the events any more: keep what is finished, and stop. */
        return !ferror(display->to);
    }
    return true;
}

void caucus_command_progress_end(caucus_command_display *display)
{
    if (display->bar_open) {
        fputc('\n', display->to);
        fflush(display->to);
        display->bar_open = false;
    }
}
