/* Test points by what decides who succeeds on them. */
#ifndef CAUCUS_COMPILE_OUTCOMES_H
#define CAUCUS_COMPILE_OUTCOMES_H

#include "trial/tables.h"

/* Fill outcomes of a configuration whose test partition is made: test classes with the same images, and where somebody
 * erases the same raw position, are one. */
caucus_status caucus_outcomes_open(caucus_compiled *compiled);
void caucus_outcomes_close(caucus_compiled *compiled);

#endif
