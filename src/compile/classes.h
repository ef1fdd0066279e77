/* Which classes each group is drawn over: the coarsest that keep apart what a configuration asks of the group. */
#ifndef CAUCUS_COMPILE_CLASSES_H
#define CAUCUS_COMPILE_CLASSES_H

#include "trial/tables.h"

/* Fill partitions, others, members and test of a configuration whose signal sets are tabulated. CAUCUS_INVALID when
 * nobody may join a collective, or an urn has too few who may. */
caucus_status caucus_classes_init(caucus_compiled *compiled);
void caucus_classes_free(caucus_compiled *compiled);

/* The population as collective m draws its members: those who match its predicate, or everybody with a preference for
 * them. weights: [cell][label]. CAUCUS_INVALID when nobody matches. */
caucus_status caucus_member_weights(const caucus_compiled *compiled, uint32_t m, uint64_t *weights);

#endif
