/* Critical masses for people and for programs: one row for each configuration and quantity. */
#include "base/csv_write.h"
#include "base/json.h"
#include "base/number.h"
#include "base/text_table.h"
#include "result/axis_names.h"
#include "solve/solve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table --------------------------------------------------------------------------------------------------- */

enum { QUANTITY, MASS, INTERVAL, SHARE, ESTIMATE, N_COLUMNS, IMPOSSIBLE = N_COLUMNS, UNDECIDED, N_WITH_UPPER };
enum { CELL_BYTES = 96 };

/* With bounds from above there are two more columns. */
static uint32_t count_columns(const caucus_solution *solution)
{
    return solution->n_quantities > 1 + solution->n_methods ? N_WITH_UPPER : N_COLUMNS;
}

static caucus_status add_titles(const caucus_solution *solution, caucus_text_table *table)
{
    char interval[CELL_BYTES];
    const caucus_experiment *experiment = solution->experiment;
    snprintf(interval, sizeof interval, "%g %% interval", 100 * solution->confidence);
    const char *titles[N_WITH_UPPER] = {"quantity",          "critical mass",    interval,           "share",
                                        solution->statistic, "impossible below", "undecided between"};
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        TRY(caucus_text_table_add(table, experiment->axes[a].name));
        if (experiment->axes[a].numeric) {
            caucus_text_table_align_right(table, a);
        }
    }
    for (uint32_t c = 0; c < count_columns(solution); c++) {
        TRY(caucus_text_table_add(table, titles[c]));
        if (c != QUANTITY) {
            caucus_text_table_align_right(table, experiment->n_axes + c);
        }
    }
    return CAUCUS_OK;
}

static void write_interval(const caucus_critical_mass *mass, char cell[CELL_BYTES])
{
    if (isnan(mass->low)) {
        snprintf(cell, CELL_BYTES, "-");
    } else if (isnan(mass->high)) {
        snprintf(cell, CELL_BYTES, "%.0f or more", mass->low);
    } else {
        snprintf(cell, CELL_BYTES, "%.0f - %.0f", mass->low, mass->high);
    }
}

/* Four digits behind the point, or fewer where a bound is far below 0. */
static void write_estimate(double value, char cell[CELL_BYTES])
{
    if (isnan(value)) {
        snprintf(cell, CELL_BYTES, "-");
    } else {
        snprintf(cell, CELL_BYTES, fabs(value) < 1000 ? "%.4f" : "%.4g", value);
    }
}

static caucus_status add_row(uint64_t consumers, const caucus_critical_mass *mass, caucus_text_table *table)
{
    char cells[N_COLUMNS][CELL_BYTES] = {"", "", "", "", ""};
    if (!isnan(mass->size)) {
        snprintf(cells[MASS], CELL_BYTES, "%.0f", mass->size);
        snprintf(cells[SHARE], CELL_BYTES, "%.4g", mass->size / (double)consumers);
    } else if (mass->largest == 0) {
        snprintf(cells[MASS], CELL_BYTES, "no room");
    } else if (isnan(mass->value)) {
        snprintf(cells[MASS], CELL_BYTES, "no bound");
    } else {
        snprintf(cells[MASS], CELL_BYTES, "> %llu", (unsigned long long)mass->largest);
    }
    write_interval(mass, cells[INTERVAL]);
    write_estimate(mass->value, cells[ESTIMATE]);
    TRY(caucus_text_table_add(table, mass->quantity));
    for (int c = MASS; c < N_COLUMNS; c++) {
        TRY(caucus_text_table_add(table, cells[c]));
    }
    return CAUCUS_OK;
}

/* What the bound from above says beside the one from below: with fewer than `above` the target is out of reach, from
 * the critical mass on it is sure. */
static caucus_status add_above(const caucus_critical_mass *mass, const caucus_critical_mass *above,
                               caucus_text_table *table)
{
    char impossible[CELL_BYTES] = "-";
    char undecided[CELL_BYTES] = "-";
    if (above != NULL && !isnan(above->value)) {
        const double least = isnan(above->size) ? (double)above->largest + 1 : above->size;
        snprintf(impossible, CELL_BYTES, "%.0f", least);
        if (isnan(mass->size)) {
            snprintf(undecided, CELL_BYTES, least <= (double)above->largest ? "%.0f and up" : "-", least);
        } else if (mass->size > least) {
            snprintf(undecided, CELL_BYTES, "%.0f - %.0f", least, mass->size - 1);
        }
    }
    TRY(caucus_text_table_add(table, impossible));
    return caucus_text_table_add(table, undecided);
}

static caucus_status add_rows(const caucus_solution *solution, uint64_t config, caucus_text_table *table)
{
    const uint32_t n_methods = solution->n_methods;
    for (uint32_t q = 0; q <= n_methods; q++) {
        caucus_critical_mass mass = caucus_solution_get(solution, config, q);
        for (uint32_t a = 0; a < solution->experiment->n_axes; a++) {
            TRY(caucus_text_table_add(table, q == 0 ? caucus_solution_axis_word(solution, config, a) : ""));
        }
        TRY(add_row(solution->consumers[config], &mass, table));
        if (count_columns(solution) > N_COLUMNS) {
            const bool bound = q > 0;
            const caucus_critical_mass above = caucus_solution_get(solution, config, bound ? n_methods + q : 0);
            TRY(add_above(&mass, bound ? &above : NULL, table));
        }
    }
    return CAUCUS_OK;
}

/* Answers of trainings that were cut short are answers about other platforms. */
static void print_unconverged(const caucus_solution *solution, FILE *to)
{
    uint64_t failing = 0;
    double least = 1.0;
    for (uint64_t c = 0; c < solution->n_configs; c++) {
        const double converged = solution->masses[c * solution->n_quantities].converged;
        failing += converged < 1.0;
        least = fmin(least, converged);
    }
    if (failing > 0) {
        fprintf(to,
                "not converged: in %llu of %llu configurations some trials' classifiers did not reach their tolerance, "
                "up to %.3g %% of the trials of a size; raise the classifier's steps or tolerance\n",
                (unsigned long long)failing, (unsigned long long)solution->n_configs, 100.0 * (1.0 - least));
    }
}

static caucus_status print_table(const caucus_solution *solution, FILE *to)
{
    caucus_status status = CAUCUS_OK;
    caucus_text_table *table = NULL;
    TRY(caucus_text_table_open(solution->experiment->n_axes + count_columns(solution), &table));
    TRY_GOTO(add_titles(solution, table), done);
    for (uint64_t c = 0; c < solution->n_configs; c++) {
        TRY_GOTO(add_rows(solution, c, table), done);
    }
    fprintf(to, "%s: the smallest size of %s at which the %s over %llu trials reaches %g", solution->experiment->name,
            solution->collective, solution->statistic, (unsigned long long)solution->n_trials, solution->target);
    if (solution->n_quantities > 1) {
        fprintf(to, "; bounds at delta = %g", solution->delta);
    }
    fputc('\n', to);
    print_unconverged(solution, to);
    fputc('\n', to);
    caucus_text_table_print(table, to);
done:
    caucus_text_table_close(table);
    return status;
}

/* ---- records ----------------------------------------------------------------------------------------------------- */

typedef struct field {
    const char *name;
    double value;
} field;

enum { N_FIELDS = 9 };

static void read_fields(const caucus_critical_mass *mass, field fields[N_FIELDS])
{
    const field all[N_FIELDS] = {{"critical_mass", mass->size},
                                 {"low", mass->low},
                                 {"high", mass->high},
                                 {"value_at", mass->value},
                                 {"value_below", mass->value_below},
                                 {"largest_size", (double)mass->largest},
                                 {"n_evaluations", (double)mass->evaluations},
                                 {"trials", (double)mass->trials},
                                 {"converged", mass->converged}};
    memcpy(fields, all, sizeof all);
}

static void print_csv_record(const caucus_solution *solution, uint64_t config, uint32_t quantity, FILE *to)
{
    field fields[N_FIELDS];
    caucus_critical_mass mass = caucus_solution_get(solution, config, quantity);
    read_fields(&mass, fields);
    for (uint32_t a = 0; a < solution->experiment->n_axes; a++) {
        caucus_csv_write(to, caucus_solution_axis_word(solution, config, a));
        fputc(',', to);
    }
    caucus_csv_write(to, solution->collective);
    fputc(',', to);
    caucus_csv_write(to, mass.quantity);
    for (int f = 0; f < N_FIELDS; f++) {
        char number[CAUCUS_NUMBER_BYTES] = ""; /* an empty field is what CSV readers take for missing */
        if (!isnan(fields[f].value)) {
            caucus_number_format(fields[f].value, false, number);
        }
        fprintf(to, ",%s", number);
    }
    fputs("\r\n", to);
}

static void print_json_record(const caucus_solution *solution, char *const *axes, uint64_t config, uint32_t quantity,
                              FILE *to)
{
    field fields[N_FIELDS];
    const caucus_experiment *experiment = solution->experiment;
    caucus_critical_mass mass = caucus_solution_get(solution, config, quantity);
    read_fields(&mass, fields);
    fprintf(to, "{\"config\": %llu, ", (unsigned long long)config);
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        const caucus_axis *axis = &experiment->axes[a];
        caucus_json_string(to, axes[a]);
        fputs(": ", to);
        if (axis->numeric) {
            caucus_json_number(to, axis->numbers[caucus_experiment_axis_position(experiment, a, config)]);
        } else {
            caucus_json_string(to, caucus_solution_axis_word(solution, config, a));
        }
        fputs(", ", to);
    }
    fputs("\"collective\": ", to);
    caucus_json_string(to, solution->collective);
    fputs(", \"quantity\": ", to);
    caucus_json_string(to, mass.quantity);
    for (int f = 0; f < N_FIELDS; f++) {
        fprintf(to, ", \"%s\": ", fields[f].name);
        caucus_json_number(to, fields[f].value);
    }
    fputc('}', to);
}

static void print_csv(const caucus_solution *solution, char *const *axes, FILE *to)
{
    field fields[N_FIELDS];
    const caucus_critical_mass any = {.size = 0};
    read_fields(&any, fields);
    for (uint32_t a = 0; a < solution->experiment->n_axes; a++) {
        caucus_csv_write(to, axes[a]);
        fputc(',', to);
    }
    fputs("collective,quantity", to);
    for (int f = 0; f < N_FIELDS; f++) {
        fprintf(to, ",%s", fields[f].name);
    }
    fputs("\r\n", to);
    for (uint64_t c = 0; c < solution->n_configs; c++) {
        for (uint32_t q = 0; q < solution->n_quantities; q++) {
            print_csv_record(solution, c, q, to);
        }
    }
}

static void print_json(const caucus_solution *solution, char *const *axes, FILE *to)
{
    fputs("[", to);
    for (uint64_t c = 0; c < solution->n_configs; c++) {
        for (uint32_t q = 0; q < solution->n_quantities; q++) {
            fputs(c + q > 0 ? ",\n  " : "\n  ", to);
            print_json_record(solution, axes, c, q, to);
        }
    }
    fputs("\n]\n", to);
}

caucus_status caucus_solution_print(const caucus_solution *solution, caucus_format format, FILE *to)
{
    char **axes = NULL;
    if (format == CAUCUS_TABLE) {
        return print_table(solution, to);
    }
    TRY(caucus_axis_names(solution->experiment->axes, solution->experiment->n_axes, &axes));
    if (format == CAUCUS_CSV) {
        print_csv(solution, axes, to);
    } else {
        print_json(solution, axes, to);
    }
    caucus_axis_names_free(axes, solution->experiment->n_axes);
    return CAUCUS_OK;
}
