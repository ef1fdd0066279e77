/* What the HDF5 library says of an error. */
#include "population/table_hdf5_columns.h"

static herr_t keep_innermost(unsigned n, const H5E_error2_t *error, void *data)
{
    const char **reason = data;
    if (n == 0 && error->desc != NULL) {
        *reason = error->desc;
    }
    return 0;
}

caucus_status caucus_hdf5_fail(const char *path, const char *object, const char *what)
{
    const char *reason = "no reason given";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &reason);
    return caucus_fail(CAUCUS_FAILED, "%s:%s: %s: HDF5 says \"%s\"", path, object, what, reason);
}
