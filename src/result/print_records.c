/* The summary for programs: one record for each configuration, collective and bound method, as CSV (RFC 4180) or JSON.
 * A run without methods has one record for each configuration and collective, without the fields of bounds. */
#include "base/csv_write.h"
#include "result/print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The numbers of a record, in order: of the collective, of the platform (caucus_result_platform_fields), and by method.
 */
static const int success_fields[] = {CAUCUS_SUCCESS_MEAN, CAUCUS_SUCCESS_STD};
static const int bound_fields[] = {CAUCUS_BOUND_MEAN,    CAUCUS_TIGHTNESS_MEAN, CAUCUS_VIOLATION_RATE,
                                   CAUCUS_VIOLATION_LOW, CAUCUS_VIOLATION_HIGH, CAUCUS_VACUOUS_RATE};
static const int upper_fields[] = {CAUCUS_UPPER_MEAN, CAUCUS_UPPER_VIOLATION_RATE, CAUCUS_UPPER_VIOLATION_LOW,
                                   CAUCUS_UPPER_VIOLATION_HIGH, CAUCUS_UPPER_VACUOUS_RATE};
enum {
    N_SUCCESS_FIELDS = sizeof success_fields / sizeof success_fields[0],
    N_BOUND_FIELDS = sizeof bound_fields / sizeof bound_fields[0],
    N_UPPER_FIELDS = sizeof upper_fields / sizeof upper_fields[0],
    MOST_FIELDS = N_SUCCESS_FIELDS + CAUCUS_PLATFORM_FIELDS + N_BOUND_FIELDS + N_UPPER_FIELDS
};

typedef struct field_list {
    int variables[MOST_FIELDS];
    uint32_t n;
    uint32_t method_at; /* before which the method is named; n without methods */
} field_list;

static field_list list_fields(const caucus_shape *shape)
{
    field_list list = {.n = N_SUCCESS_FIELDS};
    memcpy(list.variables, success_fields, sizeof success_fields);
    list.n += caucus_result_platform_fields(shape, list.variables + list.n);
    list.method_at = list.n;
    if (shape->n_methods > 0) {
        memcpy(list.variables + list.n, bound_fields, sizeof bound_fields);
        list.n += N_BOUND_FIELDS;
    }
    if (shape->n_methods > 0 && shape->upper) {
        memcpy(list.variables + list.n, upper_fields, sizeof upper_fields);
        list.n += N_UPPER_FIELDS;
    }
    return list;
}

typedef struct record {
    const caucus_metadata *skeleton;
    const caucus_summary *summary;
    field_list fields;
    uint64_t config;
    uint32_t collective;
    uint32_t method;
    bool first; /* of all */
} record;

static double field_value(const record *one, uint32_t field)
{
    const int variable = one->fields.variables[field];
    const unsigned dimensions = caucus_summary_variables[variable].dimensions;
    const uint32_t n_methods = one->skeleton->identity.shape.n_methods;
    size_t at = (dimensions & CAUCUS_ON_COLLECTIVE) != 0 ? one->collective : 0;
    at = (dimensions & CAUCUS_ON_METHOD) != 0 ? at * n_methods + one->method : at;
    return one->summary->values[variable][at];
}

static uint64_t size_of(const record *one)
{
    return one->skeleton->sizes[one->config * one->skeleton->identity.shape.n_collectives + one->collective];
}

static caucus_status each_record(caucus_result *result, void (*print)(const record *one, FILE *to), FILE *to)
{
    const caucus_identity *identity = &result->skeleton.identity;
    const uint32_t n_rows = identity->shape.n_methods > 0 ? identity->shape.n_methods : 1;
    caucus_summary *summary = NULL;
    caucus_status status = CAUCUS_OK;
    record one = {.skeleton = &result->skeleton, .fields = list_fields(&identity->shape), .first = true};
    TRY(caucus_summary_alloc(&identity->shape, &summary));
    one.summary = summary;
    for (one.config = 0; one.config < identity->n_configs; one.config++) {
        if (caucus_result_trials(result, one.config) == 0) {
            continue;
        }
        TRY_GOTO(caucus_result_summary(result, one.config, summary), done);
        for (one.collective = 0; one.collective < identity->shape.n_collectives; one.collective++) {
            if (!caucus_result_has(result, summary, one.config, one.collective)) {
                continue;
            }
            for (one.method = 0; one.method < n_rows; one.method++) {
                print(&one, to);
                one.first = false;
            }
        }
    }
done:
    free(summary);
    return status;
}

/* ---- CSV ---- */

static void print_csv_titles(const caucus_metadata *skeleton, FILE *to)
{
    const field_list list = list_fields(&skeleton->identity.shape);
    for (uint32_t i = 0; i < skeleton->n_axes; i++) {
        caucus_csv_write(to, skeleton->axes[i].name);
        fputc(',', to);
    }
    fputs("collective,size", to);
    for (uint32_t f = 0; f < list.n; f++) {
        fprintf(to, "%s,%s", f == list.method_at ? ",method" : "", caucus_summary_variables[list.variables[f]].name);
    }
    fputs(",trials\r\n", to);
}

static void print_csv(const record *one, FILE *to)
{
    const caucus_metadata *skeleton = one->skeleton;
    char number[CAUCUS_NUMBER_BYTES];
    for (uint32_t i = 0; i < skeleton->n_axes; i++) {
        caucus_csv_write(to, caucus_result_axis_value(&skeleton->axes[i], one->config, number));
        fputc(',', to);
    }
    caucus_csv_write(to, skeleton->collective_names[one->collective]);
    fprintf(to, ",%llu", (unsigned long long)size_of(one));
    for (uint32_t f = 0; f < one->fields.n; f++) {
        if (f == one->fields.method_at) {
            fputc(',', to);
            caucus_csv_write(to, skeleton->method_names[one->method]);
        }
        fputc(',', to);
        double value = field_value(one, f);
        if (!isnan(value)) { /* an empty field is what CSV readers take for missing */
            caucus_number_format(value, false, number);
            fputs(number, to);
        }
    }
    fprintf(to, ",%llu\r\n", (unsigned long long)one->summary->n_trials);
}

caucus_status caucus_result_print_csv(caucus_result *result, FILE *to)
{
    print_csv_titles(&result->skeleton, to);
    return each_record(result, print_csv, to);
}

/* ---- JSON ---- */

static void put_json(const char *text, FILE *to)
{
    fputc('"', to);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            fputc('\\', to);
        }
        if ((unsigned char)*c < 0x20) {
            fprintf(to, "\\u%04x", (unsigned)*c);
        } else {
            fputc(*c, to);
        }
    }
    fputc('"', to);
}

static void put_json_number(const char *name, double value, FILE *to)
{
    char number[CAUCUS_NUMBER_BYTES] = "null"; /* JSON has neither NaN nor infinity */
    if (isfinite(value)) {
        caucus_number_format(value, false, number);
    }
    fputs(", ", to);
    put_json(name, to);
    fprintf(to, ": %s", number);
}

static void print_json(const record *one, FILE *to)
{
    const caucus_metadata *skeleton = one->skeleton;
    fprintf(to, "%s  {\"config\": %llu", one->first ? "" : ",\n", (unsigned long long)one->config);
    for (uint32_t i = 0; i < skeleton->n_axes; i++) {
        const caucus_coordinate *axis = &skeleton->axes[i];
        if (axis->numbers != NULL) {
            put_json_number(axis->name, axis->numbers[one->config], to);
        } else {
            fputs(", ", to);
            put_json(axis->name, to);
            fputs(": ", to);
            put_json(axis->words[one->config], to);
        }
    }
    fputs(", \"collective\": ", to);
    put_json(skeleton->collective_names[one->collective], to);
    fprintf(to, ", \"size\": %llu, \"trials\": %llu", (unsigned long long)size_of(one),
            (unsigned long long)one->summary->n_trials);
    for (uint32_t f = 0; f < one->fields.n; f++) {
        if (f == one->fields.method_at) {
            fputs(", \"method\": ", to);
            put_json(skeleton->method_names[one->method], to);
        }
        put_json_number(caucus_summary_variables[one->fields.variables[f]].name, field_value(one, f), to);
    }
    fputc('}', to);
}

caucus_status caucus_result_print_json(caucus_result *result, FILE *to)
{
    fputs("[\n", to);
    caucus_status status = each_record(result, print_json, to);
    fputs("\n]\n", to);
    return status;
}
