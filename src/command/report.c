/* caucus report and caucus plot: pictures of a result. */
#include "base/text.h"
#include "command/command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_FORCE = 1000,
    OPTION_OVER,
    OPTION_METHOD,
    OPTION_GOAL,
    OPTION_OVERLAY,
    OPTION_SERIES,
    OPTION_WIDTH,
    OPTION_PANEL
};

typedef struct words {
    const char **of; /* [n] in the order given; the strings are the command line's */
    size_t n;
} words;

typedef struct picture_options {
    const char *path;
    caucus_report_options picture;
    words series, panels;
} picture_options;

static void add_word(words *list, const char *word, struct argp_state *state)
{
    const char **grown = realloc(list->of, (list->n + 1) * sizeof *grown);
    if (grown == NULL) {
        argp_failure(state, CAUCUS_FAILED, 0, "not enough memory");
        return;
    }
    list->of = grown;
    list->of[list->n++] = word;
}

static double parse_number(const char *option, const char *text, struct argp_state *state)
{
    double value = 0;
    if (!caucus_text_number(text, &value) || !(value > 0)) {
        argp_error(state, "--%s takes a number above 0, not \"%s\"", option, text);
    }
    return value;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    picture_options *options = state->input;
    switch (key) {
    case 'o':
        options->picture.output = argument;
        return 0;
    case OPTION_FORCE:
        options->picture.force = true;
        return 0;
    case OPTION_OVER:
        options->picture.over = argument;
        return 0;
    case OPTION_METHOD:
        options->picture.method = argument;
        return 0;
    case OPTION_GOAL:
        options->picture.goal = parse_number("goal", argument, state);
        return 0;
    case OPTION_WIDTH:
        options->picture.width = parse_number("width", argument, state);
        return 0;
    case OPTION_OVERLAY:
        options->picture.overlay = argument;
        return 0;
    case OPTION_SERIES:
        add_word(&options->series, argument, state);
        return 0;
    case OPTION_PANEL:
        add_word(&options->panels, argument, state);
        return 0;
    case ARGP_KEY_ARG:
        if (options->path != NULL) {
            argp_error(state, "one result at a time: \"%s\" is one too many", argument);
        }
        options->path = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->path == NULL) {
            argp_error(state, "which result? Name its file");
        }
        if (options->picture.output == NULL) {
            argp_error(state, "where to? Name a file with -o");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

#define COMMON_OPTIONS                                                                                                 \
    {.name = "output", .key = 'o', .arg = "FILE", .doc = "The file to write"},                                         \
        {.name = "force", .key = OPTION_FORCE, .doc = "Replace a file that is there (default: refuse)"},               \
        {.name = "x",                                                                                                  \
         .key = OPTION_OVER,                                                                                           \
         .arg = "AXIS",                                                                                                \
         .doc = "The numeric axis of the sweep that curves are drawn over (default: the last one)"},                   \
        {.name = "method",                                                                                             \
         .key = OPTION_METHOD,                                                                                         \
         .arg = "NAME",                                                                                                \
         .doc = "Whose promises are told where not all are, such as budget/total/kl (default: the first)"},            \
        {.name = "series",                                                                                             \
         .key = OPTION_SERIES,                                                                                         \
         .arg = "NAME",                                                                                                \
         .doc = "Draw this line: success, a method, or those of a collective; may be repeated"},                       \
        {.name = "overlay",                                                                                            \
         .key = OPTION_OVERLAY,                                                                                        \
         .arg = "FILE.csv",                                                                                            \
         .doc = "Show published points as crosses (docs/report.md)"},                                                  \
    {                                                                                                                  \
        .name = "goal", .key = OPTION_GOAL, .arg = "S", .doc = "Success to be reached (default: 0.9)"                  \
    }

static int make(int argc, char **argv, const struct argp *argp,
                caucus_status (*write)(const char *path, const caucus_report_options *options))
{
    picture_options options = {0};
    if (!caucus_command_parse(argp, argc, argv, &options)) {
        return CAUCUS_FAILED;
    }
    options.picture.series = options.series.of;
    options.picture.n_series = options.series.n;
    options.picture.panels = options.panels.of;
    options.picture.n_panels = options.panels.n;
    caucus_status status = caucus_output_check(options.picture.output, options.picture.force);
    if (status == CAUCUS_OK) {
        status = write(options.path, &options.picture);
    }
    free(options.series.of);
    free(options.panels.of);
    return status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(argv[0], status);
}

int caucus_command_report(int argc, char **argv)
{
    static const struct argp_option list[] = {COMMON_OPTIONS, {0}};
    static const struct argp argp = {
        .options = list,
        .parser = parse,
        .args_doc = "OUT.h5",
        .doc =
            "Write a page about a result, finished or not: what was run, what was found in words and curves, whether "
            "the promises hold, and all configurations; or about what caucus solve wrote, or caucus bound --format "
            "json "
            "printed. One file that needs nothing else.\v"
            "Example: caucus report results/quick.h5 -o quick.html"};
    return make(argc, argv, &argp, caucus_report_write);
}

int caucus_command_plot(int argc, char **argv)
{
    static const struct argp_option list[] = {
        COMMON_OPTIONS,
        {.name = "panel",
         .key = OPTION_PANEL,
         .arg = "AXIS=VALUE",
         .doc = "Draw only the panels of this value; may be repeated (default: all, at most 48)"},
        {.name = "width",
         .key = OPTION_WIDTH,
         .arg = "POINTS",
         .doc = "Width of the figure (default: 504; a column of a paper is about 240)"},
        {0}};
    static const struct argp argp = {
        .options = list,
        .parser = parse,
        .args_doc = "OUT.h5",
        .doc = "Write the curves of a result as one figure: FILE.svg, or FILE.pdf and FILE.png by rsvg-convert.\v"
               "Example: caucus plot results/quick.h5 -o quick.pdf --width 240"};
    return make(argc, argv, &argp, caucus_plot_write);
}
