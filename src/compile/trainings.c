#include "compile/trainings.h"

#include "trial/steps.h"
#include "trial/teach.h"

#include <math.h>
#include <stdlib.h>

enum { PILOTS = 16 };

static const double SCALE = 1099511627776.0; /* expected counts in parts of 2^40 of all consumers */

/* Where the collectives' members are, on average over a few trials drawn for it: counts are added to handed_in and, for
 * raw data, to raw (or NULL). Labels that collectives choose from their members' data make what they hand in jump from
 * trial to trial, so that it is not what their strategies would make of expected data. */
static caucus_status sample_collectives(const caucus_compiled *compiled, double *handed_in, double *raw)
{
    const size_t n = (size_t)compiled->signals.n_positions * compiled->n_labels;
    caucus_trial *trial = NULL;
    TRY(caucus_trial_open(compiled, &trial));
    for (uint32_t i = 0; i < PILOTS; i++) {
        caucus_trial_begin(trial, UINT32_MAX - i); /* the last to be run, if ever */
        caucus_draw_collectives(trial);
        for (size_t j = 0; j < n; j++) {
            handed_in[j] += (double)trial->total[j] / PILOTS;
            if (raw != NULL) {
                raw[j] += (double)trial->clean[j] / PILOTS;
            }
        }
    }
    caucus_trial_close(trial);
    return CAUCUS_OK;
}

/* Add the others, who are as the population is. */
static void expect_others(const caucus_compiled *compiled, double *counts)
{
    const caucus_population *population = compiled->config->population;
    const uint32_t L = compiled->n_labels;
    for (size_t i = 0; i < population->n_cells * L; i++) {
        const double share = (double)population->weights[i] / (double)population->total;
        counts[(size_t)compiled->signals.position[i / L] * L + i % L] += share * (double)compiled->others_size;
    }
}

static caucus_status begin(const caucus_compiled *compiled, const double *counts, caucus_training *training)
{
    const size_t n = (size_t)compiled->signals.n_positions * compiled->n_labels;
    uint64_t *expected = NULL;
    TRY(caucus_alloc(n, sizeof *expected, "expected counts", &expected));
    for (size_t i = 0; i < n; i++) {
        expected[i] = (uint64_t)llround(SCALE / (double)compiled->config->consumers * counts[i]);
    }
    const caucus_status status = caucus_training_begin(training, expected);
    free(expected);
    return status;
}

caucus_status caucus_trainings_begin(const caucus_compiled *compiled)
{
    const size_t n = (size_t)compiled->signals.n_positions * compiled->n_labels;
    caucus_status status = CAUCUS_OK;
    double *handed_in = NULL; /* [position][label] */
    double *raw = NULL;
    TRY_GOTO(caucus_alloc(n, sizeof *handed_in, "expected counts", &handed_in), done);
    if (compiled->raw_training != NULL) {
        TRY_GOTO(caucus_alloc(n, sizeof *raw, "expected counts", &raw), done);
    }
    TRY_GOTO(sample_collectives(compiled, handed_in, raw), done);
    expect_others(compiled, handed_in);
    TRY_GOTO(begin(compiled, handed_in, compiled->training), done);
    if (raw != NULL) {
        expect_others(compiled, raw);
        TRY_GOTO(begin(compiled, raw, compiled->raw_training), done);
    }
done:
    free(raw);
    free(handed_in);
    return status;
}

/* ---- what they have in common ------------------------------------------------------------------------------------ */

/* Features of the cells at all positions. */
static caucus_status list_codes(const caucus_signals *signals, uint32_t **out)
{
    const uint32_t n_features = signals->cells.n_features;
    TRY(caucus_alloc((size_t)signals->n_positions * n_features, sizeof **out, "features of cells", out));
    for (uint32_t cell = 0; cell < signals->cells.n_cells; cell++) {
        for (uint32_t i = 0; i < n_features; i++) {
            (*out)[(size_t)signals->position[cell] * n_features + i] =
                signals->cells.codes[(size_t)cell * n_features + i];
        }
    }
    return CAUCUS_OK;
}

static caucus_status open_training(const caucus_compiled *compiled, const uint32_t *codes, const uint32_t *n_values,
                                   caucus_training **training)
{
    const caucus_config *config = compiled->config;
    return caucus_training_open(&config->learner, compiled->signals.n_positions,
                                (uint32_t)config->population->n_features, codes, n_values, compiled->n_labels,
                                config->consumers, training);
}

caucus_status caucus_trainings_open(caucus_compiled *compiled)
{
    caucus_status status = CAUCUS_OK;
    const caucus_population *population = compiled->config->population;
    uint32_t *codes = NULL;
    uint32_t *n_values = NULL;
    TRY_GOTO(list_codes(&compiled->signals, &codes), done);
    TRY_GOTO(caucus_alloc(population->n_features, sizeof *n_values, "features", &n_values), done);
    for (uint32_t i = 0; i < population->n_features; i++) {
        n_values[i] = population->features[i].n_values;
    }
    TRY_GOTO(open_training(compiled, codes, n_values, &compiled->training), done);
    if (caucus_teach_trainees(compiled) > 1) {
        TRY_GOTO(open_training(compiled, codes, n_values, &compiled->raw_training), done);
    }
done:
    free(n_values);
    free(codes);
    return status;
}
