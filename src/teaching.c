#include "teaching.h"

#include "draw.h"

#include <math.h>
#include <stdlib.h>

static const double SCALE = 1099511627776.0; /* expected counts in parts of 2^40 of all consumers */

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

/* What the platform is expected to see at each position: the others' share of the population, and what the collectives
 * would hand in if they were the population. */
static caucus_status expect_counts(const caucus_compiled *compiled, uint64_t *expected)
{
    const caucus_config *config = compiled->config;
    const caucus_population *population = config->population;
    const uint32_t L = compiled->n_labels;
    const double others = (double)compiled->others_size / (double)config->consumers;
    caucus_trial *trial = NULL;
    TRY(caucus_trial_open(compiled, &trial));
    caucus_draw_expected(trial);
    double handed_in = 0.0;
    for (size_t i = 0; i < (size_t)compiled->signals.n_positions * L; i++) {
        handed_in += (double)trial->total[i];
    }
    for (size_t i = 0; i < (size_t)compiled->signals.n_positions * L; i++) {
        double share = handed_in > 0.0 ? (double)trial->total[i] / handed_in : 0.0;
        expected[i] = (uint64_t)llround(SCALE * (1.0 - others) * share);
    }
    for (size_t i = 0; i < population->n_cells * L; i++) {
        double share = (double)population->weights[i] / (double)population->total;
        expected[(size_t)compiled->signals.position[i / L] * L + i % L] += (uint64_t)llround(SCALE * others * share);
    }
    caucus_trial_close(trial);
    return CAUCUS_OK;
}

caucus_status caucus_teaching_open(const caucus_compiled *compiled, caucus_training **training)
{
    caucus_status status = CAUCUS_OK;
    const caucus_signals *signals = &compiled->signals;
    const caucus_population *population = compiled->config->population;
    uint32_t *codes = NULL;
    uint32_t *n_values = NULL;
    uint64_t *expected = NULL;
    TRY_GOTO(list_codes(signals, &codes), done);
    TRY_GOTO(caucus_alloc(population->n_features, sizeof *n_values, "features", &n_values), done);
    TRY_GOTO(
        caucus_alloc((size_t)signals->n_positions * compiled->n_labels, sizeof *expected, "expected counts", &expected),
        done);
    for (uint32_t i = 0; i < population->n_features; i++) {
        n_values[i] = population->features[i].n_values;
    }
    TRY_GOTO(expect_counts(compiled, expected), done);
    TRY_GOTO(caucus_training_open(&compiled->config->learner, signals->n_positions, (uint32_t)population->n_features,
                                  codes, n_values, compiled->n_labels, expected, compiled->config->consumers, training),
             done);
done:
    free(expected);
    free(n_values);
    free(codes);
    return status;
}
