/* Trials on the host: as many at a time as lie side by side, or as are trained side by side. */
#ifndef CAUCUS_RUN_CPU_BATCH_H
#define CAUCUS_RUN_CPU_BATCH_H

#include "run/individuals.h"
#include "trial/lanes.h"
#include "trial/teach.h"

/* Memory of a batch, which the next one may use again: fresh memory costs more than clearing it. Zero at first; bytes
 * is freed with free(). */
typedef struct caucus_workspace {
    unsigned char *bytes;
    size_t size;
} caucus_workspace;

typedef struct caucus_trial_batch {
    const caucus_compiled *compiled;
    const caucus_lanes *lanes; /* how they are run */
    uint32_t n_trials;         /* that a run may have at most */
    uint32_t n_groups;
    caucus_trial_group **groups; /* [n_groups] in a workspace */
    caucus_workspace own;        /* where none was given */
    caucus_row *results;         /* [n_trials] for callers to say where the results of a run go */
    caucus_trainee *trainees;    /* [training of a trial][trial of the run] */
    void *training_space;
    caucus_individuals *individuals;   /* of a configuration that draws person by person, else NULL */
    caucus_individuals_space **people; /* [n_groups] likewise */
    size_t bytes;                      /* of everything above */
} caucus_trial_batch;

/* lanes: how to run them; NULL: the best way here, for many trials. workspace: to be used until the batch is closed,
 * and made larger where it is too small; NULL: one of its own. */
caucus_status caucus_trial_batch_open(const caucus_compiled *compiled, const caucus_lanes *lanes,
                                      caucus_workspace *workspace, caucus_trial_batch **batch);

/* What a batch takes and how many trials it has, for planning: the best way of running about n_trials here. */
size_t caucus_trial_batch_bytes(const caucus_compiled *compiled, uint64_t n_trials);
uint32_t caucus_trial_batch_trials(const caucus_compiled *compiled, uint64_t n_trials);

void caucus_trial_batch_close(caucus_trial_batch *batch);

/* Run trials first .. first + n - 1, n at most n_trials, into the first n results; over classes or person by person, as
 * the configuration says. Cannot fail. */
void caucus_trial_batch_run(caucus_trial_batch *batch, uint32_t first, uint32_t n);

#endif
