/* The fields of records: what can be named in columns, conditions and orders. */
#include "result/record_fields.h"

#include "base/text.h"

#include <string.h>

/* The numbers of a record, in their usual order: of the collective, of the platform, and by method. */
static const int success_fields[] = {CAUCUS_SUCCESS_MEAN, CAUCUS_SUCCESS_STD, CAUCUS_SUCCESS_Q05, CAUCUS_SUCCESS_MEDIAN,
                                     CAUCUS_SUCCESS_Q95};
static const int bound_fields[] = {CAUCUS_BOUND_MEAN,    CAUCUS_BOUND_Q05,      CAUCUS_BOUND_MEDIAN,
                                   CAUCUS_BOUND_Q95,     CAUCUS_TIGHTNESS_MEAN, CAUCUS_VIOLATION_RATE,
                                   CAUCUS_VIOLATION_LOW, CAUCUS_VIOLATION_HIGH, CAUCUS_VACUOUS_RATE};
static const int upper_fields[] = {CAUCUS_UPPER_MEAN, CAUCUS_UPPER_VIOLATION_RATE, CAUCUS_UPPER_VIOLATION_LOW,
                                   CAUCUS_UPPER_VIOLATION_HIGH, CAUCUS_UPPER_VACUOUS_RATE};
enum {
    N_SUCCESS = sizeof success_fields / sizeof success_fields[0],
    N_BOUND = sizeof bound_fields / sizeof bound_fields[0],
    N_UPPER = sizeof upper_fields / sizeof upper_fields[0]
};

/* ---- what there is to name ---- */

static void add(caucus_fields *fields, caucus_field field)
{
    for (size_t i = 0; i < fields->n; i++) {
        if (strcmp(fields->of[i].name, field.name) == 0) {
            return; /* an axis of another result */
        }
    }
    if (fields->n < CAUCUS_MOST_FIELDS) {
        fields->of[fields->n++] = field;
    }
}

static void add_variable(caucus_fields *fields, int variable)
{
    add(fields, (caucus_field){CAUCUS_FIELD_VARIABLE, variable, caucus_summary_variables[variable].name, false});
}

static void list_axes(caucus_fields *fields, caucus_result *const *results, size_t n_results)
{
    for (size_t r = 0; r < n_results; r++) {
        const caucus_metadata *skeleton = &results[r]->skeleton;
        for (uint32_t a = 0; a < skeleton->n_axes; a++) {
            add(fields, (caucus_field){CAUCUS_FIELD_AXIS, 0, skeleton->axes[a].name, false});
        }
    }
}

size_t caucus_fields_list(caucus_result *const *results, size_t n_results, caucus_fields *fields)
{
    bool methods = false;
    bool upper = false;
    if (n_results > 1) {
        add(fields, (caucus_field){CAUCUS_FIELD_FILE, 0, "file", false});
    }
    add(fields, (caucus_field){CAUCUS_FIELD_CONFIG, 0, "config", true});
    list_axes(fields, results, n_results);
    add(fields, (caucus_field){CAUCUS_FIELD_COLLECTIVE, 0, "collective", false});
    add(fields, (caucus_field){CAUCUS_FIELD_SIZE, 0, "size", true});
    for (int i = 0; i < N_SUCCESS; i++) {
        add_variable(fields, success_fields[i]);
    }
    for (size_t r = 0; r < n_results; r++) {
        int platform[CAUCUS_PLATFORM_FIELDS];
        const caucus_shape *shape = &results[r]->skeleton.identity.shape;
        const uint32_t n = caucus_result_platform_fields(shape, platform);
        methods = methods || shape->n_methods > 0;
        upper = upper || (shape->n_methods > 0 && shape->upper);
        for (uint32_t i = 0; i < n; i++) {
            add_variable(fields, platform[i]);
        }
    }
    if (methods) {
        add(fields, (caucus_field){CAUCUS_FIELD_METHOD, 0, "method", false});
        for (int i = 0; i < N_BOUND; i++) {
            add_variable(fields, bound_fields[i]);
        }
        for (int i = 0; i < N_UPPER && upper; i++) {
            add_variable(fields, upper_fields[i]);
        }
        add(fields, (caucus_field){CAUCUS_FIELD_DELTA, 0, "delta", false});
    }
    add(fields, (caucus_field){CAUCUS_FIELD_TRIALS, 0, "trials", true});
    const size_t usual = fields->n;
    add(fields, (caucus_field){CAUCUS_FIELD_FILE, 0, "file", false});
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        if ((caucus_summary_variables[v].dimensions & CAUCUS_ON_METHOD) == 0 || methods) {
            add_variable(fields, v);
        }
    }
    return usual;
}

unsigned caucus_field_dimensions(const caucus_field *field)
{
    switch (field->kind) {
    case CAUCUS_FIELD_FILE:
    case CAUCUS_FIELD_CONFIG:
    case CAUCUS_FIELD_AXIS:
    case CAUCUS_FIELD_TRIALS:
    case CAUCUS_FIELD_DELTA:
        return CAUCUS_ON_CONFIG;
    case CAUCUS_FIELD_COLLECTIVE:
    case CAUCUS_FIELD_SIZE:
        return CAUCUS_ON_CONFIG | CAUCUS_ON_COLLECTIVE;
    case CAUCUS_FIELD_METHOD:
        return CAUCUS_ON_METHOD;
    case CAUCUS_FIELD_VARIABLE:
        return caucus_summary_variables[field->index].dimensions;
    }
    return 0;
}

caucus_status caucus_fields_find(const caucus_fields *fields, const char *name, size_t *field)
{
    const char *names[CAUCUS_MOST_FIELDS];
    for (size_t i = 0; i < fields->n; i++) {
        names[i] = fields->of[i].name;
        if (strcmp(names[i], name) == 0) {
            *field = i;
            return CAUCUS_OK;
        }
    }
    const size_t nearest = caucus_text_nearest(name, names, fields->n);
    if (nearest < fields->n) {
        return caucus_fail(CAUCUS_INVALID, "there is no column \"%s\"; did you mean \"%s\"?", name, names[nearest]);
    }
    return caucus_fail(CAUCUS_INVALID,
                       "there is no column \"%s\"; caucus summary --format csv prints all usual ones with their names",
                       name);
}
