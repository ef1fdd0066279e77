#include "compile/signals.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_VARIANTS = 1 << 16 };

/* Where g leads from every cell of the population. */
static caucus_status tabulate_images(const caucus_config *config, uint32_t m, caucus_signals *signals)
{
    const caucus_collective *collective = &config->collectives[m];
    uint32_t n_cells = (uint32_t)config->population->n_cells;
    caucus_signal *signal = &signals->of[m];
    TRY(caucus_alloc(n_cells, sizeof *signal->image, "images", &signal->image));
    for (uint32_t cell = 0; cell < n_cells; cell++) {
        TRY(caucus_cells_assign(&signals->cells, cell, collective->set, collective->n_set, &signal->image[cell]));
    }
    return CAUCUS_OK;
}

static caucus_status tabulate_outside(const caucus_config *config, uint32_t m, caucus_signals *signals)
{
    const caucus_collective *collective = &config->collectives[m];
    if (collective->strategy != CAUCUS_FEATURE_ONLY) {
        return CAUCUS_OK;
    }
    caucus_signal *signal = &signals->of[m];
    uint32_t n_cells = (uint32_t)config->population->n_cells;
    TRY(caucus_alloc(n_cells, sizeof *signal->outside, "cells outside the signal set", &signal->outside));
    uint32_t fixed = 0;
    if (collective->n_outside == 0) {
        TRY(caucus_cells_common_outside(&signals->cells, config->population, collective, &fixed));
    }
    for (uint32_t cell = 0; cell < n_cells; cell++) {
        signal->outside[cell] = fixed;
        if (collective->n_outside > 0) {
            TRY(caucus_cells_assign(&signals->cells, cell, collective->outside, collective->n_outside,
                                    &signal->outside[cell]));
        }
        if (caucus_cells_marked(&signals->cells, signal->outside[cell], collective)) {
            return caucus_fail(CAUCUS_INVALID,
                               "collective %s: \"outside\" stays in the signal set; set one of its "
                               "features to another value",
                               collective->name);
        }
    }
    return CAUCUS_OK;
}

static void place(caucus_signals *signals, uint32_t cell)
{
    if (signals->position[cell] == CAUCUS_NOWHERE) {
        signals->position[cell] = signals->n_positions++;
    }
}

/* Number the positions: signal sets first, then what else the view has. */
static caucus_status number_positions(const caucus_config *config, caucus_view view, caucus_signals *signals)
{
    const uint32_t n_cells = (uint32_t)config->population->n_cells;
    const uint32_t n_kept = view == CAUCUS_VIEW_SIGNALS      ? 0
                            : view == CAUCUS_VIEW_POPULATION ? n_cells
                                                             : signals->cells.n_cells;
    TRY(caucus_alloc(signals->cells.n_cells, sizeof *signals->position, "positions", &signals->position));
    for (uint32_t cell = 0; cell < signals->cells.n_cells; cell++) {
        signals->position[cell] = CAUCUS_NOWHERE;
    }
    for (uint32_t m = 0; m < signals->n_collectives; m++) {
        for (uint32_t cell = 0; cell < n_cells; cell++) {
            place(signals, signals->of[m].image[cell]);
        }
    }
    signals->n_union = signals->n_positions;
    for (uint32_t cell = 0; cell < n_kept; cell++) {
        place(signals, cell);
    }
    return CAUCUS_OK;
}

static void add_signal_cell(caucus_signal *signal, uint32_t position)
{
    if (signal->index[position] == CAUCUS_NOWHERE) {
        signal->index[position] = signal->n_cells;
        signal->positions[signal->n_cells++] = position;
    }
}

/* The cells that a collective's bounds speak of: g(X), or for erase all of X. */
static caucus_status list_signal_cells(const caucus_config *config, uint32_t m, caucus_signals *signals)
{
    caucus_signal *signal = &signals->of[m];
    uint32_t n_cells = (uint32_t)config->population->n_cells;
    TRY(caucus_alloc(signals->n_positions, sizeof *signal->positions, "a signal set", &signal->positions));
    TRY(caucus_alloc(signals->n_positions, sizeof *signal->index, "a signal set", &signal->index));
    for (uint32_t p = 0; p < signals->n_positions; p++) {
        signal->index[p] = CAUCUS_NOWHERE;
    }
    for (uint32_t cell = 0; cell < n_cells; cell++) {
        add_signal_cell(signal, signals->position[signal->image[cell]]);
    }
    if (config->collectives[m].strategy != CAUCUS_ERASE) {
        return CAUCUS_OK;
    }
    for (uint32_t cell = 0; cell < n_cells; cell++) {
        add_signal_cell(signal, signals->position[cell]);
    }
    TRY(caucus_alloc(signal->n_cells, sizeof *signal->erased, "an erased signal", &signal->erased));
    for (uint32_t s = 0; s < signal->n_cells; s++) {
        signal->erased[s] = s; /* g leaves signal cells where they are */
    }
    for (uint32_t cell = 0; cell < n_cells; cell++) {
        signal->erased[signal->index[signals->position[cell]]] = signal->index[signals->position[signal->image[cell]]];
    }
    return CAUCUS_OK;
}

static caucus_status fail_variants(const caucus_collective *collective)
{
    return caucus_fail(CAUCUS_INVALID,
                       "collective %s: its set features have too many combinations of values for misses; set fewer "
                       "features or leave \"miss\" at 0",
                       collective->name);
}

/* Combinations of values of the set features that misses may leave; 0 where nothing can be missed. */
static caucus_status count_variants(const caucus_config *config, const caucus_collective *collective,
                                    uint32_t *n_variants)
{
    uint64_t n = 1;
    *n_variants = 0;
    if (collective->miss == 0.0 || collective->strategy == CAUCUS_ERASE) { /* erase sets no feature */
        return CAUCUS_OK;
    }
    for (uint32_t i = 0; i < collective->n_set && n <= MOST_VARIANTS; i++) {
        n *= config->population->features[collective->set[i].feature].n_values;
    }
    if (n > MOST_VARIANTS) {
        return fail_variants(collective);
    }
    *n_variants = (uint32_t)n;
    return CAUCUS_OK;
}

static void variant_values(const caucus_config *config, const caucus_collective *collective, uint32_t variant,
                           caucus_assignment *values)
{
    for (uint32_t i = 0; i < collective->n_set; i++) {
        const uint32_t n_values = config->population->features[collective->set[i].feature].n_values;
        values[i].feature = collective->set[i].feature;
        values[i].value = variant % n_values;
        variant /= n_values;
    }
}

/* The probability that a member hands in these values of the set features; misses are independent. */
static double variant_weight(const caucus_config *config, const caucus_collective *collective,
                             const caucus_assignment *values)
{
    double probability = 1.0;
    for (uint32_t i = 0; i < collective->n_set; i++) {
        const uint32_t n_values = config->population->features[values[i].feature].n_values;
        double uniform = collective->miss / (double)n_values;
        probability *= uniform + (values[i].value == collective->set[i].value ? 1.0 - collective->miss : 0.0);
    }
    return probability;
}

/* Add the cells that misses lead to, before positions are numbered. */
static caucus_status add_missed_cells(const caucus_config *config, uint32_t m, caucus_signals *signals)
{
    const caucus_collective *collective = &config->collectives[m];
    const uint32_t n_images = (uint32_t)config->population->n_cells;
    caucus_status status = CAUCUS_OK;
    uint32_t n_variants = 0;
    caucus_assignment *values = NULL;
    TRY(count_variants(config, collective, &n_variants));
    TRY(caucus_alloc(collective->n_set, sizeof *values, "misses", &values));
    for (uint32_t v = 0; v < n_variants; v++) {
        variant_values(config, collective, v, values);
        for (uint32_t cell = 0; cell < n_images; cell++) {
            uint32_t missed = 0;
            TRY_GOTO(
                caucus_cells_assign(&signals->cells, signals->of[m].image[cell], values, collective->n_set, &missed),
                done);
        }
    }
done:
    free(values);
    return status;
}

static caucus_status tabulate_misses(const caucus_config *config, uint32_t m, caucus_signals *signals)
{
    const caucus_collective *collective = &config->collectives[m];
    caucus_signal *signal = &signals->of[m];
    uint32_t n_variants = 0;
    TRY(count_variants(config, collective, &n_variants));
    if (n_variants == 0) {
        return CAUCUS_OK;
    }
    if ((uint64_t)n_variants * signal->n_cells * config->population->n_labels > UINT32_MAX) { /* a draw for each */
        return fail_variants(collective);
    }
    caucus_misses *misses = &signal->misses;
    misses->n_variants = n_variants;
    TRY(caucus_alloc(n_variants, sizeof *misses->weights, "misses", &misses->weights));
    TRY(caucus_alloc((size_t)n_variants * signal->n_cells, sizeof *misses->positions, "misses", &misses->positions));
    caucus_assignment *values = NULL;
    TRY(caucus_alloc(collective->n_set, sizeof *values, "misses", &values));
    caucus_status status = CAUCUS_OK;
    uint32_t *cell_of = NULL; /* [position] */
    TRY_GOTO(caucus_alloc(signals->n_positions, sizeof *cell_of, "misses", &cell_of), done);
    uint32_t n_placed = signals->cells.n_cells; /* before variants add cells, which have no position */
    for (uint32_t cell = 0; cell < n_placed; cell++) {
        if (signals->position[cell] != CAUCUS_NOWHERE) {
            cell_of[signals->position[cell]] = cell;
        }
    }
    for (uint32_t v = 0; v < n_variants; v++) {
        variant_values(config, collective, v, values);
        misses->weights[v] = variant_weight(config, collective, values);
        for (uint32_t s = 0; s < signal->n_cells; s++) {
            uint32_t cell = 0;
            TRY_GOTO(
                caucus_cells_assign(&signals->cells, cell_of[signal->positions[s]], values, collective->n_set, &cell),
                done);
            misses->positions[s * n_variants + v] = cell < n_placed ? signals->position[cell] : CAUCUS_NOWHERE;
        }
    }
done:
    free(cell_of);
    free(values);
    return status;
}

caucus_status caucus_signals_init(const caucus_config *config, caucus_view view, caucus_signals *signals)
{
    caucus_status status = CAUCUS_OK;
    *signals = (caucus_signals){.n_collectives = config->n_collectives};
    TRY_GOTO(caucus_cells_init(config->population, &signals->cells), failed);
    TRY_GOTO(caucus_alloc(config->n_collectives, sizeof *signals->of, "signal sets", &signals->of), failed);
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        TRY_GOTO(tabulate_images(config, m, signals), failed);
        TRY_GOTO(tabulate_outside(config, m, signals), failed);
    }
    for (uint32_t m = 0; view == CAUCUS_VIEW_ALL && m < config->n_collectives; m++) {
        TRY_GOTO(add_missed_cells(config, m, signals), failed);
    }
    TRY_GOTO(number_positions(config, view, signals), failed);
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        TRY_GOTO(list_signal_cells(config, m, signals), failed);
    }
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        uint32_t n_before = signals->cells.n_cells;
        TRY_GOTO(tabulate_misses(config, m, signals), failed);
        if (signals->cells.n_cells > n_before) { /* keep position[] as long as the cells */
            uint32_t *longer = realloc(signals->position, signals->cells.n_cells * sizeof *longer);
            if (longer == NULL) {
                status = caucus_fail_memory(signals->cells.n_cells * sizeof *longer, "positions");
                goto failed;
            }
            signals->position = longer;
            for (uint32_t cell = n_before; cell < signals->cells.n_cells; cell++) {
                longer[cell] = CAUCUS_NOWHERE;
            }
        }
    }
    return CAUCUS_OK;
failed:
    caucus_signals_free(signals);
    return status;
}

void caucus_signals_free(caucus_signals *signals)
{
    for (uint32_t m = 0; signals->of != NULL && m < signals->n_collectives; m++) {
        caucus_signal *signal = &signals->of[m];
        free(signal->misses.positions);
        free(signal->misses.weights);
        free(signal->erased);
        free(signal->outside);
        free(signal->image);
        free(signal->index);
        free(signal->positions);
    }
    free(signals->position);
    free(signals->of);
    caucus_cells_free(&signals->cells);
    *signals = (caucus_signals){0};
}
