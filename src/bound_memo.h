/* Limits that have been computed, shared by all bounds of a configuration that use the same ones: levels and sample
 * sizes agree between most knowledge levels. */
#ifndef CAUCUS_BOUND_MEMO_H
#define CAUCUS_BOUND_MEMO_H

#include "bound.h"
#include "bound_transfer.h"

caucus_status caucus_memos_open(caucus_memos **memos);
void caucus_memos_close(caucus_memos *memos);

/* Give a transfer the memo of its inequality, side, sizes and levels; the memo belongs to memos. Not safe on two
 * threads at once, unlike the memo itself. */
caucus_status caucus_memos_share(caucus_memos *memos, caucus_transfer *transfer);

#endif
