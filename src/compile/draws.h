/* Choosing how groups are drawn, and making the tables for it. */
#ifndef CAUCUS_COMPILE_DRAWS_H
#define CAUCUS_COMPILE_DRAWS_H

#include "trial/tables.h"

/* Fill compiled->draws from its partitions and signals. */
caucus_status caucus_draws_open(caucus_compiled *compiled);
void caucus_draws_close(caucus_draws *draws, uint32_t n_collectives);

#endif
