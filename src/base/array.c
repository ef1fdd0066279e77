#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

caucus_status caucus_array_resize(void *array, size_t n, size_t size, const char *what)
{
    void *old = NULL;
    size_t bytes = 0;
    memcpy(&old, array, sizeof old);
    if (__builtin_mul_overflow(n, size, &bytes)) {
        return caucus_fail_memory(SIZE_MAX, what);
    }
    void *resized = realloc(old, bytes > 0 ? bytes : 1);
    if (resized == NULL) {
        return caucus_fail_memory(bytes, what);
    }
    memcpy(array, &resized, sizeof resized);
    return CAUCUS_OK;
}
