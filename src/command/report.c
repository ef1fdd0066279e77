/* caucus report and caucus plot: pictures of a result. */
#include "base/text.h"
#include "command/command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_FORCE = 1000, OPTION_OVER, OPTION_METHOD, OPTION_GOAL, OPTION_WIDTH };

typedef struct picture_options {
    const char *path;
    caucus_report_options picture;
} picture_options;

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
    {                                                                                                                  \
        .name = "goal", .key = OPTION_GOAL, .arg = "S", .doc = "Success to be reached (default: 0.9)"                  \
    }

static int make(int argc, char **argv, const struct argp *argp,
                caucus_status (*write)(const char *path, const caucus_report_options *options))
{
    picture_options options = {0};
    argp_parse(argp, argc, argv, 0, NULL, &options);
    caucus_status status = caucus_output_check(options.picture.output, options.picture.force);
    if (status == CAUCUS_OK) {
        status = write(options.path, &options.picture);
    }
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
            "the promises hold, and all configurations. One file that needs nothing else.\v"
            "Example: caucus report results/quick.h5 -o quick.html"};
    return make(argc, argv, &argp, caucus_report_write);
}

int caucus_command_plot(int argc, char **argv)
{
    static const struct argp_option list[] = {
        COMMON_OPTIONS,
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
