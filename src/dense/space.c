#include "dense/space.h"

#include <stdlib.h>
#include <string.h>

static size_t pad(size_t n)
{
    return (n + 7) / 8 * 8;
}

/* Vectors one after another in memory; NULL only counts doubles. */
static size_t lay_out_vectors(const caucus_dense *dense, uint32_t batch, double *memory, caucus_dense_space *space)
{
    const size_t n = pad((size_t)dense->n_parameters * batch);
    const size_t sizes[] = {n, n, n, n, n, n, n, CAUCUS_DENSE_MEMORY * n, CAUCUS_DENSE_MEMORY * n};
    double **arrays[] = {&space->point, &space->gradient, &space->direction, &space->trial,  &space->slopes,
                         &space->work,  &space->result,   &space->moves,     &space->changes};
    size_t used = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (memory != NULL) {
            *arrays[i] = memory + used;
        }
        used += sizes[i];
    }
    return used;
}

/* The same of the host's doubles. */
static size_t lay_out_numbers(uint32_t batch, double *memory, caucus_dense_space *space)
{
    const size_t each = pad(batch);
    double **arrays[] = {&space->step, &space->slope, &space->factor, &space->value, &space->other};
    size_t used = 0;
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        if (memory != NULL) {
            *arrays[i] = memory + used;
        }
        used += each;
    }
    if (memory != NULL) {
        space->inverses = memory + used;
        space->shares = memory + used + CAUCUS_DENSE_MEMORY * each;
    }
    return used + (size_t)2 * CAUCUS_DENSE_MEMORY * each;
}

size_t caucus_dense_vectors(const caucus_dense *dense, uint32_t batch)
{
    caucus_dense_space nothing;
    return lay_out_vectors(dense, batch, NULL, &nothing);
}

size_t caucus_dense_space_bytes(const caucus_dense *dense, uint32_t batch)
{
    caucus_dense_space nothing;
    const caucus_dense_shape *shape = &dense->shape;
    const size_t units = caucus_dense_units(shape);
    const size_t scratch = (size_t)shape->n_columns * units + dense->n_parameters +
                           (size_t)shape->tile * (units + shape->n_above + shape->n_outputs);
    return (caucus_dense_vectors(dense, batch) + lay_out_numbers(batch, NULL, &nothing) + scratch * batch) *
           sizeof(double);
}

static caucus_status open_vectors(const caucus_dense *dense, caucus_dense_space *space)
{
    const caucus_operations *ops = space->operations;
    double *vectors = NULL;
    TRY(ops->vectors(ops, space->session, caucus_dense_vectors(dense, space->batch), &vectors));
    lay_out_vectors(dense, space->batch, vectors, space);
    if (dense->inverse != NULL) {
        TRY(ops->share(ops, space->session, dense->inverse, (size_t)dense->n_parameters * dense->block,
                       &space->inverse));
    }
    return ops->share(ops, space->session, dense->start, dense->n_parameters, &space->start);
}

caucus_status caucus_dense_space_open(const caucus_dense *dense, const caucus_operations *operations, uint32_t batch,
                                      caucus_dense_space **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_dense_space *space = NULL;
    caucus_dense_shape shape = dense->shape;
    shape.batch = batch;
    TRY(caucus_alloc(1, sizeof *space, "training", &space));
    space->batch = batch;
    space->operations = operations != NULL ? operations : dense->operations;
    TRY_GOTO(caucus_alloc(lay_out_numbers(batch, NULL, space), sizeof(double), "training", &space->memory), failed);
    lay_out_numbers(batch, space->memory, space);
    TRY_GOTO(caucus_alloc(batch, sizeof *space->origin, "training", &space->origin), failed);
    TRY_GOTO(caucus_alloc(batch, sizeof *space->places, "training", &space->places), failed);
    TRY_GOTO(caucus_alloc(batch, sizeof *space->done, "training", &space->done), failed);
    TRY_GOTO(space->operations->open(space->operations, &shape, &space->session), failed);
    space->tile = shape.tile;
    TRY_GOTO(open_vectors(dense, space), failed);
    *out = space;
    return CAUCUS_OK;
failed:
    caucus_dense_space_close(space);
    return status;
}

void caucus_dense_space_close(caucus_dense_space *space)
{
    if (space == NULL) {
        return;
    }
    if (space->session != NULL) {
        space->operations->close(space->session);
    }
    free(space->done);
    free(space->places);
    free(space->origin);
    free(space->memory);
    free(space);
}

void caucus_dense_evaluate(const caucus_dense *dense, caucus_dense_space *space, uint32_t width, const double *weights,
                           double *slopes)
{
    const caucus_operations *ops = space->operations;
    const bool by_squares = dense->learner.kind == CAUCUS_RIDGE;
    const double penalty = dense->learner.penalty;
    const double share = by_squares ? 0 : 1.0 / dense->n_labels; /* the first label's weights are there too */
    ops->clear(space->session, (size_t)dense->n_parameters * width, slopes);
    ops->load(space->session, weights, width);
    for (size_t first = 0; first < dense->n_trained; first += space->tile) {
        const size_t left = dense->n_trained - first;
        const uint32_t n = left < space->tile ? (uint32_t)left : space->tile;
        ops->scores(space->session, &dense->table, first, n, width);
        (by_squares ? ops->squares : ops->softmax)(space->session, first, n, width);
        ops->gather(space->session, &dense->table, first, n, width, slopes);
    }
    caucus_dense_layer layers[CAUCUS_DENSE_LAYERS];
    const uint32_t n_layers = caucus_dense_layers(&dense->shape, layers);
    size_t first = 0;
    for (uint32_t i = 0; i < n_layers; i++) {
        const caucus_dense_layer *layer = &layers[i];
        ops->penalise(space->session, weights + first, layer->n_in - 1, layer->n_out, width, penalty,
                      i + 1 < n_layers ? 0 : share, slopes + first);
        first += (size_t)layer->n_in * layer->n_out * width;
    }
}

const double *caucus_dense_precondition(const caucus_dense *dense, caucus_dense_space *space, uint32_t width,
                                        const double *vector)
{
    if (dense->block == 0) {
        return vector;
    }
    const uint32_t n_blocks = dense->n_parameters / dense->block;
    for (uint32_t k = 0; k < n_blocks; k++) {
        space->operations->apply(space->session, space->inverse + (size_t)k * dense->block * dense->block, dense->block,
                                 vector + (size_t)k * width, (size_t)n_blocks * width, width,
                                 space->work + (size_t)k * width);
    }
    return space->work;
}

void caucus_dense_weights(const caucus_dense *dense, caucus_dense_space *space, double *weights)
{
    space->operations->get(space->session, space->result, (size_t)dense->n_parameters * space->batch, weights);
}

void caucus_dense_gradient(const caucus_dense *dense, caucus_dense_space *space, const double *weights,
                           uint32_t *people, const uint32_t *labels, double *gradient)
{
    const size_t n = (size_t)dense->n_parameters * space->batch;
    const caucus_dense_people all = {.n_rows = dense->n_trained, .people = people, .labels = labels};
    space->operations->take(space->session, &all, space->batch);
    space->operations->put(space->session, weights, n, space->point);
    caucus_dense_evaluate(dense, space, space->batch, space->point, space->gradient);
    space->operations->get(space->session, space->gradient, n, gradient);
}

void caucus_dense_predict(const caucus_dense *dense, caucus_dense_space *space, uint32_t *labels)
{
    const caucus_dense_table *table = &dense->table;
    const caucus_operations *ops = space->operations;
    const uint32_t width = space->batch;
    ops->load(space->session, space->result, width);
    for (size_t first = 0; first < table->n_rows; first += space->tile) {
        const size_t left = table->n_rows - first;
        const uint32_t n = left < space->tile ? (uint32_t)left : space->tile;
        ops->scores(space->session, table, first, n, width);
        ops->best(space->session, n, width, dense->learner.kind == CAUCUS_RIDGE, labels + first * width);
    }
}

caucus_status caucus_dense_check(caucus_dense_space *space)
{
    return space->operations->check(space->operations, space->session);
}
