#include "bound_memo.h"

#include <stdlib.h>

enum { MOST_PAGES = 1 << 12 }; /* a million counts before any share entries */

struct caucus_memos {
    size_t n_transfers;
    caucus_transfer *transfers; /* one for each memo */
};

static void memo_free(caucus_memo *memo)
{
    for (uint64_t i = 0; memo->pages != NULL && i < memo->n_pages; i++) {
        free(memo->pages[i]);
    }
    free(memo->pages);
    free(memo);
}

static caucus_status memo_make(double k_from, caucus_memo **out)
{
    caucus_memo *memo = NULL;
    TRY(caucus_alloc(1, sizeof *memo, "limits of a bound", &memo));
    memo->n_pages = 1;
    while (memo->n_pages < MOST_PAGES && (double)memo->n_pages * CAUCUS_MEMO_PAGE <= k_from) {
        memo->n_pages *= 2;
    }
    caucus_status status = caucus_alloc(memo->n_pages, sizeof *memo->pages, "limits of a bound", &memo->pages);
    if (status != CAUCUS_OK) {
        memo_free(memo);
        return status;
    }
    *out = memo;
    return CAUCUS_OK;
}

caucus_memo_entry *caucus_memo_page(caucus_memo *memo, uint64_t count)
{
    caucus_memo_entry **place = &memo->pages[count / CAUCUS_MEMO_PAGE & (memo->n_pages - 1)];
    caucus_memo_entry *made = calloc(CAUCUS_MEMO_PAGE, sizeof *made);
    caucus_memo_entry *there = NULL;
    if (made == NULL || __atomic_compare_exchange_n(place, &there, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        return made;
    }
    free(made); /* another thread was first */
    return there;
}

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
        memo_free(memos->transfers[i].memo);
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
    TRY(memo_make(transfer->k_from, &transfer->memo));
    longer[memos->n_transfers++] = *transfer;
    return CAUCUS_OK;
}
