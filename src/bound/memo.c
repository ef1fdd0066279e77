#include "bound/memo.h"

#include <stdlib.h>
#include <sys/mman.h>

/* Fresh pages of the system are zero and take no memory until they are written, so that counts which never fall cost
 * nothing. */
static caucus_status map_pages(size_t bytes, void **pages)
{
    *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return *pages != MAP_FAILED ? CAUCUS_OK : caucus_fail_memory(bytes, "limits of a bound");
}

static caucus_status memo_make(double k_from, const caucus_memo **out)
{
    caucus_memo *memo = NULL;
    void *pages = NULL;
    TRY(caucus_alloc(1, sizeof *memo, "limits of a bound", &memo));
    memo->n_entries = caucus_memo_entries(k_from);
    caucus_status status = map_pages((size_t)memo->n_entries * sizeof *memo->entries, &pages);
    if (status != CAUCUS_OK) {
        free(memo);
        return status;
    }
    memo->entries = pages;
    *out = memo;
    return CAUCUS_OK;
}

static caucus_status lead_memo_make(const caucus_lead_memo **out)
{
    caucus_lead_memo *memo = NULL;
    void *pages = NULL;
    TRY(caucus_alloc(1, sizeof *memo, "limits of a bound", &memo));
    memo->n_entries = CAUCUS_LEAD_MEMO_ENTRIES;
    caucus_status status = map_pages((size_t)memo->n_entries * sizeof *memo->entries, &pages);
    if (status != CAUCUS_OK) {
        free(memo);
        return status;
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
        const caucus_memo *memo = memos->transfers[i].memo;
        munmap(memo->entries, (size_t)memo->n_entries * sizeof *memo->entries);
        free((void *)memo);
    }
    for (size_t i = 0; i < memos->n_leads; i++) {
        const caucus_lead_memo *memo = memos->leads[i].memo;
        munmap(memo->entries, (size_t)memo->n_entries * sizeof *memo->entries);
        free((void *)memo);
    }
    free(memos->leads);
    free(memos->transfers);
    free(memos);
}

static bool alike(const caucus_transfer *a, const caucus_transfer *b)
{
    return a->inequality == b->inequality && a->side == b->side && a->k_from == b->k_from && a->k_to == b->k_to &&
           a->level_from == b->level_from && a->level_to == b->level_to && a->ratio == b->ratio &&
           a->chance == b->chance;
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

caucus_status caucus_memos_share_lead(caucus_memos *memos, caucus_lead_transfer *transfer)
{
    for (size_t i = 0; i < memos->n_leads; i++) {
        const caucus_lead_transfer *other = &memos->leads[i];
        if (other->k_from == transfer->k_from && other->k_to == transfer->k_to && other->level == transfer->level) {
            *transfer = *other;
            return CAUCUS_OK;
        }
    }
    caucus_lead_transfer *longer = realloc(memos->leads, (memos->n_leads + 1) * sizeof *longer);
    if (longer == NULL) {
        return caucus_fail_memory((memos->n_leads + 1) * sizeof *longer, "limits of bounds");
    }
    memos->leads = longer;
    TRY(lead_memo_make(&transfer->memo));
    longer[memos->n_leads++] = *transfer;
    return CAUCUS_OK;
}
