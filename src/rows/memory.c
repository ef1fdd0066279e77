#include "rows/memory.h"

#include "base/host.h"

caucus_status caucus_rows_check_memory(const caucus_rows *rows, double bytes, const char *what)
{
    const char *who = NULL;
    const double memory = (double)caucus_host_allowance(rows->table->memory, &who); /* 0: unknown */
    bytes += (double)rows->base_bytes;
    return memory == 0 || bytes <= memory
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID,
                             "%s take %.3g GB of memory with the table, %s %.3g GB; use fewer rows, columns or "
                             "collectives, or precision: single",
                             what, bytes / 1e9, who, memory / 1e9);
}
