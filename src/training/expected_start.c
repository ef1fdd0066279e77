#include "training/expected_start.h"

#include <stdlib.h>
#include <string.h>

static void train(const caucus_training *training, const uint64_t *expected, void *space, uint32_t *labels,
                  double *parameters)
{
    double sum = 0.0;
    for (size_t i = 0; i < (size_t)training->design.n_cells * training->n_labels; i++) {
        sum += (double)expected[i];
    }
    caucus_trainee trainee = {.counts = expected,
                              .labels = labels,
                              .stride = 1,
                              .scale = training->consumers / sum,
                              .parameters = parameters};
    caucus_training_run(training, &trainee, 1, space);
}

caucus_status caucus_expected_start(caucus_training *training, const uint64_t *expected)
{
    caucus_status status = CAUCUS_OK;
    const size_t bytes = (caucus_training_space(training) + 63) / 64 * 64;
    double *parameters = NULL;
    uint32_t *labels = NULL;
    void *space = aligned_alloc(64, bytes);
    if (space == NULL) {
        TRY_GOTO(caucus_fail_memory(bytes, "training"), done);
    }
    TRY_GOTO(caucus_alloc(training->n_parameters, sizeof *parameters, "a classifier's start", &parameters), done);
    TRY_GOTO(caucus_alloc(training->design.n_cells, sizeof *labels, "labels of cells", &labels), done);
    train(training, expected, space, labels, parameters);
    memcpy(training->start, parameters, training->n_parameters * sizeof *parameters);
done:
    free(labels);
    free(parameters);
    free(space);
    return status;
}
