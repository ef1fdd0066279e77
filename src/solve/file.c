/* Critical masses as an HDF5 file that netCDF tools open, like a run's result: see docs/solve.md. */
#include "base/clock.h"
#include "base/text.h"
#include "hdf5/guarded.h"
#include "result/metadata.h"
#include "solve/solve.h"

#include <stdlib.h>
#include <unistd.h>

/* The dimension of quantities takes the place of that of methods: it is success, then the methods, then perhaps the
 * methods from above. */
enum { ON_QUANTITY = CAUCUS_ON_METHOD };

/* ---- what the quantities are ------------------------------------------------------------------------------------- */

static caucus_status write_quantities(caucus_netcdf *netcdf, const caucus_solution *solution, const caucus_plan *plan)
{
    enum { SIDE = 3, N_PARTS };
    static const char *const labels[N_PARTS][2] = {
        {"family", "how a bound counts its cells; \"\" for success"},
        {"knowledge", "what the collective knows of the others"},
        {"inequality", "confidence limits of a bound"},
        {"side", "lower, or upper for a bound from above; \"\" for success"}};
    caucus_status status = CAUCUS_OK;
    hid_t type = H5I_INVALID_HID;
    const char **names = NULL;
    TRY_GOTO(caucus_h5_string_type(&type), done);
    TRY_GOTO(caucus_alloc(solution->n_quantities, sizeof *names, "names", &names), done);
    TRY_GOTO(caucus_netcdf_named_dimension(netcdf, ON_QUANTITY, "quantity",
                                           "success, or a bound as family/knowledge/inequality, from above with upper/",
                                           solution->names, solution->n_quantities),
             done);
    for (int part = 0; part < N_PARTS; part++) {
        names[0] = "";
        for (uint32_t q = 1; q < solution->n_quantities; q++) {
            const caucus_method *method = &plan->layout.methods[(q - 1) % solution->n_methods];
            names[q] = part == SIDE ? (q > solution->n_methods ? "upper" : "lower")
                       : part == 0  ? caucus_family_names[method->family]
                       : part == 1  ? caucus_knowledge_names[method->knowledge]
                                    : caucus_inequality_names[method->inequality];
        }
        TRY_GOTO(caucus_netcdf_write(netcdf, labels[part][0], labels[part][1], ON_QUANTITY, type, names), done);
    }
done:
    free(names);
    caucus_h5_close(type);
    return status;
}

/* ---- the answers ------------------------------------------------------------------------------------------------- */

typedef struct number_column {
    const char *name, *long_name;
    size_t field; /* in caucus_critical_mass */
} number_column;

static const number_column numbers[] = {
    {"critical_mass", "smallest size found that reaches the target; NaN where none does",
     offsetof(caucus_critical_mass, size)},
    {"low", "lower end of its confidence interval; NaN where no size comes near the target",
     offsetof(caucus_critical_mass, low)},
    {"high", "upper end of its confidence interval; NaN where there is none", offsetof(caucus_critical_mass, high)},
    {"value_at", "estimate at critical_mass, or at largest_size where that is NaN",
     offsetof(caucus_critical_mass, value)},
    {"value_below", "estimate with one member less than critical_mass", offsetof(caucus_critical_mass, value_below)}};
static const number_column counts[] = {
    {"n_evaluations", "sizes that were tried for the quantity", offsetof(caucus_critical_mass, evaluations)},
    {"trials", "trials behind each estimate; 0 where no data enter it", offsetof(caucus_critical_mass, trials)}};

static const void *field_of(const caucus_critical_mass *mass, size_t field)
{
    return (const unsigned char *)mass + field;
}

static caucus_status write_answers(const caucus_netcdf *netcdf, const caucus_solution *solution, bool trained)
{
    const unsigned both = CAUCUS_ON_CONFIG | ON_QUANTITY;
    const uint64_t n = solution->n_configs * solution->n_quantities;
    caucus_status status = CAUCUS_OK;
    double *reals = NULL;
    uint64_t *wholes = NULL;
    TRY_GOTO(caucus_alloc(n, sizeof *reals, "a column", &reals), done);
    TRY_GOTO(caucus_alloc(n, sizeof *wholes, "a column", &wholes), done);
    for (size_t v = 0; v < sizeof numbers / sizeof numbers[0]; v++) {
        for (uint64_t i = 0; i < n; i++) {
            reals[i] = *(const double *)field_of(&solution->masses[i], numbers[v].field);
        }
        TRY_GOTO(
            caucus_netcdf_write_data(netcdf, numbers[v].name, numbers[v].long_name, both, H5T_NATIVE_DOUBLE, reals),
            done);
    }
    for (size_t v = 0; v < sizeof counts / sizeof counts[0]; v++) {
        for (uint64_t i = 0; i < n; i++) {
            wholes[i] = *(const uint64_t *)field_of(&solution->masses[i], counts[v].field);
        }
        TRY_GOTO(caucus_netcdf_write_data(netcdf, counts[v].name, counts[v].long_name, both, H5T_NATIVE_UINT64, wholes),
                 done);
    }
    for (uint64_t c = 0; c < solution->n_configs; c++) {
        wholes[c] = solution->masses[c * solution->n_quantities].largest;
    }
    for (uint64_t c = 0; c < solution->n_configs; c++) {
        reals[c] = solution->masses[c * solution->n_quantities].converged;
    }
    if (trained) {
        TRY_GOTO(caucus_netcdf_write_data(
                     netcdf, "converged",
                     "lowest share of trials, at any size tried, whose training converged; NaN where none is trained",
                     CAUCUS_ON_CONFIG, H5T_NATIVE_DOUBLE, reals),
                 done);
    }
    status =
        caucus_netcdf_write_data(netcdf, "largest_size", "largest size that is possible beside the other collectives",
                                 CAUCUS_ON_CONFIG, H5T_NATIVE_UINT64, wholes);
done:
    free(wholes);
    free(reals);
    return status;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static caucus_status write_question(hid_t file, const caucus_solution *solution)
{
    TRY(caucus_h5_set_text(file, "solved_collective", solution->collective));
    TRY(caucus_h5_set_text(file, "statistic", solution->statistic));
    TRY(caucus_h5_set_number(file, "target", H5T_NATIVE_DOUBLE, &solution->target));
    return caucus_h5_set_number(file, "confidence", H5T_NATIVE_DOUBLE, &solution->confidence);
}

static caucus_status write_end(hid_t file)
{
    const int complete = 1;
    char now[CAUCUS_CLOCK_BYTES];
    TRY(caucus_h5_set_text(file, "finished", caucus_clock_stamp(now)));
    return caucus_h5_set_number(file, "complete", H5T_NATIVE_INT, &complete);
}

static caucus_status fill(hid_t file, const caucus_solution *solution, const caucus_plan *plan, const char *started,
                          caucus_netcdf *netcdf)
{
    const caucus_layout *layout = &plan->layout;
    const caucus_provenance provenance = {
        .backend = "cpu", .device = plan->info.device, .host_threads = plan->info.threads, .started = started};
    TRY(caucus_metadata_write_attributes(file, "caucus-solve", layout, &provenance));
    TRY(write_question(file, solution));
    TRY(caucus_netcdf_dimension(netcdf, CAUCUS_ON_CONFIG, "config", "configuration of the sweep", layout->n_configs));
    TRY(write_quantities(netcdf, solution, plan));
    TRY(caucus_metadata_write_axes(netcdf, layout->experiment));
    TRY(caucus_netcdf_write(netcdf, "consumers", "consumers of the platform", CAUCUS_ON_CONFIG, H5T_NATIVE_UINT64,
                            layout->consumers));
    TRY(caucus_netcdf_write(netcdf, "test", "test points of a trial", CAUCUS_ON_CONFIG, H5T_NATIVE_UINT32,
                            layout->test));
    TRY(write_answers(netcdf, solution, layout->trained));
    return write_end(file);
}

static caucus_status write_file(const caucus_solution *solution, const caucus_plan *plan, const char *started,
                                const char *path)
{
    int error = 0;
    hid_t file = H5I_INVALID_HID;
    caucus_netcdf netcdf;
    TRY(caucus_guarded_create(path, &error, &file));
    caucus_netcdf_init(&netcdf, file);
    caucus_status status = fill(file, solution, plan, started, &netcdf);
    caucus_netcdf_free(&netcdf);
    return caucus_guarded_close(path, file, &error, status);
}

caucus_status caucus_solution_write(const caucus_solution *solution, const caucus_plan *plan, const char *started,
                                    const caucus_claim *claim, bool replace)
{
    char *temporary = NULL;
    TRY(caucus_claim_temporary(claim, &temporary));
    caucus_status status = caucus_claim_publish(claim, write_file(solution, plan, started, temporary), replace, NULL);
    free(temporary);
    return status;
}
