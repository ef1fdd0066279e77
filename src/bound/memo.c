#include "bound/memo.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    MOST_WHOLE = 1 << 21,  /* counts up to which a host's memo has room for all of them */
    MOST_MARKED = 1 << 18, /* counts with a place in windows: more are computed each time */
    MOST_PAGES = 1 << 12,
    SMALLEST_PAGE = 5 /* 2^5 counts */
};

/* Fresh pages of the system are zero and take no memory until they are written, so that counts which never fall cost
 * nothing. */
static caucus_status map_bytes(size_t bytes, void **pages)
{
    *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return *pages != MAP_FAILED ? CAUCUS_OK : caucus_fail_memory(bytes, "limits of a bound");
}

static caucus_status map_entries(size_t n, uint64_t **entries)
{
    void *pages = NULL;
    TRY(map_bytes(n * sizeof **entries, &pages));
    *entries = pages;
    return CAUCUS_OK;
}

static bool is_whole(const caucus_memo *memo)
{
    return ((uint64_t)memo->n_pages << memo->shift) <= MOST_WHOLE;
}

static size_t n_entries(const caucus_memo *memo, const caucus_memo_windows *windows)
{
    return (size_t)(is_whole(memo) ? memo->n_pages : windows->n_marked) << memo->shift;
}

static caucus_status memo_make(double k_from, const caucus_memo **out, caucus_memo_windows *windows)
{
    caucus_memo *memo = NULL;
    const uint64_t last = (uint64_t)k_from;
    TRY(caucus_alloc(1, sizeof *memo, "limits of a bound", &memo));
    *out = memo;
    memo->shift = SMALLEST_PAGE;
    while (last >> memo->shift >= MOST_PAGES) {
        memo->shift++;
    }
    memo->n_pages = (uint32_t)(last >> memo->shift) + 1;
    TRY(caucus_alloc(memo->n_pages, sizeof *windows->pages, "limits of a bound", &windows->pages));
    for (uint32_t page = 0; page < memo->n_pages; page++) {
        windows->pages[page] = CAUCUS_NO_PAGE;
    }
    memo->pages = is_whole(memo) ? NULL : windows->pages;
    return is_whole(memo) ? map_entries(n_entries(memo, windows), &memo->entries) : CAUCUS_OK;
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
        if (memo != NULL && memo->entries != NULL) {
            munmap(memo->entries, n_entries(memo, &memos->windows[i]) * sizeof *memo->entries);
        }
        free((void *)memo);
        free(memos->windows[i].pages);
    }
    for (size_t i = 0; i < memos->n_leads; i++) {
        const caucus_lead_memo *memo = memos->leads[i].memo;
        munmap(memo->entries, (size_t)memo->n_entries * sizeof *memo->entries);
        free((void *)memo);
    }
    free(memos->leads);
    free(memos->windows);
    free(memos->transfers);
    free(memos);
}

static bool alike(const caucus_transfer *a, const caucus_transfer *b)
{
    return a->inequality == b->inequality && a->side == b->side && a->k_from == b->k_from && a->k_to == b->k_to &&
           a->level_from == b->level_from && a->level_to == b->level_to && a->ratio == b->ratio &&
           a->chance == b->chance;
}

static caucus_status lengthen(caucus_memos *memos)
{
    const size_t n = memos->n_transfers + 1;
    caucus_transfer *transfers = realloc(memos->transfers, n * sizeof *transfers);
    memos->transfers = transfers != NULL ? transfers : memos->transfers;
    caucus_memo_windows *windows = realloc(memos->windows, n * sizeof *windows);
    memos->windows = windows != NULL ? windows : memos->windows;
    if (transfers == NULL || windows == NULL) {
        return caucus_fail_memory(n * (sizeof *transfers + sizeof *windows), "limits of bounds");
    }
    return CAUCUS_OK;
}

caucus_status caucus_memos_share(caucus_memos *memos, caucus_transfer *transfer)
{
    for (size_t i = 0; i < memos->n_transfers; i++) {
        if (alike(&memos->transfers[i], transfer)) {
            *transfer = memos->transfers[i];
            return CAUCUS_OK;
        }
    }
    TRY(lengthen(memos));
    const size_t at = memos->n_transfers++;
    memos->windows[at] = (caucus_memo_windows){0};
    memos->transfers[at] = *transfer;
    caucus_status status = memo_make(transfer->k_from, &memos->transfers[at].memo, &memos->windows[at]);
    *transfer = memos->transfers[at];
    return status;
}

static caucus_status lead_memo_make(const caucus_lead_memo **out)
{
    caucus_lead_memo *memo = NULL;
    void *pages = NULL;
    TRY(caucus_alloc(1, sizeof *memo, "limits of a bound", &memo));
    memo->n_entries = CAUCUS_LEAD_MEMO_ENTRIES;
    caucus_status status = map_bytes((size_t)memo->n_entries * sizeof *memo->entries, &pages);
    if (status != CAUCUS_OK) {
        free(memo);
        return status;
    }
    memo->entries = pages;
    *out = memo;
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

void caucus_memos_mark(caucus_memos *memos, const caucus_transfer *transfer, double share)
{
    if (transfer == NULL || transfer->memo == NULL) {
        return;
    }
    const caucus_memo *memo = transfer->memo;
    size_t at = 0;
    while (memos->transfers[at].memo != memo) {
        at++;
    }
    caucus_memo_windows *windows = &memos->windows[at];
    const double mean = share * transfer->k_from;
    const double reach = 9.0 * sqrt(mean * (1.0 - share)) + 20.0; /* no bell where few are expected */
    const double least = fmax(0.0, mean - reach);
    const double most = fmin(transfer->k_from, mean + reach);
    for (uint64_t page = (uint64_t)least >> memo->shift; page <= (uint64_t)most >> memo->shift; page++) {
        if (windows->pages[page] == CAUCUS_NO_PAGE && ((uint64_t)windows->n_marked + 1) << memo->shift <= MOST_MARKED) {
            windows->pages[page] = windows->n_marked++;
        }
    }
}

bool caucus_memos_are_whole(const caucus_memos *memos)
{
    bool whole = true;
    for (size_t i = 0; i < memos->n_transfers; i++) {
        whole = whole && is_whole(memos->transfers[i].memo);
    }
    return whole;
}

bool caucus_memos_are_dear(const caucus_memos *memos)
{
    bool dear = memos->n_leads > 0;
    for (size_t i = 0; i < memos->n_transfers; i++) {
        dear = dear || !caucus_transfer_is_cheap(&memos->transfers[i]);
    }
    return dear;
}

caucus_status caucus_memos_make_room(caucus_memos *memos)
{
    for (size_t i = 0; i < memos->n_transfers; i++) {
        caucus_memo *memo = (caucus_memo *)memos->transfers[i].memo;
        if (memo->entries == NULL && memos->windows[i].n_marked > 0) {
            TRY(map_entries(n_entries(memo, &memos->windows[i]), &memo->entries));
        }
    }
    return CAUCUS_OK;
}
