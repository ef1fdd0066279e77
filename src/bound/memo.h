/* Limits that have been computed, shared by all bounds of a configuration that use the same ones: levels and sample
 * sizes agree between most knowledge levels. */
#ifndef CAUCUS_BOUND_MEMO_H
#define CAUCUS_BOUND_MEMO_H

#include "bound/bound.h"
#include "bound/lead_transfer.h"

/* Entries of a memo for counts out of k_from: all of them up to a million, which more counts share. */
static inline uint64_t caucus_memo_entries(double k_from)
{
    uint64_t n = 256;
    while (n < UINT64_C(1) << 20 && (double)n <= k_from) {
        n *= 2;
    }
    return n;
}

/* Entries of a memo for pairs of counts, which share them. */
enum { CAUCUS_LEAD_MEMO_ENTRIES = 1 << 18 };

struct caucus_memos {
    size_t n_transfers;
    caucus_transfer *transfers; /* one for each memo */
    size_t n_leads;
    caucus_lead_transfer *leads; /* likewise */
};

caucus_status caucus_memos_open(caucus_memos **memos);
void caucus_memos_close(caucus_memos *memos);

/* Give a transfer the memo of its inequality, side, sizes and levels; the memo belongs to memos. Not safe on two
 * threads at once, unlike the memo itself. */
caucus_status caucus_memos_share(caucus_memos *memos, caucus_transfer *transfer);
caucus_status caucus_memos_share_lead(caucus_memos *memos, caucus_lead_transfer *transfer);

#endif
