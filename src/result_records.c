/* The summary for programs: one record for each configuration, collective and bound method, as CSV (RFC 4180) or JSON.
 * A run without methods has one record for each configuration and collective, without the fields of bounds. */
#include "csv_field.h"
#include "result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The numbers of a record, in order; those by method come last. */
static const int fields[] = {CAUCUS_SUCCESS_MEAN,   CAUCUS_SUCCESS_STD,   CAUCUS_BOUND_MEAN,     CAUCUS_TIGHTNESS_MEAN,
                             CAUCUS_VIOLATION_RATE, CAUCUS_VIOLATION_LOW, CAUCUS_VIOLATION_HIGH, CAUCUS_VACUOUS_RATE};
enum { N_FIELDS = sizeof fields / sizeof fields[0], N_SUCCESS_FIELDS = 2 };

typedef struct record {
    const caucus_skeleton *skeleton;
    const caucus_summary *summary;
    uint64_t config;
    uint32_t collective;
    uint32_t method;
    bool first; /* of all */
} record;

static double field_value(const record *one, int field)
{
    const uint32_t n_methods = one->skeleton->identity.shape.n_methods;
    size_t at = field < N_SUCCESS_FIELDS ? one->collective : (size_t)one->collective * n_methods + one->method;
    return one->summary->values[fields[field]][at];
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
    record one = {.skeleton = &result->skeleton, .first = true};
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

static void print_csv_titles(const caucus_skeleton *skeleton, FILE *to)
{
    const bool bounds = skeleton->identity.shape.n_methods > 0;
    for (uint32_t i = 0; i < skeleton->n_axes; i++) {
        caucus_csv_field(to, skeleton->axes[i].name);
        fputc(',', to);
    }
    fputs("collective,size", to);
    for (int f = 0; f < (bounds ? N_FIELDS : N_SUCCESS_FIELDS); f++) {
        fprintf(to, "%s,%s", f == N_SUCCESS_FIELDS ? ",method" : "", caucus_summary_variables[fields[f]].name);
    }
    fputs(",trials\r\n", to);
}

static void print_csv(const record *one, FILE *to)
{
    const caucus_skeleton *skeleton = one->skeleton;
    const bool bounds = skeleton->identity.shape.n_methods > 0;
    char number[CAUCUS_NUMBER_BYTES];
    for (uint32_t i = 0; i < skeleton->n_axes; i++) {
        caucus_csv_field(to, caucus_result_axis_value(&skeleton->axes[i], one->config, number));
        fputc(',', to);
    }
    caucus_csv_field(to, skeleton->collective_names[one->collective]);
    fprintf(to, ",%llu", (unsigned long long)size_of(one));
    for (int f = 0; f < (bounds ? N_FIELDS : N_SUCCESS_FIELDS); f++) {
        if (f == N_SUCCESS_FIELDS) {
            fputc(',', to);
            caucus_csv_field(to, skeleton->method_names[one->method]);
        }
        fputc(',', to);
        double value = field_value(one, f);
        if (!isnan(value)) { /* an empty field is what CSV readers take for missing */
            caucus_result_format_number(value, number);
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
        caucus_result_format_number(value, number);
    }
    fputs(", ", to);
    put_json(name, to);
    fprintf(to, ": %s", number);
}

static void print_json(const record *one, FILE *to)
{
    const caucus_skeleton *skeleton = one->skeleton;
    const bool bounds = skeleton->identity.shape.n_methods > 0;
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
    for (int f = 0; f < (bounds ? N_FIELDS : N_SUCCESS_FIELDS); f++) {
        if (f == N_SUCCESS_FIELDS) {
            fputs(", \"method\": ", to);
            put_json(skeleton->method_names[one->method], to);
        }
        put_json_number(caucus_summary_variables[fields[f]].name, field_value(one, f), to);
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
