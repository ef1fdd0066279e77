/* caucus summary: success and bounds of each configuration, of one result or several. */
#include "base/status.h"
#include "base/text.h"
#include "command/command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OPTION_FORMAT = 0x200,
    OPTION_WHERE,
    OPTION_COLUMNS,
    OPTION_SORT,
    OPTION_DIGITS,
    OPTION_ALL,
    OPTION_UNGUARDED,
    OPTION_PLOT
};
enum { MOST_CONDITIONS = 64, MOST_DIGITS = 17 };

typedef struct summary_settings {
    const char **paths;
    size_t n_paths;
    bool all;
    bool plot; /* sketches below the table */
    bool plot_asked;
    caucus_format page; /* the kind of text that the terminal gets */
    const char *where[MOST_CONDITIONS];
    caucus_summary_options options;
} summary_settings;

static void set_format(summary_settings *settings, const char *format, struct argp_state *state)
{
    static const char *const names[] = {"table", "csv", "json", "md", "latex"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(format, names[i]) == 0) {
            settings->options.format = names[i];
            settings->page = i == 0 ? CAUCUS_TABLE : i == 1 ? CAUCUS_CSV : CAUCUS_JSON;
            return;
        }
    }
    argp_error(state, "--format takes table, csv, json, md or latex, not \"%s\"", format);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    summary_settings *settings = state->input;
    uint64_t digits = 0;
    switch (key) {
    case OPTION_FORMAT:
        set_format(settings, argument, state);
        return 0;
    case OPTION_WHERE:
        if (settings->options.n_where == MOST_CONDITIONS) {
            argp_error(state, "at most %d conditions", MOST_CONDITIONS);
        }
        settings->where[settings->options.n_where++] = argument;
        return 0;
    case OPTION_COLUMNS:
        settings->options.columns = argument;
        return 0;
    case OPTION_SORT:
        settings->options.sort = argument;
        return 0;
    case OPTION_DIGITS:
        if (!caucus_text_count(argument, &digits) || digits > MOST_DIGITS) {
            argp_error(state, "--digits takes a whole number from 0 to %d, not \"%s\"", MOST_DIGITS, argument);
        }
        settings->options.digits = (int)digits + 1;
        return 0;
    case OPTION_ALL:
        settings->all = true;
        return 0;
    case OPTION_PLOT:
        if (argument != NULL && strcmp(argument, "always") != 0) {
            argp_error(state, "--plot takes always or nothing, not \"%s\"", argument);
        }
        settings->plot = argument != NULL || isatty(STDOUT_FILENO);
        settings->plot_asked = true;
        return 0;
    case OPTION_UNGUARDED:
        caucus_csv_guard(false);
        return 0;
    case ARGP_KEY_ARGS:
        settings->paths = (const char **)state->argv + state->next;
        settings->n_paths = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_END:
        if (settings->n_paths == 0) {
            argp_error(state, "which result? Name its file");
        }
        if (settings->plot_asked && settings->page != CAUCUS_TABLE) {
            argp_error(state, "--plot goes with the table; caucus plot draws figures");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option summary_options[] = {
    {.name = "where",
     .key = OPTION_WHERE,
     .arg = "'NAME>X'",
     .doc = "Only records of which this holds: a column, one of = != < <= > >=, a value; may be repeated"},
    {.name = "columns", .key = OPTION_COLUMNS, .arg = "LIST", .doc = "Columns to print, with commas between them"},
    {.name = "sort",
     .key = OPTION_SORT,
     .arg = "LIST",
     .doc = "Columns to sort by; - in front of one for the largest first"},
    {.name = "digits", .key = OPTION_DIGITS, .arg = "N", .doc = "Digits behind the point (default: 4; csv, json: all)"},
    {.name = "format", .key = OPTION_FORMAT, .arg = "table|csv|json|md|latex", .doc = "How to print (default: table)"},
    {.name = "unguarded",
     .key = OPTION_UNGUARDED,
     .doc = "In csv, leave text as it is that spreadsheets would run as a formula (default: an apostrophe in front)"},
    {.name = "plot",
     .key = OPTION_PLOT,
     .arg = "always",
     .flags = OPTION_ARG_OPTIONAL,
     .doc = "Sketch the curves below the table where that goes to a terminal; always: elsewhere too"},
    {.name = "all",
     .key = OPTION_ALL,
     .doc = "All configurations (default: on a terminal, about 50 rows of the most telling ones)"},
    {0}};

/* Critical masses, which have other columns than results of trials. */
static caucus_status print_solution(const summary_settings *settings, FILE *page)
{
    const caucus_summary_options *options = &settings->options;
    const char *format = options->format != NULL ? options->format : "table";
    if (settings->n_paths > 1 || options->n_where > 0 || options->columns != NULL || options->sort != NULL ||
        settings->plot || strcmp(format, "md") == 0 || strcmp(format, "latex") == 0) {
        return caucus_fail(
            CAUCUS_INVALID,
            "%s holds critical masses, which are printed one file at a time, whole, as table, csv or json",
            settings->paths[0]);
    }
    caucus_solution *solution = NULL;
    TRY(caucus_solution_open(settings->paths[0], &solution));
    const caucus_status status = caucus_solution_print(solution, settings->page, page);
    caucus_solution_close(solution);
    return status;
}

int caucus_command_summary(int argc, char **argv)
{
    static const struct argp argp = {
        .options = summary_options,
        .parser = parse,
        .args_doc = "OUT.h5...",
        .doc =
            "Print the success of each configuration and collective, and how its bounds did; of several results, one "
            "below another. With columns, conditions or an order there is one record for each bound, or for each "
            "collective where nothing named tells bounds apart.\v"
            "The names of columns are those of --format csv, and of the datasets in the result's group summary.\n\n"
            "Example: caucus summary quick.h5 --where 'share>0.1' --columns share,collective,success_mean "
            "--sort -success_mean --format md"};
    summary_settings settings = {0};
    if (!caucus_command_parse(&argp, argc, argv, &settings)) {
        return CAUCUS_FAILED;
    }
    settings.options.where = settings.where;
    settings.options.most_rows = settings.all ? 0 : caucus_command_most_rows();
    FILE *page = caucus_command_page(settings.page);
    const bool solution = page != NULL && caucus_solution_is_at(settings.paths[0]);
    caucus_status status = CAUCUS_FAILED;
    if (page != NULL) {
        status = solution ? print_solution(&settings, page)
                          : caucus_summary_print(settings.paths, settings.n_paths, &settings.options, page);
    }
    for (size_t i = 0; i < settings.n_paths && settings.plot && status == CAUCUS_OK; i++) {
        if (settings.n_paths > 1) {
            fprintf(page, "\n%s\n", settings.paths[i]);
        }
        status = caucus_command_sketch(settings.paths[i], page);
    }
    caucus_command_page_end(page);
    return status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(argv[0], status);
}
