/* The checksum of HDF5's fletcher32 filter. */
#ifndef CAUCUS_HDF5_FLETCHER_H
#define CAUCUS_HDF5_FLETCHER_H

#include <stdbool.h>
#include <stddef.h>

enum { CAUCUS_FLETCHER_BYTES = 4 };

/* Append the checksum of n bytes to them; there is room for it. */
void caucus_fletcher_append(void *bytes, size_t n);

/* Whether the four bytes behind n bytes are their checksum. */
bool caucus_fletcher_holds(const void *bytes, size_t n);

#endif
