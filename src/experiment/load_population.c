/* Making the population that a population section describes: a table of people, or a scenario. */
#include "base/text.h"
#include "experiment/sections.h"
#include "population/scenario.h"
#include "population/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The node that holds a name of the spec: texts of the spec are texts of nodes. */
static const caucus_node *find_text(const caucus_node *node, const char *text)
{
    if (node == NULL || node->text == text) {
        return node;
    }
    for (uint32_t i = 0; i < node->n_items; i++) {
        if (node->items[i].key != NULL && node->items[i].key->text == text) {
            return node->items[i].key;
        }
        const caucus_node *found = node->items[i].value != NULL ? find_text(node->items[i].value, text) : NULL;
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

/* People of the test, from a file like the population's. */
static caucus_status add_test(caucus_experiment *experiment, const caucus_node *section, const caucus_row_spec *spec,
                              caucus_population *population)
{
    const caucus_node *node = caucus_node_get(section, "test_file");
    caucus_row_spec same = *spec;
    caucus_population *test = NULL;
    char *path = NULL;
    TRY(caucus_find_file(experiment->document, experiment->path, node, "test_file", &path));
    same.table.place.path = path;
    same.standard = false;
    same.taken = caucus_row_table_bytes(population->rows);
    caucus_status status = caucus_row_table_read(&same, &test, NULL);
    if (status == CAUCUS_OK) {
        status = caucus_row_table_add_test(population, test, path);
    }
    if (status == CAUCUS_INVALID) {
        status = caucus_document_fail(experiment->document, node, NULL, "%s", caucus_error_message());
    }
    caucus_population_free(test);
    free(path);
    return status;
}

static caucus_status read_table(caucus_experiment *experiment, const caucus_node *section,
                                const caucus_table_spec *table, caucus_population **population, const char **unknown)
{
    const caucus_node *test_file = caucus_node_key(section, "test_file");
    if (!caucus_section_has_rows(section)) {
        if (test_file != NULL) {
            return caucus_document_fail(experiment->document, test_file, "add numeric: [...], or leave it out",
                                        "test_file belongs to numeric features");
        }
        const caucus_node *scale = caucus_node_key(section, "scale");
        return scale == NULL ? caucus_table_read(table, population, unknown)
                             : caucus_document_fail(experiment->document, scale, "add numeric: [...], or leave it out",
                                                    "scale belongs to numeric features");
    }
    caucus_row_spec spec = {.table = *table, .memory = experiment->memory};
    caucus_row_parts parts = {0};
    caucus_status status = caucus_read_row_spec(experiment->document, section, &spec, &parts);
    if (status == CAUCUS_OK) {
        status = caucus_row_table_read(&spec, population, unknown);
    }
    if (status == CAUCUS_OK && test_file != NULL) {
        status = add_test(experiment, section, &spec, *population);
    }
    caucus_row_parts_free(&parts);
    return status;
}

static caucus_status load_table(caucus_experiment *experiment, const caucus_node *section,
                                caucus_population **population)
{
    caucus_table_spec spec = {0};
    caucus_table_parts parts = {0};
    const char *unknown = NULL;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_read_table_spec(experiment, section, &spec, &parts), done);
    experiment->document->failure.at = NULL;
    status = read_table(experiment, section, &spec, population, &unknown);
    if (status == CAUCUS_INVALID && experiment->document->failure.at == NULL) {
        const caucus_node *at = unknown != NULL ? find_text(section, unknown) : NULL;
        status = caucus_document_fail(experiment->document, at != NULL ? at : caucus_node_get(section, "file"), NULL,
                                      "%s", caucus_error_message());
    }
done:
    caucus_table_parts_free(&parts, &spec);
    return status;
}

/* ---- scenarios ---- */

static caucus_status read_parameter(caucus_document *document, const caucus_node *node,
                                    const caucus_parameter *parameter, double *value)
{
    const caucus_range range = {.low = parameter->low, .high = parameter->high};
    TRY(caucus_read_number(document, node, parameter->name, range, value));
    if (parameter->integer && *value != floor(*value)) {
        return caucus_document_fail(document, node, NULL, "%s must be a whole number, not \"%s\"", parameter->name,
                                    node->text);
    }
    return CAUCUS_OK;
}

static caucus_status read_parameters(caucus_document *document, const caucus_node *section,
                                     const caucus_scenario *scenario, double *values)
{
    const char **keys = NULL;
    TRY(caucus_alloc(scenario->n_parameters + 3, sizeof *keys, "keys", &keys));
    keys[0] = "scenario";
    keys[1] = "draw";
    keys[2] = "by";
    for (uint32_t i = 0; i < scenario->n_parameters; i++) {
        keys[3 + i] = scenario->parameters[i].name;
    }
    char what[CAUCUS_HINT_BYTES];
    snprintf(what, sizeof what, "scenario %s", scenario->name);
    caucus_status status = caucus_read_keys(document, section, what, keys, scenario->n_parameters + 3);
    free(keys);
    for (uint32_t i = 0; status == CAUCUS_OK && i < scenario->n_parameters; i++) {
        const caucus_parameter *parameter = &scenario->parameters[i];
        const caucus_node *node = caucus_node_get(section, parameter->name);
        values[i] = parameter->fallback;
        if (node != NULL) {
            status = read_parameter(document, node, parameter, &values[i]);
        }
    }
    return status;
}

static caucus_status fail_scenario(caucus_document *document, const caucus_node *node)
{
    enum { MOST = 32 };
    const char *names[MOST];
    size_t n = 0;
    while (n < MOST && caucus_scenarios[n] != NULL) {
        names[n] = caucus_scenarios[n]->name;
        n++;
    }
    uint32_t choice = 0;
    return caucus_read_choice(document, node, "scenario", names, n, &choice);
}

static caucus_status make_scenario(caucus_experiment *experiment, const caucus_node *section,
                                   caucus_population **population)
{
    caucus_document *document = experiment->document;
    const caucus_node *node = caucus_node_get(section, "scenario");
    const caucus_scenario *scenario = node->kind == CAUCUS_SCALAR ? caucus_scenario_find(node->text) : NULL;
    if (scenario == NULL) {
        return fail_scenario(document, node);
    }
    double *values = NULL;
    caucus_status status = caucus_alloc(scenario->n_parameters, sizeof *values, "scenario parameters", &values);
    TRY_GOTO(status, done);
    TRY_GOTO(read_parameters(document, section, scenario, values), done);
    status = scenario->make(values, population);
    if (status == CAUCUS_INVALID) {
        status = caucus_document_fail(document, node, NULL, "%s", caucus_error_message());
    }
done:
    free(values);
    return status;
}

caucus_status caucus_load_population(caucus_experiment *experiment, const caucus_node *section,
                                     caucus_population **population)
{
    const caucus_node *file = caucus_node_get(section, "file");
    const caucus_node *scenario = caucus_node_get(section, "scenario");
    if (file != NULL && scenario != NULL) {
        return caucus_document_fail(experiment->document, caucus_node_key(section, "scenario"), "keep one of the two",
                                    "a population is a file or a scenario, not both");
    }
    if (file == NULL && scenario == NULL) {
        static const char *const keys[] = {"file", "scenario"};
        for (uint32_t i = 0; i < section->n_items; i++) { /* a misspelled one says more than its absence */
            const caucus_node *key = section->items[i].key;
            if (caucus_text_nearest(key->text, keys, 2) < 2) {
                char hint[CAUCUS_HINT_BYTES];
                return caucus_document_fail(experiment->document, key, caucus_hint_names(hint, key->text, keys, 2),
                                            "unknown key \"%s\" in population", key->text);
            }
        }
        return caucus_document_fail(experiment->document, section, "add file: data.csv, or scenario: climate",
                                    "population lacks \"file\" or \"scenario\"");
    }
    return file != NULL ? load_table(experiment, section, population) : make_scenario(experiment, section, population);
}
