/* What a store takes of memory and disk. */
#include "base/durable.h"
#include "base/notices.h"
#include "base/text.h"
#include "result/assemble.h"
#include "result/parts.h"
#include "result/store.h"
#include "result/summary.h"
#include "trial/sums.h"

#include <stdlib.h>
#include <sys/statvfs.h>

/* Gathered trials are held so often: as they come, packed, in the image of a segment, and as its bytes. */
enum { HELD = 4 };

static uint64_t trial_bytes(const caucus_layout *layout)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    return layout->experiment->output.trials
               ? layout->n_configs * layout->n_trials * caucus_row_bytes(&shape)
               : layout->n_configs * caucus_sums_words(&shape) * (uint64_t)sizeof(uint64_t);
}

uint64_t caucus_store_bytes(const caucus_layout *layout, unsigned threads)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    const uint64_t trials = trial_bytes(layout);
    const uint64_t gathered = HELD * (trials < CAUCUS_SEGMENT_BYTES ? trials : CAUCUS_SEGMENT_BYTES);
    /* where it is, that it is gathered, that it is done */
    const uint64_t each = caucus_parts_index_bytes() + sizeof(bool) + sizeof(uint8_t);
    const uint64_t summary = layout->experiment->output.trials
                                 ? caucus_summarizer_bytes(layout->n_trials, &shape, threads, CAUCUS_SUMMARY_BUDGET)
                                 : 0;
    return layout->n_configs * layout->n_blocks * each + gathered + summary;
}

caucus_status caucus_store_note_room(const caucus_layout *layout, const char *output, caucus_notices *notices)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    struct statvfs disk;
    char *folder = caucus_durable_directory(output);
    if (folder == NULL) {
        return caucus_fail_memory(1, "a path");
    }
    const bool known = statvfs(folder, &disk) == 0;
    free(folder);
    /* Without compression the segments are as large as the result that they are joined into. */
    const uint64_t copies = layout->experiment->output.compression > 0 ? 1 : 2;
    const uint64_t most = copies * trial_bytes(layout) + layout->n_configs * caucus_summary_bytes(&shape);
    const uint64_t left = known ? (uint64_t)disk.f_bavail * disk.f_frsize : UINT64_MAX;
    if (left >= most) {
        return CAUCUS_OK;
    }
    return caucus_notices_add(
        notices,
        "the disk of %s has %.3g GB left and the run may write up to %.3g GB%s: should it run out, "
        "what is finished is kept, and --resume goes on once there is room",
        output, (double)left / 1e9, (double)most / 1e9, copies == 1 ? " before compression" : "");
}
