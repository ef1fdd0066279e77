#include "compile/trainings.h"

#include "trial/steps.h"
#include "trial/teach.h"

#include <math.h>
#include <stdlib.h>

enum { PILOTS = 16 };

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

typedef struct caucus_lesson { /* what trainings have in common */
    const caucus_compiled *compiled;
    uint32_t *codes;
    uint32_t *n_values;
    uint64_t *expected; /* of the training that is being opened */
} caucus_lesson;

static caucus_status open_training(const caucus_lesson *lesson, const double *counts, caucus_training **training)
{
    const caucus_compiled *compiled = lesson->compiled;
    const caucus_config *config = compiled->config;
    const uint32_t n_positions = compiled->signals.n_positions;
    for (size_t i = 0; i < (size_t)n_positions * compiled->n_labels; i++) {
        lesson->expected[i] = (uint64_t)llround(SCALE / (double)config->consumers * counts[i]);
    }
    return caucus_training_open(&config->learner, n_positions, (uint32_t)config->population->n_features, lesson->codes,
                                lesson->n_values, compiled->n_labels, lesson->expected, config->consumers, training);
}

caucus_status caucus_trainings_open(caucus_compiled *compiled)
{
    caucus_status status = CAUCUS_OK;
    const caucus_population *population = compiled->config->population;
    const size_t n = (size_t)compiled->signals.n_positions * compiled->n_labels;
    const bool twice = caucus_teach_trainees(compiled) > 1;
    caucus_lesson lesson = {.compiled = compiled};
    double *handed_in = NULL; /* [position][label] */
    double *raw = NULL;
    TRY_GOTO(list_codes(&compiled->signals, &lesson.codes), done);
    TRY_GOTO(caucus_alloc(population->n_features, sizeof *lesson.n_values, "features", &lesson.n_values), done);
    TRY_GOTO(caucus_alloc(n, sizeof *lesson.expected, "expected counts", &lesson.expected), done);
    TRY_GOTO(caucus_alloc(n, sizeof *handed_in, "expected counts", &handed_in), done);
    if (twice) {
        TRY_GOTO(caucus_alloc(n, sizeof *raw, "expected counts", &raw), done);
    }
    for (uint32_t i = 0; i < population->n_features; i++) {
        lesson.n_values[i] = population->features[i].n_values;
    }
    TRY_GOTO(sample_collectives(compiled, handed_in, raw), done);
    expect_others(compiled, handed_in);
    TRY_GOTO(open_training(&lesson, handed_in, &compiled->training), done);
    if (twice) {
        expect_others(compiled, raw);
        TRY_GOTO(open_training(&lesson, raw, &compiled->raw_training), done);
    }
done:
    free(raw);
    free(handed_in);
    free(lesson.expected);
    free(lesson.n_values);
    free(lesson.codes);
    return status;
}
