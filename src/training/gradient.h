/* Loss and gradient of a pack of trainees: one pass over the cells. Shared with devices.
 *
 * Every sum has one order: a pattern's over its cells ascending, a column's over its patterns ascending, losses and the
 * mlp's second layer over chunks of cells. The CPU adds a cell to its patterns as it comes by; a device keeps the cells
 * and lets each pattern collect its own. */
#ifndef CAUCUS_TRAINING_GRADIENT_H
#define CAUCUS_TRAINING_GRADIENT_H

#include "training/forward.h"

/* Softmax regression in one cell: expected counts of the labels into outputs; returns the loss but for its linear part,
 * which needs no pass: sum of parameters times counts in their columns. */
CAUCUS_UNROLLED caucus_pack caucus_logistic_cell(const caucus_fit *fit, caucus_cell_shape shape, uint32_t cell,
                                                 caucus_mask wild, size_t kept)
{
    caucus_pack *outputs = fit->outputs + kept * shape.labels;
    const caucus_softmax softmax =
        caucus_cell_softmax(fit, shape, cell, wild, outputs, fit->residual + kept * shape.labels);
    const caucus_pack total = fit->totals[cell];
    const caucus_pack scale = total / softmax.sum;
    for (uint32_t y = 0; y < shape.labels; y++) {
        outputs[y] *= scale;
    }
    return total * (softmax.top + caucus_pack_log(softmax.sum));
}

/* The same with each person's gradient shortened to the clip. In cell x a person with label y has the gradient
 * (p - e_y) times the row of x, of norm |p - e_y| sqrt(ones in a row). */
CAUCUS_UNROLLED void caucus_clipped_cell(const caucus_fit *fit, caucus_cell_shape shape, uint32_t cell,
                                         caucus_mask wild, size_t kept)
{
    const caucus_training *training = fit->training;
    const double longest = training->clip / sqrt((double)training->design.n_ones);
    const caucus_pack *counts = fit->counts + (size_t)cell * shape.labels;
    caucus_pack *outputs = fit->outputs + kept * shape.labels;
    caucus_pack *p = fit->residual + kept * shape.labels;
    const caucus_softmax softmax = caucus_cell_softmax(fit, shape, cell, wild, p, outputs);
    const caucus_pack one_by_sum = 1.0 / softmax.sum;
    caucus_pack squares = caucus_pack_of(0.0);
    for (uint32_t y = 0; y < shape.labels; y++) {
        p[y] *= one_by_sum;
        squares += p[y] * p[y];
    }
    const caucus_pack most = caucus_pack_of(longest * longest);
    caucus_pack weight = caucus_pack_of(0.0);
    for (uint32_t y = 0; y < shape.labels; y++) {
        caucus_pack rest = caucus_pack_of(0.0); /* 1 - p[y], which would cancel */
        for (uint32_t b = 0; b < shape.labels; b++) {
            rest += b != y ? p[b] : caucus_pack_of(0.0);
        }
        const caucus_pack square = rest * rest + (squares - p[y] * p[y]);
        const caucus_mask long_ones = caucus_pack_less(most, square);
        outputs[y] = counts[y];
        if (caucus_mask_any(long_ones)) {
            outputs[y] = caucus_pack_select(long_ones, counts[y] * (longest / caucus_pack_sqrt(square)), counts[y]);
        }
        weight += outputs[y];
    }
    for (uint32_t y = 0; y < shape.labels; y++) {
        outputs[y] = p[y] * weight - outputs[y];
    }
}

/* Gradients of the inputs of hidden units from those of the scores. */
CAUCUS_UNROLLED void caucus_hidden_slopes(caucus_cell_shape shape, const caucus_pack *second,
                                          const caucus_pack *residual, const caucus_pack *hidden,
                                          caucus_pack *__restrict__ slopes)
{
    const size_t width = 1 + shape.outputs;
    for (uint32_t h = 0; h < shape.outputs; h++) {
        caucus_pack slope = caucus_pack_of(0.0);
        for (uint32_t y = 0; y < shape.labels; y++) {
            slope = caucus_pack_fma(residual[y], second[y * width + 1 + h], slope);
        }
        slopes[h] = slope * (1.0 - hidden[h] * hidden[h]);
    }
}

/* The mlp: gradients of the hidden units' inputs into outputs, of the scores into residual; returns the loss. */
CAUCUS_UNROLLED caucus_pack caucus_mlp_cell(const caucus_fit *fit, caucus_cell_shape shape, uint32_t cell,
                                            caucus_mask wild, size_t kept)
{
    const caucus_pack *counts = fit->counts + (size_t)cell * shape.labels;
    caucus_pack *outputs = fit->outputs + kept * shape.outputs;
    caucus_pack *hidden = fit->hidden + kept * shape.outputs;
    caucus_pack *residual = fit->residual + kept * shape.labels;
    caucus_cell_hidden(fit, shape, cell, wild, hidden, outputs);
    caucus_second_scores(fit, shape, fit->trial, hidden, residual);
    caucus_pack linear = caucus_pack_of(0.0);
    for (uint32_t y = 0; y < shape.labels; y++) {
        linear += counts[y] * residual[y];
    }
    caucus_softmax softmax = caucus_softmax_of(residual, shape.labels);
    const caucus_pack total = fit->totals[cell];
    const caucus_pack scale = total / softmax.sum;
    for (uint32_t y = 0; y < shape.labels; y++) {
        residual[y] = residual[y] * scale - counts[y];
    }
    caucus_hidden_slopes(shape, caucus_second_layer(fit, fit->trial, 0), residual, hidden, outputs);
    return total * (softmax.top + caucus_pack_log(softmax.sum)) - linear;
}

CAUCUS_UNROLLED caucus_pack caucus_evaluate_cell(const caucus_fit *fit, caucus_cell_shape shape, uint32_t cell,
                                                 caucus_mask wild, size_t kept)
{
    if (fit->training->learner.kind == CAUCUS_MLP) {
        return caucus_mlp_cell(fit, shape, cell, wild, kept);
    }
    if (fit->training->learner.is_private) {
        caucus_clipped_cell(fit, shape, cell, wild, kept);
        return caucus_pack_of(0.0);
    }
    return caucus_logistic_cell(fit, shape, cell, wild, kept);
}

/* Add a cell's part of the second layer's gradient. */
CAUCUS_UNROLLED void caucus_outer_add(const caucus_fit *fit, caucus_cell_shape shape, size_t kept,
                                      caucus_pack *__restrict__ outer)
{
    const caucus_pack *hidden = fit->hidden + kept * shape.outputs;
    const caucus_pack *residual = fit->residual + kept * shape.labels;
    const size_t width = 1 + shape.outputs;
    for (uint32_t y = 0; y < shape.labels; y++) {
        outer[y * width] += residual[y];
    }
    for (uint32_t h = 0; h < shape.outputs; h++) {
        for (uint32_t y = 0; y < shape.labels; y++) {
            outer[y * width + 1 + h] = caucus_pack_fma(residual[y], hidden[h], outer[y * width + 1 + h]);
        }
    }
}

#ifndef CAUCUS_DEVICE_CODE

CAUCUS_UNROLLED void caucus_add_to_patterns(const caucus_fit *fit, caucus_cell_shape shape, uint32_t cell)
{
    const uint32_t *patterns = fit->training->design.cell_patterns + (size_t)cell * shape.groups;
    for (uint32_t k = 0; k < shape.groups; k++) {
        caucus_pack *sums = fit->sums + (size_t)patterns[k] * shape.outputs;
        for (uint32_t v = 0; v < shape.outputs; v++) {
            sums[v] += fit->outputs[v];
        }
    }
}

/* Sums over cells of patterns into sums, of the second layer into second [n_outer]. Returns the loss. Inlined, so that
 * what is constant where it is called unrolls its loops. */
CAUCUS_UNROLLED caucus_pack caucus_sweep_shape(const caucus_fit *fit, caucus_cell_shape shape, caucus_mask wild,
                                               caucus_pack *second, uint32_t n_outer)
{
    const uint32_t n_cells = fit->training->design.n_cells;
    caucus_pack loss = caucus_pack_of(0.0);
    for (uint32_t first = 0; first < n_cells; first += CAUCUS_CHUNK) {
        const uint32_t left = n_cells - first;
        const uint32_t end = first + (left < CAUCUS_CHUNK ? left : (uint32_t)CAUCUS_CHUNK);
        caucus_pack part = caucus_pack_of(0.0);
        memset(fit->outer, 0, n_outer * sizeof *fit->outer);
        for (uint32_t cell = first; cell < end; cell++) {
            if (!caucus_mask_any(caucus_pack_less(caucus_pack_of(0.0), fit->totals[cell]))) {
                continue;
            }
            part += caucus_evaluate_cell(fit, shape, cell, wild, 0);
            caucus_add_to_patterns(fit, shape, cell);
            if (n_outer > 0) {
                caucus_outer_add(fit, shape, 0, fit->outer);
            }
        }
        for (uint32_t i = 0; i < n_outer; i++) {
            second[i] += fit->outer[i];
        }
        loss += part;
    }
    return loss;
}

CAUCUS_SHARED caucus_pack caucus_sweep_cells(const caucus_fit *fit, caucus_mask wild)
{
    const caucus_training *training = fit->training;
    const caucus_cell_shape shape = caucus_cell_shape_of(training);
    const bool mlp = training->learner.kind == CAUCUS_MLP;
    const uint32_t n_outer = mlp ? training->n_labels * (1 + training->learner.hidden) : 0;
    caucus_pack *second = fit->slopes + (training->n_parameters - n_outer);
    memset(fit->sums, 0, (size_t)training->design.n_patterns * training->n_outputs * sizeof *fit->sums);
    memset(second, 0, n_outer * sizeof *second);
#define CAUCUS_SWEEP(LABELS, OUTPUTS)                                                                                  \
    if (shape.groups == 2 && shape.labels == (LABELS) && shape.outputs == (OUTPUTS)) {                                 \
        const caucus_cell_shape constant = {LABELS, OUTPUTS, 2};                                                       \
        return caucus_sweep_shape(fit, constant, wild, second, mlp ? (LABELS) * (1 + (OUTPUTS)) : 0);                  \
    }
    CAUCUS_SWEEP(2, 2)
    CAUCUS_SWEEP(3, 3)
    CAUCUS_SWEEP(4, 4)
    CAUCUS_SWEEP(2, 16)
    CAUCUS_SWEEP(3, 16)
    CAUCUS_SWEEP(4, 16)
#undef CAUCUS_SWEEP
    return caucus_sweep_shape(fit, shape, wild, second, n_outer);
}

#else

CAUCUS_SHARED void caucus_keep_cell(const caucus_fit *fit, caucus_cell_shape shape, caucus_mask wild, uint32_t cell)
{
    if (fit->totals[cell] > 0.0) {
        fit->losses[cell] = caucus_evaluate_cell(fit, shape, cell, wild, cell);
        return;
    }
    const caucus_training *training = fit->training;
    fit->losses[cell] = 0.0;
    for (uint32_t v = 0; v < training->n_outputs; v++) {
        fit->outputs[(size_t)cell * training->n_outputs + v] = 0.0;
    }
    for (uint32_t y = 0; y < training->n_labels; y++) {
        fit->residual[(size_t)cell * training->n_labels + y] = 0.0;
    }
    for (uint32_t h = 0; training->learner.kind == CAUCUS_MLP && h < training->learner.hidden; h++) {
        fit->hidden[(size_t)cell * training->learner.hidden + h] = 0.0;
    }
}

/* What a chunk of cells adds to the loss and to the second layer. */
CAUCUS_SHARED void caucus_sum_chunk(const caucus_fit *fit, caucus_cell_shape shape, uint32_t chunk, uint32_t n_outer)
{
    const uint32_t n_cells = fit->training->design.n_cells;
    const uint32_t n_chunks = caucus_chunks(n_cells);
    const uint32_t end = chunk + 1 < n_chunks ? (chunk + 1) * CAUCUS_CHUNK : n_cells;
    caucus_pack *outer = fit->outer + (size_t)chunk * n_outer;
    for (uint32_t i = 0; i < n_outer; i++) {
        outer[i] = 0.0;
    }
    caucus_pack part = 0.0;
    for (uint32_t cell = chunk * CAUCUS_CHUNK; cell < end; cell++) {
        part += fit->losses[cell];
        if (n_outer > 0) {
            caucus_outer_add(fit, shape, cell, outer);
        }
    }
    fit->parts[chunk] = part;
}

CAUCUS_SHARED caucus_pack caucus_sweep_cells(const caucus_fit *fit, caucus_mask wild)
{
    const caucus_training *training = fit->training;
    const caucus_design *design = &training->design;
    const caucus_cell_shape shape = caucus_cell_shape_of(training);
    const uint32_t n_outputs = training->n_outputs;
    const uint32_t n_chunks = caucus_chunks(design->n_cells);
    const uint32_t n_outer =
        training->learner.kind == CAUCUS_MLP ? training->n_labels * (1 + training->learner.hidden) : 0;
    caucus_pack *second = fit->slopes + (training->n_parameters - n_outer);
    for (uint32_t cell = CAUCUS_TEAM_RANK; cell < design->n_cells; cell += CAUCUS_TEAM_SIZE) {
        caucus_keep_cell(fit, shape, wild, cell);
    }
    caucus_team_sync();
    for (uint32_t i = CAUCUS_TEAM_RANK; i < design->n_patterns * n_outputs; i += CAUCUS_TEAM_SIZE) {
        const uint32_t pattern = i / n_outputs;
        caucus_pack sum = 0.0;
        for (uint64_t j = design->pattern_cell_starts[pattern]; j < design->pattern_cell_starts[pattern + 1]; j++) {
            sum += fit->outputs[(size_t)design->pattern_cells[j] * n_outputs + i % n_outputs];
        }
        fit->sums[i] = sum;
    }
    for (uint32_t chunk = CAUCUS_TEAM_RANK; chunk < n_chunks; chunk += CAUCUS_TEAM_SIZE) {
        caucus_sum_chunk(fit, shape, chunk, n_outer);
    }
    caucus_team_sync();
    for (uint32_t i = CAUCUS_TEAM_RANK; i < n_outer; i += CAUCUS_TEAM_SIZE) {
        caucus_pack sum = 0.0;
        for (uint32_t chunk = 0; chunk < n_chunks; chunk++) {
            sum += fit->outer[(size_t)chunk * n_outer + i];
        }
        second[i] = sum;
    }
    caucus_pack loss = 0.0;
    for (uint32_t chunk = 0; chunk < n_chunks; chunk++) {
        loss += fit->parts[chunk];
    }
    return loss;
}

#endif

/* Whether a parameter is no constant. */
CAUCUS_SHARED bool caucus_is_penalised(const caucus_training *training, uint32_t i)
{
    const uint32_t n_first = training->n_outputs * training->design.n_columns;
    return i < n_first ? i % training->design.n_columns != 0 : (i - n_first) % (1 + training->learner.hidden) != 0;
}

/* A column's sum over its patterns. */
CAUCUS_SHARED caucus_pack caucus_column_sum(const caucus_fit *fit, uint32_t output, uint32_t column)
{
    const caucus_design *design = &fit->training->design;
    const uint32_t n_outputs = fit->training->n_outputs;
    const uint32_t end = design->column_starts[column + 1];
    caucus_pack sum = caucus_pack_of(0.0);
    for (uint32_t j = design->column_starts[column]; j < end; j++) {
        sum += fit->sums[(size_t)design->column_patterns[j] * n_outputs + output];
    }
    return sum;
}

/* Loss and gradient (into slopes) at trial, penalty included. */
CAUCUS_SHARED caucus_pack caucus_evaluate(const caucus_fit *fit)
{
    const caucus_training *training = fit->training;
    const uint32_t n_columns = training->design.n_columns;
    const uint32_t n_first = training->n_outputs * n_columns;
    const bool logistic = training->learner.kind == CAUCUS_LOGISTIC && !training->learner.is_private;
    caucus_spread(fit, fit->trial);
    const caucus_mask wild = caucus_raise(fit, training->learner.kind == CAUCUS_MLP ? 2.0 : 1.0);
    caucus_pack loss = caucus_sweep_cells(fit, wild);
    caucus_team_sync();
    for (uint32_t i = CAUCUS_TEAM_RANK; i < training->n_parameters; i += CAUCUS_TEAM_SIZE) {
        const double penalty = caucus_is_penalised(training, i) ? training->learner.penalty : 0.0;
        const caucus_pack linear = logistic ? fit->linear[i] : caucus_pack_of(0.0);
        const caucus_pack slope = i < n_first ? caucus_column_sum(fit, i / n_columns, i % n_columns) : fit->slopes[i];
        fit->slopes[i] = (slope - linear) + fit->trial[i] * penalty;
        fit->work[i] = fit->trial[i] * (0.5 * penalty) - linear;
    }
    return loss + caucus_team_dot(fit->work, fit->trial, training->n_parameters, fit->parts);
}

#endif
