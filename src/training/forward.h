/* From parameters to scores of cells. Shared with devices. */
#ifndef CAUCUS_TRAINING_FORWARD_H
#define CAUCUS_TRAINING_FORWARD_H

#include "training/workspace.h"

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

/* A cell's sums over its patterns: [output]. */
CAUCUS_SHARED void caucus_gather_cell(const caucus_fit *fit, uint32_t cell, caucus_pack *sums)
{
    const uint32_t n_outputs = fit->training->n_outputs;
    const uint32_t n_groups = fit->training->design.n_groups;
    const uint32_t *patterns = fit->training->design.cell_patterns + (size_t)cell * n_groups;
    const caucus_pack *first = fit->scores + (size_t)patterns[0] * n_outputs;
    if (n_groups == 2) { /* the usual case, without a loop */
        const caucus_pack *second = fit->scores + (size_t)patterns[1] * n_outputs;
        for (uint32_t v = 0; v < n_outputs; v++) {
            sums[v] = first[v] + second[v];
        }
        return;
    }
    for (uint32_t v = 0; v < n_outputs; v++) {
        caucus_pack sum = first[v];
        for (uint32_t k = 1; k < n_groups; k++) {
            sum += fit->scores[(size_t)patterns[k] * n_outputs + v];
        }
        sums[v] = sum;
    }
}

/* Row of a label in the mlp's second layer: [1 + hidden], the constant first. */
CAUCUS_SHARED const caucus_pack *caucus_second_layer(const caucus_fit *fit, const caucus_pack *parameters, uint32_t y)
{
    const caucus_training *training = fit->training;
    const uint32_t hidden = training->learner.hidden;
    return parameters + (size_t)hidden * training->design.n_columns + (size_t)y * (1 + hidden);
}

/* Scores of a cell's labels. The patterns' scores must be those of the same parameters. hidden: room, mlp only. */
CAUCUS_SHARED void caucus_cell_scores(const caucus_fit *fit, const caucus_pack *parameters, uint32_t cell,
                                      caucus_pack *hidden, caucus_pack *scores)
{
    if (fit->training->learner.kind != CAUCUS_MLP) {
        caucus_gather_cell(fit, cell, scores);
        return;
    }
    const uint32_t n_hidden = fit->training->learner.hidden;
    caucus_gather_cell(fit, cell, hidden);
    for (uint32_t h = 0; h < n_hidden; h++) {
        hidden[h] = caucus_pack_tanh(hidden[h]);
    }
    for (uint32_t y = 0; y < fit->training->n_labels; y++) {
        const caucus_pack *row = caucus_second_layer(fit, parameters, y);
        caucus_pack score = row[0];
        for (uint32_t h = 0; h < n_hidden; h++) {
            score += row[1 + h] * hidden[h];
        }
        scores[y] = score;
    }
}

typedef struct caucus_softmax {
    caucus_pack top; /* the largest score */
    caucus_pack sum; /* of exp(score - top): at least 1 */
} caucus_softmax;

/* Replace scores by exp(score - top). */
CAUCUS_SHARED caucus_softmax caucus_softmax_of(caucus_pack *scores, uint32_t n_labels)
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

/* Labels of the trainees whose parameters are finished, the first n lanes. */
CAUCUS_SHARED void caucus_predict(const caucus_fit *fit, caucus_trainee *const *trainees, uint32_t n)
{
    const caucus_training *training = fit->training;
    caucus_spread(fit, fit->finished);
    for (uint32_t cell = CAUCUS_TEAM_RANK; cell < training->design.n_cells; cell += CAUCUS_TEAM_SIZE) {
        const size_t kept = CAUCUS_KEEPS_CELLS ? cell : 0;
        caucus_pack *scores = fit->residual + kept * training->n_labels;
        caucus_cell_scores(fit, fit->finished, cell, fit->hidden + kept * training->learner.hidden, scores);
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
