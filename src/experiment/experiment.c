/* Experiment files: the top of the document, and the check of every configuration before anything runs. */
#include "experiment/experiment.h"

#include "base/text.h"
#include "experiment/notes.h"
#include "experiment/sections.h"
#include "experiment/vector_file.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t MOST_TRIALS = 1ull << 32;
static const uint64_t DEFAULT_TRIALS = 1000;

static const char *const TOP_KEYS[] = {"name",        "description", "seed",   "trials", "population", "platform",
                                       "collectives", "bounds",      "output", "sweep",  "until"};
static const char *const OUTPUT_KEYS[] = {"trials", "compression", "accuracy", "accuracy_cost"};

/* The file's name without directories and extension. */
static char *stem(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    return caucus_text_format("%.*s", dot != NULL && dot > base ? (int)(dot - base) : (int)strlen(base), base);
}

static caucus_status read_name(caucus_experiment *experiment, const caucus_node *root)
{
    const char *name = NULL;
    const caucus_node *node = caucus_node_get(root, "name");
    if (node != NULL) {
        TRY(caucus_read_text(experiment->document, node, "name", &name));
        if (name[0] == '\0') {
            return caucus_document_fail(experiment->document, node, "leave it out to use the file's name",
                                        "name is empty");
        }
        if (strchr(name, '/') != NULL || name[0] == '.') {
            return caucus_document_fail(experiment->document, node, "choose the folder of the result with -o",
                                        "name is what result files are called: it cannot %s",
                                        name[0] == '.' ? "begin with a dot" : "hold a /");
        }
    }
    node = caucus_node_get(root, "description");
    if (node != NULL) {
        const char *ignored = NULL;
        TRY(caucus_read_text(experiment->document, node, "description", &ignored));
    }
    experiment->name = name != NULL ? caucus_text_copy(name) : stem(experiment->path);
    return experiment->name != NULL ? CAUCUS_OK : caucus_fail_memory(0, "the experiment's name");
}

static caucus_status read_seed(caucus_experiment *experiment, const caucus_node *node)
{
    experiment->seed = 1;
    if (node == NULL || (node->kind == CAUCUS_SCALAR && caucus_text_word(node->text, &experiment->seed))) {
        return CAUCUS_OK;
    }
    char found[CAUCUS_HINT_BYTES];
    return caucus_document_fail(experiment->document, node, NULL,
                                "seed must be a whole number from 0 to 18446744073709551615, or 0x and up to 16 "
                                "hexadecimal digits, not %s",
                                caucus_node_describe(node, found));
}

static caucus_status read_output_bool(caucus_document *document, const caucus_node *section, const char *key,
                                      bool *value)
{
    const caucus_node *node = caucus_node_get(section, key);
    return node != NULL ? caucus_read_bool(document, node, key, value) : CAUCUS_OK;
}

static caucus_status read_output(caucus_experiment *experiment, const caucus_node *section)
{
    caucus_document *document = experiment->document;
    caucus_output_options *output = &experiment->output;
    *output = (caucus_output_options){.trials = true, .compression = 1, .accuracy = true};
    if (section == NULL) {
        return CAUCUS_OK;
    }
    TRY(caucus_read_keys(document, section, "output", OUTPUT_KEYS, sizeof OUTPUT_KEYS / sizeof OUTPUT_KEYS[0]));
    TRY(read_output_bool(document, section, "trials", &output->trials));
    TRY(read_output_bool(document, section, "accuracy", &output->accuracy));
    TRY(read_output_bool(document, section, "accuracy_cost", &output->accuracy_cost));
    if (output->accuracy_cost && !output->accuracy) {
        return caucus_document_fail(document, caucus_node_get(section, "accuracy_cost"),
                                    "write accuracy: true, or leave accuracy_cost out",
                                    "accuracy_cost compares accuracies, and accuracy is false");
    }
    const caucus_node *node = caucus_node_get(section, "compression");
    if (node != NULL) {
        uint64_t level = 0;
        TRY(caucus_read_count(document, node, "compression", 0, 9, &level));
        output->compression = (unsigned)level;
    }
    return CAUCUS_OK;
}

static caucus_status read_top(caucus_experiment *experiment)
{
    caucus_document *document = experiment->document;
    const caucus_node *root = document->root;
    TRY(caucus_read_keys(document, root, "the experiment", TOP_KEYS, sizeof TOP_KEYS / sizeof TOP_KEYS[0]));
    TRY(read_name(experiment, root));
    TRY(read_seed(experiment, caucus_node_get(root, "seed")));
    experiment->trials = DEFAULT_TRIALS;
    const caucus_node *trials = caucus_node_get(root, "trials");
    if (trials != NULL) {
        TRY(caucus_read_count(document, trials, "trials", 1, MOST_TRIALS, &experiment->trials));
    }
    TRY(caucus_read_until(experiment, caucus_node_get(root, "until")));
    return read_output(experiment, caucus_node_get(root, "output"));
}

/* The configuration that the document stands for at the moment. */
static caucus_status read_config(caucus_experiment *experiment, caucus_config **config)
{
    caucus_status status = CAUCUS_OK;
    caucus_document *document = experiment->document;
    const caucus_node *root = document->root;
    const caucus_node *population = NULL;
    const caucus_node *platform = NULL;
    const caucus_node *collectives = NULL;
    caucus_config *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "a configuration", &made));
    TRY_GOTO(caucus_read_keys(document, root, "the experiment", TOP_KEYS, sizeof TOP_KEYS / sizeof TOP_KEYS[0]), done);
    TRY_GOTO(caucus_read_required(document, root, "the experiment", "population", "{scenario: climate}", &population),
             done);
    TRY_GOTO(
        caucus_read_required(document, root, "the experiment", "platform", "{consumers: 200K, test: 20K}", &platform),
        done);
    TRY_GOTO(caucus_read_required(document, root, "the experiment", "collectives",
                                  "[{share: 0.05, strategy: feature_label, set: {...}, target: ...}]", &collectives),
             done);
    TRY_GOTO(caucus_read_population(experiment, population, made), done);
    TRY_GOTO(caucus_read_platform(document, platform, made), done);
    TRY_GOTO(caucus_read_bounds(document, caucus_node_get(root, "bounds"), made), done);
    TRY_GOTO(caucus_read_collectives(document, collectives, made), done);
    TRY_GOTO(caucus_read_classifier(document, platform, made), done);
    made->accuracy = experiment->output.accuracy;
    made->accuracy_cost = experiment->output.accuracy_cost;
    if (made->population->rows != NULL) {
        TRY_GOTO(caucus_read_rows_end(document, made), done);
    }
    *config = made;
    made = NULL;
done:
    caucus_config_free(made);
    return status;
}

/* Say a configuration's complaint with the values of the sweep that brought it about, at the axis that moved last. */
static caucus_status blame_sweep(caucus_experiment *experiment, uint64_t index)
{
    const caucus_node *at = experiment->document->failure.at;
    char with[CAUCUS_HINT_BYTES];
    caucus_sweep_describe(experiment, index, with);
    if (at != NULL && !caucus_sweep_owns(experiment, index, at)) {
        uint32_t axis = 0;
        while (index > 0 && caucus_experiment_axis_position(experiment, axis, index) ==
                                caucus_experiment_axis_position(experiment, axis, index - 1)) {
            axis++;
        }
        at = caucus_sweep_node(experiment, axis, index);
    }
    return at != NULL ? caucus_document_fail_again(experiment->document, at, with) : CAUCUS_INVALID;
}

static caucus_status check_config(caucus_experiment *experiment, uint64_t index)
{
    caucus_config *config = NULL;
    caucus_sweep_apply(experiment, index);
    experiment->document->failure.at = NULL;
    caucus_status status = read_config(experiment, &config);
    if (status == CAUCUS_OK) {
        status = caucus_notes_config(experiment, config);
    }
    caucus_config_free(config);
    if (status != CAUCUS_INVALID || experiment->n_axes == 0 || experiment->document->failure.at == NULL) {
        return status;
    }
    const caucus_node *at = experiment->document->failure.at;
    if (index == 0 && !caucus_sweep_owns(experiment, 0, at)) {
        /* The file may be wrong whatever the sweep does: then the sweep is not to blame. */
        caucus_sweep_restore(experiment);
        config = NULL;
        caucus_status base = read_config(experiment, &config);
        caucus_config_free(config);
        if (base != CAUCUS_OK && experiment->document->failure.at == at) {
            return base;
        }
        caucus_sweep_apply(experiment, index);
        config = NULL;
        (void)read_config(experiment, &config); /* fails as before: only for its complaint */
        caucus_config_free(config);
    }
    return blame_sweep(experiment, index);
}

static void sum_checksums(caucus_experiment *experiment)
{
    uint32_t sum = 2166136261u; /* FNV-1a over the checksums of populations and vectors, in the order of first use */
    for (size_t i = 0; i < experiment->n_populations; i++) {
        for (unsigned shift = 0; shift < 32; shift += 8) {
            sum = (sum ^ ((experiment->populations[i]->checksum >> shift) & 0xff)) * 16777619u;
        }
    }
    for (const caucus_vector_file *file = experiment->document->vectors; file != NULL; file = file->next) {
        for (unsigned shift = 0; shift < 32; shift += 8) {
            sum = (sum ^ ((file->checksum >> shift) & 0xff)) * 16777619u;
        }
    }
    experiment->checksum = sum;
}

caucus_status caucus_experiment_open(const char *path, const char *const *settings, size_t n_settings,
                                     caucus_experiment **experiment)
{
    return caucus_experiment_open_within(path, settings, n_settings, 0, experiment);
}

caucus_status caucus_experiment_open_within(const char *path, const char *const *settings, size_t n_settings,
                                            uint64_t memory, caucus_experiment **experiment)
{
    caucus_status status = CAUCUS_OK;
    caucus_experiment *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "an experiment", &made));
    made->n_configs = 1;
    made->memory = memory;
    made->path = caucus_text_copy(path);
    if (made->path == NULL) {
        TRY_GOTO(caucus_fail_memory(strlen(path), "a path"), done);
    }
    TRY_GOTO(caucus_document_open(path, settings, n_settings, &made->document), done);
    made->source = caucus_text_copy(made->document->source);
    if (made->source == NULL) {
        TRY_GOTO(caucus_fail_memory(strlen(made->document->source), "the experiment's text"), done);
    }
    TRY_GOTO(read_top(made), done);
    TRY_GOTO(caucus_document_emit(made->document->root, NULL, &made->text), done);
    TRY_GOTO(caucus_sweep_open(made, caucus_node_get(made->document->root, "sweep")), done);
    for (uint64_t i = 0; i < made->n_configs; i++) {
        TRY_GOTO(check_config(made, i), done);
    }
    TRY_GOTO(caucus_notes_sweep(made), done);
    sum_checksums(made);
    *experiment = made;
    made = NULL;
done:
    caucus_experiment_close(made);
    return status;
}

const char *caucus_experiment_name(const caucus_experiment *experiment)
{
    return experiment->name;
}

caucus_status caucus_experiment_recall(const char *text, const char *name, const char *path, uint32_t checksum,
                                       caucus_experiment **experiment)
{
    caucus_status status = CAUCUS_OK;
    caucus_experiment *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "an experiment", &made));
    made->checksum = checksum;
    made->path = caucus_text_copy(path);
    made->text = caucus_text_copy(text);
    if (made->path == NULL || made->text == NULL) {
        TRY_GOTO(caucus_fail_memory(strlen(text), "an experiment"), done);
    }
    TRY_GOTO(caucus_document_recall(text, path, &made->document), done);
    TRY_GOTO(read_top(made), done);
    free(made->name); /* the stem of the path, unless the text has one */
    made->name = caucus_text_copy(name);
    if (made->name == NULL) {
        TRY_GOTO(caucus_fail_memory(strlen(name), "an experiment"), done);
    }
    TRY_GOTO(caucus_sweep_open(made, caucus_node_get(made->document->root, "sweep")), done);
    *experiment = made;
    made = NULL;
done:
    caucus_experiment_close(made);
    return status;
}

void caucus_experiment_close(caucus_experiment *experiment)
{
    if (experiment == NULL) {
        return;
    }
    for (size_t i = 0; i < experiment->n_populations; i++) {
        caucus_population_free(experiment->populations[i]);
        free(experiment->population_keys[i]);
    }
    free(experiment->populations);
    free(experiment->population_keys);
    caucus_sweep_close(experiment);
    if (experiment->document != NULL) {
        caucus_vector_file_free_all(experiment->document->vectors);
    }
    caucus_document_close(experiment->document);
    free(experiment->text);
    free(experiment->source);
    free(experiment->notes);
    free(experiment->name);
    free(experiment->path);
    free(experiment);
}

caucus_status caucus_experiment_config(caucus_experiment *experiment, uint64_t index, caucus_config **config)
{
    if (index >= experiment->n_configs) {
        return caucus_fail(CAUCUS_INVALID, "%s has %llu configurations, so none with index %llu", experiment->path,
                           (unsigned long long)experiment->n_configs, (unsigned long long)index);
    }
    caucus_sweep_apply(experiment, index);
    TRY(read_config(experiment, config));
    caucus_status status = caucus_experiment_key(experiment, index, &(*config)->key);
    if (status != CAUCUS_OK) {
        caucus_config_free(*config);
        *config = NULL;
    }
    return status;
}

caucus_status caucus_experiment_find_collective(const caucus_experiment *experiment, const char *name,
                                                const char *const *names, uint32_t n, uint32_t *index)
{
    for (uint32_t m = 0; m < n; m++) {
        if (strcmp(names[m], name) == 0) {
            *index = m;
            return CAUCUS_OK;
        }
    }
    char hint[CAUCUS_HINT_BYTES];
    return caucus_fail(CAUCUS_INVALID, "%s has no collective called \"%s\": %s", experiment->path, name,
                       caucus_hint_names(hint, name, names, n));
}
