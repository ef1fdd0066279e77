/* New HDF5 files on disks that may fill up.
 *
 * HDF5 1.10 cannot close a file that it failed to write: it crashes when the process ends. These files are written
 * through a driver of our own that keeps the first error to itself, drops all writes from then on, and lets HDF5 go on
 * undisturbed, until we look. */
#ifndef CAUCUS_GUARDED_FILE_H
#define CAUCUS_GUARDED_FILE_H

#include "hdf5/file.h"

/* Make a file, which must not exist. *error is 0 until a write, or the final close, fails with that errno; it must stay
 * where it is until the file is closed. Closing the file closes everything in it. */
caucus_status caucus_guarded_create(const char *path, int *error, hid_t *file);

/* CAUCUS_FAILED with the system's reason when *error is set. */
caucus_status caucus_guarded_check(const char *path, const int *error);

/* Close the file that status was reached with. The first write that failed is behind whatever went wrong later, so that
 * it is what is reported; else status, or a failure to close. */
caucus_status caucus_guarded_close(const char *path, hid_t file, const int *error, caucus_status status);

#endif
