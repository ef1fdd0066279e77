/* What the long commands share: stopping by signals, what to show, and a plan from the options to its end. */
#include "base/text.h"
#include "command/command.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *stopping;        /* said at the first signal */
static void (*stop_function)(void); /* called then, or NULL */

/* When the first signal came, in milliseconds of the monotonic clock; 0 before. Atomic, since the system may hand two
 * signals to two threads at once. */
static atomic_llong first_signal;
static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "signal handlers may use no locks");

/* A first signal so long ago that none is its echo. */
#define LONG_AGO 1

static long long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000 + LONG_AGO;
}

/* Whether a signal is the first one once more: schedulers and launchers send it to all processes of a job, and the
 * script or program that started this one passes it on. */
static bool is_echo(long long now, long long first)
{
    enum { MILLISECONDS = 500 };
    return now - first < MILLISECONDS;
}

static void on_signal(int number)
{
    long long now = milliseconds();
    long long first = 0;
    /* A second one ends the process at once, if a person sent it: a limit of processor time signals every second. */
    if (!atomic_compare_exchange_strong(&first_signal, &first, now)) {
        if ((number == SIGINT || number == SIGTERM) && !is_echo(now, first)) {
            _exit(128 + number);
        }
        return;
    }
    if (stop_function != NULL) {
        stop_function();
    }
    int errno_before = errno; /* of what was interrupted */
    if (write(STDERR_FILENO, stopping, strlen(stopping)) < 0) {
        errno = errno_before; /* nobody to tell */
    }
}

void caucus_command_catch_signals(const char *words, void (*stop)(void))
{
    stopping = words;
    stop_function = stop;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction before;
        /* What is ignored from the start, as nohup has it, stays so. */
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(numbers[i], &action, NULL);
        }
    }
    /* A reader that goes away must not take unsaved work with it: writes fail instead. */
    signal(SIGPIPE, SIG_IGN);
}

bool caucus_command_signalled(void)
{
    return atomic_load(&first_signal) != 0;
}

void caucus_command_release_signals(void)
{
    atomic_store(&first_signal, LONG_AGO);
}

bool caucus_command_reader_left(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

caucus_command_show caucus_command_choose_show(bool json, bool quiet)
{
    if (json) {
        return CAUCUS_SHOW_JSON;
    }
    if (quiet) {
        return CAUCUS_SHOW_NOTHING;
    }
    return isatty(STDERR_FILENO) ? CAUCUS_SHOW_BAR : CAUCUS_SHOW_LINES;
}

caucus_status caucus_command_sketch(const char *path, FILE *page)
{
    caucus_result *result = NULL;
    TRY(caucus_result_open(path, &result));
    const caucus_status status =
        caucus_result_print_sketch(result, (unsigned)caucus_command_terminal_columns(stdout), page);
    caucus_result_close(result);
    return status;
}

uint64_t caucus_command_most_rows(void)
{
    enum { ON_TERMINAL = 50 };
    return isatty(STDOUT_FILENO) ? ON_TERMINAL : 0;
}

/* What keeps an experiment's name from being a file's: it chooses no directory, is no option of other programs and no
 * hidden file. NULL: nothing. */
static const char *find_fault(const char *name)
{
    if (name[0] == '\0') {
        return "is empty";
    }
    if (name[0] == '.' || name[0] == '-') {
        return name[0] == '.' ? "begins with a dot" : "begins with a dash";
    }
    for (const char *c = name; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            return "has control characters";
        }
    }
    return strchr(name, '/') != NULL ? "has a slash" : NULL;
}

static caucus_status name_result(const char *name, const char *suffix, char **output)
{
    const char *fault = find_fault(name);
    if (fault != NULL) {
        return caucus_fail(CAUCUS_INVALID,
                           "the result cannot be named after the experiment, whose name %s; give a file with -o",
                           fault);
    }
    *output = caucus_text_format("%s%s.h5", name, suffix);
    return *output != NULL ? CAUCUS_OK : caucus_fail_memory(strlen(name), "the result's name");
}

/* OUT-I-of-N.h5: all shards may be given one name, that of the whole. */
static caucus_status name_shard(const caucus_plan_options *plan, char **output)
{
    if (plan->n_shards == 0) {
        return CAUCUS_OK;
    }
    const size_t length = strlen(*output);
    const bool ends = length > 3 && strcmp(*output + length - 3, ".h5") == 0;
    char *name =
        caucus_text_format("%.*s-%llu-of-%llu%s", (int)(ends ? length - 3 : length), *output,
                           (unsigned long long)plan->shard, (unsigned long long)plan->n_shards, ends ? ".h5" : "");
    free(*output);
    *output = name;
    return name != NULL ? CAUCUS_OK : caucus_fail_memory(length, "the result's name");
}

/* As asked for, or named after the experiment; NULL when that is not known yet. */
static caucus_status choose_output(const caucus_command_work_options *options, const char *name, char **output)
{
    if (options->output != NULL) {
        *output = caucus_text_copy(options->output);
        TRY(*output != NULL ? CAUCUS_OK : caucus_fail_memory(strlen(options->output), "the result's name"));
    } else if (name != NULL) {
        TRY(name_result(name, options->suffix, output));
    }
    TRY(*output != NULL ? name_shard(&options->experiment->plan, output) : CAUCUS_OK);
    return *output != NULL ? caucus_output_check(*output, options->replace) : CAUCUS_OK;
}

static caucus_status work(const caucus_command_work_options *options, caucus_experiment **experiment,
                          caucus_plan **plan, char **output, void *settings)
{
    TRY(choose_output(options, NULL, output)); /* before what may take long */
    TRY(caucus_command_open(options->experiment, experiment));
    if (*output == NULL) {
        TRY(choose_output(options, caucus_experiment_name(*experiment), output));
    }
    TRY(caucus_command_plan(options->experiment, *experiment, plan));
    if (!options->json && !options->quiet) {
        caucus_command_print_lines(caucus_plan_describe(*plan)->notes, "note: ", stderr);
    }
    return options->work(settings, *plan, *output);
}

int caucus_command_work(const caucus_command_work_options *options, void *settings)
{
    caucus_experiment *experiment = NULL;
    caucus_plan *plan = NULL;
    char *output = NULL;
    caucus_command_catch_signals(options->stopping, caucus_run_stop); /* planning can take long, too */
    caucus_status status = work(options, &experiment, &plan, &output, settings);
    if (status != CAUCUS_OK) {
        if (options->json) {
            caucus_command_print_error(status, caucus_error_message(), stdout);
        }
        caucus_command_fail(options->name, status);
    }
    free(output);
    caucus_plan_close(plan);
    caucus_experiment_close(experiment);
    caucus_command_experiment_free(options->experiment);
    return (int)status;
}
