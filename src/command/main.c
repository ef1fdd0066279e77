/* caucus: the command line. Options of a subcommand are parsed in its own file; this one finds the subcommand. */
#include "base/text.h"
#include "base/text_stream.h"
#include "command/command.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const caucus_command commands[] = {
    {"check", "EXP.yaml", "read an experiment and show its plan; run nothing", caucus_command_check},
    {"run", "EXP.yaml", "run an experiment to a result file", caucus_command_run},
    {"columns", "FILE", "what is in a table: values, counts, missing ones, bins", caucus_command_columns},
    {"init", "FILE", "a first experiment from a table, which runs as it is", caucus_command_init},
    {"solve", "EXP.yaml", "critical mass: the smallest size that reaches a target", caucus_command_solve},
    {"info", "OUT.h5", "what is in a result file, and is it complete", caucus_command_info},
    {"verify", "OUT.h5", "check every byte of a result; which trials are damaged", caucus_command_verify},
    {"summary", "OUT.h5", "success and bounds of each configuration", caucus_command_summary},
    {"merge", "SHARD.h5...", "put the results of shards together", caucus_command_merge},
    {"report", "OUT.h5", "a page about a result, with pictures", caucus_command_report},
    {"plot", "OUT.h5", "one figure of a result, for a paper", caucus_command_plot},
    {"bound", "FILE", "what can be guaranteed, from counts or one's own data", caucus_command_bound},
    {"devices", "", "the CPU and CUDA devices, what is usable and why not", caucus_command_devices},
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

typedef struct chosen {
    const caucus_command *command;
    int index; /* in argv */
} chosen;

static void print_version(FILE *to, struct argp_state *state)
{
    (void)state;
    fprintf(to, "caucus %s (commit %s)\n", caucus_version(), caucus_git_commit());
}

static const caucus_command *find_command(const char *name, struct argp_state *state)
{
    const char *names[N_COMMANDS];
    for (size_t i = 0; i < N_COMMANDS; i++) {
        names[i] = commands[i].name;
        if (strcmp(name, names[i]) == 0) {
            return &commands[i];
        }
    }
    size_t nearest = caucus_text_nearest(name, names, N_COMMANDS);
    if (nearest < N_COMMANDS) {
        argp_error(state, "there is no command \"%s\"; did you mean \"%s\"?", name, names[nearest]);
    } else {
        char list[256] = "";
        for (size_t i = 0, used = 0; i < N_COMMANDS && used < sizeof list; i++) {
            const char *before = i == 0 ? "" : i + 1 < N_COMMANDS ? ", " : " and ";
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", before, names[i]);
        }
        argp_error(state, "there is no command \"%s\"; there are %s", name, list);
    }
    return NULL; /* not reached: argp_error ends the process */
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    chosen *choice = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        choice->command = find_command(argument, state);
        choice->index = state->next - 1;
        state->next = state->argc; /* the rest is the subcommand's */
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_state_help(state, stderr, ARGP_HELP_LONG | ARGP_HELP_USAGE | ARGP_HELP_DOC | ARGP_HELP_EXIT_ERR);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The list of commands, between the first line of --help and the options. */
static char *command_list(void)
{
    caucus_text_stream list;
    if (caucus_text_stream_open(&list, "the list of commands") != CAUCUS_OK) {
        return NULL;
    }
    FILE *to = list.to;
    fputs("caucus runs batches of experiments on algorithmic collective action.\n\nCommands:\n", to);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        char usage[64];
        snprintf(usage, sizeof usage, "%s %s", commands[i].name, commands[i].arguments);
        fprintf(to, "  %-18s %s\n", usage, commands[i].meaning);
    }
    fputs("\n\"caucus help COMMAND\" shows a command's options.\v"
          "Example: caucus run experiments/quick.yaml -o quick.h5\n\n"
          "Exit codes: 0 done, 1 failed, 2 wrong usage or wrong experiment, 3 stopped by a signal with what was "
          "finished saved.",
          to);
    return caucus_text_stream_close(&list, "the list of commands") == CAUCUS_OK ? list.text : NULL;
}

/* Results that did not reach the disk are a failure, and only closing tells. Who closes a pipe has seen enough. */
static int close_output(int code)
{
    if ((ferror(stdout) || fflush(stdout) != 0) && !caucus_command_reader_left()) {
        fprintf(stderr, "caucus: the output could not be written: %s\n", strerror(errno));
        return code == CAUCUS_OK ? CAUCUS_FAILED : code;
    }
    return code;
}

/* Other ways to ask: -h, help, help COMMAND, version. A file called -h is ./-h. */
static void spell_out(int argc, char **argv)
{
    static char help[] = "--help";
    static char version[] = "--version";
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        argv[i] = strcmp(argv[i], "-h") == 0 ? help : argv[i];
    }
    if (argc > 2 && strcmp(argv[1], "help") == 0) {
        argv[1] = argv[2];
        argv[2] = help;
    } else if (argc > 1) {
        argv[1] = strcmp(argv[1], "help") == 0 ? help : strcmp(argv[1], "version") == 0 ? version : argv[1];
    }
}

int main(int argc, char **argv)
{
    spell_out(argc, argv);
    argp_program_version_hook = print_version;
    argp_err_exit_status = CAUCUS_INVALID;
    char *list = command_list();
    const struct argp argp = {.parser = parse, .args_doc = "COMMAND [OPTION...]", .doc = list};
    chosen choice = {NULL, 0};
    error_t error = argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &choice);
    free(list);
    if (error != 0 || choice.command == NULL) {
        fprintf(stderr, "caucus: cannot read the command: %s\n", strerror(error != 0 ? error : EINVAL));
        return error != 0 ? CAUCUS_FAILED : CAUCUS_INVALID;
    }
    /* Its threads would each take addresses, and have nothing to do: caucus' own threads multiply. */
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    /* A limit on the size of files shows as a failed write then, with its name, and not as the end of the process. */
    signal(SIGXFSZ, SIG_IGN);
    char name[64];
    snprintf(name, sizeof name, "caucus %s", choice.command->name);
    argv[choice.index] = name;
    caucus_command_tell_crashes(name);
    return close_output(choice.command->run(argc - choice.index, argv + choice.index));
}
