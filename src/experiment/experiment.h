/* Experiments: an experiment file as a grid of configurations. */
#ifndef CAUCUS_EXPERIMENT_EXPERIMENT_H
#define CAUCUS_EXPERIMENT_EXPERIMENT_H

#include "config/config.h"
#include "config/until.h"
#include "experiment/document.h"
#include "population/table.h"

/* One named axis of the sweep; a name may stand for several tied paths that move together. */
typedef struct caucus_axis {
    char *name;
    uint64_t n_values;
    bool numeric;
    double *numbers; /* [value] when numeric, else NULL */
    char **words;    /* [value] spelled as in the file */
} caucus_axis;

typedef struct caucus_output_options {
    bool trials;          /* keep every trial, not only the summaries */
    unsigned compression; /* gzip level 0..9 */
    bool accuracy;
    bool accuracy_cost;
} caucus_output_options;

typedef struct caucus_sweep caucus_sweep; /* experiment/experiment.c and its parts */

struct caucus_experiment {
    char *path;
    char *name;
    char *text;   /* the whole YAML as run, settings applied: the run's identity, and stored in the result */
    char *source; /* the file's text as it was written, comments and all; NULL: recalled without it */
    uint64_t seed;
    uint64_t trials; /* of each configuration, or with `until` of the first round */
    caucus_until until;
    caucus_output_options output;
    uint32_t n_axes;
    caucus_axis *axes;  /* [axis], the last one fastest */
    uint64_t n_configs; /* product of the axes' lengths; 1 without a sweep */
    uint32_t checksum;  /* of all populations used */
    uint64_t memory;    /* bytes that rows of a population may take; 0: what the machine has */
    caucus_document *document;
    caucus_sweep *sweep;
    size_t n_populations;
    caucus_population **populations; /* loaded once each, shared by configurations */
    char **population_keys;          /* the YAML text that each was loaded for */
    char *notes;                     /* experiment/notes.h: a line each; NULL: none */
    uint32_t n_notes;
    const caucus_node *last_section; /* the population section that was read last, where no sweep moves it */
    const caucus_population *last_population;
};

/* What of a text that a result has stored needs no data: seed, trials, output and sweep; and the name and checksum that
 * are told. No configuration of it can be resolved. path: of the result, for messages. */
caucus_status caucus_experiment_recall(const char *text, const char *name, const char *path, uint32_t checksum,
                                       caucus_experiment **experiment);

/* What neither the sweep nor the number of trials changes in an experiment that was recalled, as text: without name,
 * description, trials, until, sweep, and what the sweep sets. The caller frees it. */
caucus_status caucus_experiment_frame(const caucus_experiment *experiment, char **text);

/* Resolve one configuration (index < n_configs). The caller frees it with caucus_config_free(); it uses populations
 * that the experiment owns. Not safe to call from two threads at once. */
caucus_status caucus_experiment_config(caucus_experiment *experiment, uint64_t index, caucus_config **config);

typedef struct caucus_table_parts { /* what a table's spec borrows from */
    char *path;
    const char **features;
    caucus_bins *bins;
    double **edges;
    const char **words;
    caucus_missing_words missing;
} caucus_table_parts;

/* How the table of the population is read, for the configuration that was resolved last; both stay empty for a
 * scenario. spec borrows from parts, which the caller frees with it, and from the experiment. */
caucus_status caucus_experiment_table(caucus_experiment *experiment, caucus_table_spec *spec,
                                      caucus_table_parts *parts);
void caucus_table_parts_free(caucus_table_parts *parts, const caucus_table_spec *spec);

/* The place of a name among the names [n] of collectives: CAUCUS_INVALID with the nearest when it is none of them. */
caucus_status caucus_experiment_find_collective(const caucus_experiment *experiment, const char *name,
                                                const char *const *names, uint32_t n, uint32_t *index);

/* Whether a search may set the size of a collective, called name: CAUCUS_INVALID at the sweep's line when the sweep
 * does. */
caucus_status caucus_experiment_size_is_free(const caucus_experiment *experiment, uint32_t collective,
                                             const char *name);

/* The key of a configuration's random numbers, which also tells it from others of experiments that differ in nothing
 * but their sweep: it depends on the seed and on the axes' paths with their values as written, in any order. Without a
 * sweep it is the seed alone. */
caucus_status caucus_experiment_key(const caucus_experiment *experiment, uint64_t index, caucus_random_key *key);

/* Position of a configuration on an axis. */
uint64_t caucus_experiment_axis_position(const caucus_experiment *experiment, uint32_t axis, uint64_t index);

#endif
