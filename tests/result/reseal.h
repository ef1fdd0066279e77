/* Tests change results behind caucus' back; sealed again, they reach what lies behind the seal. */
#ifndef RESEAL_H
#define RESEAL_H

#include "hdf5/seal.h"

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/* Seal a file that HDF5 has written, which cuts an old seal off. */
static inline bool reseal(const char *path)
{
    int descriptor = open(path, O_RDWR);
    bool sealed = descriptor >= 0 && caucus_seal_append(descriptor, path) == CAUCUS_OK;
    close(descriptor);
    return sealed;
}

#endif
