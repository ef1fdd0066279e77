/* What can still be used of a damaged result. */
#ifndef CAUCUS_RESULT_SALVAGE_H
#define CAUCUS_RESULT_SALVAGE_H

#include "result/damage.h"
#include "result/store.h"

/* Put the blocks of a damaged result that lie on no damaged page into the store of the same run. Without trials in it,
 * or where what says where they lie is damaged, there are none. */
caucus_status caucus_salvage(caucus_store *store, const caucus_layout *layout, const caucus_identity *identity,
                             const caucus_damage *damage);

#endif
