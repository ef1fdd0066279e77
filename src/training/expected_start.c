#include "training/expected_start.h"

#include <stdlib.h>
#include <string.h>

caucus_status caucus_expected_start(caucus_training *training, const uint64_t *expected, double scale)
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
    caucus_trainee trainee = {
        .counts = expected, .labels = labels, .stride = 1, .scale = scale, .parameters = parameters};
    caucus_training_run(training, &trainee, 1, space);
    memcpy(training->start, parameters, training->n_parameters * sizeof *parameters);
done:
    free(labels);
    free(parameters);
    free(space);
    return status;
}
