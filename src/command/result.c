/* caucus info and verify: looking into a result file. */
#include "command/command.h"

#include <string.h>

enum { OPTION_FORMAT = 0x200 };

typedef struct result_options {
    const char *path;
    bool json;
} result_options;

static error_t parse(int key, char *argument, struct argp_state *state)
{
    result_options *options = state->input;
    switch (key) {
    case OPTION_FORMAT:
        options->json = strcmp(argument, "json") == 0;
        if (!options->json && strcmp(argument, "table") != 0) {
            argp_error(state, "--format takes table or json, not \"%s\"", argument);
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

/* A file of critical masses; as JSON they are told themselves. */
static int print_solution(const char *command, const result_options *options)
{
    caucus_solution *solution = NULL;
    FILE *page = caucus_command_page(options->json ? CAUCUS_JSON : CAUCUS_TABLE);
    caucus_status status = page != NULL ? CAUCUS_OK : CAUCUS_FAILED;
    if (status == CAUCUS_OK && !options->json) {
        status = caucus_solution_print_info(options->path, page);
    } else if (status == CAUCUS_OK) {
        status = caucus_solution_open(options->path, &solution);
        status = status == CAUCUS_OK ? caucus_solution_print(solution, CAUCUS_JSON, page) : status;
    }
    caucus_command_page_end(page);
    caucus_solution_close(solution);
    return status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(command, status);
}

static int print(const char *command, const result_options *options)
{
    caucus_result *result = NULL;
    if (caucus_solution_is_at(options->path)) {
        return print_solution(command, options);
    }
    caucus_status status = caucus_result_open(options->path, &result);
    FILE *page = status == CAUCUS_OK ? caucus_command_page(options->json ? CAUCUS_JSON : CAUCUS_TABLE) : NULL;
    if (status == CAUCUS_OK && page == NULL) {
        status = CAUCUS_FAILED;
    } else if (status == CAUCUS_OK) {
        status = options->json ? caucus_result_print_info_json(result, page) : caucus_result_print_info(result, page);
    }
    caucus_command_page_end(page);
    caucus_result_close(result);
    return status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(command, status);
}

int caucus_command_info(int argc, char **argv)
{
    static const struct argp_option own[] = {
        {.name = "format", .key = OPTION_FORMAT, .arg = "table|json", .doc = "How to print (default: table)"}, {0}};
    static const struct argp argp = {
        .options = own,
        .parser = parse,
        .args_doc = "OUT.h5",
        .doc = "Show what is in a result file and whether it is complete. The name of a result that a stopped run has "
               "not joined yet shows what is finished of it.\v"
               "Example: caucus info quick.h5"};
    result_options options = {0};
    if (!caucus_command_parse(&argp, argc, argv, &options)) {
        return CAUCUS_FAILED;
    }
    return print(argv[0], &options);
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
