/* The summary for people: one line for each configuration and collective where the methods fit beside each other as
 * columns, else a line for each method. */
#include "base/text_table.h"
#include "result/print.h"
#include "result/telling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns behind those of the axes. */
enum { COLLECTIVE, SIZE, SUCCESS, N_LEADING };
enum { METHOD, BOUND, VIOLATED, VACUOUS, N_LINED, UPPER = N_LINED, UPPER_VIOLATED, N_LINED_UPPER };
static const char *const leading_titles[N_LEADING] = {"collective", "size", "success"};
static const char *const lined_titles[N_LINED_UPPER] = {"method",       "bound",       "violation rate",
                                                        "vacuous rate", "upper bound", "its violation rate"};
static const char *const platform_titles[CAUCUS_N_SUMMARY] = {[CAUCUS_SUBOPTIMALITY_MEAN] = "suboptimality",
                                                              [CAUCUS_CONVERGED_RATE] = "converged",
                                                              [CAUCUS_ACCURACY_MEAN] = "accuracy",
                                                              [CAUCUS_ACCURACY_COST_MEAN] = "accuracy cost"};

/* Characters that columns of methods may take together. */
enum { METHODS_WIDTH = 72, TITLE_BYTES = 96 };

/* Which of family, knowledge and inequality tell the methods apart. */
typedef struct method_parts {
    bool differs[3];
} method_parts;

/* Part 0, 1 or 2 of a name such as staircase/total/kl. */
static int part_of(const char *name, int part, const char **start)
{
    for (; part > 0; part--) {
        name += strcspn(name, "/");
        name += *name == '/';
    }
    *start = name;
    return (int)strcspn(name, "/");
}

static method_parts compare_methods(const caucus_metadata *skeleton)
{
    method_parts parts = {{false}};
    for (int part = 0; part < 3; part++) {
        for (uint32_t i = 1; i < skeleton->identity.shape.n_methods; i++) {
            const char *first = NULL;
            const char *other = NULL;
            int length = part_of(skeleton->method_names[0], part, &first);
            bool same = part_of(skeleton->method_names[i], part, &other) == length &&
                        strncmp(first, other, (size_t)length) == 0;
            parts.differs[part] = parts.differs[part] || !same;
        }
    }
    return parts;
}

/* The parts that differ, or "bound" for the only method. */
static void write_title(const caucus_metadata *skeleton, const method_parts *parts, uint32_t method,
                        char title[TITLE_BYTES])
{
    title[0] = '\0';
    for (int part = 0; part < 3; part++) {
        if (parts->differs[part]) {
            const char *start = NULL;
            int n = part_of(skeleton->method_names[method], part, &start);
            size_t length = strlen(title);
            snprintf(title + length, TITLE_BYTES - length, "%s%.*s", length > 0 ? "/" : "", n, start);
        }
    }
    if (title[0] == '\0') {
        snprintf(title, TITLE_BYTES, "bound");
    }
}

static bool is_wide(const caucus_metadata *skeleton)
{
    if (skeleton->identity.shape.upper) {
        return false; /* bounds from both sides stand in one line */
    }
    method_parts parts = compare_methods(skeleton);
    size_t width = 0;
    for (uint32_t i = 0; i < skeleton->identity.shape.n_methods; i++) {
        char title[TITLE_BYTES];
        write_title(skeleton, &parts, i, title);
        width += (strlen(title) > 8 ? strlen(title) : 8) + 2;
    }
    return width <= METHODS_WIDTH;
}

/* Columns before those of methods: axes, the collective's, the platform's. */
static uint32_t count_leading(const caucus_metadata *skeleton)
{
    int fields[CAUCUS_PLATFORM_FIELDS];
    return skeleton->n_axes + N_LEADING + caucus_result_platform_fields(&skeleton->identity.shape, fields);
}

static uint32_t count_columns(const caucus_metadata *skeleton)
{
    const caucus_shape *shape = &skeleton->identity.shape;
    return count_leading(skeleton) + (is_wide(skeleton) ? shape->n_methods : shape->upper ? N_LINED_UPPER : N_LINED);
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

static caucus_status add_leading_titles(caucus_text_table *table, const caucus_metadata *skeleton)
{
    int fields[CAUCUS_PLATFORM_FIELDS];
    const uint32_t n_fields = caucus_result_platform_fields(&skeleton->identity.shape, fields);
    for (uint32_t i = 0; i < skeleton->n_axes; i++) {
        TRY(caucus_text_table_add(table, skeleton->axes[i].long_name));
        if (skeleton->axes[i].numbers != NULL) {
            caucus_text_table_align_right(table, i);
        }
    }
    for (uint32_t i = 0; i < N_LEADING + n_fields; i++) {
        TRY(caucus_text_table_add(table, i < N_LEADING ? leading_titles[i] : platform_titles[fields[i - N_LEADING]]));
        if (i != COLLECTIVE) {
            caucus_text_table_align_right(table, skeleton->n_axes + i);
        }
    }
    return CAUCUS_OK;
}

static caucus_status add_titles(caucus_text_table *table, const caucus_metadata *skeleton)
{
    const bool wide = is_wide(skeleton);
    const method_parts parts = compare_methods(skeleton);
    const uint32_t first = count_leading(skeleton);
    const uint32_t n_columns = count_columns(skeleton);
    TRY(add_leading_titles(table, skeleton));
    for (uint32_t c = first; c < n_columns; c++) {
        char title[TITLE_BYTES];
        if (wide) {
            write_title(skeleton, &parts, c - first, title);
        }
        TRY(caucus_text_table_add(table, wide ? title : lined_titles[c - first]));
        if (wide || c - first != METHOD) {
            caucus_text_table_align_right(table, c);
        }
    }
    return CAUCUS_OK;
}

/* What a collective's first line has and the lines of its further methods lack. */
static caucus_status add_collective(caucus_text_table *table, const caucus_metadata *skeleton,
                                    const caucus_summary *summary, uint64_t config, uint32_t collective)
{
    char text[2 * CAUCUS_NUMBER_BYTES];
    for (uint32_t i = 0; i < skeleton->n_axes; i++) {
        char number[CAUCUS_NUMBER_BYTES];
        TRY(caucus_text_table_add(table, caucus_result_axis_value(&skeleton->axes[i], config, number)));
    }
    TRY(caucus_text_table_add(table, skeleton->collective_names[collective]));
    snprintf(text, sizeof text, "%llu",
             (unsigned long long)skeleton->sizes[config * skeleton->identity.shape.n_collectives + collective]);
    TRY(caucus_text_table_add(table, text));
    double deviation = summary->values[CAUCUS_SUCCESS_STD][collective];
    if (isnan(deviation)) {
        TRY(add_number(table, summary->values[CAUCUS_SUCCESS_MEAN][collective]));
    } else {
        snprintf(text, sizeof text, "%.4f ± %.4f", summary->values[CAUCUS_SUCCESS_MEAN][collective], deviation);
        TRY(caucus_text_table_add(table, text));
    }
    int fields[CAUCUS_PLATFORM_FIELDS];
    const uint32_t n_fields = caucus_result_platform_fields(&skeleton->identity.shape, fields);
    for (uint32_t i = 0; i < n_fields; i++) {
        TRY(add_number(table, summary->values[fields[i]][0]));
    }
    return CAUCUS_OK;
}

/* Mean bounds beside each other; ! after one that failed in significantly more trials than delta. */
static caucus_status add_bounds(caucus_text_table *table, const caucus_metadata *skeleton,
                                const caucus_summary *summary, uint32_t collective)
{
    for (uint32_t method = 0; method < skeleton->identity.shape.n_methods; method++) {
        const size_t column = (size_t)collective * skeleton->identity.shape.n_methods + method;
        const double bound = summary->values[CAUCUS_BOUND_MEAN][column];
        char text[CAUCUS_NUMBER_BYTES + 1];
        snprintf(text, sizeof text, fabs(bound) < 1000 ? "%.4f%s" : "%.4g%s", bound,
                 summary->values[CAUCUS_VIOLATION_LOW][column] > skeleton->delta ? "!" : " ");
        TRY(caucus_text_table_add(table, isnan(bound) ? "- " : text));
    }
    return CAUCUS_OK;
}

static caucus_status add_rows(caucus_text_table *table, const caucus_metadata *skeleton, const caucus_summary *summary,
                              uint64_t config, uint32_t collective)
{
    const uint32_t n_methods = skeleton->identity.shape.n_methods;
    TRY(add_collective(table, skeleton, summary, config, collective));
    if (is_wide(skeleton)) {
        return add_bounds(table, skeleton, summary, collective);
    }
    for (uint32_t method = 0; method < n_methods; method++) {
        for (uint32_t c = 0; method > 0 && c < count_leading(skeleton); c++) {
            TRY(caucus_text_table_add(table, ""));
        }
        const size_t column = (size_t)collective * n_methods + method;
        TRY(caucus_text_table_add(table, skeleton->method_names[method]));
        TRY(add_number(table, summary->values[CAUCUS_BOUND_MEAN][column]));
        TRY(add_number(table, summary->values[CAUCUS_VIOLATION_RATE][column]));
        TRY(add_number(table, summary->values[CAUCUS_VACUOUS_RATE][column]));
        if (skeleton->identity.shape.upper) {
            TRY(add_number(table, summary->values[CAUCUS_UPPER_MEAN][column]));
            TRY(add_number(table, summary->values[CAUCUS_UPPER_VIOLATION_RATE][column]));
        }
    }
    return CAUCUS_OK;
}

typedef struct remarks { /* what the heading says of all configurations */
    uint64_t left_out;   /* no trials yet */
    uint64_t shown;
    uint64_t failing; /* some training did not converge */
    double least;     /* lowest converged_rate */
    double error;     /* largest standard error, where `until` looks at it */
} remarks;

static void remark(const caucus_metadata *skeleton, const caucus_summary *summary, remarks *to)
{
    const double rate = skeleton->identity.shape.trained ? summary->values[CAUCUS_CONVERGED_RATE][0] : (double)NAN;
    if (rate < 1.0) { /* NaN where nothing is trained */
        to->failing++;
        to->least = fmin(to->least, rate);
    }
    if (skeleton->identity.until.of != 0) {
        to->error = fmax(to->error, summary->values[CAUCUS_STANDARD_ERROR][0]);
    }
}

static caucus_status fill(caucus_text_table *table, caucus_result *result, caucus_summary *summary, const bool *chosen,
                          remarks *said)
{
    const caucus_metadata *skeleton = &result->skeleton;
    TRY(add_titles(table, skeleton));
    for (uint64_t config = 0; config < skeleton->identity.n_configs; config++) {
        if (caucus_result_trials(result, config) == 0) {
            said->left_out++;
            continue;
        }
        said->shown += chosen[config];
        if (!chosen[config] && !skeleton->identity.shape.trained && skeleton->identity.until.of == 0) {
            continue;
        }
        TRY(caucus_result_summary(result, config, summary));
        remark(skeleton, summary, said);
        for (uint32_t m = 0; chosen[config] && m < skeleton->identity.shape.n_collectives; m++) {
            if (caucus_result_has(result, summary, config, m)) {
                TRY(add_rows(table, skeleton, summary, config, m));
            }
        }
    }
    return CAUCUS_OK;
}

/* What the titles of method columns leave out, and the mark of a bound that failed. */
static void print_methods(const caucus_metadata *skeleton, FILE *to)
{
    if (skeleton->identity.shape.n_methods == 0 || !is_wide(skeleton)) {
        return;
    }
    static const char *const names[3] = {"family", "knowledge", "inequality"};
    const method_parts parts = compare_methods(skeleton);
    fprintf(to, "lower bounds:");
    for (int part = 0; part < 3; part++) {
        const char *start = "as titled";
        int length = parts.differs[part] ? (int)strlen(start) : part_of(skeleton->method_names[0], part, &start);
        fprintf(to, "%s %s %.*s", part > 0 ? "," : "", names[part], length, start);
    }
    fprintf(to, "; ! where one exceeds the success in significantly more than delta of the trials\n");
}

static void print_heading(const caucus_result *result, const remarks *said, FILE *to)
{
    const caucus_identity *identity = &result->skeleton.identity;
    fprintf(to, "%s: %llu configuration%s of %llu trials; success as mean ± standard deviation over trials",
            result->skeleton.name, (unsigned long long)identity->n_configs, identity->n_configs == 1 ? "" : "s",
            (unsigned long long)identity->n_trials);
    if (identity->shape.n_methods > 0) {
        fprintf(to, ", bounds as means, at delta = %g", result->skeleton.delta);
    }
    fputc('\n', to);
    print_methods(&result->skeleton, to);
    if (!result->complete) {
        fprintf(to,
                "unfinished: %llu of %llu blocks of trials are done; %llu configurations without trials are left out\n",
                (unsigned long long)result->blocks_done, (unsigned long long)(identity->n_configs * result->n_blocks),
                (unsigned long long)said->left_out);
    }
    const caucus_until *until = &identity->until;
    if (until->of != 0 && result->complete) {
        const bool reached = said->error <= until->standard_error;
        fprintf(to, "until: the largest standard error is %.3g, and %.3g was wanted%s\n", said->error,
                until->standard_error,
                reached                             ? ""
                : identity->n_trials >= until->most ? "; no more trials were allowed (most)"
                                                    : ", which caucus run with --resume goes on to");
    }
    if (said->failing > 0) {
        fprintf(to,
                "not converged: in %llu of %llu configurations some trials' classifiers did not reach their tolerance, "
                "up to %.3g %% of the trials; raise the classifier's steps or tolerance\n",
                (unsigned long long)said->failing, (unsigned long long)identity->n_configs,
                100.0 * (1.0 - said->least));
    }
    fputc('\n', to);
}

caucus_status caucus_result_print_table(caucus_result *result, uint64_t most, FILE *to)
{
    bool *chosen = NULL;
    caucus_status status = CAUCUS_OK;
    caucus_text_table *table = NULL;
    caucus_summary *summary = NULL;
    remarks said = {.least = 1.0};
    const caucus_identity *identity = &result->skeleton.identity;
    TRY_GOTO(caucus_summary_alloc(&identity->shape, &summary), done);
    TRY_GOTO(caucus_text_table_open(count_columns(&result->skeleton), &table), done);
    TRY_GOTO(caucus_alloc(identity->n_configs, sizeof *chosen, "a summary", &chosen), done);
    TRY_GOTO(caucus_telling_choose(result, most, chosen), done);
    TRY_GOTO(fill(table, result, summary, chosen, &said), done);
    print_heading(result, &said, to);
    caucus_text_table_print(table, to);
    if (said.shown + said.left_out < identity->n_configs) {
        fprintf(to,
                "\n%llu of %llu configurations are shown: extremes, bounds that failed, where success crosses a half, "
                "and some between.\nAll of them: caucus summary %s --all\n",
                (unsigned long long)said.shown, (unsigned long long)identity->n_configs, result->path);
    }
done:
    free(chosen);
    caucus_text_table_close(table);
    free(summary);
    return status;
}
