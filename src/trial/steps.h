/* A whole trial over classes, as CPU and GPU run it: begin and draw; learn, or teach and measure where the classifier
 * is trained (trial/teach.h); then test, report and bound. Shared with devices. */
#ifndef CAUCUS_TRIAL_STEPS_H
#define CAUCUS_TRIAL_STEPS_H

#include "trial/bounds.h"
#include "trial/draw.h"
#include "trial/platform.h"

/* Make trial `number` the one that the workspace is about. */
CAUCUS_SHARED void caucus_trial_begin(caucus_trial *trial, uint32_t number)
{
    caucus_count *counts = trial->total; /* the cleared arrays are one after another */
    for (size_t i = 0; i < trial->n_cleared; i++) {
        counts[CAUCUS_AT(i)] = 0;
    }
    trial->number[CAUCUS_AT(0)] = number;
}

CAUCUS_SHARED void caucus_trial_report(const caucus_trial *trial, const caucus_row *result)
{
    const caucus_compiled *compiled = trial->compiled;
    const double test = (double)compiled->config->test;
    double global = 0.0;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const uint64_t count = trial->success[CAUCUS_AT(m)];
        result->success_count[m] = (uint32_t)count;
        global += compiled->global_weights[m] * ((double)count / test);
    }
    *result->global_success = CAUCUS_NARROW(global);
    *result->joint_count = (uint32_t)trial->joint[CAUCUS_AT(0)];
    *result->accuracy = compiled->config->accuracy ? CAUCUS_NARROW((double)trial->correct[CAUCUS_AT(0)] / test) : NAN;
    if (result->accuracy_cost != NULL) {
        const double correct = (double)trial->correct[CAUCUS_AT(0)];
        *result->accuracy_cost = compiled->config->accuracy_cost
                                     ? CAUCUS_NARROW(((double)trial->clean_correct[CAUCUS_AT(0)] - correct) / test)
                                     : NAN;
    }
    if (result->converged != NULL) {
        *result->converged = compiled->training != NULL ? (float)trial->converged[CAUCUS_AT(0)] : NAN;
    }
    *result->suboptimality = CAUCUS_NARROW(trial->spent[CAUCUS_AT(0)]);
}

#endif
