/* Options that several subcommands share. */
#include "base/shown.h"
#include "base/status.h"
#include "base/text.h"
#include "command/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    OPTION_TRIALS = 0x100,
    OPTION_SEED,
    OPTION_DEVICE,
    OPTION_THREADS,
    OPTION_SET,
    OPTION_AXIS,
    OPTION_BLOCK,
    OPTION_MEMORY,
    OPTION_FORMAT,
    OPTION_UNGUARDED
};
enum { MOST_THREADS = 4096, MOST_BLOCK_TRIALS = 1 << 30 };

bool caucus_command_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    const error_t error = argp_parse(argp, argc, argv, 0, NULL, input);
    if (error != 0) {
        fprintf(stderr, "%s: cannot read the options: %s\n", argv[0], strerror(error));
    }
    return error == 0;
}

FILE *caucus_command_page(caucus_format format)
{
    /* Programs that read CSV want the bytes as they are; a terminal does not. */
    const bool shown = format == CAUCUS_TABLE || (format == CAUCUS_CSV && isatty(STDOUT_FILENO));
    FILE *page = shown ? caucus_shown_open(stdout) : stdout;
    if (page == NULL) {
        caucus_fail_memory(BUFSIZ, "the output");
    }
    return page;
}

void caucus_command_page_end(FILE *page)
{
    if (page != NULL && page != stdout) {
        fclose(page); /* that standard output could not be written shows at the end */
    }
}

int caucus_command_fail(const char *command, caucus_status status)
{
    fflush(stdout);
    fprintf(stderr, "%s: ", command);
    caucus_shown_put(stderr, caucus_error_message());
    fputc('\n', stderr);
    return (int)status;
}

static uint64_t parse_count(const char *option, const char *text, uint64_t low, uint64_t high, struct argp_state *state)
{
    uint64_t value = 0;
    if (!caucus_text_count(text, &value) || value < low || value > high) {
        argp_error(state, "--%s takes a whole number from %" PRIu64 " to %" PRIu64 " such as 500 or 20K, not \"%s\"",
                   option, low, high, text);
    }
    return value;
}

/* All 64 bits, which numbers with K, M and G do not reach. */
static uint64_t parse_seed(const char *text, struct argp_state *state)
{
    char *end = NULL;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0) {
        argp_error(state, "--seed takes a whole number from 0 to %" PRIu64 ", not \"%s\"", UINT64_MAX, text);
    }
    return value;
}

/* Takes text, which is NULL where memory was short. */
static void add_setting(caucus_command_settings *settings, char *text, struct argp_state *state)
{
    char **longer = realloc(settings->of, (settings->n + 1) * sizeof *longer);
    if (longer != NULL) {
        settings->of = longer;
    }
    if (longer == NULL || text == NULL) {
        free(text);
        argp_failure(state, CAUCUS_FAILED, 0, "out of memory");
        return;
    }
    settings->of[settings->n++] = text;
}

void caucus_command_set(caucus_command_settings *settings, const char *text, struct argp_state *state)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        argp_error(state, "--set takes PATH=VALUE such as platform.consumers=50K, not \"%s\"", text);
    }
    add_setting(settings, caucus_text_copy(text), state);
}

void caucus_command_until(caucus_command_settings *settings, const char *text, struct argp_state *state)
{
    double value = 0;
    if (!caucus_text_number(text, &value) || value < 0 || value > 1) {
        argp_error(state, "--until-se takes a standard error from 0 to 1 such as 0.001, not \"%s\"", text);
    }
    add_setting(settings, caucus_text_format("until.standard_error=%s", text), state);
}

void caucus_command_settings_free(caucus_command_settings *settings)
{
    for (size_t i = 0; i < settings->n; i++) {
        free(settings->of[i]);
    }
    free(settings->of);
}

static void parse_axis(caucus_command_experiment *options, const char *text, struct argp_state *state)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        argp_error(state, "--axis takes PATH=V1,V2 such as collectives[0].share=0.05,0.1, not \"%s\"", text);
    }
    add_setting(&options->settings, caucus_text_format("sweep+=%s", text), state);
}

static error_t parse_experiment(int key, char *argument, struct argp_state *state)
{
    caucus_command_experiment *options = state->input;
    switch (key) {
    case OPTION_TRIALS:
        add_setting(&options->settings,
                    caucus_text_format("trials=%" PRIu64, parse_count("trials", argument, 1, UINT32_MAX, state)),
                    state);
        return 0;
    case OPTION_SEED:
        add_setting(&options->settings, caucus_text_format("seed=%" PRIu64, parse_seed(argument, state)), state);
        return 0;
    case OPTION_DEVICE:
        options->plan.device = argument;
        return 0;
    case OPTION_THREADS:
        options->plan.threads = (unsigned)parse_count("threads", argument, 0, MOST_THREADS, state);
        return 0;
    case OPTION_BLOCK:
        options->plan.block_trials = (uint32_t)parse_count("block", argument, 0, MOST_BLOCK_TRIALS, state);
        return 0;
    case OPTION_MEMORY:
        options->plan.memory = parse_count("memory", argument, 1, UINT64_MAX, state);
        return 0;
    case OPTION_SET:
        caucus_command_set(&options->settings, argument, state);
        return 0;
    case OPTION_AXIS:
        parse_axis(options, argument, state);
        return 0;
    case ARGP_KEY_ARG:
        if (options->path != NULL) {
            argp_error(state, "one experiment at a time: \"%s\" is one too many", argument);
        }
        options->path = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->path == NULL) {
            argp_error(state, "which experiment? Name its YAML file");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option experiment_options[] = {
    {.doc = "The experiment:", .group = 1},
    {.name = "trials", .key = OPTION_TRIALS, .arg = "N", .doc = "Trials of each configuration (default: the file's)"},
    {.name = "seed", .key = OPTION_SEED, .arg = "S", .doc = "Seed of all randomness (default: the file's)"},
    {.name = "set",
     .key = OPTION_SET,
     .arg = "PATH=VALUE",
     .doc = "Replace one value of the file, such as collectives[0].share=0.1 or, by name, "
            "collectives.renters.share=0.1; may "
            "be repeated"},
    {.name = "axis",
     .key = OPTION_AXIS,
     .arg = "PATH=V1,V2",
     .doc =
         "Sweep a place over values: instead of the file's axis for that place, or besides its axes; may be repeated"},
    {.doc = "The machine (results do not depend on it):", .group = 2},
    {.name = "device",
     .key = OPTION_DEVICE,
     .arg = "auto|cpu|cuda[:I|:all]",
     .doc = "Where trials run: the CPU, the first usable CUDA device, device I, or all of them (default: auto, as cuda "
            "where that is possible, else cpu)"},
    {.name = "threads",
     .key = OPTION_THREADS,
     .arg = "N",
     .doc = "Host threads (default: 0, one for each core that may be used)"},
    {.name = "block", .key = OPTION_BLOCK, .arg = "N", .doc = "Trials in a unit of work (default: 0, chosen)"},
    {.name = "memory",
     .key = OPTION_MEMORY,
     .arg = "BYTES",
     .doc = "Refuse what would take more memory, such as 4G (default: what the machine or its cgroup has)"},
    {0}};

const struct argp caucus_command_experiment_argp = {.options = experiment_options, .parser = parse_experiment};

void caucus_command_experiment_free(caucus_command_experiment *options)
{
    caucus_command_settings_free(&options->settings);
    *options = (caucus_command_experiment){0};
}

/* Planning that takes a while says how far it is. */
typedef struct planning {
    time_t started, shown;
    bool bar_open;
} planning;

static bool show_planning(uint64_t done, uint64_t n_configs, void *user)
{
    enum { SILENT_SECONDS = 1, LINE_SECONDS = 10 };
    planning *self = user;
    const time_t now = time(NULL);
    const bool terminal = isatty(STDERR_FILENO) != 0;
    if (now - self->started < SILENT_SECONDS || (!terminal && now - self->shown < LINE_SECONDS)) {
        return true;
    }
    char a[CAUCUS_COMMAND_NUMBER];
    char b[CAUCUS_COMMAND_NUMBER];
    fprintf(stderr, "%splanned %s of %s configurations%s", terminal ? "\r" : "", caucus_text_group(done, a),
            caucus_text_group(n_configs, b), terminal ? "\033[K" : "\n");
    fflush(stderr);
    self->shown = now;
    self->bar_open = terminal;
    return true;
}

caucus_status caucus_command_open(const caucus_command_experiment *options, caucus_experiment **experiment)
{
    return caucus_experiment_open_within(options->path, (const char *const *)options->settings.of, options->settings.n,
                                         options->plan.memory, experiment);
}

caucus_status caucus_command_plan(const caucus_command_experiment *options, caucus_experiment *experiment,
                                  caucus_plan **plan)
{
    planning shown = {.started = time(NULL), .shown = time(NULL)};
    caucus_plan_options how = options->plan;
    how.progress = options->quiet ? NULL : show_planning;
    how.user = &shown;
    caucus_status status = caucus_plan_open(experiment, &how, plan);
    if (shown.bar_open) {
        fputs("\r\033[K", stderr);
    }
    return status;
}

/* ---- formats --------------------------------------------------------------------------------------------------- */

static const char *const format_names[] = {[CAUCUS_TABLE] = "table", [CAUCUS_CSV] = "csv", [CAUCUS_JSON] = "json"};

static error_t parse_format(int key, char *argument, struct argp_state *state)
{
    caucus_format *format = state->input;
    if (key == OPTION_UNGUARDED) {
        caucus_csv_guard(false);
        return 0;
    }
    if (key != OPTION_FORMAT) {
        return ARGP_ERR_UNKNOWN;
    }
    for (int i = 0; i < 3; i++) {
        if (strcmp(argument, format_names[i]) == 0) {
            *format = (caucus_format)i;
            return 0;
        }
    }
    argp_error(state, "--format takes table, csv or json, not \"%s\"", argument);
    return 0;
}

static const struct argp_option format_options[] = {
    {.name = "format", .key = OPTION_FORMAT, .arg = "table|csv|json", .doc = "How to print (default: table)"},
    {.name = "unguarded",
     .key = OPTION_UNGUARDED,
     .doc = "In csv, leave text as it is that spreadsheets would run as a formula (default: an apostrophe in front)"},
    {0}};

const struct argp caucus_command_format_argp = {.options = format_options, .parser = parse_format};
