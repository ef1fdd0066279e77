/* An experiment file: read, its notes made, its first and last configuration resolved. */
#include "experiment/experiment.h"
#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    caucus_experiment *experiment = NULL;
    const char *path = fuzz_file("experiment.yaml", data, size);
    if (caucus_experiment_open(path, NULL, 0, &experiment) != CAUCUS_OK) {
        return 0;
    }
    for (int last = 0; last < 2; last++) {
        caucus_config *config = NULL;
        if (caucus_experiment_config(experiment, last ? experiment->n_configs - 1 : 0, &config) == CAUCUS_OK) {
            caucus_config_free(config);
        }
    }
    caucus_experiment_close(experiment);
    return 0;
}
