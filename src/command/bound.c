/* caucus bound: what collectives can guarantee, from counts or from a collective's own members. */
#include "base/text.h"
#include "command/command.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPTION_COLLECTIVE = 0x500,
    OPTION_MEMBERS,
    OPTION_OTHERS,
    OPTION_WEIGHT,
    OPTION_SET,
    OPTION_CONFIG,
    OPTION_GOAL,
    OPTION_FAMILY,
    OPTION_KNOWLEDGE,
    OPTION_INEQUALITY
};

typedef struct bound_options {
    const char *path;
    const char *lone; /* an option that only makes sense with --collective */
    caucus_advice_options advice;
    caucus_command_settings settings;
    caucus_format format;
} bound_options;

static void check(const bound_options *options, struct argp_state *state)
{
    if (options->path == NULL) {
        argp_error(state, "which file? Name a document of counts, an experiment, or - for standard input");
    }
    if (options->advice.collective == NULL && options->lone != NULL) {
        argp_error(state, "--%s goes with --collective NAME, a collective of an experiment", options->lone);
    }
    if (options->advice.collective != NULL && options->advice.members == NULL) {
        argp_error(state, "--collective needs --members DATA.csv, the data of its own members");
    }
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    bound_options *options = state->input;
    caucus_advice_options *advice = &options->advice;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->format;
        return 0;
    case OPTION_COLLECTIVE:
        advice->collective = argument;
        return 0;
    case OPTION_MEMBERS:
        advice->members = argument;
        options->lone = "members";
        return 0;
    case OPTION_OTHERS:
        advice->others = argument;
        options->lone = "others";
        return 0;
    case OPTION_WEIGHT:
        advice->weight = argument;
        options->lone = "weight";
        return 0;
    case OPTION_SET:
        caucus_command_set(&options->settings, argument, state);
        options->lone = "set";
        return 0;
    case OPTION_CONFIG:
        if (!caucus_text_count(argument, &advice->config)) {
            argp_error(state, "--config takes the number of a configuration, from 0, not \"%s\"", argument);
        }
        options->lone = "config";
        return 0;
    case OPTION_GOAL:
        if (!caucus_text_number(argument, &advice->goal) || !(advice->goal > 0 && advice->goal <= 1)) {
            argp_error(state, "--goal takes a number above 0 and up to 1, such as 0.9, not \"%s\"", argument);
        }
        options->lone = "goal";
        return 0;
    case OPTION_FAMILY:
        advice->choice.families = argument;
        return 0;
    case OPTION_KNOWLEDGE:
        advice->choice.knowledge = argument;
        return 0;
    case OPTION_INEQUALITY:
        advice->choice.inequalities = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (options->path != NULL) {
            argp_error(state, "one file at a time: \"%s\" is one too many", argument);
        }
        options->path = argument;
        return 0;
    case ARGP_KEY_END:
        check(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option own_options[] = {
    {.doc = "For a collective of an experiment, before it acts:", .group = 1},
    {.name = "collective", .key = OPTION_COLLECTIVE, .arg = "NAME", .doc = "Who asks; FILE is then an experiment"},
    {.name = "members",
     .key = OPTION_MEMBERS,
     .arg = "DATA.csv",
     .doc = "Its members, CSV or HDF5: the population's features and label, one row a person or weighted"},
    {.name = "others",
     .key = OPTION_OTHERS,
     .arg = "COUNTS.csv",
     .doc = "What the other collectives hand in together: features, label, count"},
    {.name = "weight",
     .key = OPTION_WEIGHT,
     .arg = "COLUMN",
     .doc = "Column of DATA.csv with counts of people (default: the population's weight, where the file has it)"},
    {.name = "set",
     .key = OPTION_SET,
     .arg = "PATH=VALUE",
     .doc = "Replace one value of the experiment; may be repeated"},
    {.name = "config", .key = OPTION_CONFIG, .arg = "I", .doc = "Point of the experiment's sweep (default: 0)"},
    {.name = "goal",
     .key = OPTION_GOAL,
     .arg = "X",
     .doc = "The success to be sure of: how many members does it take? (default: 0.9)"},
    {.doc = "Which bounds, names with commas between them (default: all):", .group = 2},
    {.name = "family", .key = OPTION_FAMILY, .arg = "LIST", .doc = "staircase, budget, linear"},
    {.name = "knowledge",
     .key = OPTION_KNOWLEDGE,
     .arg = "LIST",
     .doc = "total, labels, strategies, aggregate, full: what is known of the others"},
    {.name = "inequality",
     .key = OPTION_INEQUALITY,
     .arg = "LIST",
     .doc = "population, hoeffding, hoeffding_clipped, bernstein, kl, clopper_pearson, hypergeometric, "
            "hypergeometric_joint"},
    {.doc = "Output:", .group = 3},
    {0}};

int caucus_command_bound(int argc, char **argv)
{
    static const struct argp_child children[] = {{.argp = &caucus_command_format_argp, .group = 3}, {0}};
    static const struct argp argp = {
        .options = own_options,
        .parser = parse,
        .args_doc = "FILE",
        .doc = "Lower bounds on the success of collectives, without a simulation. FILE is a document of counts or a "
               "list of them (YAML or JSON; - is standard input), or an experiment with --collective and --members.\v"
               "Example: caucus bound experiments/income-renters-students.yaml --collective renters --members "
               "data/income.csv",
        .children = children};
    bound_options options = {.format = CAUCUS_TABLE};
    if (!caucus_command_parse(&argp, argc, argv, &options)) {
        return CAUCUS_FAILED;
    }
    options.advice.settings = (const char *const *)options.settings.of;
    options.advice.n_settings = options.settings.n;
    caucus_status status = CAUCUS_FAILED;
    FILE *page = caucus_command_page(options.format);
    if (page != NULL) {
        status = options.advice.collective != NULL
                     ? caucus_advice_print(options.path, &options.advice, options.format, page)
                     : caucus_bounds_print_documents(options.path, &options.advice.choice, options.format, page);
    }
    caucus_command_page_end(page);
    int code = status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(argv[0], status);
    caucus_command_settings_free(&options.settings);
    return code;
}
