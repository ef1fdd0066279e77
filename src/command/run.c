/* caucus run: run an experiment to a result file. */

#include "base/shown.h"
#include "base/status.h"
#include "base/text.h"
#include "command/command.h"

#include <unistd.h>

enum { OPTION_RESUME = 0x200, OPTION_FORCE, OPTION_MIXED, OPTION_JSON, OPTION_SHARD, OPTION_UNTIL_SE };

typedef struct run_settings {
    caucus_command_experiment experiment;
    const char *output; /* NULL: <name>.h5 */
    bool resume;
    bool mixed;
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
        settings->experiment.quiet = true;
        return 0;
    case OPTION_RESUME:
        settings->resume = true;
        return 0;
    case OPTION_MIXED:
        settings->mixed = true;
        return 0;
    case OPTION_FORCE:
        settings->force = true;
        return 0;
    case OPTION_SHARD:
        caucus_command_shard(argument, &settings->experiment.plan, state);
        return 0;
    case OPTION_JSON:
        settings->json = true;
        return 0;
    case OPTION_UNTIL_SE:
        caucus_command_until(&settings->experiment.settings, argument, state);
        return 0;
    case ARGP_KEY_END:
        if (settings->mixed && !settings->resume) {
            argp_error(state, "--mixed is about going on with a run: it needs --resume");
        }
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
    {.name = "mixed",
     .key = OPTION_MIXED,
     .doc = "Go on also where rows of numbers were trained on by another device or library, whose last bits differ"},
    {.name = "shard",
     .key = OPTION_SHARD,
     .arg = "I/N|auto",
     .doc =
         "Run part I (1 to N) of the experiment only, to OUT-I-of-N.h5; caucus merge puts the parts together. auto: by "
         "the variables of Slurm or MPI (default: all of it)"},
    {.name = "force", .key = OPTION_FORCE, .doc = "Replace a result file that is there (default: refuse)"},
    {.name = "until-se",
     .key = OPTION_UNTIL_SE,
     .arg = "X",
     .doc =
         "Double the trials until no standard error of a mean success exceeds X, or as the file's section until says "
         "(default: the file's, else trials as they are)"},
    {.doc = "What is shown:", .group = 4},
    {.name = "quiet", .key = 'q', .doc = "Nothing but errors: neither progress nor the summary"},
    {.name = "json", .key = OPTION_JSON, .doc = "One JSON object per event on stdout, in place of progress and table"},
    {0}};

/* ---- the run ---------------------------------------------------------------------------------------------------- */

static void print_start(const caucus_plan_info *info, FILE *to)
{
    char configs[CAUCUS_COMMAND_NUMBER];
    char trials[CAUCUS_COMMAND_NUMBER];
    caucus_shown_put(to, info->name);
    fprintf(to, ": %s configuration%s, %s trial%s each; %s; %u thread%s\n", caucus_text_group(info->n_configs, configs),
            info->n_configs == 1 ? "" : "s", caucus_text_group(info->n_trials, trials), info->n_trials == 1 ? "" : "s",
            info->device, info->threads, info->threads == 1 ? "" : "s");
    if (info->device_reason != NULL) {
        fprintf(to, "on the %s, since %s\n", info->device_bytes > 0 ? "CUDA device" : "CPU", info->device_reason);
    }
}

static void print_end(const caucus_progress *last, const char *output, FILE *to)
{
    char done[CAUCUS_COMMAND_NUMBER];
    char time[CAUCUS_COMMAND_NUMBER];
    char rate[CAUCUS_COMMAND_NUMBER];
    double per_second = last->seconds > 0 ? (double)last->trials_done / last->seconds : 0;
    caucus_shown_put(to, output);
    fprintf(to, ": %s trials in %s (%s trials/s)\n", caucus_text_group(last->trials_done, done),
            caucus_command_time(last->seconds, time), caucus_text_group((uint64_t)(per_second + 0.5), rate));
}

static caucus_status run_plan(void *input, caucus_plan *plan, const char *output)
{
    const run_settings *settings = input;
    const caucus_plan_info *info = caucus_plan_describe(plan);
    caucus_command_display display = {.show = caucus_command_choose_show(settings->json, settings->quiet),
                                      .to = settings->json ? stdout : stderr};
    if (settings->json) {
        caucus_command_print_plan(info, output, stdout);
    } else if (!settings->quiet) {
        print_start(info, stderr);
    }
    const caucus_run_options options = {.output = output,
                                        .resume = settings->resume,
                                        .force = settings->force,
                                        .mixed = settings->mixed,
                                        .progress = caucus_command_progress,
                                        .user = &display};
    caucus_status status = caucus_run(plan, &options);
    caucus_command_release_signals();
    caucus_command_progress_end(&display);
    if (status != CAUCUS_OK) {
        return status;
    }
    if (settings->json) {
        caucus_command_print_done(&display.last, output, stdout);
        return CAUCUS_OK;
    }
    if (settings->quiet) {
        return CAUCUS_OK;
    }
    print_end(&display.last, output, stderr);
    const caucus_summary_options summary = {.most_rows = caucus_command_most_rows()};
    FILE *page = caucus_command_page(CAUCUS_TABLE);
    status = page != NULL ? caucus_summary_print(&output, 1, &summary, page) : CAUCUS_FAILED;
    if (status == CAUCUS_OK && isatty(STDOUT_FILENO)) {
        status = caucus_command_sketch(output, page);
    }
    caucus_command_page_end(page);
    return caucus_command_reader_left() ? CAUCUS_OK : status;
}

int caucus_command_run(int argc, char **argv)
{
    static const struct argp_child children[] = {{.argp = &caucus_command_experiment_argp}, {0}};
    static const struct argp argp = {
        .options = own_options,
        .parser = parse,
        .args_doc = "EXP.yaml",
        .doc = "Run all configurations of an experiment, write every trial's results to one HDF5 file, and print its "
               "summary, on a terminal with a sketch of the curves.\vNumbers may end in K, M or G. Ctrl-C stops after "
               "the blocks in flight and keeps what is "
               "finished (exit code 3): the same command with --resume goes on from there.\n\n"
               "Example: caucus run experiments/quick.yaml -o quick.h5 --trials 2K",
        .children = children};
    run_settings settings = {0};
    if (!caucus_command_parse(&argp, argc, argv, &settings)) {
        return CAUCUS_FAILED;
    }
    const caucus_command_work_options work = {.name = argv[0],
                                              .experiment = &settings.experiment,
                                              .output = settings.output,
                                              .suffix = "",
                                              .stopping =
                                                  "\ncaucus: stopping after the blocks in flight; once more stops at "
                                                  "once\n",
                                              .replace = settings.resume || settings.force,
                                              .json = settings.json,
                                              .quiet = settings.quiet,
                                              .work = run_plan};
    return caucus_command_work(&work, &settings);
}
