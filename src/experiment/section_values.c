/* Labels, features and their values, as the population has them. */
#include "experiment/sections.h"
#include "population/spelling.h"
#include "population/value_numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { UNCUT_VALUES = 12 }; /* more different numbers than these want bins */

/* A number that is none of the numbers of a column that nobody has cut: bins are what is missing, not a neighbour. */
static caucus_status check_cut(caucus_document *document, const caucus_node *node, const char *what,
                               const caucus_population *population, uint32_t column)
{
    char number[CAUCUS_NUMBER_BYTES];
    char edges[200];
    char hint[CAUCUS_HINT_BYTES];
    caucus_value_numbers numbers;
    const caucus_categories *categories =
        column < population->n_features ? &population->features[column] : &population->label;
    size_t skipped = strspn(node->text, "<>= ");
    if (population->rows != NULL || categories->n_values <= UNCUT_VALUES ||
        !caucus_spell_number(node->text + skipped, strlen(node->text) - skipped, number)) {
        return CAUCUS_OK;
    }
    TRY(caucus_value_numbers_open(population, column, &numbers));
    caucus_edges_text(numbers.edges, numbers.n_edges, edges, sizeof edges);
    snprintf(hint, sizeof hint, "cut it: bins: {%.100s: %s}; its values are then <%.15g, ..., >=%.15g",
             categories->name, edges, numbers.edges[0], numbers.edges[numbers.n_edges > 0 ? numbers.n_edges - 1 : 0]);
    bool uncut = numbers.n_edges > 0;
    caucus_value_numbers_close(&numbers);
    return !uncut ? CAUCUS_OK
                  : caucus_document_fail(document, node, hint,
                                         "%s cannot be \"%s\": %.100s is a column of %u different "
                                         "numbers",
                                         what, node->text, categories->name, categories->n_values);
}

static caucus_status read_category(caucus_document *document, const caucus_node *node, const char *what,
                                   const caucus_population *population, uint32_t column, uint32_t *id)
{
    const caucus_categories *categories =
        column < population->n_features ? &population->features[column] : &population->label;
    static const caucus_missing_words none = {0};
    const char *const *values = (const char *const *)categories->values;
    const char *text = NULL;
    TRY(caucus_read_text(document, node, what, &text));
    *id = caucus_find_value(&none, values, categories->n_values, text, strlen(text));
    if (*id < categories->n_values) {
        return CAUCUS_OK;
    }
    if (caucus_is_missing(&caucus_missing_default, text, strlen(text)) &&
        strcmp(values[categories->n_values - 1], CAUCUS_MISSING) == 0) {
        return caucus_document_fail(document, node, "write \"" CAUCUS_MISSING "\" for those whose value is missing",
                                    "%s cannot be \"%s\": it means that the value is missing", what, text);
    }
    TRY(check_cut(document, node, what, population, column));
    return caucus_read_choice(document, node, what, values, categories->n_values, id);
}

caucus_status caucus_read_label(caucus_document *document, const caucus_node *node, const char *what,
                                const caucus_population *population, uint32_t *label)
{
    return read_category(document, node, what, population, population->n_features, label);
}

caucus_status caucus_read_value(caucus_document *document, const caucus_node *node, const caucus_population *population,
                                uint32_t feature, uint32_t *value)
{
    char what[CAUCUS_HINT_BYTES];
    snprintf(what, sizeof what, "feature %.200s", population->features[feature].name);
    return read_category(document, node, what, population, feature, value);
}

caucus_status caucus_read_feature(caucus_document *document, const caucus_node *key, const char *what,
                                  const caucus_population *population, uint32_t *feature)
{
    for (uint32_t f = 0; f < population->n_features; f++) {
        if (strcmp(population->features[f].name, key->text) == 0) {
            *feature = f;
            return CAUCUS_OK;
        }
    }
    caucus_status status = CAUCUS_OK;
    const char **names = NULL;
    TRY(caucus_alloc(population->n_features, sizeof *names, "feature names", &names));
    for (uint32_t f = 0; f < population->n_features; f++) {
        names[f] = population->features[f].name;
    }
    char hint[CAUCUS_HINT_BYTES];
    char found[CAUCUS_HINT_BYTES];
    status = caucus_document_fail(document, key, caucus_hint_names(hint, key->text, names, population->n_features),
                                  "%s: the population has no feature %s", what, caucus_node_describe(key, found));
    free(names);
    return status;
}

caucus_status caucus_read_affinity(caucus_document *document, const caucus_collective_nodes *nodes,
                                   const caucus_config *config, caucus_collective *collective)
{
    const caucus_node *node = nodes->affinity;
    const caucus_range range = {.low = 0, .high = HUGE_VAL};
    TRY(caucus_read_number(document, node, "affinity", range, &collective->affinity));
    if (nodes->members == NULL) {
        return caucus_document_fail(document, node, "add members: {feature: value}",
                                    "affinity says how much likelier people are to join who match members, but there "
                                    "is no members");
    }
    if (config->without_replacement && collective->affinity > 0) {
        return caucus_document_fail(document, node, "leave it out, or write draw: iid in population",
                                    "affinity is not possible without replacement");
    }
    return CAUCUS_OK;
}
