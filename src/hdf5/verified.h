/* Sealed HDF5 files, read through their seal: the library gets no byte whose page was not compared with it first. */
#ifndef CAUCUS_HDF5_VERIFIED_H
#define CAUCUS_HDF5_VERIFIED_H

#include "hdf5/file.h"
#include "hdf5/seal.h"

/* Open a sealed file for reading. CAUCUS_INVALID when it is no HDF5 file, has no seal, or what was read at once does
 * not match it; CAUCUS_FAILED when the system refuses. Whatever reads the file later fails with the same words, through
 * caucus_h5_fail. Closing the file closes everything in it. */
caucus_status caucus_verified_open(const char *path, hid_t *file);

#endif
