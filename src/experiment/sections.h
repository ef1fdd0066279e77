/* The sections of an experiment file, each read into its part of a configuration.
 *
 * Sections are read from the document as it stands, with the values of one point of the sweep in their places. */
#ifndef CAUCUS_EXPERIMENT_SECTIONS_H
#define CAUCUS_EXPERIMENT_SECTIONS_H

#include "experiment/document.h"
#include "experiment/experiment.h"
#include "population/row_table.h"
#include "population/table.h"

/* population: find it among those that the experiment has loaded, or load it; and how it is drawn from. */
caucus_status caucus_read_population(caucus_experiment *experiment, const caucus_node *section, caucus_config *config);

/* The population that a section without draw and by stands for, made anew (experiment/load_population.c). */
caucus_status caucus_load_population(caucus_experiment *experiment, const caucus_node *section,
                                     caucus_population **population);

/* How the file of a section is read. spec borrows from parts, which the caller frees with it, and from the document. */
caucus_status caucus_read_table_spec(caucus_experiment *experiment, const caucus_node *section, caucus_table_spec *spec,
                                     caucus_table_parts *parts);

/* The file that a node names: in the folder of the experiment `beside`, in the one above, then as it stands. The caller
 * frees path. */
caucus_status caucus_find_file(caucus_document *document, const char *beside, const caucus_node *node, const char *what,
                               char **path);

/* ---- populations of rows (experiment/section_rows.c) ------------------------------------------------------------- */

typedef struct caucus_row_parts { /* what a spec of rows borrows from */
    uint32_t n_numeric;
    caucus_numeric *numeric;
    const char ***words;
    double **numbers;
} caucus_row_parts;

/* Whether a population section is one of people with real-valued features; numeric: none is not, so that a sweep can
 * compare. */
bool caucus_section_has_rows(const caucus_node *section);

/* Everything of such a section but the table's own part. spec borrows from parts, also after failure. */
caucus_status caucus_read_row_spec(caucus_document *document, const caucus_node *section, caucus_row_spec *spec,
                                   caucus_row_parts *parts);
void caucus_row_parts_free(caucus_row_parts *parts);

/* How success is tested on rows, from the platform's section; and at the end of everything, what rows cannot have and
 * how many people the test then has. */
caucus_status caucus_read_row_test(caucus_document *document, const caucus_node *section, caucus_config *config);
caucus_status caucus_read_rows_end(caucus_document *document, caucus_config *config);

/* ---- the sections of every experiment ---------------------------------------------------------------------------- */

/* until, behind trials; section NULL: the experiment has none. */
caucus_status caucus_read_until(caucus_experiment *experiment, const caucus_node *section);

/* platform, but for the classifier: needs the population. */
caucus_status caucus_read_platform(caucus_document *document, const caucus_node *section, caucus_config *config);

/* The classifier: needs the bounds and the collectives. */
caucus_status caucus_read_classifier(caucus_document *document, const caucus_node *section, caucus_config *config);

/* bounds; section NULL: the experiment has none. */
caucus_status caucus_read_bounds(caucus_document *document, const caucus_node *section, caucus_config *config);

/* collectives, as a list or generated: needs the population and the platform. */
caucus_status caucus_read_collectives(caucus_document *document, const caucus_node *section, caucus_config *config);

/* The same for the generating mapping. */
caucus_status caucus_read_generated(caucus_document *document, const caucus_node *section, caucus_config *config);

/* What one collective does and who joins it, from its list item or from the parts of a generating mapping. */
typedef struct caucus_collective_nodes {
    const caucus_node *place; /* to point at when something is missing */
    const char *what;         /* "collective c1" */
    const char *set_key;      /* "set", or "sets" in a generating mapping */
    const caucus_node *strategy, *set, *target, *members, *affinity, *noise, *outside, *estimators, *membership;
    const caucus_node *pilot;
    const caucus_node *add, *mask, *box; /* on rows */
    int64_t target_id;                   /* the label when target is NULL, or -1 */
} caucus_collective_nodes;

/* Fill everything but name and size; size must be set already. */
caucus_status caucus_read_collective(caucus_document *document, const caucus_collective_nodes *nodes,
                                     const caucus_config *config, caucus_collective *collective);

/* Its affinity, which is there (experiment/section_values.c). */
caucus_status caucus_read_affinity(caucus_document *document, const caucus_collective_nodes *nodes,
                                   const caucus_config *config, caucus_collective *collective);

/* The same on rows, behind the strategy's name (experiment/section_row_collective.c). */
caucus_status caucus_read_row_collective(caucus_document *document, const caucus_collective_nodes *nodes,
                                         const caucus_config *config, caucus_collective *collective);

/* share (of all consumers) or size (members) of a mapping: exactly one of them. from_share tells which. */
caucus_status caucus_read_size(caucus_document *document, const caucus_node *mapping, const char *what,
                               uint64_t consumers, uint64_t *size, bool *from_share);

/* Ids of a label, of a feature's value; each fails at the node with the nearest name. */
caucus_status caucus_read_label(caucus_document *document, const caucus_node *node, const char *what,
                                const caucus_population *population, uint32_t *label);
caucus_status caucus_read_feature(caucus_document *document, const caucus_node *key, const char *what,
                                  const caucus_population *population, uint32_t *feature);
caucus_status caucus_read_value(caucus_document *document, const caucus_node *node, const caucus_population *population,
                                uint32_t feature, uint32_t *value);

/* ---- sweeps (experiment/sweep.c) --------------------------------------------------------------------------------- */

/* Read the sweep section (NULL: none) into experiment->sweep, axes and n_configs. */
caucus_status caucus_sweep_open(caucus_experiment *experiment, const caucus_node *section);
void caucus_sweep_close(caucus_experiment *experiment);

/* Put the values of one configuration into the document, or the file's own ones back. */
void caucus_sweep_apply(caucus_experiment *experiment, uint64_t index);
void caucus_sweep_restore(caucus_experiment *experiment);

/* Whether the sweep sets anything inside of a node of the document. */
bool caucus_sweep_moves(const caucus_experiment *experiment, const caucus_node *node);

/* " (with share = 0.9, target = x)"; the node of an axis' value at a configuration. */
void caucus_sweep_describe(const caucus_experiment *experiment, uint64_t index, char out[CAUCUS_HINT_BYTES]);
const caucus_node *caucus_sweep_node(const caucus_experiment *experiment, uint32_t axis, uint64_t index);

/* Whether a node is a value of the sweep, or part of one. */
bool caucus_sweep_owns(const caucus_experiment *experiment, uint64_t index, const caucus_node *node);

/* Whether an axis may have a value: scalars, and where they are allowed mappings (experiment/sweep_values.c). */
caucus_status caucus_sweep_value(caucus_document *document, const caucus_node *node, bool mappings);

/* The values of an axis: listed, or made by linspace, logspace, range. *values is memory of the document. */
caucus_status caucus_sweep_values(caucus_document *document, const caucus_node *node, bool mappings, uint32_t *n_values,
                                  caucus_node ***values);

#endif
