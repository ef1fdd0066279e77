/* What a thread draws, trains and tests a batch of trials in. */
#include "rows/bounds.h"
#include "rows/tables.h"

#include <stdlib.h>

/* Groups of labels of the collective that has the most. */
static size_t most_groups(const caucus_rows *rows)
{
    size_t most = 0;
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        most = rows->members[m].n_groups > most ? rows->members[m].n_groups : most;
    }
    return most;
}

/* What trials are drawn and told in, without what they are trained in. */
static size_t draw_bytes(const caucus_rows *rows, size_t batch)
{
    const size_t n_people = (rows->config->accuracy_cost ? 2 : 1) * (size_t)rows->n_points;
    const size_t of_trial = 4 * n_people + 4 * rows->dense->table.n_rows + 4 * (size_t)rows->n_groups +
                            (rows->config->held_out > 0 ? 0 : 4 * (size_t)rows->test.n);
    return batch * of_trial + CAUCUS_ROWS_DRAW_BYTES * (size_t)rows->table->n_rows;
}

size_t caucus_rows_space_bytes(const caucus_rows *rows)
{
    const uint32_t batch = caucus_rows_batch(rows);
    return draw_bytes(rows, batch) + caucus_dense_space_bytes(rows->dense, batch);
}

size_t caucus_rows_device_space_bytes(const caucus_rows *rows)
{
    return draw_bytes(rows, caucus_rows_device_batch(rows));
}

caucus_status caucus_rows_space_open(const caucus_rows *rows, const caucus_operations *operations,
                                     caucus_rows_space **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_rows_space *s = NULL;
    const size_t batch = operations != NULL ? caucus_rows_device_batch(rows) : caucus_rows_batch(rows);
    const size_t M = rows->n_collectives;
    TRY(caucus_alloc(1, sizeof *s, "trials", &s));
    s->rows = rows;
    s->batch = (uint32_t)batch;
    TRY_GOTO(caucus_row_urn_open(rows->table, &s->urn), failed);
    TRY_GOTO(caucus_alloc(rows->table->n_rows, sizeof *s->counts, "trials", &s->counts), failed);
    TRY_GOTO(caucus_alloc(most_groups(rows) * rows->config->population->n_labels, sizeof *s->label_counts, "trials",
                          &s->label_counts),
             failed);
    TRY_GOTO(caucus_alloc(rows->n_points * batch, sizeof *s->people, "trials", &s->people), failed);
    if (rows->config->accuracy_cost) {
        TRY_GOTO(caucus_alloc(rows->n_points * batch, sizeof *s->clean, "trials", &s->clean), failed);
        TRY_GOTO(caucus_alloc(batch, sizeof *s->clean_correct, "trials", &s->clean_correct), failed);
    }
    TRY_GOTO(caucus_alloc(rows->n_groups * batch, sizeof *s->varying, "trials", &s->varying), failed);
    if (rows->config->held_out == 0) {
        TRY_GOTO(caucus_alloc(rows->test.n * batch, sizeof *s->test_counts, "trials", &s->test_counts), failed);
    }
    TRY_GOTO(caucus_alloc(rows->dense->table.n_rows * batch, sizeof *s->predicted, "trials", &s->predicted), failed);
    TRY_GOTO(caucus_alloc(rows->config->population->n_labels, sizeof *s->cell_counts, "labels", &s->cell_counts),
             failed);
    TRY_GOTO(caucus_alloc(batch, sizeof *s->fits, "trials", &s->fits), failed);
    TRY_GOTO(caucus_alloc(M * batch, sizeof *s->success, "trials", &s->success), failed);
    TRY_GOTO(caucus_alloc(batch, sizeof *s->joint, "trials", &s->joint), failed);
    TRY_GOTO(caucus_alloc(batch, sizeof *s->correct, "trials", &s->correct), failed);
    TRY_GOTO(caucus_alloc(batch, sizeof *s->suboptimality, "trials", &s->suboptimality), failed);
    if (rows->bounds != NULL) {
        TRY_GOTO(caucus_alloc(batch * caucus_row_bounds_words(rows->bounds), sizeof *s->tallies, "bounds", &s->tallies),
                 failed);
        TRY_GOTO(caucus_alloc(caucus_row_bounds_scratch(rows->bounds), sizeof *s->bound_scratch, "bounds",
                              &s->bound_scratch),
                 failed);
        TRY_GOTO(caucus_alloc(rows->n_groups, sizeof *s->agreed, "bounds", &s->agreed), failed);
    }
    TRY_GOTO(caucus_dense_space_open(rows->dense, operations, s->batch, &s->training), failed);
    *out = s;
    return CAUCUS_OK;
failed:
    caucus_rows_space_close(s);
    return status;
}

void caucus_rows_space_close(caucus_rows_space *s)
{
    if (s == NULL) {
        return;
    }
    caucus_dense_space_close(s->training);
    free(s->agreed);
    free(s->bound_scratch);
    free(s->tallies);
    free(s->suboptimality);
    free(s->clean_correct);
    free(s->correct);
    free(s->joint);
    free(s->success);
    free(s->fits);
    free(s->predicted);
    free(s->cell_counts);
    free(s->test_counts);
    free(s->varying);
    free(s->clean);
    free(s->people);
    free(s->label_counts);
    free(s->counts);
    caucus_row_urn_close(&s->urn);
    free(s);
}
