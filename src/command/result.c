/* caucus info, summary and verify: looking into a result file. */
#include "command/command.h"

typedef struct result_options {
    const char *path;
    bool formats; /* --format may be given */
    caucus_format format;
} result_options;

static error_t parse(int key, char *argument, struct argp_state *state)
{
    result_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        if (options->formats) {
            state->child_inputs[0] = &options->format;
        }
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
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int print(const char *command, const result_options *options, bool summary)
{
    caucus_result *result = NULL;
    caucus_status status = caucus_result_open(options->path, &result);
    FILE *page = status == CAUCUS_OK ? caucus_command_page(options->format) : NULL;
    if (status == CAUCUS_OK && page == NULL) {
        status = CAUCUS_FAILED;
    } else if (status == CAUCUS_OK) {
        status = summary ? caucus_result_print_summary(result, options->format, page)
                         : caucus_result_print_info(result, page);
    }
    caucus_command_page_end(page);
    caucus_result_close(result);
    return status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(command, status);
}

int caucus_command_info(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse,
        .args_doc = "OUT.h5",
        .doc = "Show what is in a result file and whether it is complete. The name of a result that a stopped run has "
               "not joined yet shows what is finished of it.\v"
               "Example: caucus info quick.h5"};
    result_options options = {0};
    if (!caucus_command_parse(&argp, argc, argv, &options)) {
        return CAUCUS_FAILED;
    }
    return print(argv[0], &options, false);
}

int caucus_command_summary(int argc, char **argv)
{
    static const struct argp_child children[] = {{.argp = &caucus_command_format_argp}, {0}};
    static const struct argp argp = {
        .parser = parse,
        .args_doc = "OUT.h5",
        .doc = "Print a row for each configuration and collective: its success, and how its bounds did.\v"
               "Example: caucus summary quick.h5 --format csv",
        .children = children};
    result_options options = {.formats = true};
    if (!caucus_command_parse(&argp, argc, argv, &options)) {
        return CAUCUS_FAILED;
    }
    return print(argv[0], &options, true);
}

int caucus_command_verify(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse,
        .args_doc = "OUT.h5",
        .doc = "Compare every byte of a result file with its seal, and say which trials are damaged if some are. The "
               "same command as the run's with --resume then computes those again.\v"
               "Example: caucus verify quick.h5"};
    result_options options = {0};
    if (!caucus_command_parse(&argp, argc, argv, &options)) {
        return CAUCUS_FAILED;
    }
    FILE *page = caucus_command_page(CAUCUS_TABLE);
    caucus_status status = page != NULL ? caucus_result_verify(options.path, page) : CAUCUS_FAILED;
    caucus_command_page_end(page);
    return status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(argv[0], status);
}
