#include "population/scenario_build.h"

#include "base/text.h"

#include <math.h>

static caucus_status copy_names(const caucus_names *names, caucus_categories *categories)
{
    TRY(caucus_alloc(names->n_values, sizeof *categories->values, "values", &categories->values));
    categories->n_values = names->n_values;
    categories->name = caucus_text_copy(names->name);
    bool complete = categories->name != NULL;
    for (uint32_t v = 0; v < names->n_values; v++) {
        categories->values[v] =
            names->values != NULL ? caucus_text_copy(names->values[v]) : caucus_text_format("%s%u", names->prefix, v);
        complete = complete && categories->values[v] != NULL;
    }
    return complete ? CAUCUS_OK : caucus_fail_memory(names->n_values, "names of values");
}

caucus_status caucus_scenario_build(const caucus_names *names, uint32_t n_features, uint64_t n_cells,
                                    const char *source, caucus_population **population)
{
    caucus_population *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "a population", &made));
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(n_features, sizeof *made->features, "features", &made->features), done);
    made->n_features = n_features;
    for (uint32_t f = 0; f < n_features; f++) {
        TRY_GOTO(copy_names(&names[f], &made->features[f]), done);
    }
    TRY_GOTO(copy_names(&names[n_features], &made->label), done);
    made->n_labels = made->label.n_values;
    made->n_cells = n_cells;
    TRY_GOTO(caucus_alloc(n_cells * n_features, sizeof *made->codes, "cells", &made->codes), done);
    TRY_GOTO(caucus_alloc(n_cells * made->n_labels, sizeof *made->weights, "cells x labels", &made->weights), done);
    made->source = caucus_text_copy(source);
    if (made->source == NULL) {
        status = caucus_fail_memory(1, "a description");
    }
done:
    if (status != CAUCUS_OK) {
        caucus_population_free(made);
        return status;
    }
    *population = made;
    return CAUCUS_OK;
}

void caucus_scenario_split(uint64_t total, const double *shares, uint64_t n, uint64_t *parts)
{
    /* Rounding the running sum, not the parts, is what makes them add up. */
    double sum = 0;
    uint64_t before = 0;
    for (uint64_t i = 0; i < n; i++) {
        sum += shares[i];
        uint64_t upto = i + 1 == n ? total : (uint64_t)floor(sum * (double)total + 0.5);
        upto = upto > total ? total : upto;
        parts[i] = upto - before;
        before = upto;
    }
}
