/* The bounds that a configuration asks for, compiled. */
#ifndef CAUCUS_COMPILE_BOUNDS_H
#define CAUCUS_COMPILE_BOUNDS_H

#include "trial/tables.h"

/* Compile the bounds of a configuration into compiled->guarantees, and the values of those that no data enter. */
caucus_status caucus_guarantees_open(caucus_compiled *compiled);
void caucus_guarantees_close(caucus_compiled *compiled);

#endif
