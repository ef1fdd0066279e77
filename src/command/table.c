/* caucus columns, caucus init: from a table to a first experiment. */
#include "base/output.h"
#include "base/text.h"
#include "base/text_stream.h"
#include "command/command.h"

#include <stdlib.h>
#include <string.h>

enum { OPTION_LABEL = 0x600, OPTION_GROUP, OPTION_SEPARATOR, OPTION_MISSING, OPTION_FORCE };
enum { MOST_WORDS = 64 };

typedef struct table_settings {
    caucus_table_options table;
    const char *words[MOST_WORDS];
    caucus_format format;
    const char *label;
    const char *output;
    bool force;
} table_settings;

static void set_separator(table_settings *settings, const char *text, struct argp_state *state)
{
    bool tab = strcmp(text, "tab") == 0 || strcmp(text, "\t") == 0;
    if (!tab && (strlen(text) != 1 || strchr(",;|", text[0]) == NULL)) {
        argp_error(state, "--separator takes , ; | or tab, not \"%s\"", text);
    }
    settings->table.separator = tab ? '\t' : text[0];
}

/* Words with commas between them; an empty text for none. They live in argv. */
static void set_missing(table_settings *settings, char *text, struct argp_state *state)
{
    settings->table.missing = settings->words;
    settings->table.n_missing = 0;
    for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
        if (settings->table.n_missing == MOST_WORDS) {
            argp_error(state, "--missing takes at most %d words", MOST_WORDS);
        }
        settings->words[settings->table.n_missing++] = word;
    }
}

static error_t parse_table(int key, char *argument, struct argp_state *state)
{
    table_settings *settings = state->input;
    switch (key) {
    case OPTION_GROUP:
        settings->table.group = argument;
        return 0;
    case OPTION_SEPARATOR:
        set_separator(settings, argument, state);
        return 0;
    case OPTION_MISSING:
        set_missing(settings, argument, state);
        return 0;
    case ARGP_KEY_ARG:
        if (settings->table.path != NULL) {
            argp_error(state, "one table at a time: \"%s\" is one too many", argument);
        }
        settings->table.path = argument;
        return 0;
    case ARGP_KEY_END:
        if (settings->table.path == NULL) {
            argp_error(state, "which table? Name a CSV or HDF5 file");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option table_options[] = {
    {.doc = "How the table is read:", .group = 1},
    {.name = "missing",
     .key = OPTION_MISSING,
     .arg = "WORDS",
     .doc = "Words that mean that a value is missing, with commas between them; \"\" for none (default: NA, N/A, n/a, "
            "#N/A, "
            "<NA>, NaN, nan, NULL, null, ?)"},
    {.name = "separator", .key = OPTION_SEPARATOR, .arg = "C", .doc = "CSV: , ; | or tab (default: found out)"},
    {.name = "group", .key = OPTION_GROUP, .arg = "PATH", .doc = "HDF5: the group or dataset with the columns"},
    {0}};

static const struct argp table_argp = {.options = table_options, .parser = parse_table};

/* ---- columns ---------------------------------------------------------------------------------------------------- */

static error_t parse_columns(int key, char *argument, struct argp_state *state)
{
    table_settings *settings = state->input;
    (void)argument;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = settings;
        state->child_inputs[1] = &settings->format;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

int caucus_command_columns(int argc, char **argv)
{
    static const struct argp_child children[] = {
        {.argp = &table_argp}, {.argp = &caucus_command_format_argp, .group = 2}, {0}};
    static const struct argp argp = {
        .parser = parse_columns,
        .args_doc = "FILE",
        .doc = "Show the columns of a table of people, CSV (also compressed) or HDF5: kind, different values, missing "
               "ones, "
               "the most frequent, the range of numbers and bins to cut them at, and what is better left out.\v"
               "Example: caucus columns data/plebiscite.csv",
        .children = children};
    table_settings settings = {.format = CAUCUS_TABLE};
    if (!caucus_command_parse(&argp, argc, argv, &settings)) {
        return CAUCUS_FAILED;
    }
    FILE *page = caucus_command_page(settings.format);
    caucus_status status = page != NULL ? caucus_columns_print(&settings.table, settings.format, page) : CAUCUS_FAILED;
    caucus_command_page_end(page);
    return status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(argv[0], status);
}

/* ---- init ------------------------------------------------------------------------------------------------------- */

static error_t parse_init(int key, char *argument, struct argp_state *state)
{
    table_settings *settings = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = settings;
        return 0;
    case OPTION_LABEL:
        settings->label = argument;
        return 0;
    case 'o':
        settings->output = argument;
        return 0;
    case OPTION_FORCE:
        settings->force = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option init_options[] = {
    {.doc = "The experiment:", .group = 2},
    {.name = "output", .key = 'o', .arg = "EXP.yaml", .doc = "Where to write it (default: to standard output)"},
    {.name = "force", .key = OPTION_FORCE, .doc = "Replace an existing file"},
    {.name = "label", .key = OPTION_LABEL, .arg = "COLUMN", .doc = "The column to predict (default: guessed)"},
    {0}};

/* The table as the experiment names it: data files are looked up beside the experiment first. */
static const char *name_beside(const char *table, const char *output)
{
    const char *slash = output != NULL ? strrchr(output, '/') : NULL;
    size_t folder = slash != NULL ? (size_t)(slash - output) + 1 : 0;
    bool beside = strncmp(table, output != NULL ? output : "", folder) == 0 && strchr(table + folder, '/') == NULL;
    return beside ? table + folder : table;
}

static caucus_status write_text(const void *context, FILE *to)
{
    const caucus_text_stream *text = context;
    fwrite(text->text, 1, text->length, to); /* who asked for it sees whether that failed */
    return CAUCUS_OK;
}

int caucus_command_init(int argc, char **argv)
{
    static const struct argp_child children[] = {{.argp = &table_argp}, {0}};
    static const struct argp argp = {
        .options = init_options,
        .parser = parse_init,
        .args_doc = "FILE",
        .doc = "Write a first experiment on a table of people, with comments, which runs as it is: label and features "
               "guessed, numbers cut by bins, and one collective as a start.\v"
               "Example: caucus init data/plebiscite.csv -o first.yaml",
        .children = children};
    table_settings settings = {0};
    if (!caucus_command_parse(&argp, argc, argv, &settings)) {
        return CAUCUS_FAILED;
    }
    caucus_text_stream text;
    caucus_status status = settings.output != NULL ? caucus_output_check(settings.output, settings.force) : CAUCUS_OK;
    if (status == CAUCUS_OK) {
        status = caucus_text_stream_open(&text, "an experiment");
    }
    if (status != CAUCUS_OK) {
        return caucus_command_fail(argv[0], status);
    }
    status =
        caucus_init_print(&settings.table, settings.label, name_beside(settings.table.path, settings.output), text.to);
    caucus_status written = caucus_text_stream_close(&text, "an experiment");
    status = written != CAUCUS_OK ? written : status;
    if (status == CAUCUS_OK && settings.output != NULL) {
        status = caucus_output_write(settings.output, settings.force, write_text, &text);
    } else if (status == CAUCUS_OK) {
        fwrite(text.text, 1, text.length, stdout);
    }
    free(text.text);
    if (status != CAUCUS_OK) {
        return caucus_command_fail(argv[0], status);
    }
    if (settings.output != NULL) {
        fprintf(stderr, "%s: run it with caucus run %s\n", settings.output, settings.output);
    }
    return CAUCUS_OK;
}
