#include "compile/compile.h"

#include "compile/bounds.h"
#include "compile/certain.h"
#include "compile/classes.h"
#include "compile/draws.h"
#include "compile/outcomes.h"
#include "compile/signals.h"
#include "compile/trainings.h"
#include "config/strategy.h"
#include "rows/rows.h"
#include "trial/platform.h"

#include <stdlib.h>

static bool is_noisy(const caucus_collective *collective)
{
    return collective->compliance < 1.0 || collective->miss > 0.0;
}

/* Sizes, flags and weights that follow from the configuration alone. */
static caucus_status derive(caucus_compiled *compiled)
{
    const caucus_config *config = compiled->config;
    uint32_t M = compiled->n_collectives;
    TRY(caucus_alloc(M, sizeof *compiled->sizes, "sizes", &compiled->sizes));
    TRY(caucus_alloc(M, sizeof *compiled->strategies, "strategies", &compiled->strategies));
    TRY(caucus_alloc(M, sizeof *compiled->targets, "targets", &compiled->targets));
    TRY(caucus_alloc(M, sizeof *compiled->global_weights, "weights", &compiled->global_weights));
    uint64_t members = 0;
    for (uint32_t m = 0; m < M; m++) {
        const caucus_collective *collective = &config->collectives[m];
        compiled->sizes[m] = collective->size;
        compiled->strategies[m] = collective->strategy;
        compiled->targets[m] = collective->target;
        compiled->noisy = compiled->noisy || is_noisy(collective);
        compiled->estimating = compiled->estimating || collective->estimators > 0;
        compiled->piloting = compiled->piloting || collective->pilot > 0;
        compiled->matching =
            compiled->matching || (collective->membership.affinity > 0 && config->bounds.n_methods > 0);
        members += collective->size;
    }
    compiled->others_size = config->consumers - members;
    for (uint32_t m = 0; m < M; m++) {
        compiled->global_weights[m] =
            config->equal_weights || members == 0 ? 1.0 / (double)M : (double)compiled->sizes[m] / (double)members;
    }
    for (uint32_t i = 0; M > 1 && i < config->bounds.n_methods; i++) {
        compiled->crossing = compiled->crossing || config->bounds.methods[i].knowledge >= CAUCUS_STRATEGIES;
    }
    return CAUCUS_OK;
}

/* Cells that must be told apart. */
static caucus_view view_of(const caucus_config *config)
{
    bool population = config->accuracy;
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        population = population || config->collectives[m].strategy == CAUCUS_ERASE;
    }
    return caucus_classifier_is_trained(config->classifier) ? CAUCUS_VIEW_ALL
           : population                                     ? CAUCUS_VIEW_POPULATION
                                                            : CAUCUS_VIEW_SIGNALS;
}

static uint32_t count_tracked(const caucus_compiled *compiled)
{
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        if (compiled->strategies[m] == CAUCUS_ERASE && compiled->config->bounds.n_methods > 0) {
            return compiled->signals.n_positions; /* its bounds look at every cell */
        }
    }
    return compiled->signals.n_union;
}

static caucus_status lay_out_crossed(caucus_compiled *compiled)
{
    TRY(caucus_alloc(compiled->n_collectives, sizeof *compiled->crossed_offset, "offsets", &compiled->crossed_offset));
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        uint32_t k = compiled->signals.of[m].n_cells;
        compiled->crossed_offset[m] = compiled->n_crossed;
        compiled->n_crossed += compiled->crossing ? (size_t)compiled->n_collectives * k * compiled->n_labels : 0;
        compiled->most_signal_cells = k > compiled->most_signal_cells ? k : compiled->most_signal_cells;
        uint32_t n_variants = compiled->signals.of[m].misses.n_variants; /* drawn over like classes */
        compiled->most_classes = n_variants > compiled->most_classes ? n_variants : compiled->most_classes;
    }
    return CAUCUS_OK;
}

caucus_status caucus_compile_draws(caucus_compiled *compiled)
{
    const bool drawn = compiled->draws.groups != NULL || compiled->rows != NULL; /* rows have draws of their own */
    if (drawn) {
        return CAUCUS_OK;
    }
    TRY(caucus_draws_open(compiled));
    return compiled->training != NULL ? caucus_trainings_begin(compiled) : CAUCUS_OK;
}

caucus_status caucus_compile(caucus_config *config, uint32_t index, caucus_compiled **out)
{
    caucus_compiled *compiled = NULL;
    TRY(caucus_compile_outline(config, index, &compiled));
    const caucus_status status = caucus_compile_draws(compiled);
    if (status != CAUCUS_OK) {
        caucus_compiled_free(compiled);
        return status;
    }
    *out = compiled;
    return CAUCUS_OK;
}

caucus_status caucus_compile_outline(caucus_config *config, uint32_t index, caucus_compiled **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_compiled *compiled = NULL;
    status = caucus_alloc(1, sizeof *compiled, "a configuration", &compiled);
    if (status != CAUCUS_OK) {
        caucus_config_free(config);
        return status;
    }
    compiled->config = config;
    compiled->index = index;
    compiled->key = config->key;
    compiled->n_labels = config->population->n_labels;
    compiled->n_collectives = config->n_collectives;
    if (config->population->rows != NULL) {
        TRY_GOTO(caucus_rows_open(config, &compiled->rows), failed);
        *out = compiled;
        return CAUCUS_OK;
    }
    TRY_GOTO(derive(compiled), failed);
    TRY_GOTO(caucus_signals_init(config, view_of(config), &compiled->signals), failed);
    compiled->n_tracked = count_tracked(compiled);
    TRY_GOTO(lay_out_crossed(compiled), failed);
    TRY_GOTO(caucus_certain_open(compiled), failed);
    TRY_GOTO(caucus_classes_init(compiled), failed);
    TRY_GOTO(caucus_outcomes_open(compiled), failed);
    compiled->n_flips = caucus_platform_flips(compiled);
    TRY_GOTO(caucus_guarantees_open(compiled), failed);
    if (caucus_classifier_is_trained(config->classifier)) {
        TRY_GOTO(caucus_trainings_open(compiled), failed);
    }
    *out = compiled;
    return CAUCUS_OK;
failed:
    caucus_compiled_free(compiled);
    return status;
}

void caucus_compiled_free(caucus_compiled *compiled)
{
    if (compiled == NULL) {
        return;
    }
    caucus_rows_close(compiled->rows);
    caucus_training_close(compiled->raw_training);
    caucus_training_close(compiled->training);
    caucus_guarantees_close(compiled);
    caucus_draws_close(&compiled->draws, compiled->n_collectives);
    caucus_outcomes_close(compiled);
    caucus_classes_free(compiled);
    caucus_certain_close(compiled);
    free(compiled->crossed_offset);
    caucus_signals_free(&compiled->signals);
    free(compiled->global_weights);
    free(compiled->targets);
    free(compiled->strategies);
    free(compiled->sizes);
    caucus_config_free((caucus_config *)compiled->config);
    free(compiled);
}
