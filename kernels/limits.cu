/* Tables of limits: every limit that the bounds of a configuration can ask for at a whole count, one thread a count. */
#include "bound/memo.h"
#include "kernels/lanes.h"

enum { BLOCK = 128, BLOCKS = 2048 };

static __global__ void __launch_bounds__(BLOCK, 2) limits_kernel(const caucus_trials_order *d_order)
{
    const struct caucus_memos *memos = d_order->compiled->memos;
    for (size_t t = 0; t < memos->n_transfers; t++) {
        const caucus_transfer *transfer = &memos->transfers[t];
        const uint64_t last = (uint64_t)transfer->k_from;
        for (uint64_t count = blockIdx.x * BLOCK + threadIdx.x; count <= last; count += gridDim.x * BLOCK) {
            transfer->memo->table[count] = caucus_transfer_compute(transfer, (double)count);
        }
    }
    for (size_t t = 0; t < memos->n_leads; t++) { /* too many pairs of counts: computed as they are met */
        const caucus_lead_memo *memo = memos->leads[t].memo;
        for (uint64_t i = blockIdx.x * BLOCK + threadIdx.x; i < memo->n_entries; i += gridDim.x * BLOCK) {
            const caucus_lead_entry empty = {0, 0, 0};
            memo->entries[i] = empty;
        }
    }
}

int caucus_limits_launch(const caucus_trials_order *d_order, cudaStream_t stream)
{
    CAUCUS_LAUNCH(limits_kernel, BLOCKS, BLOCK, 0, stream, d_order);
    return cudaGetLastError();
}
