#include "trial.h"

#include "crowd.h"
#include "trial_run.h"

#include <stdlib.h>

caucus_status caucus_trial_open(const caucus_compiled *compiled, caucus_trial **out)
{
    caucus_trial *trial = NULL;
    unsigned char *memory = NULL;
    TRY(caucus_alloc(1, sizeof *trial, "a trial", &trial));
    caucus_status status = caucus_alloc(caucus_trial_bytes(compiled), 1, "a trial's counts", &memory);
    if (status == CAUCUS_OK) {
        caucus_trial_lay_out(compiled, memory, trial);
        status = compiled->crowd == NULL ? CAUCUS_OK : caucus_crowd_space_open(compiled, &trial->crowd);
    }
    if (status != CAUCUS_OK) {
        caucus_trial_close(trial);
        return status;
    }
    *out = trial;
    return CAUCUS_OK;
}

void caucus_trial_close(caucus_trial *trial)
{
    if (trial == NULL) {
        return;
    }
    caucus_crowd_space_close(trial->crowd);
    free(trial->memory);
    free(trial);
}

void caucus_trial_run(caucus_trial *trial, uint32_t number, const caucus_trial_result *result)
{
    if (trial->compiled->crowd == NULL) {
        caucus_trial_over_classes(trial, number, result);
        return;
    }
    caucus_trial_begin(trial, number);
    caucus_crowd_draw(trial);
    caucus_platform_train(trial);
    caucus_crowd_test(trial);
    caucus_trial_report(trial, result);
    caucus_guarantees_keep(trial);
    caucus_guarantees_conclude(trial, result);
}
