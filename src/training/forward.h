/* From parameters to scores of cells. Shared with devices. */
#ifndef CAUCUS_TRAINING_FORWARD_H
#define CAUCUS_TRAINING_FORWARD_H

#include "training/workspace.h"

/* What the loops over a cell run over: constants where they are to be unrolled. */
typedef struct caucus_cell_shape {
    uint32_t labels;
    uint32_t outputs; /* labels, or hidden units */
    uint32_t groups;  /* patterns of a cell */
} caucus_cell_shape;

CAUCUS_SHARED caucus_cell_shape caucus_cell_shape_of(const caucus_training *training)
{
    caucus_cell_shape shape;
    shape.labels = training->n_labels;
    shape.outputs = training->n_outputs;
    shape.groups = training->design.n_groups;
    return shape;
}

/* Scores of patterns: the sum of the parameters of their columns. */
CAUCUS_SHARED void caucus_spread(const caucus_fit *fit, const caucus_pack *parameters)
{
    const caucus_design *design = &fit->training->design;
    const uint32_t n_outputs = fit->training->n_outputs;
    caucus_team_sync();
    for (uint32_t i = CAUCUS_TEAM_RANK; i < design->n_patterns * n_outputs; i += CAUCUS_TEAM_SIZE) {
        const uint32_t pattern = i / n_outputs;
        const caucus_pack *row = parameters + (size_t)(i % n_outputs) * design->n_columns;
        const uint32_t end = design->pattern_column_starts[pattern + 1];
        caucus_pack sum = caucus_pack_of(0.0);
        for (uint32_t j = design->pattern_column_starts[pattern]; j < end; j++) {
            sum += row[design->pattern_columns[j]];
        }
        fit->scores[i] = sum;
    }
    caucus_team_sync();
}

/* A cell's score is the sum of its patterns', so that its exponential is the product of theirs, of which there are few:
 * powers = exp(factor * scores). Returns the lanes in which a product could leave the range of numbers, where cells
 * must go by their scores. */
CAUCUS_SHARED caucus_mask caucus_raise(const caucus_fit *fit, double factor)
{
    const double most = 170.0; /* also the product of two sums with 1 of such products is a number */
    const uint32_t n = fit->training->design.n_patterns * fit->training->n_outputs;
    const caucus_pack largest = caucus_team_max_norm(fit->scores, n, fit->parts);
    for (uint32_t i = CAUCUS_TEAM_RANK; i < n; i += CAUCUS_TEAM_SIZE) {
        fit->powers[i] = caucus_pack_exp(fit->scores[i] * factor);
    }
    caucus_team_sync();
    return ~caucus_pack_less(largest * (factor * fit->training->design.n_groups), caucus_pack_of(most));
}

/* A cell's sums over its patterns: [output]. */
CAUCUS_UNROLLED void caucus_gather_cell(const caucus_fit *fit, caucus_cell_shape shape, uint32_t cell,
                                        caucus_pack *sums)
{
    const uint32_t *patterns = fit->training->design.cell_patterns + (size_t)cell * shape.groups;
    for (uint32_t v = 0; v < shape.outputs; v++) {
        caucus_pack sum = fit->scores[(size_t)patterns[0] * shape.outputs + v];
        for (uint32_t k = 1; k < shape.groups; k++) {
            sum += fit->scores[(size_t)patterns[k] * shape.outputs + v];
        }
        sums[v] = sum;
    }
}

/* Its products of powers. */
CAUCUS_UNROLLED void caucus_multiply_cell(const caucus_fit *fit, caucus_cell_shape shape, uint32_t cell,
                                          caucus_pack *products)
{
    const uint32_t *patterns = fit->training->design.cell_patterns + (size_t)cell * shape.groups;
    for (uint32_t v = 0; v < shape.outputs; v++) {
        caucus_pack product = fit->powers[(size_t)patterns[0] * shape.outputs + v];
        for (uint32_t k = 1; k < shape.groups; k++) {
            product *= fit->powers[(size_t)patterns[k] * shape.outputs + v];
        }
        products[v] = product;
    }
}

/* Row of a label in the mlp's second layer: [1 + hidden], the constant first. */
CAUCUS_SHARED const caucus_pack *caucus_second_layer(const caucus_fit *fit, const caucus_pack *parameters, uint32_t y)
{
    const caucus_training *training = fit->training;
    const uint32_t hidden = training->learner.hidden;
    return parameters + (size_t)hidden * training->design.n_columns + (size_t)y * (1 + hidden);
}

typedef struct caucus_softmax {
    caucus_pack top; /* taken from all scores */
    caucus_pack sum; /* of exp(score - top) */
} caucus_softmax;

/* Replace scores by exp(score - top), top the largest one. */
CAUCUS_UNROLLED caucus_softmax caucus_softmax_of(caucus_pack *scores, uint32_t n_labels)
{
    caucus_softmax softmax;
    softmax.top = scores[0];
    for (uint32_t y = 1; y < n_labels; y++) {
        softmax.top = caucus_pack_max(scores[y], softmax.top);
    }
    softmax.sum = caucus_pack_of(0.0);
    for (uint32_t y = 0; y < n_labels; y++) {
        scores[y] = caucus_pack_exp(scores[y] - softmax.top);
        softmax.sum += scores[y];
    }
    return softmax;
}

/* exp(score - top) of a cell's labels into p, by the patterns' powers, and where lanes are wild (caucus_raise) by the
 * scores. room: [label]. */
CAUCUS_UNROLLED caucus_softmax caucus_cell_softmax(const caucus_fit *fit, caucus_cell_shape shape, uint32_t cell,
                                                   caucus_mask wild, caucus_pack *p, caucus_pack *room)
{
    caucus_softmax softmax;
    caucus_multiply_cell(fit, shape, cell, p);
    softmax.top = caucus_pack_of(0.0);
    softmax.sum = p[0];
    for (uint32_t y = 1; y < shape.labels; y++) {
        softmax.sum += p[y];
    }
    if (caucus_mask_any(wild)) {
        caucus_gather_cell(fit, shape, cell, room);
        const caucus_softmax exact = caucus_softmax_of(room, shape.labels);
        for (uint32_t y = 0; y < shape.labels; y++) {
            p[y] = caucus_pack_select(wild, room[y], p[y]);
        }
        softmax.top = caucus_pack_select(wild, exact.top, softmax.top);
        softmax.sum = caucus_pack_select(wild, exact.sum, softmax.sum);
    }
    return softmax;
}

/* The mlp's hidden units in a cell, tanh of their inputs, from powers exp(2 * score): (e - 1) / (e + 1), two units to a
 * division. room: [output]. */
CAUCUS_UNROLLED void caucus_cell_hidden(const caucus_fit *fit, caucus_cell_shape shape, uint32_t cell, caucus_mask wild,
                                        caucus_pack *hidden, caucus_pack *room)
{
    caucus_multiply_cell(fit, shape, cell, hidden);
    uint32_t h = 0;
    for (; h + 1 < shape.outputs; h += 2) {
        const caucus_pack below[2] = {hidden[h] + 1.0, hidden[h + 1] + 1.0};
        const caucus_pack both = 1.0 / (below[0] * below[1]);
        hidden[h] = (hidden[h] - 1.0) * (both * below[1]);
        hidden[h + 1] = (hidden[h + 1] - 1.0) * (both * below[0]);
    }
    if (h < shape.outputs) {
        hidden[h] = (hidden[h] - 1.0) / (hidden[h] + 1.0);
    }
    if (caucus_mask_any(wild)) {
        caucus_gather_cell(fit, shape, cell, room);
        for (h = 0; h < shape.outputs; h++) {
            hidden[h] = caucus_pack_select(wild, caucus_pack_tanh(room[h]), hidden[h]);
        }
    }
}

/* The mlp's scores of a cell's labels from its hidden units. */
CAUCUS_UNROLLED void caucus_second_scores(const caucus_fit *fit, caucus_cell_shape shape, const caucus_pack *parameters,
                                          const caucus_pack *hidden, caucus_pack *__restrict__ scores)
{
    const caucus_pack *second = caucus_second_layer(fit, parameters, 0);
    const size_t width = 1 + shape.outputs;
    for (uint32_t y = 0; y < shape.labels; y++) {
        scores[y] = second[y * width];
    }
    for (uint32_t h = 0; h < shape.outputs; h++) {
        const caucus_pack unit = hidden[h];
        for (uint32_t y = 0; y < shape.labels; y++) {
            scores[y] = caucus_pack_fma(second[y * width + 1 + h], unit, scores[y]);
        }
    }
}

/* What cells' scores take beside parameters: the patterns' scores, and a network's powers. Returns the wild lanes. */
CAUCUS_SHARED caucus_mask caucus_prepare_scores(const caucus_fit *fit, const caucus_pack *parameters)
{
    caucus_spread(fit, parameters);
    return fit->training->learner.kind == CAUCUS_MLP ? caucus_raise(fit, 2.0)
                                                     : caucus_pack_less(fit->scores[0], fit->scores[0]);
}

/* Scores of a cell's labels once they are prepared. kept: the place of its room. */
CAUCUS_SHARED void caucus_cell_scores(const caucus_fit *fit, const caucus_pack *parameters, uint32_t cell,
                                      caucus_mask wild, size_t kept, caucus_pack *scores)
{
    const caucus_cell_shape shape = caucus_cell_shape_of(fit->training);
    if (fit->training->learner.kind != CAUCUS_MLP) {
        caucus_gather_cell(fit, shape, cell, scores);
        return;
    }
    caucus_pack *hidden = fit->hidden + kept * shape.outputs;
    caucus_cell_hidden(fit, shape, cell, wild, hidden, fit->outputs + kept * shape.outputs);
    caucus_second_scores(fit, shape, parameters, hidden, scores);
}

/* Labels of the trainees whose parameters are finished, the first n lanes. */
CAUCUS_SHARED void caucus_predict(const caucus_fit *fit, caucus_trainee *const *trainees, uint32_t n)
{
    const caucus_training *training = fit->training;
    const caucus_mask wild = caucus_prepare_scores(fit, fit->finished);
    for (uint32_t cell = CAUCUS_TEAM_RANK; cell < training->design.n_cells; cell += CAUCUS_TEAM_SIZE) {
        const size_t kept = CAUCUS_KEEPS_CELLS ? cell : 0;
        caucus_pack *scores = fit->residual + kept * training->n_labels;
        caucus_cell_scores(fit, fit->finished, cell, wild, kept, scores);
        caucus_pack best = scores[0];
        caucus_pack label = caucus_pack_of(0.0);
        caucus_pack tied = caucus_pack_of(0.0);
        for (uint32_t y = 1; y < training->n_labels; y++) {
            caucus_mask better = caucus_pack_less(best, scores[y]);
            tied = caucus_pack_select(caucus_pack_same(best, scores[y]), caucus_pack_of(1.0), tied);
            tied = caucus_pack_select(better, caucus_pack_of(0.0), tied);
            label = caucus_pack_select(better, caucus_pack_of((double)y), label);
            best = caucus_pack_select(better, scores[y], best);
        }
        for (uint32_t lane = 0; lane < n; lane++) {
            trainees[lane]->labels[cell * trainees[lane]->stride] = (uint32_t)caucus_pack_get(&label, lane);
            if (trainees[lane]->tied != NULL) {
                trainees[lane]->tied[cell * trainees[lane]->stride] = caucus_pack_get(&tied, lane) > 0.0 ? 1 : 0;
            }
        }
    }
    caucus_team_sync();
}

#endif
