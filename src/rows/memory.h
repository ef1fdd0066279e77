/* Whether what a configuration on rows takes may be taken of memory. */
#ifndef CAUCUS_ROWS_MEMORY_H
#define CAUCUS_ROWS_MEMORY_H

#include "rows/tables.h"

/* CAUCUS_INVALID where base_bytes of rows and these bytes are more than is allowed; what they are for, in words. */
caucus_status caucus_rows_check_memory(const caucus_rows *rows, double bytes, const char *what);

#endif
