/* Limits that have been computed, shared by all bounds of a configuration that use the same ones: levels and sample
 * sizes agree between most knowledge levels. */
#ifndef CAUCUS_BOUND_MEMO_H
#define CAUCUS_BOUND_MEMO_H

#include "bound/bound.h"
#include "bound/lead_transfer.h"

/* The pages that windows ask for: those of a memo that has no room for every count, and of a device's. */
typedef struct caucus_memo_windows {
    uint32_t *pages;   /* [n_pages of the memo] in the order in which they were asked for, or CAUCUS_NO_PAGE */
    uint32_t n_marked; /* pages that have a number */
} caucus_memo_windows;

/* Entries of a memo for pairs of counts, which share them. */
enum { CAUCUS_LEAD_MEMO_ENTRIES = 1 << 18 };

struct caucus_memos {
    size_t n_transfers;
    caucus_transfer *transfers;   /* one for each memo */
    caucus_memo_windows *windows; /* [transfer] */
    size_t n_leads;
    caucus_lead_transfer *leads; /* one for each memo of leads */
};

caucus_status caucus_memos_open(caucus_memos **memos);
void caucus_memos_close(caucus_memos *memos);

/* Give a transfer the memo of its inequality, side, sizes and levels; the memo belongs to memos. Not safe on two
 * threads at once, unlike the memo itself. */
caucus_status caucus_memos_share(caucus_memos *memos, caucus_transfer *transfer);
caucus_status caucus_memos_share_lead(caucus_memos *memos, caucus_lead_transfer *transfer);

/* Counts will be about as many as Binomial(k_from, share) says: mean +- 9 standard deviations get a place, as long as
 * windows stay small. NULL and transfers without a memo are let be. */
void caucus_memos_mark(caucus_memos *memos, const caucus_transfer *transfer, double share);

/* Whether the host has room for every count of every memo, and needs no windows. */
bool caucus_memos_are_whole(const caucus_memos *memos);

/* Whether some limits are dear to compute, and not only faster to look up. */
bool caucus_memos_are_dear(const caucus_memos *memos);

/* Make room on the host for what was marked, where there is none for every count. Once, before bounds are evaluated. */
caucus_status caucus_memos_make_room(caucus_memos *memos);

#endif
