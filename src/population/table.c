#include "population/table.h"

#include "population/table_readers.h"

#include <errno.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

static caucus_status read_table(const caucus_table_spec *spec, caucus_population **population, const char **unknown)
{
    if (access(spec->path, R_OK) != 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: cannot be read: %s", spec->path, strerror(errno));
    }
    if (caucus_table_is_hdf5(spec->path)) {
        if (spec->separator != '\0') {
            return caucus_fail(CAUCUS_INVALID, "%s: an HDF5 file has no separator; leave it out", spec->path);
        }
        return caucus_table_read_hdf5(spec, population, unknown);
    }
    if (spec->group != NULL) {
        return caucus_fail(CAUCUS_INVALID, "%s: not an HDF5 file, so it has no group \"%s\"", spec->path, spec->group);
    }
    return caucus_table_read_csv(spec, population, unknown);
}

caucus_status caucus_table_read(const caucus_table_spec *spec, caucus_population **population, const char **unknown)
{
    if (unknown != NULL) {
        *unknown = NULL;
    }
    /* A program that uses the library may have set a locale with a decimal comma. */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0) {
        return caucus_fail(CAUCUS_FAILED, "%s: no \"C\" locale to read numbers in: %s", spec->path, strerror(errno));
    }
    locale_t before = uselocale(plain);
    caucus_status status = read_table(spec, population, unknown);
    uselocale(before);
    freelocale(plain);
    return status;
}
