#include "report/solution.h"

#include "hdf5/verified.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static caucus_status read_doubles(hid_t file, const char *path, const char *name, uint64_t n, double **values)
{
    TRY(caucus_alloc(n, sizeof **values, "critical masses", values));
    return caucus_h5_read(file, path, name, H5T_NATIVE_DOUBLE, n, *values);
}

static caucus_status count_quantities(hid_t file, const char *path, uint64_t *n)
{
    hid_t dataset = H5Dopen2(file, "quantity", H5P_DEFAULT);
    hid_t space = dataset < 0 ? H5I_INVALID_HID : H5Dget_space(dataset);
    const hssize_t found = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    caucus_h5_close(space);
    caucus_h5_close(dataset);
    if (found < 1) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: it has no quantities", path);
    }
    *n = (uint64_t)found;
    return CAUCUS_OK;
}

static caucus_status read_file(hid_t file, const char *path, caucus_masses *masses)
{
    uint64_t n = 0;
    TRY(caucus_metadata_read_sweep(file, path, "caucus-solve", &masses->about));
    TRY(caucus_h5_get_text(file, path, "solved_collective", &masses->collective));
    TRY(caucus_h5_get_text(file, path, "statistic", &masses->statistic));
    TRY(caucus_h5_get_text(file, path, "finished", &masses->finished));
    TRY(caucus_h5_get_number(file, path, "target", H5T_NATIVE_DOUBLE, &masses->target));
    TRY(caucus_h5_get_number(file, path, "confidence", H5T_NATIVE_DOUBLE, &masses->confidence));
    TRY(count_quantities(file, path, &masses->n_quantities));
    TRY(caucus_h5_read_texts(file, path, "quantity", masses->n_quantities, &masses->quantities));
    if (__builtin_mul_overflow(masses->about.identity.n_configs, masses->n_quantities, &n)) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: it describes more than can be counted", path);
    }
    TRY(caucus_h5_check_room(file, path, "critical masses", n, sizeof(double)));
    TRY(read_doubles(file, path, "critical_mass", n, &masses->mass));
    TRY(read_doubles(file, path, "low", n, &masses->low));
    TRY(read_doubles(file, path, "high", n, &masses->high));
    TRY(read_doubles(file, path, "value_at", n, &masses->value));
    TRY(caucus_alloc(masses->about.identity.n_configs, sizeof *masses->largest, "sizes", &masses->largest));
    return caucus_h5_read(file, path, "largest_size", H5T_NATIVE_UINT64, masses->about.identity.n_configs,
                          masses->largest);
}

caucus_status caucus_masses_read(const char *path, caucus_masses *masses)
{
    hid_t file = H5I_INVALID_HID;
    *masses = (caucus_masses){0};
    TRY(caucus_verified_open(path, &file));
    const caucus_status status = read_file(file, path, masses);
    caucus_h5_close(file);
    if (status != CAUCUS_OK) {
        caucus_masses_free(masses);
    }
    return status;
}

void caucus_masses_free(caucus_masses *masses)
{
    caucus_metadata_free(&masses->about);
    caucus_h5_free_texts(masses->quantities, masses->n_quantities);
    free(masses->collective);
    free(masses->statistic);
    free(masses->finished);
    free(masses->mass);
    free(masses->low);
    free(masses->high);
    free(masses->value);
    free(masses->largest);
    *masses = (caucus_masses){0};
}

caucus_status caucus_masses_are_in(const char *path, bool *are)
{
    hid_t file = H5I_INVALID_HID;
    char *format = NULL;
    *are = false;
    if (access(path, F_OK) != 0) {
        return CAUCUS_OK; /* a run that goes on has parts only */
    }
    TRY(caucus_verified_open(path, &file));
    const caucus_status status = caucus_h5_get_text(file, path, "format", &format);
    *are = status == CAUCUS_OK && strcmp(format, "caucus-solve") == 0;
    free(format);
    caucus_h5_close(file);
    return status;
}

caucus_status caucus_masses_check_options(const char *path, const caucus_report_options *options)
{
    if (options->over != NULL || options->method != NULL || options->goal != 0 || options->overlay != NULL ||
        options->n_series > 0 || options->n_panels > 0) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s holds critical masses, which are shown as they are: choose the goal by caucus solve "
                           "--target; there is no axis, method, line, panel or overlay to choose here",
                           path);
    }
    return CAUCUS_OK;
}

/* ---- bounds from above ------------------------------------------------------------------------------------------- */

static const char above_prefix[] = "upper/";

bool caucus_masses_is_above(const caucus_masses *masses, uint64_t quantity)
{
    return strncmp(masses->quantities[quantity], above_prefix, strlen(above_prefix)) == 0;
}

bool caucus_masses_have_above(const caucus_masses *masses)
{
    return caucus_masses_is_above(masses, masses->n_quantities - 1);
}

uint64_t caucus_masses_find_above(const caucus_masses *masses, uint64_t quantity)
{
    for (uint64_t q = 1; q < masses->n_quantities; q++) {
        if (caucus_masses_is_above(masses, q) &&
            strcmp(masses->quantities[q] + strlen(above_prefix), masses->quantities[quantity]) == 0) {
            return q;
        }
    }
    return 0;
}

caucus_undecided caucus_masses_undecided(const caucus_masses *masses, uint64_t config, uint64_t quantity)
{
    const uint64_t above = caucus_masses_find_above(masses, quantity);
    const double *mass = masses->mass + config * masses->n_quantities;
    caucus_undecided range = {NAN, NAN};
    if (above == 0 || isnan(masses->value[config * masses->n_quantities + above])) {
        return range;
    }
    const double largest = (double)masses->largest[config];
    range.impossible_below = isnan(mass[above]) ? largest + 1 : mass[above];
    const double until = isnan(mass[quantity]) ? largest : mass[quantity] - 1;
    range.until = until >= range.impossible_below ? until : NAN;
    return range;
}
