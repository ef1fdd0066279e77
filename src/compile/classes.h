/* Which classes each group is drawn over: the coarsest that keep apart what a configuration asks of the group. */
#ifndef CAUCUS_GROUPS_H
#define CAUCUS_GROUPS_H

#include "trial/tables.h"

/* Fill partitions, others, members and test of a configuration whose signal sets are tabulated. CAUCUS_INVALID when
 * nobody may join a collective, or an urn has too few who may. */
caucus_status caucus_groups_init(caucus_compiled *compiled);
void caucus_groups_free(caucus_compiled *compiled);

#endif
