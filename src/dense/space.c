#include "dense/space.h"

#include <stdlib.h>
#include <string.h>

static size_t pad(size_t n)
{
    return (n + 7) / 8 * 8;
}

/* The arrays of a space one after another in memory; NULL only counts doubles. */
static size_t lay_out(const caucus_dense *dense, uint32_t batch, double *memory, caucus_dense_space *space)
{
    const size_t n = pad((size_t)dense->n_parameters * batch);
    const size_t known = pad((size_t)CAUCUS_DENSE_MEMORY * batch);
    const size_t each = pad(batch);
    const size_t sizes[] = {n,
                            n,
                            n,
                            n,
                            n,
                            n,
                            n,
                            CAUCUS_DENSE_MEMORY * n,
                            CAUCUS_DENSE_MEMORY * n,
                            known,
                            known,
                            each,
                            each,
                            each,
                            each,
                            each,
                            pad((size_t)dense->shape.tile * dense->shape.n_outputs * batch)};
    double **arrays[] = {&space->point,  &space->gradient, &space->direction, &space->trial,   &space->slopes,
                         &space->work,   &space->result,   &space->moves,     &space->changes, &space->inverses,
                         &space->shares, &space->step,     &space->slope,     &space->factor,  &space->value,
                         &space->other,  &space->scores};
    size_t used = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (memory != NULL) {
            *arrays[i] = memory + used;
        }
        used += sizes[i];
    }
    return used;
}

size_t caucus_dense_space_bytes(const caucus_dense *dense, uint32_t batch)
{
    caucus_dense_space nothing;
    const caucus_dense_shape *shape = &dense->shape;
    const size_t units = shape->n_hidden > 0 ? shape->n_hidden : shape->n_outputs;
    const size_t scratch = (size_t)shape->n_columns * units + dense->n_parameters +
                           (size_t)shape->tile * (units + shape->n_above + shape->n_outputs);
    return (lay_out(dense, batch, NULL, &nothing) + scratch * batch) * sizeof(double);
}

caucus_status caucus_dense_space_open(const caucus_dense *dense, uint32_t batch, caucus_dense_space **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_dense_space *space = NULL;
    caucus_dense_shape shape = dense->shape;
    shape.batch = batch;
    TRY(caucus_alloc(1, sizeof *space, "training", &space));
    space->batch = batch;
    space->operations = dense->operations;
    TRY_GOTO(caucus_alloc(lay_out(dense, batch, NULL, space), sizeof(double), "training", &space->memory), failed);
    lay_out(dense, batch, space->memory, space);
    TRY_GOTO(caucus_alloc(batch, sizeof *space->origin, "training", &space->origin), failed);
    TRY_GOTO(caucus_alloc(batch, sizeof *space->done, "training", &space->done), failed);
    TRY_GOTO(dense->operations->scratch_open(&shape, &space->scratch), failed);
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
    space->operations->scratch_close(space->scratch);
    free(space->done);
    free(space->origin);
    free(space->memory);
    free(space);
}

void caucus_dense_evaluate(const caucus_dense *dense, caucus_dense_space *space, const caucus_dense_data *data,
                           uint32_t width, const double *weights, double *slopes)
{
    const caucus_operations *ops = dense->operations;
    const caucus_dense_shape *shape = &dense->shape;
    const bool by_squares = dense->learner.kind == CAUCUS_RIDGE;
    const double penalty = dense->learner.penalty;
    const double share = by_squares ? 0 : 1.0 / dense->n_labels; /* the first label's weights are there too */
    memset(slopes, 0, (size_t)dense->n_parameters * width * sizeof *slopes);
    ops->load(space->scratch, weights, width);
    for (size_t first = 0; first < dense->n_rows; first += shape->tile) {
        const size_t left = dense->n_rows - first;
        const uint32_t n = left < shape->tile ? (uint32_t)left : shape->tile;
        ops->scores(space->scratch, dense->table, first, n, width);
        (by_squares ? ops->squares : ops->softmax)(space->scratch, n, width, data->people + first * width,
                                                   data->labels + first, data->varying);
        ops->gather(space->scratch, dense->table, first, n, width, slopes);
    }
    caucus_dense_layer layers[CAUCUS_DENSE_LAYERS];
    const uint32_t n_layers = caucus_dense_layers(shape, layers);
    size_t first = 0;
    for (uint32_t i = 0; i < n_layers; i++) {
        const caucus_dense_layer *layer = &layers[i];
        ops->penalise(weights + first, layer->n_in - 1, layer->n_out, width, penalty, i + 1 < n_layers ? 0 : share,
                      slopes + first);
        first += (size_t)layer->n_in * layer->n_out * width;
    }
}

void caucus_dense_precondition(const caucus_dense *dense, caucus_dense_space *space, uint32_t width,
                               const double *vector)
{
    const size_t n = dense->n_parameters;
    if (dense->block == 0) {
        memcpy(space->work, vector, n * width * sizeof *vector);
        return;
    }
    const uint32_t n_blocks = dense->n_parameters / dense->block;
    for (uint32_t k = 0; k < n_blocks; k++) {
        dense->operations->apply(dense->inverse + (size_t)k * dense->block * dense->block, dense->block,
                                 vector + (size_t)k * width, (size_t)n_blocks * width, width,
                                 space->work + (size_t)k * width);
    }
}

const double *caucus_dense_weights(const caucus_dense_space *space)
{
    return space->result;
}

void caucus_dense_gradient(const caucus_dense *dense, caucus_dense_space *space, const double *weights,
                           const double *people, const uint32_t *labels, double *gradient)
{
    const caucus_dense_data data = {.people = (double *)people, .labels = labels};
    caucus_dense_evaluate(dense, space, &data, space->batch, weights, gradient);
}

/* The label of the best score of one row and trial: that of label 0 is given, the others lie `width` apart. */
static uint32_t best_label(const double *scores, uint32_t n_outputs, uint32_t width, double first)
{
    uint32_t best = 0;
    double most = first;
    bool tied = false;
    for (uint32_t k = 0; k < n_outputs; k++) {
        const double score = scores[(size_t)k * width];
        tied = score > most ? false : tied || score == most;
        best = score > most ? k + 1 : best;
        most = score > most ? score : most;
    }
    return tied ? CAUCUS_DENSE_VARYING : best;
}

/* Of ridge the scores of all labels together are 2 - labels. */
static double first_score(const caucus_dense *dense, const double *scores, uint32_t width)
{
    double first = 0;
    if (dense->learner.kind == CAUCUS_RIDGE) {
        first = 2.0 - dense->n_labels;
        for (uint32_t k = 0; k < dense->shape.n_outputs; k++) {
            first -= scores[(size_t)k * width];
        }
    }
    return first;
}

void caucus_dense_predict(const caucus_dense *dense, caucus_dense_space *space, const void *table, size_t n_rows,
                          uint32_t *labels)
{
    const caucus_operations *ops = dense->operations;
    const uint32_t width = space->batch;
    const uint32_t n_outputs = dense->shape.n_outputs;
    ops->load(space->scratch, space->result, width);
    for (size_t first = 0; first < n_rows; first += dense->shape.tile) {
        const size_t left = n_rows - first;
        const uint32_t n = left < dense->shape.tile ? (uint32_t)left : dense->shape.tile;
        ops->scores(space->scratch, table, first, n, width);
        ops->read(space->scratch, n, width, space->scores);
        for (uint32_t r = 0; r < n; r++) {
            for (uint32_t b = 0; b < width; b++) {
                const double *scores = space->scores + (size_t)r * n_outputs * width + b;
                labels[(first + r) * width + b] =
                    best_label(scores, n_outputs, width, first_score(dense, scores, width));
            }
        }
    }
}
