#include "run/cpu_rows.h"

#include "rows/rows.h"
#include "trial/sums.h"

#include <stdlib.h>

struct caucus_cpu_rows {
    caucus_rows_space *space;
    uint64_t batch;     /* that the space has; of no trial yet: UINT64_MAX */
    caucus_block *rows; /* one row, where only sums are kept */
};

caucus_status caucus_cpu_rows_open(const caucus_compiled *compiled, const caucus_shape *shape, caucus_cpu_rows **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_cpu_rows *work = NULL;
    TRY(caucus_alloc(1, sizeof *work, "trials", &work));
    work->batch = UINT64_MAX;
    TRY_GOTO(caucus_rows_space_open(compiled->rows, &work->space), failed);
    TRY_GOTO(caucus_block_alloc_rows(1, shape, &work->rows), failed);
    *out = work;
    return CAUCUS_OK;
failed:
    caucus_cpu_rows_close(work);
    return status;
}

void caucus_cpu_rows_close(caucus_cpu_rows *work)
{
    if (work != NULL) {
        caucus_rows_space_close(work->space);
        free(work->rows);
        free(work);
    }
}

size_t caucus_cpu_rows_bytes(const caucus_compiled *compiled)
{
    return caucus_rows_space_bytes(compiled->rows);
}

void caucus_cpu_rows_run(caucus_cpu_rows *work, const caucus_compiled *compiled, const caucus_shape *shape,
                         uint64_t first_trial, const caucus_block *block)
{
    const uint32_t size = caucus_rows_batch(compiled->rows);
    for (uint32_t i = 0; i < block->n_trials; i++) {
        const uint64_t trial = first_trial + i;
        if (trial / size != work->batch) {
            work->batch = trial / size;
            caucus_rows_run(compiled->rows, work->space, (uint32_t)work->batch);
        }
        const caucus_row result =
            block->sums != NULL ? caucus_block_row(work->rows, shape, 0) : caucus_block_row(block, shape, i);
        caucus_row_blank(&result, shape, compiled->n_collectives);
        caucus_rows_report(compiled->rows, work->space, (uint32_t)(trial % size), &result);
        if (block->sums != NULL) {
            caucus_sums_add(shape, compiled->n_collectives, compiled->config->test, &result, block->sums);
        }
    }
}
