/* caucus: batch experiments on algorithmic collective action.
 *
 * The C interface of the engine: read an experiment, plan it, run it, open its result. The command line is written on
 * top of it. Every function that can fail returns a caucus_status; the reason is then in caucus_error_message(). */
#ifndef CAUCUS_H
#define CAUCUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default) /* libcaucus.so shows what is declared here, and nothing else */
#endif

/* How a call ended; the command line uses the same numbers as exit codes. */
typedef enum caucus_status {
    CAUCUS_OK = 0,
    CAUCUS_FAILED = 1,  /* the machine: memory, files, devices */
    CAUCUS_INVALID = 2, /* the input: usage, experiment, data */
    CAUCUS_STOPPED = 3  /* stopped on request; what was finished is saved */
} caucus_status;

/* Why the last failed call of this thread failed: what, where, and what to do. Never NULL; valid until the next
 * failure. */
const char *caucus_error_message(void);

/* The version as MAJOR.MINOR.PATCH, and the commit that it was built from ("unknown" outside a checkout). */
const char *caucus_version(void);
const char *caucus_git_commit(void);

/* ---- experiments ---------------------------------------------------------------------------------------------- */

typedef struct caucus_experiment caucus_experiment;

/* Read an experiment file and check every configuration of its sweep; nothing is drawn or written.
 * path: a YAML file; relative data files are looked up beside it, in the directory above it, then in the working
 *   directory.
 * settings: n_settings strings PATH=VALUE that replace values of the file (as --set does), or sweep+=PATH=V1,V2 that
 * set the values of an axis (as --axis does); may be NULL when 0. The experiment belongs to the caller. CAUCUS_INVALID
 * with file:line:column for anything wrong in it. */
caucus_status caucus_experiment_open(const char *path, const char *const *settings, size_t n_settings,
                                     caucus_experiment **experiment);

/* The same, with a limit to the bytes of memory that rows of real-valued features may take as they are read and as what
 * collectives make of them: CAUCUS_INVALID where they would take more, before they do. 0: what the machine, or the
 * process' cgroup, has. */
caucus_status caucus_experiment_open_within(const char *path, const char *const *settings, size_t n_settings,
                                            uint64_t memory, caucus_experiment **experiment);
void caucus_experiment_close(caucus_experiment *experiment);

/* Its name, which results are called after; owned by the experiment. */
const char *caucus_experiment_name(const caucus_experiment *experiment);

/* ---- plans and runs ------------------------------------------------------------------------------------------- */

typedef struct caucus_plan caucus_plan;

typedef struct caucus_plan_options {
    const char *device;       /* "auto", "cpu", "cuda", "cuda:I" or "cuda:all"; NULL means "auto": the faster one */
    unsigned threads;         /* host threads; 0 means one for each core that this process may use */
    uint32_t block_trials;    /* trials in a unit of work; 0 lets the plan choose. Results do not depend on it. */
    uint64_t shard, n_shards; /* plan only part shard (1 .. n_shards) of the experiment; 0: all of it */
    uint64_t memory; /* bytes that may be taken: plans that would take more are refused; 0: what the machine, or
                        the cgroup, has */
    /* Called about ten times a second while configurations are planned, on threads of the plan, one at a time; may be
     * NULL. Returning false stops planning with CAUCUS_STOPPED. */
    bool (*progress)(uint64_t configs_done, uint64_t n_configs, void *user);
    void *user;
} caucus_plan_options;

typedef struct caucus_plan_info {
    const char *name;          /* of the experiment */
    const char *device;        /* what it will run on, in words */
    const char *device_reason; /* why "auto" took it; NULL where it was asked for or there was no choice */
    unsigned threads;          /* host threads */
    unsigned slots;            /* blocks computed at a time: threads on the CPU, streams on CUDA devices */
    uint64_t n_configs;        /* points of the sweep */
    uint64_t n_trials;         /* trials in each */
    double
        until_standard_error; /* with `until`: those of the first round, doubled until no standard error exceeds it */
    uint64_t until_most;      /* trials in each then; 0: there is no `until` */
    uint32_t block_trials;    /* trials in a block */
    uint32_t n_collectives;   /* the largest number in any configuration */
    uint32_t n_methods;       /* bound methods */
    uint64_t n_cells;         /* feature cells of the first configuration's population */
    uint32_t n_labels;
    uint64_t n_classes; /* classes that the first configuration draws over: docs/engine.md, "Drawing without people" */
    uint64_t output_bytes;      /* of the result before compression */
    uint64_t working_bytes;     /* of memory: blocks in flight, lists of blocks, workspaces, tables, summaries */
    uint64_t device_bytes;      /* of memory taken on CUDA devices, all together; 0 on the CPU */
    uint64_t device_free_bytes; /* what they had free before */
    uint32_t launch_trials;     /* CUDA: trials that one launch computes, at most a block */
    uint64_t resident_trials;   /* CUDA: trials in work at a time in a launch */
    double expected_seconds;    /* from a short timing of sample trials; 0 when not timed */
    const char *notes; /* what a person should know about the data though nothing is wrong, a line each: rows left out,
                          people alone in their cell, columns that tell nothing or too much, targets and signals that
                          hardly anybody has, a value twice on an axis; "" for nothing */
} caucus_plan_info;

/* Fix how an experiment will be run. The experiment must outlive the plan. options may be NULL.
 * CAUCUS_FAILED when the device asked for cannot be used, with the reason. */
caucus_status caucus_plan_open(caucus_experiment *experiment, const caucus_plan_options *options, caucus_plan **plan);
void caucus_plan_close(caucus_plan *plan);

/* What the plan amounts to; owned by the plan. */
const caucus_plan_info *caucus_plan_describe(const caucus_plan *plan);

/* Time sample trials for at most about a second and fill in expected_seconds; where a single trial would take longer it
 * is not run, and what its configuration lets expect is filled in instead. */
caucus_status caucus_plan_estimate(caucus_plan *plan);

typedef struct caucus_progress {
    uint64_t trials_done;    /* of this run, those found finished by resume not counted */
    uint64_t trials_resumed; /* found finished by resume */
    uint64_t trials_total;   /* of the experiment */
    double seconds;          /* since the run began */
    double trials_per_second;
    double seconds_left; /* estimated; negative while unknown */
    const char *notices; /* what a person should know though nothing failed, a line each; "" for nothing; may grow */
    bool joining;        /* all trials are done and the result file is being put together */
    double joined;       /* the share of it that is */
} caucus_progress;

/* Finished trials of one configuration, as a run hands them over: rows of the result file's datasets, valid during the
 * call. Arrays are NULL where the run has no such numbers. */
typedef struct caucus_trials {
    uint64_t config;
    uint64_t first_trial;
    uint32_t n_trials;
    uint32_t n_collectives, n_methods;
    uint32_t test;                           /* N_test: what counts are out of */
    const uint32_t *success_count;           /* [trial][collective]; UINT32_MAX: absent */
    const float *lower_bound;                /* [trial][collective][method]; NaN: does not apply */
    const float *upper_bound;                /* the same; NULL where not asked for */
    const float *global_success;             /* [trial] */
    const uint32_t *joint_count;             /* [trial] */
    const float *accuracy, *suboptimality;   /* [trial]; NaN where not asked for */
    const float *global_bound, *joint_bound; /* [trial][method] */
    const float *global_upper, *joint_upper; /* the same from above; NULL where not asked for */
    const float *converged, *accuracy_cost;  /* [trial] */
} caucus_trials;

typedef struct caucus_run_options {
    const char *output; /* result file; its directory must exist. NULL: none, for runs with `trials` or in memory */
    bool resume;        /* keep the finished blocks of a run of the same experiment that was stopped */
    bool force;         /* replace an existing result file */
    bool mixed;         /* resume also where people with real-valued features were trained on by another library or type
                         * of processor, whose last bits differ; the result names both */
    /* Called about ten times a second on one thread, and once at the end; may be NULL. Returning false stops the run as
     * caucus_run_stop does. */
    bool (*progress)(const caucus_progress *progress, void *user);
    void *user;
    /* Called with all trials of the run, those found finished by resume left out, a block after the other in no certain
     * order, on the calling thread; may be NULL. Returning false stops the run. user is the same. */
    bool (*trials)(const caucus_trials *trials, void *user);
} caucus_run_options;

/* Whether a file may be written to path, to be asked before work that takes long: CAUCUS_INVALID, with the remedy,
 * where no file of that name can be made or, unless it may be replaced or gone on with, where there is one. */
caucus_status caucus_output_check(const char *path, bool replace);

/* Run a plan to a result file, to options->trials, or both. CAUCUS_STOPPED when stopped, with the finished blocks saved
 * for resume where there is a file. CAUCUS_INVALID where neither is given, and for trials of an experiment that keeps
 * summaries only (output.trials). */
caucus_status caucus_run(caucus_plan *plan, const caucus_run_options *options);

/* Run a plan and keep all trials in memory, caucus_plan_info.output_bytes; the result belongs to the caller. options
 * may be NULL; its output must be. CAUCUS_STOPPED when stopped: then there is no result. */
typedef struct caucus_result caucus_result;
caucus_status caucus_run_in_memory(caucus_plan *plan, const caucus_run_options *options, caucus_result **result);

/* Ask the runs of this process to stop after the blocks in flight. Safe in a signal handler. */
void caucus_run_stop(void);

/* ---- results -------------------------------------------------------------------------------------------------- */

typedef enum caucus_format { CAUCUS_TABLE, CAUCUS_CSV, CAUCUS_JSON } caucus_format;

/* Whether text in CSV output that spreadsheets would run as a formula gets an apostrophe in front (as it does at
 * first). For the whole process; call it before any output. */
void caucus_csv_guard(bool guard);

/* Open a result file, or the segments of a run that was stopped (path is the result's, without ".parts"). */
caucus_status caucus_result_open(const char *path, caucus_result **result);
void caucus_result_close(caucus_result *result);

/* Print what is in it and whether it is complete. */
caucus_status caucus_result_print_info(const caucus_result *result, FILE *to);

/* The same as one JSON object. */
caucus_status caucus_result_print_info_json(const caucus_result *result, FILE *to);

typedef enum caucus_type { CAUCUS_UINT32, CAUCUS_UINT64, CAUCUS_FLOAT32, CAUCUS_FLOAT64, CAUCUS_TEXTS } caucus_type;

typedef struct caucus_array {
    caucus_type type;
    uint32_t n_dimensions;
    uint64_t
        shape[4]; /* [n_dimensions] the last one fastest: config, trial, collective, method, as far as it has them */
    const void *values; /* of the type; CAUCUS_TEXTS: char *const *. Owned by the result, until it is closed. */
} caucus_array;

/* The numbers of a result, in memory or in a file, by the names of its datasets (docs/result-file.md): success_count
 * and the others of trials; size, consumers, test, collective, method; an axis of the sweep; and summary/NAME, which is
 * computed where there is no file. Arrays of trials are read whole. CAUCUS_INVALID for a name that the result lacks,
 * and for trials of a run that is unfinished or keeps summaries only. */
caucus_status caucus_result_array(caucus_result *result, const char *name, caucus_array *array);

/* The axes of the sweep: how many, and the name of the array of one; NULL beyond the last. */
uint32_t caucus_result_axes(const caucus_result *result);
const char *caucus_result_axis(const caucus_result *result, uint32_t axis);

/* Compare every byte of a result with its seal, and print how fast; where something is damaged, which bytes and which
 * trials. Of an unfinished run: its segments. CAUCUS_INVALID when something is damaged. */
caucus_status caucus_result_verify(const char *path, FILE *to);

/* Print the summary: one row for each configuration and collective, and its bound methods. */
caucus_status caucus_result_print_summary(caucus_result *result, caucus_format format, FILE *to);

typedef struct caucus_summary_options {
    const char *format;       /* "table", "csv", "json", "md" (Markdown), "latex"; NULL: table */
    const char *columns;      /* names with commas between them; NULL: the usual ones */
    const char *const *where; /* [n_where] conditions NAME OP VALUE that must all hold: share>0.1, collective=renters */
    size_t n_where;
    const char *sort;   /* names with commas between them, - in front of one for the largest first */
    int digits;         /* behind the point, and one: 0 means the usual ones, 1 none, 5 four */
    uint64_t most_rows; /* of a table without choices: the most telling ones; 0 means all */
} caucus_summary_options;

/* Print the summary of several results, with a column for the file where there are several. */
caucus_status caucus_summary_print(const char *const *paths, size_t n, const caucus_summary_options *options, FILE *to);

/* Print its curves as rows of blocks (UTF-8), for a terminal so many columns wide; nothing where the sweep has no
 * numeric axis. */
caucus_status caucus_result_print_sketch(caucus_result *result, unsigned columns, FILE *to);

/* ---- shards --------------------------------------------------------------------------------------------------- */

typedef struct caucus_merge_options {
    const char *output; /* result file; NULL: only check, and print what each file has */
    bool force;         /* replace an existing result file */
    bool mixed;       /* also shards that others trained on people with real-valued features, whose last bits differ */
    unsigned threads; /* 0 means one for each core that this process may use */
    /* Called now and then, as that of caucus_run_options; false stops, and leaves no file. */
    bool (*progress)(const caucus_progress *progress, void *user);
    void *user;
} caucus_merge_options;

/* Put the results of shards together: the file that one run of all of it would have written, but for who computed it
 * and when. CAUCUS_INVALID when they are not of one run, have trials twice, or lack some: then the message names the
 * commands that compute these. Memory does not grow with the number of trials. */
caucus_status caucus_merge(const char *const *paths, size_t n, const caucus_merge_options *options, FILE *to);

/* ---- tables --------------------------------------------------------------------------------------------------- */

typedef struct caucus_table_options {
    const char *path;  /* CSV (also compressed by gzip, Zstandard or xz) or HDF5 */
    char separator;    /* CSV: 0 finds out among , ; tab | from the header */
    const char *group; /* HDF5: the group or dataset that holds the columns; NULL: the root, or the only table */
    const char *const *missing; /* words that mean that a value is missing; NULL: the default list */
    size_t n_missing;
} caucus_table_options;

/* Print what is in a table: kind, number of values, missing ones, the most frequent values with their counts, range and
 * suggested bins of each column. */
caucus_status caucus_columns_print(const caucus_table_options *options, caucus_format format, FILE *to);

/* Write an experiment on a table, with comments, which runs as it is. label: the column to predict; NULL: guessed.
 * file: the table's path as the experiment is to name it; NULL: options->path. */
caucus_status caucus_init_print(const caucus_table_options *options, const char *label, const char *file, FILE *to);

/* ---- pictures -------------------------------------------------------------------------------------------------- */

typedef struct caucus_report_options {
    const char *output; /* the file to write */
    bool force;         /* replace an existing file */
    const char *over;   /* the numeric axis of the sweep that curves are drawn over; NULL: the last one */
    const char *method; /* whose promises are told where not all are, as family/knowledge/inequality; NULL: the first */
    double goal;        /* success to be reached, in (0, 1]; 0 means 0.9 */
    const char *overlay;       /* a table (CSV) of published points to show as crosses: docs/report.md; NULL: none */
    const char *const *series; /* lines to be drawn: "success", methods, collectives; NULL: a choice by default */
    size_t n_series;
    double width;              /* of a figure, in points; 0 means 504 (7 inches) */
    const char *const *panels; /* of a figure: AXIS=VALUE, those with these values only; NULL: all */
    size_t n_panels;
} caucus_report_options;

/* Write a page (HTML that needs nothing else, right without scripts) about a result, finished or not, about critical
 * masses (a file of caucus_solve), or about bounds (what caucus_advice_print or caucus_bounds_print_documents printed
 * as JSON). */
caucus_status caucus_report_write(const char *path, const caucus_report_options *options);

/* Write one figure, as the ending of its name says: .svg, or .pdf and .png by the program rsvg-convert. */
caucus_status caucus_plot_write(const char *path, const caucus_report_options *options);

/* ---- bounds without a simulation ------------------------------------------------------------------------------ */

/* Which bounds to compute: names with commas between them, or NULL for all. Linear has a bound of the population
 * inequality at full knowledge only. */
typedef struct caucus_bound_choice {
    const char *families;     /* staircase, budget, linear */
    const char *knowledge;    /* total, labels, strategies, aggregate, full */
    const char *inequalities; /* population, hoeffding, bernstein, kl, clopper_pearson */
} caucus_bound_choice;

/* Print the bounds of every collective of counts documents: one, or a list of them, in YAML or JSON.
 * path: a file, or "-" for standard input. choice may be NULL: all.
 * CAUCUS_INVALID with file:line:column, document and field for anything wrong in a document. */
caucus_status caucus_bounds_print_documents(const char *path, const caucus_bound_choice *choice, caucus_format format,
                                            FILE *to);

typedef struct caucus_advice_options {
    const char *collective; /* name of a collective of the experiment */
    const char *members; /* table of its members: the population's features and label, one row a person or weighted */
    const char *others;  /* table of what the other collectives hand in together: features, label, count; or NULL */
    const char *weight;  /* column of members with counts of people; NULL: the population's, where there is one */
    const char *const *settings; /* PATH=VALUE, as for caucus_experiment_open */
    size_t n_settings;
    uint64_t config; /* point of the experiment's sweep */
    double goal;     /* how many members would guarantee this success, in (0, 1]; 0 means 0.9 */
    caucus_bound_choice choice;
} caucus_advice_options;

/* Print what a collective of an experiment can guarantee before it acts, from its own members' data: the bounds of
 * every knowledge level that the inputs allow, which cells resist, and what would raise the guarantee most. */
caucus_status caucus_advice_print(const char *path, const caucus_advice_options *options, caucus_format format,
                                  FILE *to);

/* Print how many members like those in options->members each of the experiment's bounds takes to guarantee
 * options->goal, in every configuration (options->config is ignored); nothing is simulated. collective NULL: the first.
 */
caucus_status caucus_advice_print_sizes(const char *path, const caucus_advice_options *options, caucus_format format,
                                        FILE *to);

/* ---- critical mass -------------------------------------------------------------------------------------------- */

/* The smallest size of one collective at which its success, or a bound on it, reaches a target, for every configuration
 * of an experiment. */
typedef struct caucus_solution caucus_solution;

typedef struct caucus_solve_progress {
    uint64_t configs_done;
    uint64_t n_configs;
    uint64_t sizes_tried; /* in all configurations so far */
    uint64_t trials_done;
    double seconds;
} caucus_solve_progress;

typedef struct caucus_solve_options {
    const char *collective; /* name of the one whose size is looked for; NULL: the first */
    double target;          /* to be reached, in (0, 1]; 0 means 0.9 */
    const char *statistic;  /* over trials: "mean", "median", or "q05" for the quantile at 5 %; NULL: mean */
    double confidence;      /* of the intervals, in (0, 1); 0 means 0.95 */
    const char *output;     /* result file, its directory must exist; NULL: none */
    bool force;             /* replace an existing file */
    /* Called about ten times a second on the calling thread, and once at the end; may be NULL. Returning false stops
     * the search. */
    bool (*progress)(const caucus_solve_progress *progress, void *user);
    void *user;
} caucus_solve_options;

/* Search the sizes of a plan's experiment, with the plan's trials and threads, and write the result file. Searches run
 * on the CPU only: CAUCUS_INVALID for plans of another device.
 * options may be NULL. The solution belongs to the caller; the experiment must outlive it.
 * CAUCUS_INVALID when the sweep moves the size that is looked for, and for unusable options. CAUCUS_STOPPED when
 * stopped: nothing is written then. */
caucus_status caucus_solve(caucus_plan *plan, const caucus_solve_options *options, caucus_solution **solution);
void caucus_solution_close(caucus_solution *solution);

/* Whether a file holds critical masses, and to read them back. The solution belongs to the caller. */
bool caucus_solution_is_at(const char *path);
caucus_status caucus_solution_open(const char *path, caucus_solution **solution);

/* Print what is in such a file. */
caucus_status caucus_solution_print_info(const char *path, FILE *to);

/* One answer. size, low and high are NaN where no size reaches the target. */
typedef struct caucus_critical_mass {
    const char *quantity; /* "success", or a bound as family/knowledge/inequality; owned by the solution */
    double size;          /* the smallest size found at which the estimate reaches the target */
    double low, high;     /* the confidence interval of the size; high is NaN when it has no upper end */
    double value;         /* the estimate at size; at the largest possible size when size is NaN */
    double value_below;   /* the estimate at size - 1; NaN when there is none */
    uint64_t largest;     /* the largest possible size: consumers that are in no other collective, or fewer */
    uint64_t evaluations; /* sizes that were tried for this quantity */
    uint64_t trials;      /* behind each estimate; 0 where no data enter it */
    double converged;     /* share of trials whose classifier's training converged, the lowest at any size tried in the
                             configuration; NaN where none is trained */
} caucus_critical_mass;

uint64_t caucus_solution_configs(const caucus_solution *solution);
uint32_t caucus_solution_quantities(const caucus_solution *solution); /* success and the bound methods */

/* config < caucus_solution_configs, quantity < caucus_solution_quantities; 0 is success. */
caucus_critical_mass caucus_solution_get(const caucus_solution *solution, uint64_t config, uint32_t quantity);

/* Print one row for each configuration and quantity. */
caucus_status caucus_solution_print(const caucus_solution *solution, caucus_format format, FILE *to);

/* ---- devices -------------------------------------------------------------------------------------------------- */

/* Print the CPU and CUDA devices with their memory, what is usable, and why not. */
caucus_status caucus_devices_print(caucus_format format, FILE *to);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
