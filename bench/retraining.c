#include "retraining.h"

#include "compile/compile.h"
#include "experiment/experiment.h"
#include "kernels/module.h"
#include "run/cuda_tables.h"
#include "trial/teach.h"

#include <stdio.h>
#include <stdlib.h>

enum { GROUP = CAUCUS_LANE_GROUP };

struct retraining {
    caucus_experiment *experiment;
    caucus_compiled *compiled;
};

static int complain(const char *text)
{
    fprintf(stderr, "device_retraining: %s\n", text);
    return 1;
}

static caucus_status compile(const char *path, retraining *problem)
{
    caucus_config *config = NULL;
    TRY(caucus_experiment_open(path, NULL, 0, &problem->experiment));
    TRY(caucus_experiment_config(problem->experiment, 0, &config));
    return caucus_compile(config, 0, &problem->compiled);
}

int retraining_open(const char *path, retraining **out, retraining_sizes *sizes)
{
    retraining *problem = calloc(1, sizeof *problem);
    if (problem == NULL) {
        return complain("out of memory");
    }
    if (compile(path, problem) != CAUCUS_OK || problem->compiled->training == NULL) {
        (void)complain(problem->compiled != NULL ? "the experiment's classifier is not trained"
                                                 : caucus_error_message());
        retraining_close(problem);
        return 1;
    }
    const caucus_replica_size size = caucus_replica_measure(problem->compiled);
    sizes->tables = size.bytes;
    sizes->blanks = size.blank_bytes;
    sizes->lane_group_bytes = GROUP * caucus_trial_bytes(problem->compiled);
    sizes->team_bytes = caucus_training_team_space(problem->compiled->training);
    sizes->n_cells = problem->compiled->training->design.n_cells;
    sizes->n_labels = problem->compiled->n_labels;
    *out = problem;
    return 0;
}

void retraining_close(retraining *problem)
{
    if (problem != NULL) {
        caucus_compiled_free(problem->compiled);
        caucus_experiment_close(problem->experiment);
    }
    free(problem);
}

void retraining_write(const retraining *problem, uint64_t address, void *buffer)
{
    caucus_replica_write(problem->compiled, address, buffer);
}

/* An array of a group of trials: as far behind the group's front as that of one trial behind its own, times GROUP. */
static const void *in_group(const unsigned char *group, const unsigned char *one, const void *array)
{
    return group + (size_t)((const unsigned char *)array - one) * GROUP;
}

static int compare(const caucus_compiled *compiled, const unsigned char *group, const unsigned char *one,
                   caucus_trainee *trainees, uint32_t *labels)
{
    const uint32_t n_cells = compiled->training->design.n_cells;
    caucus_trial trial;
    caucus_trial_lay_out(compiled, (unsigned char *)(uintptr_t)one, &trial);
    const uint32_t *leader = in_group(group, one, trial.leader);
    const uint32_t *converged = in_group(group, one, trial.converged);
    for (uint32_t lane = 0; lane < GROUP; lane++) {
        bool same = converged[lane] == (trainees[lane].report.converged ? 1u : 0u);
        for (uint32_t cell = 0; cell < n_cells; cell++) {
            same = same && labels[(size_t)cell * GROUP + lane] == leader[(size_t)cell * GROUP + lane];
        }
        if (!same) {
            fprintf(stderr, "device_retraining: the device's labels differ from the CPU's in trial %u\n", lane);
            return 1;
        }
    }
    return 0;
}

int retraining_check(const retraining *problem, const unsigned char *group, double *evaluations)
{
    const caucus_compiled *compiled = problem->compiled;
    unsigned char *one = malloc(caucus_trial_bytes(compiled));
    uint32_t *labels = malloc((size_t)compiled->training->design.n_cells * GROUP * sizeof *labels);
    void *space = aligned_alloc(64, (caucus_training_space(compiled->training) + 63) / 64 * 64);
    caucus_trainee trainees[GROUP];
    int failed = 1;
    if (one == NULL || labels == NULL || space == NULL) {
        (void)complain("out of memory");
        goto done;
    }
    caucus_trial trial;
    caucus_trial_lay_out(compiled, one, &trial);
    const uint64_t *total = in_group(group, one, trial.total);
    const uint32_t *number = in_group(group, one, trial.number);
    for (uint32_t lane = 0; lane < GROUP; lane++) {
        *trial.number = number[lane];
        caucus_teach_trainee(&trial, 0, 0, &trainees[lane]);
        trainees[lane].counts = total + lane;
        trainees[lane].labels = labels + lane;
        trainees[lane].tied = NULL;
        trainees[lane].stride = GROUP;
    }
    caucus_training_run(compiled->training, trainees, GROUP, space);
    *evaluations = 0.0;
    for (uint32_t lane = 0; lane < GROUP; lane++) {
        *evaluations += trainees[lane].report.steps / (double)GROUP;
    }
    failed = compare(compiled, group, one, trainees, labels);
done:
    free(space);
    free(labels);
    free(one);
    return failed;
}
