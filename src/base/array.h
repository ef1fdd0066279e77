/* Arrays that change their length. */
#ifndef CAUCUS_BASE_ARRAY_H
#define CAUCUS_BASE_ARRAY_H

#include "base/status.h"

/* Make the array at *array, which may be NULL, have n elements of `size` bytes; new ones hold anything. On failure it
 * is as before, with a message that memory for `what` is missing. array: the address of a pointer. */
caucus_status caucus_array_resize(void *array, size_t n, size_t size, const char *what);

#endif
