/* The command line: one function for each subcommand, and what they share. */
#ifndef CAUCUS_COMMAND_COMMAND_H
#define CAUCUS_COMMAND_COMMAND_H

#include "base/text.h"
#include "caucus.h"

#include <argp.h>

/* argv[0] is "caucus <name>", for messages. The result is the exit code; argp ends the process itself with 2 on wrong
 * usage, and with 0 after --help and --version. */
typedef int caucus_command_main(int argc, char **argv);

typedef struct caucus_command {
    const char *name;
    const char *arguments; /* as in the list of commands */
    const char *meaning;
    caucus_command_main *run;
} caucus_command;

caucus_command_main caucus_command_check, caucus_command_run, caucus_command_info, caucus_command_summary,
    caucus_command_bound, caucus_command_columns, caucus_command_devices, caucus_command_init, caucus_command_plot,
    caucus_command_report, caucus_command_solve, caucus_command_verify, caucus_command_merge;

/* Parse a command's arguments into input; false, with a message, when there is no memory for that. */
bool caucus_command_parse(const struct argp *argp, int argc, char **argv, void *input);

/* Where to print a page for people: standard output with what could harm a terminal made visible (base/shown.h); of
 * other formats standard output itself. NULL, with this thread's error, without memory. Ended with
 * caucus_command_page_end. */
FILE *caucus_command_page(caucus_format format);
void caucus_command_page_end(FILE *page);

/* Print this thread's error on stderr behind the command's name. Returns status, which is the exit code. */
int caucus_command_fail(const char *command, caucus_status status);

/* From here on a crash is a message and exit code 1; with core dumps switched on, the signal as well. */
void caucus_command_tell_crashes(const char *command);

/* ---- changes to an experiment (--set) -----------------------------------------------------------------------------
 */

typedef struct caucus_command_settings {
    char **of; /* [n] PATH=VALUE, in the order given */
    size_t n;
} caucus_command_settings;

/* Add one; a text of another form is an error of the command line. */
void caucus_command_set(caucus_command_settings *settings, const char *text, struct argp_state *state);
void caucus_command_until(caucus_command_settings *settings, const char *text, struct argp_state *state); /* until-se */
void caucus_command_settings_free(caucus_command_settings *settings);

/* ---- options that choose and change an experiment (check and run) ----------------------------------------------- */

typedef struct caucus_command_experiment {
    const char *path;
    caucus_command_settings settings;
    caucus_plan_options plan; /* with the shard that is asked for */
    bool quiet;               /* no progress while planning */
} caucus_command_experiment;

/* A child parser; its input is a caucus_command_experiment. Takes the one argument EXP.yaml. */
extern const struct argp caucus_command_experiment_argp;

void caucus_command_experiment_free(caucus_command_experiment *options);

/* Open the experiment; plan it. On failure nothing more is open than before. */
caucus_status caucus_command_open(const caucus_command_experiment *options, caucus_experiment **experiment);
caucus_status caucus_command_plan(const caucus_command_experiment *options, caucus_experiment *experiment,
                                  caucus_plan **plan);

/* ---- options that choose a format (summary, bound, devices) ---------------------------------------------------------
 */

/* A child parser; its input is a caucus_format. */
extern const struct argp caucus_command_format_argp;

/* ---- events: what --json prints, one object a line --------------------------------------------------------------- */

/* Each line of a text behind words of its own. */
void caucus_command_print_lines(const char *lines, const char *before, FILE *to);

void caucus_command_print_plan(const caucus_plan_info *info, const char *output, FILE *to);
void caucus_command_print_progress(const caucus_progress *progress, FILE *to);
void caucus_command_print_notice(const char *message, FILE *to);
void caucus_command_print_done(const caucus_progress *last, const char *output, FILE *to);
void caucus_command_print_error(caucus_status status, const char *message, FILE *to);

/* ---- progress for people ----------------------------------------------------------------------------------------- */

typedef enum caucus_command_show {
    CAUCUS_SHOW_NOTHING,
    CAUCUS_SHOW_LINES,
    CAUCUS_SHOW_BAR,
    CAUCUS_SHOW_JSON
} caucus_command_show;

typedef struct caucus_command_display {
    caucus_command_show show;
    FILE *to;
    double last_shown;    /* seconds into the run */
    bool bar_open;        /* the terminal's cursor stands in the bar's line */
    size_t notices_shown; /* bytes of the progress's notices */
    caucus_progress last;
} caucus_command_display;

/* A caucus_run_options.progress; user is a caucus_command_display. Stops the run when its stream cannot be written. */
bool caucus_command_progress(const caucus_progress *progress, void *user);

/* Columns of the terminal that a stream writes to; 80 where it does not know. */
int caucus_command_terminal_columns(FILE *to);

/* Leave the bar's line. */
void caucus_command_progress_end(caucus_command_display *display);

/* ---- long commands: run, solve (command/job.c)
 * ----------------------------------------------------------------------- */

/* The first SIGINT, SIGTERM, SIGHUP or SIGXCPU calls stop (unless NULL) and says words; a second SIGINT or SIGTERM ends
 * the process at once. */
void caucus_command_catch_signals(const char *words, void (*stop)(void));
bool caucus_command_signalled(void);

/* From here on nothing can be lost any more: the next signal ends the process, with the exit code of its kind. */
void caucus_command_release_signals(void);

/* Whether nobody reads standard output any more: a pipe whose other end is closed. */
bool caucus_command_reader_left(void);

caucus_command_show caucus_command_choose_show(bool json, bool quiet);

/* Print a sketch of a result's curves behind its table. */
caucus_status caucus_command_sketch(const char *path, FILE *page);

/* Rows of a table on standard output: not many on a terminal, 0 (all) elsewhere. */
uint64_t caucus_command_most_rows(void);

/* --shard I/N, or auto: by the variables of Slurm's job arrays and steps, and of MPI launchers. Other texts are errors
 * of the command line. */
void caucus_command_shard(const char *text, caucus_plan_options *plan, struct argp_state *state);

typedef struct caucus_command_work_options {
    const char *name; /* of the command, for its messages */
    caucus_command_experiment *experiment;
    const char *output; /* NULL: the experiment's name, suffix and .h5 */
    const char *suffix;
    const char *stopping; /* said at the first signal */
    bool replace;         /* the result may be there already */
    bool json;
    bool quiet; /* the plan's notes are not shown */
    caucus_status (*work)(void *settings, caucus_plan *plan, const char *output);
} caucus_command_work_options;

/* Refuse an output that is there, plan an experiment, work on the plan, report what fails, and free everything. Returns
 * the exit code. */
int caucus_command_work(const caucus_command_work_options *options, void *settings);

/* ---- numbers for people: text holds at least CAUCUS_COMMAND_NUMBER bytes and is returned --------------------------
 */

enum { CAUCUS_COMMAND_NUMBER = 64 };

const char *caucus_command_bytes(uint64_t bytes, char *text); /* 12.3 MB */
const char *caucus_command_time(double seconds, char *text);  /* 0.4 s, 1:05 min, 2:03:04 h */

#endif
