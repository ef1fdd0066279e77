#include "run/row_trials.h"

#include "rows/rows.h"
#include "trial/sums.h"

#include <stdlib.h>

struct caucus_row_trials {
    caucus_rows_space *space;
    uint32_t size;      /* trials of a batch */
    uint64_t batch;     /* that the space has; of no trial yet: UINT64_MAX */
    caucus_block *rows; /* one row, where only sums are kept */
};

caucus_status caucus_row_trials_open(const caucus_compiled *compiled, const caucus_operations *operations,
                                     const caucus_shape *shape, caucus_row_trials **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_row_trials *work = NULL;
    TRY(caucus_alloc(1, sizeof *work, "trials", &work));
    work->batch = UINT64_MAX;
    work->size = operations != NULL ? caucus_rows_device_batch(compiled->rows) : caucus_rows_batch(compiled->rows);
    TRY_GOTO(caucus_rows_space_open(compiled->rows, operations, &work->space), failed);
    TRY_GOTO(caucus_block_alloc_rows(1, shape, &work->rows), failed);
    *out = work;
    return CAUCUS_OK;
failed:
    caucus_row_trials_close(work);
    return status;
}

void caucus_row_trials_close(caucus_row_trials *work)
{
    if (work != NULL) {
        caucus_rows_space_close(work->space);
        free(work->rows);
        free(work);
    }
}

caucus_status caucus_row_trials_run(caucus_row_trials *work, const caucus_compiled *compiled, const caucus_shape *shape,
                                    uint64_t first_trial, const caucus_block *block)
{
    for (uint32_t i = 0; i < block->n_trials; i++) {
        const uint64_t trial = first_trial + i;
        if (trial / work->size != work->batch) {
            const uint64_t batch = trial / work->size;
            work->batch = UINT64_MAX; /* should it fail */
            TRY(caucus_rows_run(compiled->rows, work->space, (uint32_t)batch));
            work->batch = batch;
        }
        const caucus_row result =
            block->sums != NULL ? caucus_block_row(work->rows, shape, 0) : caucus_block_row(block, shape, i);
        caucus_row_blank(&result, shape, compiled->n_collectives);
        caucus_rows_report(compiled->rows, work->space, (uint32_t)(trial % work->size), &result);
        if (block->sums != NULL) {
            caucus_sums_add(shape, compiled->n_collectives, compiled->config->test, &result, block->sums);
        }
    }
    return CAUCUS_OK;
}
