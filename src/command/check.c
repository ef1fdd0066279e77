/* caucus check: read an experiment and show what running it amounts to. */
#include "base/text.h"
#include "command/command.h"

enum { OPTION_JSON = 0x200 };

typedef struct check_options {
    caucus_command_experiment experiment;
    bool json;
} check_options;

static error_t parse(int key, char *argument, struct argp_state *state)
{
    check_options *options = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->experiment;
        return 0;
    case OPTION_JSON:
        options->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_plan(const caucus_plan_info *info, const char *path, FILE *to)
{
    char a[CAUCUS_COMMAND_NUMBER];
    char b[CAUCUS_COMMAND_NUMBER];
    char c[CAUCUS_COMMAND_NUMBER];
    const char *layout = "%-16s";
    fprintf(to, layout, "experiment");
    fprintf(to, "%s (%s)\n", info->name, path);
    fprintf(to, layout, "device");
    fprintf(to, "%s; %u thread%s\n", info->device, info->threads, info->threads == 1 ? "" : "s");
    if (info->device_reason != NULL) {
        fprintf(to, layout, "");
        fprintf(to, "taken since %s\n", info->device_reason);
    }
    fprintf(to, layout, "configurations");
    fprintf(to, "%s\n", caucus_text_group(info->n_configs, a));
    fprintf(to, layout, "trials");
    fprintf(to, "%s in each, %s in all, in blocks of %s\n", caucus_text_group(info->n_trials, a),
            caucus_text_group(info->n_trials * info->n_configs, b), caucus_text_group(info->block_trials, c));
    if (info->until_most > 0) {
        fprintf(to, layout, "");
        fprintf(to, "doubled until no standard error exceeds %g, at most %s in each\n", info->until_standard_error,
                caucus_text_group(info->until_most, a));
    }
    fprintf(to, layout, "collectives");
    fprintf(to, "%u, each with %u bound method%s\n", info->n_collectives, info->n_methods,
            info->n_methods == 1 ? "" : "s");
    fprintf(to, layout, "population");
    fprintf(to, "%s cells, %u labels; drawn as %s classes\n", caucus_text_group(info->n_cells, a), info->n_labels,
            caucus_text_group(info->n_classes, b));
    fprintf(to, layout, "result");
    fprintf(to, "%s before compression\n", caucus_command_bytes(info->output_bytes, a));
    fprintf(to, layout, "memory");
    fprintf(to, "%s\n", caucus_command_bytes(info->working_bytes, a));
    if (info->device_bytes > 0) {
        char d[CAUCUS_COMMAND_NUMBER];
        fprintf(to, layout, "device memory");
        fprintf(to, "%s of %s free; %u stream%s, each %s trials a launch, %s at a time\n",
                caucus_command_bytes(info->device_bytes, a), caucus_command_bytes(info->device_free_bytes, b),
                info->slots, info->slots == 1 ? "" : "s", caucus_text_group(info->launch_trials, c),
                caucus_text_group(info->resident_trials, d));
    }
    if (info->expected_seconds > 0) {
        fprintf(to, layout, "expected time");
        fprintf(to, "%s\n", caucus_command_time(info->expected_seconds, a));
    }
    caucus_command_print_lines(info->notes, "note            ", to);
}

int caucus_command_check(int argc, char **argv)
{
    static const struct argp_option own[] = {
        {.name = "json", .key = OPTION_JSON, .doc = "One JSON object instead of a table", .group = 3}, {0}};
    static const struct argp_child children[] = {{.argp = &caucus_command_experiment_argp}, {0}};
    static const struct argp argp = {.options = own,
                                     .parser = parse,
                                     .args_doc = "EXP.yaml",
                                     .doc = "Read an experiment, check every configuration of its sweep, time a few "
                                            "trials, and show the plan. Nothing is written.\v"
                                            "Example: caucus check experiments/quick.yaml --trials 2K",
                                     .children = children};
    check_options options = {0};
    if (!caucus_command_parse(&argp, argc, argv, &options)) {
        return CAUCUS_FAILED;
    }

    caucus_experiment *experiment = NULL;
    caucus_plan *plan = NULL;
    caucus_status status = caucus_command_open(&options.experiment, &experiment);
    if (status == CAUCUS_OK) {
        status = caucus_command_plan(&options.experiment, experiment, &plan);
    }
    if (status == CAUCUS_OK) {
        status = caucus_plan_estimate(plan);
    }
    int code = CAUCUS_OK;
    if (status == CAUCUS_OK) {
        if (options.json) {
            caucus_command_print_plan(caucus_plan_describe(plan), NULL, stdout);
        } else {
            FILE *page = caucus_command_page(CAUCUS_TABLE);
            status = page != NULL ? CAUCUS_OK : CAUCUS_FAILED;
            if (page != NULL) {
                print_plan(caucus_plan_describe(plan), options.experiment.path, page);
            }
            caucus_command_page_end(page);
        }
    }
    if (status != CAUCUS_OK) {
        if (options.json) {
            caucus_command_print_error(status, caucus_error_message(), stdout);
        }
        code = caucus_command_fail(argv[0], status);
    }
    caucus_plan_close(plan);
    caucus_experiment_close(experiment);
    caucus_command_experiment_free(&options.experiment);
    return code;
}
