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
CAUCUS_SHARED caucus_pack caucus_logistic_cell(const caucus_fit *fit, uint32_t cell, size_t kept)
{
    const uint32_t n_labels = fit->training->n_labels;
    caucus_pack *outputs = fit->outputs + kept * n_labels;
    caucus_gather_cell(fit, cell, outputs);
    caucus_softmax softmax = caucus_softmax_of(outputs, n_labels);
    const caucus_pack total = fit->totals[cell];
    const caucus_pack scale = total / softmax.sum;
    for (uint32_t y = 0; y < n_labels; y++) {
        outputs[y] *= scale;
    }
    return total * (softmax.top + caucus_pack_log(softmax.sum));
}

/* The same with each person's gradient shortened to the clip. In cell x a person with label y has the gradient
 * (p - e_y) times the row of x, of norm |p - e_y| sqrt(ones in a row). */
CAUCUS_SHARED void caucus_clipped_cell(const caucus_fit *fit, uint32_t cell, size_t kept)
{
    const caucus_training *training = fit->training;
    const uint32_t n_labels = training->n_labels;
    const caucus_pack longest = caucus_pack_of(training->clip / sqrt((double)training->design.n_ones));
    const caucus_pack *counts = fit->counts + (size_t)cell * n_labels;
    caucus_pack *outputs = fit->outputs + kept * n_labels;
    caucus_pack *p = fit->residual + kept * n_labels;
    caucus_gather_cell(fit, cell, p);
    caucus_softmax softmax = caucus_softmax_of(p, n_labels);
    for (uint32_t y = 0; y < n_labels; y++) {
        p[y] = p[y] / softmax.sum;
    }
    caucus_pack weight = caucus_pack_of(0.0);
    for (uint32_t y = 0; y < n_labels; y++) {
        caucus_pack rest = caucus_pack_of(0.0); /* 1 - p[y], which would cancel */
        caucus_pack square = caucus_pack_of(0.0);
        for (uint32_t b = 0; b < n_labels; b++) {
            if (b != y) {
                rest += p[b];
                square += p[b] * p[b];
            }
        }
        caucus_pack norm = caucus_pack_sqrt(rest * rest + square);
        outputs[y] = counts[y] * caucus_pack_min(longest / norm, caucus_pack_of(1.0));
        weight += outputs[y];
    }
    for (uint32_t y = 0; y < n_labels; y++) {
        outputs[y] = p[y] * weight - outputs[y];
    }
}

/* The mlp: gradients of the hidden units' inputs into outputs, of the scores into residual; returns the loss. */
CAUCUS_SHARED caucus_pack caucus_mlp_cell(const caucus_fit *fit, uint32_t cell, size_t kept)
{
    const uint32_t n_labels = fit->training->n_labels;
    const uint32_t n_hidden = fit->training->learner.hidden;
    const caucus_pack *counts = fit->counts + (size_t)cell * n_labels;
    caucus_pack *outputs = fit->outputs + kept * n_hidden;
    caucus_pack *hidden = fit->hidden + kept * n_hidden;
    caucus_pack *residual = fit->residual + kept * n_labels;
    caucus_cell_scores(fit, fit->trial, cell, hidden, residual);
    caucus_pack linear = caucus_pack_of(0.0);
    for (uint32_t y = 0; y < n_labels; y++) {
        linear += counts[y] * residual[y];
    }
    caucus_softmax softmax = caucus_softmax_of(residual, n_labels);
    const caucus_pack total = fit->totals[cell];
    const caucus_pack scale = total / softmax.sum;
    for (uint32_t h = 0; h < n_hidden; h++) {
        outputs[h] = caucus_pack_of(0.0);
    }
    for (uint32_t y = 0; y < n_labels; y++) {
        const caucus_pack *row = caucus_second_layer(fit, fit->trial, y);
        residual[y] = residual[y] * scale - counts[y];
        for (uint32_t h = 0; h < n_hidden; h++) {
            outputs[h] += residual[y] * row[1 + h];
        }
    }
    for (uint32_t h = 0; h < n_hidden; h++) {
        outputs[h] *= 1.0 - hidden[h] * hidden[h];
    }
    return total * (softmax.top + caucus_pack_log(softmax.sum)) - linear;
}

CAUCUS_SHARED caucus_pack caucus_evaluate_cell(const caucus_fit *fit, uint32_t cell, size_t kept)
{
    if (fit->training->learner.kind == CAUCUS_MLP) {
        return caucus_mlp_cell(fit, cell, kept);
    }
    if (fit->training->learner.is_private) {
        caucus_clipped_cell(fit, cell, kept);
        return caucus_pack_of(0.0);
    }
    return caucus_logistic_cell(fit, cell, kept);
}

/* Add a cell's part of the second layer's gradient. */
CAUCUS_SHARED void caucus_outer_add(const caucus_fit *fit, size_t kept, caucus_pack *outer)
{
    const uint32_t n_hidden = fit->training->learner.hidden;
    const caucus_pack *hidden = fit->hidden + kept * n_hidden;
    for (uint32_t y = 0; y < fit->training->n_labels; y++) {
        const caucus_pack residual = fit->residual[kept * fit->training->n_labels + y];
        caucus_pack *row = outer + (size_t)y * (1 + n_hidden);
        row[0] += residual;
        for (uint32_t h = 0; h < n_hidden; h++) {
            row[1 + h] += residual * hidden[h];
        }
    }
}

#ifndef CAUCUS_DEVICE_CODE

CAUCUS_SHARED void caucus_add_to_patterns(const caucus_fit *fit, uint32_t cell)
{
    const caucus_design *design = &fit->training->design;
    const uint32_t n_outputs = fit->training->n_outputs;
    const uint32_t *patterns = design->cell_patterns + (size_t)cell * design->n_groups;
    for (uint32_t k = 0; k < design->n_groups; k++) {
        caucus_pack *sums = fit->sums + (size_t)patterns[k] * n_outputs;
        for (uint32_t v = 0; v < n_outputs; v++) {
            sums[v] += fit->outputs[v];
        }
    }
}

/* Sums over cells: of patterns into sums, of the second layer into its slopes. Returns the loss. */
CAUCUS_SHARED caucus_pack caucus_sweep_cells(const caucus_fit *fit)
{
    const caucus_training *training = fit->training;
    const uint32_t n_outer =
        training->learner.kind == CAUCUS_MLP ? training->n_labels * (1 + training->learner.hidden) : 0;
    caucus_pack *second = fit->slopes + (training->n_parameters - n_outer);
    memset(fit->sums, 0, (size_t)training->design.n_patterns * training->n_outputs * sizeof *fit->sums);
    memset(second, 0, n_outer * sizeof *second);
    caucus_pack loss = caucus_pack_of(0.0);
    for (uint32_t first = 0; first < training->design.n_cells; first += CAUCUS_CHUNK) {
        const uint32_t left = training->design.n_cells - first;
        const uint32_t end = first + (left < CAUCUS_CHUNK ? left : (uint32_t)CAUCUS_CHUNK);
        caucus_pack part = caucus_pack_of(0.0);
        memset(fit->outer, 0, n_outer * sizeof *fit->outer);
        for (uint32_t cell = first; cell < end; cell++) {
            if (!caucus_mask_any(caucus_pack_less(caucus_pack_of(0.0), fit->totals[cell]))) {
                continue;
            }
            part += caucus_evaluate_cell(fit, cell, 0);
            caucus_add_to_patterns(fit, cell);
            if (n_outer > 0) {
                caucus_outer_add(fit, 0, fit->outer);
            }
        }
        for (uint32_t i = 0; i < n_outer; i++) {
            second[i] += fit->outer[i];
        }
        loss += part;
    }
    return loss;
}

#else

CAUCUS_SHARED void caucus_keep_cell(const caucus_fit *fit, uint32_t cell)
{
    if (fit->totals[cell] > 0.0) {
        fit->losses[cell] = caucus_evaluate_cell(fit, cell, cell);
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
CAUCUS_SHARED void caucus_sum_chunk(const caucus_fit *fit, uint32_t chunk, uint32_t n_outer)
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
            caucus_outer_add(fit, cell, outer);
        }
    }
    fit->parts[chunk] = part;
}

CAUCUS_SHARED caucus_pack caucus_sweep_cells(const caucus_fit *fit)
{
    const caucus_training *training = fit->training;
    const caucus_design *design = &training->design;
    const uint32_t n_outputs = training->n_outputs;
    const uint32_t n_chunks = caucus_chunks(design->n_cells);
    const uint32_t n_outer =
        training->learner.kind == CAUCUS_MLP ? training->n_labels * (1 + training->learner.hidden) : 0;
    caucus_pack *second = fit->slopes + (training->n_parameters - n_outer);
    for (uint32_t cell = CAUCUS_TEAM_RANK; cell < design->n_cells; cell += CAUCUS_TEAM_SIZE) {
        caucus_keep_cell(fit, cell);
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
        caucus_sum_chunk(fit, chunk, n_outer);
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
    caucus_pack loss = caucus_sweep_cells(fit);
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
