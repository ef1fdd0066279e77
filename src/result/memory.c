#include "result/memory.h"

#include "result/result.h"

#include <stdlib.h>
#include <string.h>

void caucus_memory_free(caucus_memory *memory)
{
    for (int v = 0; memory != NULL && v < CAUCUS_N_VARIABLES; v++) {
        free(memory->values[v]);
    }
    free(memory);
}

caucus_block caucus_memory_whole(const caucus_result *result)
{
    caucus_block block = {0};
    for (int v = 0; v < CAUCUS_N_VARIABLES; v++) {
        memcpy((char *)&block + caucus_variables[v].field, &result->memory->values[v], sizeof(void *));
    }
    return block;
}

caucus_block caucus_memory_block(const caucus_result *result, uint64_t config, uint64_t index)
{
    const caucus_identity *identity = &result->skeleton.identity;
    const uint64_t first = index * identity->block_trials;
    caucus_block view = caucus_memory_whole(result);
    for (int v = 0; v < CAUCUS_N_VARIABLES; v++) {
        const size_t row = CAUCUS_VALUE_BYTES * caucus_variable_width(&caucus_variables[v], &identity->shape);
        if (row > 0) {
            char *data = (char *)result->memory->values[v] + (config * identity->n_trials + first) * row;
            memcpy((char *)&view + caucus_variables[v].field, &data, sizeof data);
        }
    }
    view.config = config;
    view.index = index;
    view.first_trial = first;
    view.n_trials = caucus_identity_block_rows(identity, index);
    return view;
}
