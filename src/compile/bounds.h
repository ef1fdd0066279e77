/* The bounds that a configuration asks for, compiled. */
#ifndef CAUCUS_COMPILE_BOUNDS_H
#define CAUCUS_COMPILE_BOUNDS_H

#include "trial/tables.h"

/* Compile the bounds of a configuration into compiled->guarantees, and the values of those that no data enter. */
caucus_status caucus_guarantees_open(caucus_compiled *compiled);
void caucus_guarantees_close(caucus_compiled *compiled);

/* Give limits that are dear to compute a place where expected counts say that they will be asked for: once, before
 * trials are run, for devices, and on the host where not every count has a place anyway (bound/memo.h). */
caucus_status caucus_guarantees_mark(caucus_compiled *compiled, bool for_device);

#endif
