/* caucus run: run an experiment to a result file. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "text.h"

enum { OPTION_RESUME = 0x200, OPTION_FORCE, OPTION_JSON };

typedef struct run_settings {
    caucus_command_experiment experiment;
    const char *output; /* NULL: <name>.h5 */
    bool resume;
    bool force;
    bool quiet;
    bool json;
} run_settings;

static error_t parse(int key, char *argument, struct argp_state *state)
{
    run_settings *settings = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &settings->experiment;
        return 0;
    case 'o':
        if (argument[0] == '\0') {
            argp_error(state, "--output takes the name of the result file");
        }
        settings->output = argument;
        return 0;
    case 'q':
        settings->quiet = true;
        return 0;
    case OPTION_RESUME:
        settings->resume = true;
        return 0;
    case OPTION_FORCE:
        settings->force = true;
        return 0;
    case OPTION_JSON:
        settings->json = true;
        return 0;
    case ARGP_KEY_END:
        if (settings->resume && settings->force) {
            argp_error(state, "--resume keeps what is there and --force replaces it: choose one");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option own_options[] = {
    {.doc = "The result:", .group = 3},
    {.name = "output", .key = 'o', .arg = "OUT.h5", .doc = "Result file (default: the experiment's name with .h5)"},
    {.name = "resume", .key = OPTION_RESUME, .doc = "Go on with a run of this experiment that was stopped"},
    {.name = "force", .key = OPTION_FORCE, .doc = "Replace a result file that is there (default: refuse)"},
    {.doc = "What is shown:", .group = 4},
    {.name = "quiet", .key = 'q', .doc = "No progress on stderr"},
    {.name = "json", .key = OPTION_JSON, .doc = "One JSON object per event on stdout, in place of progress and table"},
    {0}};

/* ---- signals ---------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t n_signals;

static void on_signal(int number)
{
    static const char words[] = "\ncaucus: stopping after the blocks in flight; once more stops at once\n";
    if (n_signals++ > 0) {
        _exit(128 + number);
    }
    caucus_run_stop();
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0) {
        return; /* nobody to tell */
    }
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* A reader that goes away must not take unsaved blocks with it: writes fail instead. */
    signal(SIGPIPE, SIG_IGN);
}

/* From here on nothing can be lost any more: the next signal ends the process, with the exit code of its kind. */
static void release_signals(void)
{
    n_signals = 1;
}

/* ---- the run ---------------------------------------------------------------------------------------------------- */

static void print_start(const caucus_plan_info *info, FILE *to)
{
    char configs[CAUCUS_COMMAND_NUMBER];
    char trials[CAUCUS_COMMAND_NUMBER];
    fprintf(to, "%s: %s configuration%s, %s trial%s each; %s; %u thread%s\n", info->name,
            caucus_command_group(info->n_configs, configs), info->n_configs == 1 ? "" : "s",
            caucus_command_group(info->n_trials, trials), info->n_trials == 1 ? "" : "s", info->device, info->threads,
            info->threads == 1 ? "" : "s");
}

static void print_end(const caucus_progress *last, const char *output, FILE *to)
{
    char done[CAUCUS_COMMAND_NUMBER];
    char time[CAUCUS_COMMAND_NUMBER];
    char rate[CAUCUS_COMMAND_NUMBER];
    double per_second = last->seconds > 0 ? (double)last->trials_done / last->seconds : 0;
    fprintf(to, "%s: %s trials in %s (%s trials/s)\n", output, caucus_command_group(last->trials_done, done),
            caucus_command_time(last->seconds, time), caucus_command_group((uint64_t)(per_second + 0.5), rate));
}

static caucus_status print_table(const char *output)
{
    caucus_result *result = NULL;
    TRY(caucus_result_open(output, &result));
    caucus_status status = caucus_result_print_summary(result, CAUCUS_TABLE, stdout);
    caucus_result_close(result);
    return status;
}

static caucus_command_show choose_show(const run_settings *settings)
{
    if (settings->json) {
        return CAUCUS_SHOW_JSON;
    }
    if (settings->quiet) {
        return CAUCUS_SHOW_NOTHING;
    }
    return isatty(STDERR_FILENO) ? CAUCUS_SHOW_BAR : CAUCUS_SHOW_LINES;
}

static caucus_status run_plan(const run_settings *settings, caucus_plan *plan, const char *output)
{
    const caucus_plan_info *info = caucus_plan_describe(plan);
    caucus_command_display display = {.show = choose_show(settings), .to = settings->json ? stdout : stderr};
    if (settings->json) {
        caucus_command_print_plan(info, output, stdout);
    } else if (!settings->quiet) {
        print_start(info, stderr);
    }
    const caucus_run_options options = {.output = output,
                                        .resume = settings->resume,
                                        .force = settings->force,
                                        .progress = caucus_command_progress,
                                        .user = &display};
    catch_signals();
    caucus_status status = caucus_run(plan, &options);
    release_signals();
    caucus_command_progress_end(&display);
    if (status != CAUCUS_OK) {
        return status;
    }
    if (settings->json) {
        caucus_command_print_done(&display.last, output, stdout);
        return CAUCUS_OK;
    }
    if (!settings->quiet) {
        print_end(&display.last, output, stderr);
    }
    return print_table(output);
}

int caucus_command_execute(int argc, char **argv)
{
    static const struct argp_child children[] = {{.argp = &caucus_command_experiment_argp}, {0}};
    static const struct argp argp = {
        .options = own_options,
        .parser = parse,
        .args_doc = "EXP.yaml",
        .doc = "Run all configurations of an experiment, write every trial's results to one HDF5 file, and print its "
               "summary.\vNumbers may end in K, M or G. Ctrl-C stops after the blocks in flight and keeps what is "
               "finished (exit code 3): the same command with --resume goes on from there.",
        .children = children};
    run_settings settings = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &settings);

    caucus_experiment *experiment = NULL;
    caucus_plan *plan = NULL;
    char *output = NULL;
    caucus_status status = caucus_command_plan(&settings.experiment, &experiment, &plan);
    if (status == CAUCUS_OK) {
        output = settings.output != NULL ? caucus_text_copy(settings.output)
                                         : caucus_text_format("%s.h5", caucus_plan_describe(plan)->name);
        status = output != NULL ? run_plan(&settings, plan, output) : caucus_fail_memory(64, "the result's name");
    }
    if (status != CAUCUS_OK) {
        if (settings.json) {
            caucus_command_print_error(status, caucus_error_message(), stdout);
        }
        caucus_command_fail(argv[0], status);
    }
    free(output);
    caucus_plan_close(plan);
    caucus_experiment_close(experiment);
    caucus_command_experiment_free(&settings.experiment);
    return (int)status;
}
