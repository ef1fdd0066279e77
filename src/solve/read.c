/* Critical masses that a file holds, and what is in it. */
#include "hdf5/verified.h"
#include "result/metadata.h"
#include "solve/solve.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char KIND[] = "caucus-solve";

bool caucus_solution_is_at(const char *path)
{
    hid_t file = H5I_INVALID_HID;
    char *kind = NULL;
    if (caucus_verified_open(path, &file) != CAUCUS_OK) {
        return false;
    }
    const bool is = H5Aexists(file, "format") > 0 && caucus_h5_get_text(file, path, "format", &kind) == CAUCUS_OK &&
                    strcmp(kind, KIND) == 0;
    free(kind);
    caucus_h5_close(file);
    return is;
}

/* ---- the answers ------------------------------------------------------------------------------------------------- */

/* A field of all masses, of 8 bytes each, from a dataset over configurations and quantities, or over configurations
 * alone. */
static caucus_status read_field(hid_t file, const char *path, const char *name, hid_t type, bool by_quantity,
                                size_t field, caucus_solution *to)
{
    const uint64_t each = by_quantity ? to->n_quantities : 1;
    uint64_t *values = NULL; /* or doubles, whose bits are moved as they are */
    TRY(caucus_alloc(to->n_configs * each, sizeof *values, "critical masses", &values));
    const caucus_status status = caucus_h5_read(file, path, name, type, to->n_configs * each, values);
    for (uint64_t i = 0; status == CAUCUS_OK && i < to->n_configs * to->n_quantities; i++) {
        memcpy((unsigned char *)&to->masses[i] + field, &values[by_quantity ? i : i / to->n_quantities],
               sizeof *values);
    }
    free(values);
    return status;
}

static caucus_status read_numbers(hid_t file, const char *path, const char *name, bool by_quantity, size_t field,
                                  caucus_solution *to)
{
    return read_field(file, path, name, H5T_NATIVE_DOUBLE, by_quantity, field, to);
}

static caucus_status read_counts(hid_t file, const char *path, const char *name, bool by_quantity, size_t field,
                                 caucus_solution *to)
{
    return read_field(file, path, name, H5T_NATIVE_UINT64, by_quantity, field, to);
}

static caucus_status read_masses(hid_t file, const char *path, bool trained, caucus_solution *to)
{
    const bool each = true;
    TRY(read_numbers(file, path, "critical_mass", each, offsetof(caucus_critical_mass, size), to));
    TRY(read_numbers(file, path, "low", each, offsetof(caucus_critical_mass, low), to));
    TRY(read_numbers(file, path, "high", each, offsetof(caucus_critical_mass, high), to));
    TRY(read_numbers(file, path, "value_at", each, offsetof(caucus_critical_mass, value), to));
    TRY(read_numbers(file, path, "value_below", each, offsetof(caucus_critical_mass, value_below), to));
    TRY(read_counts(file, path, "n_evaluations", each, offsetof(caucus_critical_mass, evaluations), to));
    TRY(read_counts(file, path, "trials", each, offsetof(caucus_critical_mass, trials), to));
    TRY(read_counts(file, path, "largest_size", !each, offsetof(caucus_critical_mass, largest), to));
    for (uint64_t i = 0; i < to->n_configs * to->n_quantities; i++) {
        to->masses[i].quantity = to->names[i % to->n_quantities];
        to->masses[i].converged = NAN;
    }
    return trained ? read_numbers(file, path, "converged", !each, offsetof(caucus_critical_mass, converged), to)
                   : CAUCUS_OK;
}

static caucus_status read_solution(hid_t file, const char *path, const caucus_metadata *about, caucus_solution *to)
{
    const caucus_identity *identity = &about->identity;
    to->n_configs = identity->n_configs;
    to->n_trials = identity->n_trials;
    to->n_methods = identity->shape.n_methods;
    to->n_quantities = 1 + (identity->shape.upper ? 2 : 1) * to->n_methods;
    to->delta = about->delta;
    TRY(caucus_experiment_recall(identity->experiment, about->name, path, identity->data_checksum, &to->recalled));
    to->experiment = to->recalled;
    if (to->experiment->n_configs != to->n_configs) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: its experiment has another number of configurations", path);
    }
    TRY(caucus_h5_get_text(file, path, "solved_collective", &to->collective));
    TRY(caucus_h5_get_text(file, path, "statistic", &to->statistic));
    TRY(caucus_h5_get_number(file, path, "target", H5T_NATIVE_DOUBLE, &to->target));
    TRY(caucus_h5_get_number(file, path, "confidence", H5T_NATIVE_DOUBLE, &to->confidence));
    TRY(caucus_h5_check_room(file, path, "quantities", to->n_quantities, sizeof(hvl_t)));
    TRY(caucus_h5_read_texts(file, path, "quantity", to->n_quantities, &to->names));
    TRY(caucus_h5_check_room(file, path, "critical masses", to->n_configs * to->n_quantities, sizeof(double)));
    TRY(caucus_alloc(to->n_configs, to->n_quantities * sizeof *to->masses, "a solution", &to->masses));
    TRY(caucus_alloc(to->n_configs, sizeof *to->consumers, "a solution", &to->consumers));
    memcpy(to->consumers, about->consumers, to->n_configs * sizeof *to->consumers);
    return read_masses(file, path, identity->shape.trained, to);
}

static caucus_status open_file(const char *path, hid_t *file, caucus_metadata *about)
{
    TRY(caucus_verified_open(path, file));
    return caucus_metadata_read_sweep(*file, path, KIND, about);
}

caucus_status caucus_solution_open(const char *path, caucus_solution **solution)
{
    caucus_status status = CAUCUS_OK;
    caucus_solution *made = NULL;
    caucus_metadata about = {0};
    hid_t file = H5I_INVALID_HID;
    TRY(caucus_alloc(1, sizeof *made, "a solution", &made));
    TRY_GOTO(open_file(path, &file, &about), done);
    TRY_GOTO(read_solution(file, path, &about, made), done);
    *solution = made;
    made = NULL;
done:
    caucus_solution_close(made);
    caucus_metadata_free(&about);
    caucus_h5_close(file);
    return status;
}

/* ---- what is in it ----------------------------------------------------------------------------------------------- */

static void print_facts(const caucus_solution *solution, const caucus_metadata *about, const char *path, FILE *to)
{
    uint64_t out_of_reach = 0;
    for (uint64_t c = 0; c < solution->n_configs; c++) {
        out_of_reach += isnan(solution->masses[c * solution->n_quantities].size);
    }
    fprintf(to, "%-15s %s\n", "file", path);
    fprintf(to, "%-15s %s\n", "experiment", about->name);
    fprintf(to, "%-15s critical masses: the smallest sizes of %s at which the %s reaches %g\n", "holds",
            solution->collective, solution->statistic, solution->target);
    fprintf(to, "%-15s %llu, of which %llu reach it with no size\n", "configurations",
            (unsigned long long)solution->n_configs, (unsigned long long)out_of_reach);
    for (uint32_t a = 0; a < solution->experiment->n_axes; a++) {
        fprintf(to, "  %-13s %llu values\n", solution->experiment->axes[a].name,
                (unsigned long long)solution->experiment->axes[a].n_values);
    }
    fprintf(to, "%-15s %llu behind each estimate, intervals at %g %%\n", "trials",
            (unsigned long long)solution->n_trials, 100 * solution->confidence);
    fprintf(to, "%-15s %u:", "quantities", solution->n_quantities);
    for (uint32_t q = 0; q < solution->n_quantities; q++) {
        fprintf(to, "%s %s", q > 0 ? "," : "", solution->names[q]);
    }
    fprintf(to, "\n%-15s %g\n", "delta", solution->delta);
    fprintf(to, "%-15s %llu, random streams version %u\n", "seed", (unsigned long long)about->identity.seed,
            about->identity.rng_version);
    fprintf(to, "%-15s %s, %s, host threads %u\n", "computed on", about->backend, about->device, about->host_threads);
    fprintf(to, "%-15s %s\n", "started", about->started);
    fprintf(to, "%-15s caucus %s, commit %s, format %d\n", "written by", about->version, about->commit,
            CAUCUS_FORMAT_VERSION);
}

caucus_status caucus_solution_print_info(const char *path, FILE *to)
{
    caucus_status status = CAUCUS_OK;
    caucus_solution *solution = NULL;
    caucus_metadata about = {0};
    hid_t file = H5I_INVALID_HID;
    TRY_GOTO(open_file(path, &file, &about), done);
    TRY_GOTO(caucus_solution_open(path, &solution), done);
    print_facts(solution, &about, path, to);
    if (fflush(to) != 0 || ferror(to)) {
        status = caucus_fail(CAUCUS_FAILED, "cannot print what is in %s: %s", path, strerror(errno));
    }
done:
    caucus_solution_close(solution);
    caucus_metadata_free(&about);
    caucus_h5_close(file);
    return status;
}
