/* The summary for people. */
#include "result.h"
#include "text_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns behind those of the axes. */
enum { COLLECTIVE, SIZE, SUCCESS, METHOD, BOUND, VIOLATED, VACUOUS, N_COLUMNS };
static const char *const titles[N_COLUMNS] = {"collective", "size",           "success",     "method",
                                              "bound",      "violation rate", "vacuous rate"};

static uint32_t count_columns(const caucus_skeleton *skeleton)
{
    return skeleton->n_axes + (skeleton->identity.n_methods > 0 ? N_COLUMNS : METHOD);
}

/* Four digits behind the point, or fewer where a bound is far below 0. */
static caucus_status add_number(caucus_text_table *table, double value)
{
    char text[CAUCUS_NUMBER_BYTES];
    if (isnan(value)) {
        return caucus_text_table_add(table, "-");
    }
    snprintf(text, sizeof text, fabs(value) < 1000 ? "%.4f" : "%.4g", value);
    return caucus_text_table_add(table, text);
}

static caucus_status add_titles(caucus_text_table *table, const caucus_skeleton *skeleton)
{
    const uint32_t n_columns = count_columns(skeleton);
    for (uint32_t i = 0; i < skeleton->n_axes; i++) {
        TRY(caucus_text_table_add(table, skeleton->axes[i].long_name));
        if (skeleton->axes[i].numbers != NULL) {
            caucus_text_table_align_right(table, i);
        }
    }
    for (uint32_t c = skeleton->n_axes; c < n_columns; c++) {
        uint32_t column = c - skeleton->n_axes;
        TRY(caucus_text_table_add(table, titles[column]));
        if (column != COLLECTIVE && column != METHOD) {
            caucus_text_table_align_right(table, c);
        }
    }
    return CAUCUS_OK;
}

/* What a collective's first line has and the lines of its further methods lack. */
static caucus_status add_collective(caucus_text_table *table, const caucus_skeleton *skeleton,
                                    const caucus_summary *summary, uint64_t config, uint32_t collective)
{
    char text[2 * CAUCUS_NUMBER_BYTES];
    for (uint32_t i = 0; i < skeleton->n_axes; i++) {
        char number[CAUCUS_NUMBER_BYTES];
        TRY(caucus_text_table_add(table, caucus_result_axis_value(&skeleton->axes[i], config, number)));
    }
    TRY(caucus_text_table_add(table, skeleton->collective_names[collective]));
    snprintf(text, sizeof text, "%llu",
             (unsigned long long)skeleton->sizes[config * skeleton->identity.n_collectives + collective]);
    TRY(caucus_text_table_add(table, text));
    double deviation = summary->values[CAUCUS_SUCCESS_STD][collective];
    if (isnan(deviation)) {
        return add_number(table, summary->values[CAUCUS_SUCCESS_MEAN][collective]);
    }
    snprintf(text, sizeof text, "%.4f ± %.4f", summary->values[CAUCUS_SUCCESS_MEAN][collective], deviation);
    return caucus_text_table_add(table, text);
}

static caucus_status add_rows(caucus_text_table *table, const caucus_skeleton *skeleton, const caucus_summary *summary,
                              uint64_t config, uint32_t collective)
{
    const uint32_t n_methods = skeleton->identity.n_methods;
    TRY(add_collective(table, skeleton, summary, config, collective));
    for (uint32_t method = 0; method < n_methods; method++) {
        for (uint32_t c = 0; method > 0 && c < skeleton->n_axes + METHOD; c++) {
            TRY(caucus_text_table_add(table, ""));
        }
        const size_t column = (size_t)collective * n_methods + method;
        TRY(caucus_text_table_add(table, skeleton->method_names[method]));
        TRY(add_number(table, summary->values[CAUCUS_BOUND_MEAN][column]));
        TRY(add_number(table, summary->values[CAUCUS_VIOLATION_RATE][column]));
        TRY(add_number(table, summary->values[CAUCUS_VACUOUS_RATE][column]));
    }
    return CAUCUS_OK;
}

static caucus_status fill(caucus_text_table *table, caucus_result *result, caucus_summary *summary, uint64_t *left_out)
{
    const caucus_skeleton *skeleton = &result->skeleton;
    TRY(add_titles(table, skeleton));
    for (uint64_t config = 0; config < skeleton->identity.n_configs; config++) {
        if (caucus_result_trials(result, config) == 0) {
            (*left_out)++;
            continue;
        }
        TRY(caucus_result_summary(result, config, summary));
        for (uint32_t m = 0; m < skeleton->identity.n_collectives; m++) {
            if (caucus_result_has(result, summary, config, m)) {
                TRY(add_rows(table, skeleton, summary, config, m));
            }
        }
    }
    return CAUCUS_OK;
}

static void print_heading(const caucus_result *result, uint64_t left_out, FILE *to)
{
    const caucus_identity *identity = &result->skeleton.identity;
    fprintf(to, "%s: %llu configuration%s of %llu trials; success as mean ± standard deviation over trials",
            result->skeleton.name, (unsigned long long)identity->n_configs, identity->n_configs == 1 ? "" : "s",
            (unsigned long long)identity->n_trials);
    if (identity->n_methods > 0) {
        fprintf(to, ", bounds as means, at delta = %g", result->skeleton.delta);
    }
    fputc('\n', to);
    if (!result->complete) {
        fprintf(to,
                "unfinished: %llu of %llu blocks of trials are done; %llu configurations without trials are left out\n",
                (unsigned long long)result->blocks_done, (unsigned long long)(identity->n_configs * result->n_blocks),
                (unsigned long long)left_out);
    }
    fputc('\n', to);
}

caucus_status caucus_result_print_table(caucus_result *result, FILE *to)
{
    caucus_status status = CAUCUS_OK;
    caucus_text_table *table = NULL;
    caucus_summary *summary = NULL;
    uint64_t left_out = 0;
    const caucus_identity *identity = &result->skeleton.identity;
    TRY_GOTO(caucus_summary_alloc(identity->n_collectives, identity->n_methods, &summary), done);
    TRY_GOTO(caucus_text_table_open(count_columns(&result->skeleton), &table), done);
    TRY_GOTO(fill(table, result, summary, &left_out), done);
    print_heading(result, left_out, to);
    caucus_text_table_print(table, to);
done:
    caucus_text_table_close(table);
    free(summary);
    return status;
}
