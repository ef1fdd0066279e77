/* Experiments: an experiment file as a grid of configurations. */
#ifndef CAUCUS_EXPERIMENT_H
#define CAUCUS_EXPERIMENT_H

#include "config/config.h"

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

typedef struct caucus_sweep caucus_sweep;       /* experiment/experiment.c and its parts */
typedef struct caucus_document caucus_document; /* the YAML file behind it */
typedef struct caucus_node caucus_node;         /* and a node of it */

struct caucus_experiment {
    char *path;
    char *name;
    char *text; /* the whole YAML as run, settings applied: the run's identity, and stored in the result */
    uint64_t seed;
    uint64_t trials;
    caucus_output_options output;
    uint32_t n_axes;
    caucus_axis *axes;  /* [axis], the last one fastest */
    uint64_t n_configs; /* product of the axes' lengths; 1 without a sweep */
    uint32_t checksum;  /* of all populations used */
    caucus_document *document;
    caucus_sweep *sweep;
    size_t n_populations;
    caucus_population **populations; /* loaded once each, shared by configurations */
    char **population_keys;          /* the YAML text that each was loaded for */
    const caucus_node *last_section; /* the population section that was read last, where no sweep moves it */
    const caucus_population *last_population;
};

/* Resolve one configuration (index < n_configs). The caller frees it with caucus_config_free(); it uses populations
 * that the experiment owns. Not safe to call from two threads at once. */
caucus_status caucus_experiment_config(caucus_experiment *experiment, uint64_t index, caucus_config **config);

/* Position of a configuration on an axis. */
uint64_t caucus_experiment_axis_position(const caucus_experiment *experiment, uint32_t axis, uint64_t index);

#endif
