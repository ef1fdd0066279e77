#include "bound_memo.h"

#include <stdlib.h>

/* Counts up to this are told apart by their place alone; memory that no count falls into is never touched. */
enum { MOST_ENTRIES = 1 << 18 };

struct caucus_memos {
    size_t n_transfers;
    caucus_transfer *transfers; /* one for each memo */
};

caucus_status caucus_memos_open(caucus_memos **memos)
{
    return caucus_alloc(1, sizeof **memos, "limits of bounds", memos);
}

void caucus_memos_close(caucus_memos *memos)
{
    if (memos == NULL) {
        return;
    }
    for (size_t i = 0; i < memos->n_transfers; i++) {
        free(memos->transfers[i].memo);
    }
    free(memos->transfers);
    free(memos);
}

static bool alike(const caucus_transfer *a, const caucus_transfer *b)
{
    return a->inequality == b->inequality && a->side == b->side && a->k_from == b->k_from && a->k_to == b->k_to &&
           a->level_from == b->level_from && a->level_to == b->level_to;
}

caucus_status caucus_memos_share(caucus_memos *memos, caucus_transfer *transfer)
{
    for (size_t i = 0; i < memos->n_transfers; i++) {
        if (alike(&memos->transfers[i], transfer)) {
            *transfer = memos->transfers[i];
            return CAUCUS_OK;
        }
    }
    caucus_transfer *longer = realloc(memos->transfers, (memos->n_transfers + 1) * sizeof *longer);
    if (longer == NULL) {
        return caucus_fail_memory((memos->n_transfers + 1) * sizeof *longer, "limits of bounds");
    }
    memos->transfers = longer;
    uint64_t entries = MOST_ENTRIES;
    while (entries > 64 && (double)(entries / 2) > transfer->k_from) {
        entries /= 2;
    }
    TRY(caucus_alloc(entries, sizeof *transfer->memo, "limits of a bound", &transfer->memo));
    transfer->memo_mask = entries - 1;
    longer[memos->n_transfers++] = *transfer;
    return CAUCUS_OK;
}
