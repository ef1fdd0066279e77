/* The population section: how it is drawn from, and which of the populations loaded so far it stands for. */
#include "experiment/sections.h"

#include <stdlib.h>
#include <string.h>

static const char *const DRAW_NAMES[] = {"iid", "without_replacement"};
static const char *const BY_NAMES[] = {"counts", "individuals"};
/* Keys of the section that do not change the population itself. */
static const char *const DRAWING_KEYS[] = {"draw", "by", NULL};

static caucus_status keep(caucus_experiment *experiment, char *key, caucus_population *population)
{
    size_t n = experiment->n_populations + 1;
    caucus_population **populations = realloc(experiment->populations, n * sizeof *populations);
    if (populations == NULL) {
        return caucus_fail_memory(n * sizeof *populations, "populations");
    }
    experiment->populations = populations;
    char **keys = realloc(experiment->population_keys, n * sizeof *keys);
    if (keys == NULL) {
        return caucus_fail_memory(n * sizeof *keys, "populations");
    }
    experiment->population_keys = keys;
    populations[n - 1] = population;
    keys[n - 1] = key;
    experiment->n_populations = n;
    return CAUCUS_OK;
}

static caucus_status find_or_load(caucus_experiment *experiment, const caucus_node *section,
                                  const caucus_population **population)
{
    caucus_status status = CAUCUS_OK;
    char *key = NULL;
    caucus_population *made = NULL;
    const bool moved = caucus_sweep_moves(experiment, section);
    if (!moved && section == experiment->last_section) {
        *population = experiment->last_population;
        return CAUCUS_OK;
    }
    TRY(caucus_document_emit(section, DRAWING_KEYS, &key));
    for (size_t i = experiment->n_populations; i-- > 0;) { /* the one of the configuration before is the likely one */
        if (strcmp(experiment->population_keys[i], key) == 0) {
            *population = experiment->populations[i];
            goto done;
        }
    }
    TRY_GOTO(caucus_load_population(experiment, section, &made), done);
    TRY_GOTO(keep(experiment, key, made), done);
    *population = made;
    key = NULL;
    made = NULL;
done:
    if (status == CAUCUS_OK && !moved) {
        experiment->last_section = section;
        experiment->last_population = *population;
    }
    caucus_population_free(made);
    free(key);
    return status;
}

caucus_status caucus_read_population(caucus_experiment *experiment, const caucus_node *section, caucus_config *config)
{
    caucus_document *document = experiment->document;
    if (section->kind != CAUCUS_MAPPING) {
        char found[CAUCUS_HINT_BYTES];
        return caucus_document_fail(document, section, "give it the key file or scenario",
                                    "population must be a mapping of keys to values, not %s",
                                    caucus_node_describe(section, found));
    }
    const caucus_node *by = caucus_node_get(section, "by");
    if (by != NULL) {
        uint32_t choice = 0;
        TRY(caucus_read_choice(document, by, "by", BY_NAMES, 2, &choice));
        config->individuals = choice == 1;
    }
    const caucus_node *draw = caucus_node_get(section, "draw");
    if (draw != NULL) {
        uint32_t choice = 0;
        TRY(caucus_read_choice(document, draw, "draw", DRAW_NAMES, 2, &choice));
        config->without_replacement = choice == 1;
    }
    TRY(find_or_load(experiment, section, &config->population));
    if (config->without_replacement && !config->population->finite) {
        return caucus_document_fail(document, draw, "write draw: iid",
                                    "this population is a model, not a number of people: it cannot be drawn without "
                                    "replacement");
    }
    return CAUCUS_OK;
}
