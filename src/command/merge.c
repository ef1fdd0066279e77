/* caucus merge: one result of shards. */
#include "base/shown.h"
#include "base/text.h"
#include "command/command.h"

enum { OPTION_CHECK = 0x200, OPTION_FORCE, OPTION_MIXED, OPTION_THREADS };

typedef struct merge_settings {
    const char **paths;
    size_t n_paths;
    bool check;
    bool quiet;
    caucus_merge_options merge;
} merge_settings;

static error_t parse(int key, char *argument, struct argp_state *state)
{
    merge_settings *settings = state->input;
    uint64_t threads = 0;
    switch (key) {
    case 'o':
        settings->merge.output = argument;
        return 0;
    case 'q':
        settings->quiet = true;
        return 0;
    case OPTION_CHECK:
        settings->check = true;
        return 0;
    case OPTION_FORCE:
        settings->merge.force = true;
        return 0;
    case OPTION_MIXED:
        settings->merge.mixed = true;
        return 0;
    case OPTION_THREADS:
        if (!caucus_text_count(argument, &threads) || threads > 4096) {
            argp_error(state, "--threads takes a whole number from 0 to 4096, not \"%s\"", argument);
        }
        settings->merge.threads = (unsigned)threads;
        return 0;
    case ARGP_KEY_ARGS:
        settings->paths = (const char **)state->argv + state->next;
        settings->n_paths = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_END:
        if (settings->n_paths == 0) {
            argp_error(state, "which shards? Name their files, such as OUT-*-of-8.h5");
        }
        if (settings->check == (settings->merge.output != NULL)) {
            argp_error(state, "name the merged file by -o OUT.h5, or use --check to look only");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* A caucus_merge_options.progress; user is a caucus_command_display. */
static bool show_progress(const caucus_progress *progress, void *user)
{
    return caucus_command_progress(progress, user) && !caucus_command_signalled();
}

static void print_end(const caucus_progress *last, size_t n_files, const char *output)
{
    char trials[CAUCUS_COMMAND_NUMBER];
    char time[CAUCUS_COMMAND_NUMBER];
    caucus_shown_put(stderr, output);
    fprintf(stderr, ": %s trials of %zu file%s in %s\n", caucus_text_group(last->trials_done, trials), n_files,
            n_files == 1 ? "" : "s", caucus_command_time(last->seconds, time));
}

int caucus_command_merge(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {.name = "output", .key = 'o', .arg = "OUT.h5", .doc = "The merged result"},
        {.name = "check", .key = OPTION_CHECK, .doc = "Only tell what each file has, and what is missing"},
        {.name = "force", .key = OPTION_FORCE, .doc = "Replace a result file that is there (default: refuse)"},
        {.name = "mixed",
         .key = OPTION_MIXED,
         .doc =
             "Also shards that another library, processor or device trained on real-valued features, where last bits "
             "may differ"},
        {.name = "threads",
         .key = OPTION_THREADS,
         .arg = "N",
         .doc = "Host threads (default: 0, one for each core that may be used)"},
        {.name = "quiet", .key = 'q', .doc = "Nothing but errors: no progress"},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "SHARD.h5...",
        .doc = "Put together what caucus run --shard has made: the file that one run of the whole experiment writes. "
               "Files of another run, trials that are there twice and trials that are missing are errors, with the "
               "commands that compute what is missing.\v"
               "Example: caucus merge quick-*-of-8.h5 -o quick.h5"};
    merge_settings settings = {0};
    if (!caucus_command_parse(&argp, argc, argv, &settings)) {
        return CAUCUS_FAILED;
    }
    if (settings.check) {
        const caucus_status status = caucus_merge(settings.paths, settings.n_paths, &settings.merge, stdout);
        return status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(argv[0], status);
    }
    caucus_command_display display = {.show = caucus_command_choose_show(false, settings.quiet), .to = stderr};
    settings.merge.progress = show_progress;
    settings.merge.user = &display;
    caucus_command_catch_signals("\ncaucus: stopping; once more stops at once\n", NULL);
    const caucus_status status = caucus_merge(settings.paths, settings.n_paths, &settings.merge, stdout);
    caucus_command_release_signals();
    caucus_command_progress_end(&display);
    if (status == CAUCUS_OK && !settings.quiet) {
        print_end(&display.last, settings.n_paths, settings.merge.output);
    }
    return status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(argv[0], status);
}
