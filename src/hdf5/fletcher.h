/* The checksum of HDF5's fletcher32 filter. */
#ifndef CAUCUS_FLETCHER_H
#define CAUCUS_FLETCHER_H

#include <stddef.h>

enum { CAUCUS_FLETCHER_BYTES = 4 };

/* Append the checksum of n bytes to them; there is room for it. */
void caucus_fletcher_append(unsigned char *bytes, size_t n);

#endif
