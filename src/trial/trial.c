#include "trial/trial.h"

#include <stdlib.h>

caucus_status caucus_trial_open(const caucus_compiled *compiled, caucus_trial **out)
{
    caucus_trial *trial = NULL;
    unsigned char *memory = NULL;
    TRY(caucus_alloc(1, sizeof *trial, "a trial", &trial));
    caucus_status status = caucus_alloc(caucus_trial_bytes(compiled), 1, "a trial's counts", &memory);
    if (status != CAUCUS_OK) {
        free(trial);
        return status;
    }
    caucus_trial_lay_out(compiled, memory, trial);
    *out = trial;
    return CAUCUS_OK;
}

void caucus_trial_close(caucus_trial *trial)
{
    if (trial == NULL) {
        return;
    }
    free(trial->memory);
    free(trial);
}
