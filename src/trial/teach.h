/* What a trained platform is taught: the training of a configuration, and trials as its trainees. Shared with
 * devices. */
#ifndef CAUCUS_TRIAL_TEACH_H
#define CAUCUS_TRIAL_TEACH_H

#include "trial/trial.h"

/* Trainings in a trial: one on what was handed in, one more on raw data where the accuracy cost is asked for. */
CAUCUS_SHARED uint32_t caucus_teach_trainees(const caucus_compiled *compiled)
{
    return compiled->config->accuracy_cost ? 2 : 1;
}

/* What trains training `which` of every trial. */
CAUCUS_SHARED const caucus_training *caucus_teach_training(const caucus_compiled *compiled, uint32_t which)
{
    return which == 0 ? compiled->training : compiled->raw_training;
}

#if CAUCUS_COUNT_BITS == 64 /* trainings read no others */

/* Training `which` of a trial whose arrays lie CAUCUS_LANES apart and whose own begin at `lane`. */
CAUCUS_SHARED void caucus_teach_trainee(const caucus_trial *trial, uint32_t lane, uint32_t which,
                                        caucus_trainee *trainee)
{
    const caucus_compiled *compiled = trial->compiled;
    trainee->counts = (which == 0 ? trial->total : trial->clean) + lane;
    trainee->labels = (which == 0 ? trial->leader : trial->clean_leader) + lane;
    trainee->tied = which == 0 ? trial->tied + lane : NULL;
    trainee->stride = CAUCUS_LANES;
    trainee->scale = 1.0;
    trainee->place.source.seed = compiled->key.seed;
    trainee->place.source.trial = trial->number[lane];
    trainee->place.source.config = compiled->key.config;
    trainee->place.stream = which == 0 ? CAUCUS_STREAM_TRAINING : CAUCUS_STREAM_RAW_TRAINING;
    trainee->place.draw = 0;
    trainee->parameters = NULL;
}

#endif

#endif
