/* Limits of counts that are dear to compute. Those of the counts that are likely to occur are made when a
 * configuration's tables are new, a thread a count; a trial that asks for another one, or for a lead of two labels that
 * nobody has asked for yet, goes through its bounds once more and computes it. */
#include "bound/memo.h"

enum { WARP = 32 };

/* A lead of two labels that a bound asked for. A search needs as many registers as a bound does: it is made outside,
 * and then the bound is evaluated once more. One for each warp, whose lanes take turns. */
typedef struct wanted_lead {
    bool asked;
    caucus_lead_transfer transfer;
    uint64_t a;
    uint64_t b;
    double *found;
} wanted_lead;

__shared__ wanted_lead wanted_leads[CAUCUS_LANE_GROUP / WARP];

/* What was found for the bound, or 0. Then the bound is not right: the first lead that is missing is asked for, since
 * what follows may not be what the bound needs. */
static __device__ double want_lead(const caucus_lead_transfer *transfer, uint64_t a, uint64_t b, double *found)
{
    wanted_lead *wanted = &wanted_leads[threadIdx.x / WARP];
    const double value = *found;
    if (value == value || wanted->asked) {
        return value == value ? value : 0.0;
    }
    wanted->asked = true;
    wanted->transfer = *transfer;
    wanted->a = a;
    wanted->b = b;
    wanted->found = found;
    return 0.0;
}

#define CAUCUS_LEAD_MISSING(transfer, a, b, found) want_lead(transfer, a, b, found)
#include "bound/value.h"

/* As caucus_bound_keep. What was found lies apart from what is remembered, where other trials may take its place: so
 * each time one more is found, and there are no more than pairs of labels. */
static __device__ void keep_and_search(const caucus_bound *bound, const caucus_bound_view *view, int highest,
                                       double *scratch, double *kept)
{
    wanted_lead *wanted = &wanted_leads[threadIdx.x / WARP];
    caucus_bound_forget_found(bound, scratch);
    do {
        wanted->asked = false;
        caucus_bound_keep(bound, view, highest, scratch, kept);
        if (wanted->asked) {
            *wanted->found = caucus_lead_transfer_search(&wanted->transfer, wanted->a, wanted->b);
        }
    } while (wanted->asked);
}

#define CAUCUS_KEEP_BOUND keep_and_search
#include "kernels/lanes.h"
#include "trial/bounds.h"

enum { PAGES_AT_A_TIME = 64, MEMOS_AT_A_TIME = 32 };

/* Pages of a memo that are filled ahead. A device that is played by one thread fills one, and leaves the others to the
 * trials that ask. */
#ifdef CAUCUS_EMULATED_DEVICE
enum { MOST_AHEAD = 1 };
#else
enum { MOST_AHEAD = INT32_MAX };
#endif

static __global__ void __launch_bounds__(CAUCUS_LANE_GROUP, 2) windows_kernel(const caucus_trials_order *d_order)
{
    const struct caucus_memos *memos = d_order->compiled->memos;
    for (size_t t = blockIdx.x % MEMOS_AT_A_TIME; t < memos->n_transfers; t += MEMOS_AT_A_TIME) {
        const caucus_transfer *transfer = &memos->transfers[t];
        const caucus_memo *memo = transfer->memo;
        const uint64_t in_page = UINT64_C(1) << memo->shift;
        for (uint64_t page = blockIdx.x / MEMOS_AT_A_TIME; page < memo->n_pages; page += PAGES_AT_A_TIME) {
            if (memo->pages[page] >= MOST_AHEAD) { /* numbered in the order of asking; CAUCUS_NO_PAGE is the largest */
                continue;
            }
            for (uint64_t within = threadIdx.x; within < in_page; within += CAUCUS_LANE_GROUP) {
                const double count = (double)((page << memo->shift) + within);
                if (count <= transfer->k_from) {
                    *caucus_memo_entry(memo, (uint64_t)count) =
                        ~caucus_bits_of(caucus_transfer_compute(transfer, count));
                }
            }
        }
    }
}

/* Lanes take turns. What a compiler finds to be the same in all lanes of a warp it keeps in registers that they share
 * (nvcc 13.0, sm_90), also in loops whose lanes come back from searches at different times: side by side, lanes were
 * seen to get each other's bounds. */
static __global__ void __launch_bounds__(CAUCUS_LANE_GROUP, 2)
    late_kernel(const __grid_constant__ caucus_trials_arguments arguments)
{
    __shared__ caucus_trial trial;
    uint32_t number;
    uint32_t row;
    const bool late = caucus_lane_open(&arguments, &trial, &number, &row) && trial.missing[CAUCUS_AT(0)] != 0;
    for (uint32_t turn = 0; turn < WARP; turn++) {
        if (late && threadIdx.x % WARP == turn) {
            caucus_guarantees_keep(&trial);
        }
        __syncwarp();
    }
}

int caucus_windows_launch(const caucus_trials_order *d_order, cudaStream_t stream)
{
    CAUCUS_LAUNCH(windows_kernel, PAGES_AT_A_TIME * MEMOS_AT_A_TIME, CAUCUS_LANE_GROUP, 0, stream, d_order);
    return cudaGetLastError();
}

int caucus_limits_launch(const caucus_trials_arguments *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(late_kernel, arguments->n_lane_groups, CAUCUS_LANE_GROUP, 0, stream, *arguments);
    return cudaGetLastError();
}
