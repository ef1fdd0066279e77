#include "bound/memo.h"

#include <stdlib.h>
#include <sys/mman.h>

static size_t bytes_of(const caucus_memo *memo)
{
    return (size_t)memo->n_entries * sizeof *memo->entries;
}

static void memo_free(const caucus_memo *memo)
{
    if (memo->entries != NULL) {
        munmap(memo->entries, bytes_of(memo));
    }
    free((void *)memo);
}

/* Fresh pages of the system are zero and take no memory until they are written, so that counts which never fall cost
 * nothing. */
static caucus_status memo_make(double k_from, const caucus_memo **out)
{
    caucus_memo *memo = NULL;
    TRY(caucus_alloc(1, sizeof *memo, "limits of a bound", &memo));
    memo->n_entries = caucus_memo_entries(k_from);
    void *pages =
        mmap(NULL, bytes_of(memo), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) {
        const size_t bytes = bytes_of(memo);
        free(memo);
        return caucus_fail_memory(bytes, "limits of a bound");
    }
    memo->entries = pages;
    *out = memo;
    return CAUCUS_OK;
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
