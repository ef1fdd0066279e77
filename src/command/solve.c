/* caucus solve: how large a collective must be. */
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "command/command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_COLLECTIVE = 0x200,
    OPTION_TARGET,
    OPTION_STATISTIC,
    OPTION_CONFIDENCE,
    OPTION_FORCE,
    OPTION_JSON,
    OPTION_MEMBERS,
    OPTION_WEIGHT
};

typedef struct solve_settings {
    caucus_command_experiment experiment;
    caucus_format format;
    caucus_solve_options solve;
    const char *output; /* NULL: <name>-solve.h5 */
    bool quiet;
    bool json;
    const char *members; /* NULL: sizes are judged by trials */
    const char *weight;
} solve_settings;

/* A share or probability; 0 would mean the default to the library, and is none of the two. */
static double parse_share(const char *option, const char *text, struct argp_state *state)
{
    double value = 0;
    if (!caucus_text_number(text, &value) || !(value > 0 && value <= 1)) {
        argp_error(state, "--%s takes a number above 0 and up to 1, such as 0.9, not \"%s\"", option, text);
    }
    return value;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    solve_settings *settings = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &settings->experiment;
        state->child_inputs[1] = &settings->format;
        return 0;
    case OPTION_COLLECTIVE:
        settings->solve.collective = argument;
        return 0;
    case OPTION_TARGET:
        settings->solve.target = parse_share("target", argument, state);
        return 0;
    case OPTION_STATISTIC:
        settings->solve.statistic = argument;
        return 0;
    case OPTION_CONFIDENCE:
        settings->solve.confidence = parse_share("confidence", argument, state);
        return 0;
    case 'o':
        if (argument[0] == '\0') {
            argp_error(state, "--output takes the name of the result file");
        }
        settings->output = argument;
        return 0;
    case OPTION_FORCE:
        settings->solve.force = true;
        return 0;
    case 'q':
        settings->quiet = true;
        settings->experiment.quiet = true;
        return 0;
    case OPTION_JSON:
        settings->json = true;
        return 0;
    case OPTION_MEMBERS:
        settings->members = argument;
        return 0;
    case OPTION_WEIGHT:
        settings->weight = argument;
        return 0;
    case ARGP_KEY_END:
        if (settings->members != NULL &&
            (settings->output != NULL || settings->json || settings->solve.statistic != NULL)) {
            argp_error(state, "with --members nothing is simulated: leave --output, --json and --statistic out");
        }
        if (settings->weight != NULL && settings->members == NULL) {
            argp_error(state, "--weight goes with --members DATA.csv");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option own_options[] = {
    {.doc = "The question:", .group = 3},
    {.name = "collective",
     .key = OPTION_COLLECTIVE,
     .arg = "NAME",
     .doc = "Whose size is looked for (default: the first collective)"},
    {.name = "target", .key = OPTION_TARGET, .arg = "S", .doc = "Success or bound to be reached (default: 0.9)"},
    {.name = "statistic",
     .key = OPTION_STATISTIC,
     .arg = "mean|median|qNN",
     .doc = "What must reach it: a mean or quantile over trials, such as q05 (default: mean)"},
    {.name = "members",
     .key = OPTION_MEMBERS,
     .arg = "DATA.csv",
     .doc = "The collective's own members: how many like them each bound takes to promise the target; no trials"},
    {.name = "weight", .key = OPTION_WEIGHT, .arg = "COLUMN", .doc = "Column of DATA.csv with counts of people"},
    {.name = "confidence", .key = OPTION_CONFIDENCE, .arg = "P", .doc = "Confidence of the intervals (default: 0.95)"},
    {.doc = "The result:", .group = 4},
    {.name = "output",
     .key = 'o',
     .arg = "OUT.h5",
     .doc = "Result file (default: the experiment's name with -solve.h5)"},
    {.name = "force", .key = OPTION_FORCE, .doc = "Replace a result file that is there (default: refuse)"},
    {.doc = "What is shown:", .group = 5},
    {.name = "quiet", .key = 'q', .doc = "Nothing but errors: neither progress nor the answers"},
    {.name = "json", .key = OPTION_JSON, .doc = "One JSON object per event on stdout, in place of progress and table"},
    {0}};

/* ---- progress ---------------------------------------------------------------------------------------------------- */

typedef struct display {
    caucus_command_show show;
    double last_shown; /* seconds into the search */
    bool line_open;    /* the terminal's cursor stands in the line of progress */
} display;

static void show_line(display *d, const caucus_solve_progress *progress)
{
    char configs[CAUCUS_COMMAND_NUMBER];
    char total[CAUCUS_COMMAND_NUMBER];
    char sizes[CAUCUS_COMMAND_NUMBER];
    char trials[CAUCUS_COMMAND_NUMBER];
    const bool bar = d->show == CAUCUS_SHOW_BAR;
    fprintf(stderr, "%s%s of %s configurations, %s sizes tried, %s trials%s", bar ? "\r" : "",
            caucus_text_group(progress->configs_done, configs), caucus_text_group(progress->n_configs, total),
            caucus_text_group(progress->sizes_tried, sizes), caucus_text_group(progress->trials_done, trials),
            bar ? "\033[K" : "\n");
    fflush(stderr);
    d->line_open = bar;
}

static void show_event(const caucus_solve_progress *progress)
{
    printf("{\"event\": \"progress\", \"configs_done\": %" PRIu64 ", \"configs\": %" PRIu64
           ", \"sizes_tried\": %" PRIu64 ", \"trials_done\": %" PRIu64 ", \"seconds\": ",
           progress->configs_done, progress->n_configs, progress->sizes_tried, progress->trials_done);
    caucus_json_number(stdout, progress->seconds);
    puts("}");
    fflush(stdout);
}

static bool show_progress(const caucus_solve_progress *progress, void *user)
{
    display *d = user;
    const double every = d->show == CAUCUS_SHOW_BAR ? 0 : d->show == CAUCUS_SHOW_JSON ? 1 : 10;
    if (d->show != CAUCUS_SHOW_NOTHING && progress->seconds - d->last_shown >= every) {
        d->last_shown = progress->seconds;
        if (d->show == CAUCUS_SHOW_JSON) {
            show_event(progress);
        } else {
            show_line(d, progress);
        }
    }
    return !caucus_command_signalled() && !(d->show == CAUCUS_SHOW_JSON && ferror(stdout));
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

static void number(const char *key, double value)
{
    printf(", \"%s\": ", key);
    caucus_json_number(stdout, value);
}

static void print_events(const caucus_solution *solution, const char *output)
{
    for (uint64_t c = 0; c < caucus_solution_configs(solution); c++) {
        for (uint32_t q = 0; q < caucus_solution_quantities(solution); q++) {
            caucus_critical_mass mass = caucus_solution_get(solution, c, q);
            printf("{\"event\": \"critical_mass\", \"config\": %" PRIu64 ", \"quantity\": ", c);
            caucus_json_string(stdout, mass.quantity);
            number("critical_mass", mass.size);
            number("low", mass.low);
            number("high", mass.high);
            number("value_at", mass.value);
            puts("}");
        }
    }
    fputs("{\"event\": \"done\", \"output\": ", stdout);
    caucus_json_string(stdout, output);
    puts("}");
}

static caucus_status solve(void *input, caucus_plan *plan, const char *output)
{
    solve_settings *settings = input;
    display d = {.show = caucus_command_choose_show(settings->json, settings->quiet)};
    caucus_solution *solution = NULL;
    settings->solve.output = output;
    settings->solve.progress = show_progress;
    settings->solve.user = &d;
    if (settings->json) {
        caucus_command_print_plan(caucus_plan_describe(plan), output, stdout);
    }
    caucus_status status = caucus_solve(plan, &settings->solve, &solution);
    caucus_command_release_signals();
    if (d.line_open) {
        fputc('\n', stderr);
    }
    TRY(status);
    if (settings->json) {
        print_events(solution, output);
    } else if (!settings->quiet) {
        FILE *page = caucus_command_page(settings->format);
        status = page != NULL ? caucus_solution_print(solution, settings->format, page) : CAUCUS_FAILED;
        caucus_command_page_end(page);
        status = caucus_command_reader_left() ? CAUCUS_OK : status;
    }
    caucus_solution_close(solution);
    return status;
}

static int solve_by_members(solve_settings *settings, const char *command)
{
    const caucus_advice_options options = {.collective = settings->solve.collective,
                                           .members = settings->members,
                                           .weight = settings->weight,
                                           .settings = (const char *const *)settings->experiment.settings.of,
                                           .n_settings = settings->experiment.settings.n,
                                           .goal = settings->solve.target};
    FILE *page = caucus_command_page(settings->format);
    caucus_status status = page != NULL
                               ? caucus_advice_print_sizes(settings->experiment.path, &options, settings->format, page)
                               : CAUCUS_FAILED;
    caucus_command_page_end(page);
    int code = status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(command, status);
    caucus_command_experiment_free(&settings->experiment);
    return code;
}

int caucus_command_solve(int argc, char **argv)
{
    static const struct argp_child children[] = {
        {.argp = &caucus_command_experiment_argp}, {.argp = &caucus_command_format_argp, .group = 5}, {0}};
    static const struct argp argp = {
        .options = own_options,
        .parser = parse,
        .args_doc = "EXP.yaml",
        .doc = "Find the critical mass of a collective: the smallest size at which its success, and each bound on it, "
               "reaches a target, in every configuration of the sweep; everything else is as in the experiment. Each "
               "size is judged by all trials of the configuration, with the same random numbers for every size.\v"
               "Numbers may end in K, M or G. Ctrl-C stops (exit code 3) and leaves no file. docs/solve.md says how "
               "the search goes and what its intervals mean.\n\n"
               "Example: caucus solve experiments/vehicles-critical-mass.yaml --target 0.9",
        .children = children};
    solve_settings settings = {.format = CAUCUS_TABLE};
    if (!caucus_command_parse(&argp, argc, argv, &settings)) {
        return CAUCUS_FAILED;
    }
    if (settings.members != NULL) {
        return solve_by_members(&settings, argv[0]);
    }
    const char *device = settings.experiment.plan.device;
    if (device == NULL || strcmp(device, "auto") == 0) {
        settings.experiment.plan.device = "cpu"; /* no other is used, so none is looked for */
    }
    const caucus_command_work_options work = {.name = argv[0],
                                              .experiment = &settings.experiment,
                                              .output = settings.output,
                                              .suffix = "-solve",
                                              .stopping = "\ncaucus: stopping; once more stops at once\n",
                                              .replace = settings.solve.force,
                                              .json = settings.json,
                                              .quiet = settings.quiet,
                                              .work = solve};
    return caucus_command_work(&work, &settings);
}
