/* The numbers of a result as arrays in memory, by the names that they have in a file. */
#include "result/memory.h"
#include "result/result.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static const void *find_kept(const caucus_result *result, const char *name)
{
    const caucus_kept_array *kept = result->arrays;
    while (kept != NULL && strcmp(kept->name, name) != 0) {
        kept = kept->next;
    }
    return kept != NULL ? kept->values : NULL;
}

/* values become the result's, also on failure. */
static caucus_status keep(caucus_result *result, const char *name, void *values)
{
    caucus_kept_array *kept = NULL;
    caucus_status status = caucus_alloc(1, sizeof *kept, "an array", &kept);
    if (status != CAUCUS_OK) {
        free(values);
        return status;
    }
    *kept = (caucus_kept_array){result->arrays, name, values};
    result->arrays = kept;
    return CAUCUS_OK;
}

static void set_shape(const caucus_result *result, unsigned dimensions, bool trials, caucus_array *array)
{
    const caucus_identity *identity = &result->skeleton.identity;
    array->n_dimensions = 0;
    array->shape[array->n_dimensions++] = identity->n_configs;
    if (trials) {
        array->shape[array->n_dimensions++] = identity->n_trials;
    }
    if ((dimensions & CAUCUS_ON_COLLECTIVE) != 0) {
        array->shape[array->n_dimensions++] = identity->shape.n_collectives;
    }
    if ((dimensions & CAUCUS_ON_METHOD) != 0) {
        array->shape[array->n_dimensions++] = identity->shape.n_methods;
    }
}

static uint64_t count_values(const caucus_array *array)
{
    uint64_t n = 1;
    for (uint32_t d = 0; d < array->n_dimensions; d++) {
        n *= array->shape[d]; /* fits: the identity is countable */
    }
    return n;
}

/* ---- trials ------------------------------------------------------------------------------------------------------ */

static caucus_status read_trials(caucus_result *result, const caucus_variable *variable, caucus_array *array)
{
    const uint64_t n = count_values(array);
    void *values = NULL;
    if (result->parts != NULL || result->skeleton.identity.summaries_only) {
        return caucus_fail(CAUCUS_INVALID, "%s %s: there are no trials to be read, only summaries", result->path,
                           result->parts != NULL ? "is unfinished" : "keeps summaries only");
    }
    TRY(caucus_h5_check_room(result->file, result->path, variable->name, n, CAUCUS_VALUE_BYTES));
    TRY(caucus_alloc(n, CAUCUS_VALUE_BYTES, variable->name, &values));
    const caucus_status status = caucus_h5_read(result->file, result->path, variable->name,
                                                variable->integer ? H5T_NATIVE_UINT32 : H5T_NATIVE_FLOAT, n, values);
    if (status != CAUCUS_OK) {
        free(values);
        return status;
    }
    return keep(result, variable->name, values);
}

static caucus_status get_trials(caucus_result *result, int v, caucus_array *array)
{
    const caucus_variable *variable = &caucus_variables[v];
    array->type = variable->integer ? CAUCUS_UINT32 : CAUCUS_FLOAT32;
    set_shape(result, variable->dimensions, true, array);
    if (result->memory != NULL) {
        array->values = result->memory->values[v];
        return CAUCUS_OK;
    }
    if (find_kept(result, variable->name) == NULL) {
        TRY(read_trials(result, variable, array));
    }
    array->values = find_kept(result, variable->name);
    return CAUCUS_OK;
}

/* ---- summaries --------------------------------------------------------------------------------------------------- */

static caucus_status compute_summaries(caucus_result *result, int v, double *values)
{
    const caucus_shape *shape = &result->skeleton.identity.shape;
    const size_t width = caucus_summary_width(v, shape);
    caucus_summary *summary = NULL;
    caucus_status status = caucus_summary_alloc(shape, &summary);
    for (uint64_t config = 0; config < result->skeleton.identity.n_configs && status == CAUCUS_OK; config++) {
        status = caucus_result_summary(result, config, summary);
        if (status == CAUCUS_OK) {
            memcpy(values + config * width, summary->values[v], width * sizeof *values);
        }
    }
    free(summary);
    return status;
}

static caucus_status get_summary(caucus_result *result, int v, caucus_array *array)
{
    const caucus_summary_variable *variable = &caucus_summary_variables[v];
    array->type = CAUCUS_FLOAT64;
    set_shape(result, variable->dimensions, false, array);
    if (find_kept(result, variable->name) == NULL) {
        double *values = NULL;
        TRY(caucus_alloc(count_values(array), sizeof *values, variable->name, &values));
        const caucus_status status = compute_summaries(result, v, values);
        if (status != CAUCUS_OK) {
            free(values);
            return status;
        }
        TRY(keep(result, variable->name, values));
    }
    array->values = find_kept(result, variable->name);
    return CAUCUS_OK;
}

/* ---- coordinates ------------------------------------------------------------------------------------------------- */

static bool get_coordinate(const caucus_result *result, const char *name, caucus_array *array)
{
    const caucus_metadata *about = &result->skeleton;
    const struct {
        const char *name;
        caucus_type type;
        unsigned dimensions;
        const void *values;
    } fixed[] = {{"size", CAUCUS_UINT64, CAUCUS_ON_COLLECTIVE, about->sizes},
                 {"consumers", CAUCUS_UINT64, 0, about->consumers},
                 {"test", CAUCUS_UINT32, 0, about->test}};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (strcmp(name, fixed[i].name) == 0) {
            set_shape(result, fixed[i].dimensions, false, array);
            array->type = fixed[i].type;
            array->values = fixed[i].values;
            return true;
        }
    }
    if (strcmp(name, "collective") == 0 || strcmp(name, "method") == 0) {
        const bool collective = name[0] == 'c';
        *array = (caucus_array){.type = CAUCUS_TEXTS, .n_dimensions = 1};
        array->shape[0] = collective ? about->identity.shape.n_collectives : about->identity.shape.n_methods;
        array->values = collective ? about->collective_names : about->method_names;
        return true;
    }
    for (uint32_t a = 0; a < about->n_axes; a++) {
        if (strcmp(name, about->axes[a].name) == 0) {
            set_shape(result, 0, false, array);
            array->type = about->axes[a].numbers != NULL ? CAUCUS_FLOAT64 : CAUCUS_TEXTS;
            array->values =
                about->axes[a].numbers != NULL ? (const void *)about->axes[a].numbers : about->axes[a].words;
            return true;
        }
    }
    return false;
}

/* ---- by name ----------------------------------------------------------------------------------------------------- */

caucus_status caucus_result_array(caucus_result *result, const char *name, caucus_array *array)
{
    static const char summary[] = "summary/";
    const caucus_shape *shape = &result->skeleton.identity.shape;
    *array = (caucus_array){0};
    if (get_coordinate(result, name, array)) {
        return CAUCUS_OK;
    }
    for (int v = 0; v < CAUCUS_N_VARIABLES; v++) {
        if (strcmp(name, caucus_variables[v].name) == 0 && caucus_variable_width(&caucus_variables[v], shape) > 0) {
            return get_trials(result, v, array);
        }
    }
    const bool is_summary = strncmp(name, summary, strlen(summary)) == 0;
    for (int v = 0; is_summary && v < CAUCUS_N_SUMMARY; v++) {
        if (strcmp(name + strlen(summary), caucus_summary_variables[v].name) == 0 &&
            caucus_summary_width(v, shape) > 0) {
            return get_summary(result, v, array);
        }
    }
    return caucus_fail(CAUCUS_INVALID,
                       "the result has no array \"%s\"; names are those of datasets: success_count, lower_bound, "
                       "summary/success_mean, size, or an axis of the sweep",
                       name);
}

uint32_t caucus_result_axes(const caucus_result *result)
{
    return result->skeleton.n_axes;
}

const char *caucus_result_axis(const caucus_result *result, uint32_t axis)
{
    return axis < result->skeleton.n_axes ? result->skeleton.axes[axis].name : NULL;
}
