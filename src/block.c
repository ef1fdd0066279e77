#include "block.h"

#include <stddef.h>
#include <string.h>

enum {
    ON_TRIAL = CAUCUS_ON_CONFIG | CAUCUS_ON_TRIAL,
    ON_COLLECTIVE = ON_TRIAL | CAUCUS_ON_COLLECTIVE,
    ON_METHOD = ON_TRIAL | CAUCUS_ON_METHOD
};

const caucus_variable caucus_variables[CAUCUS_N_VARIABLES] = {
    [CAUCUS_SUCCESS_COUNT] = {"success_count", "test points on which the collective succeeds", ON_COLLECTIVE, true,
                              offsetof(caucus_block, success_count)},
    [CAUCUS_LOWER_BOUND] = {"lower_bound", "guaranteed lower bound on the collective's success",
                            ON_COLLECTIVE | CAUCUS_ON_METHOD, false, offsetof(caucus_block, lower_bound)},
    [CAUCUS_GLOBAL_SUCCESS] = {"global_success", "weighted mean of the collectives' success", ON_TRIAL, false,
                               offsetof(caucus_block, global_success)},
    [CAUCUS_JOINT_SUCCESS] = {"joint_success", "share of test points on which every collective succeeds", ON_TRIAL,
                              false, offsetof(caucus_block, joint_success)},
    [CAUCUS_ACCURACY] = {"accuracy", "accuracy of the platform on unchanged test points", ON_TRIAL, false,
                         offsetof(caucus_block, accuracy)},
    [CAUCUS_SUBOPTIMALITY] = {"suboptimality", "suboptimality of the platform's classifier", ON_TRIAL, false,
                              offsetof(caucus_block, suboptimality)},
    [CAUCUS_GLOBAL_BOUND] = {"global_bound", "guaranteed lower bound on global success", ON_METHOD, false,
                             offsetof(caucus_block, global_bound)},
    [CAUCUS_JOINT_BOUND] = {"joint_bound", "guaranteed lower bound on joint success", ON_METHOD, false,
                            offsetof(caucus_block, joint_bound)},
};

size_t caucus_variable_width(const caucus_variable *variable, uint32_t n_collectives, uint32_t n_methods)
{
    size_t width = 1;
    if ((variable->dimensions & CAUCUS_ON_COLLECTIVE) != 0) {
        width *= n_collectives;
    }
    if ((variable->dimensions & CAUCUS_ON_METHOD) != 0) {
        width *= n_methods;
    }
    return width;
}

void *caucus_variable_data(const caucus_variable *variable, const caucus_block *block)
{
    void *data = NULL;
    memcpy(&data, (const char *)block + variable->field, sizeof data);
    return data;
}

caucus_status caucus_block_alloc_rows(uint32_t n_rows, uint32_t n_collectives, uint32_t n_methods, caucus_block **block)
{
    size_t width = 0;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        width += caucus_variable_width(&caucus_variables[v], n_collectives, n_methods);
    }
    char *memory = NULL;
    TRY(caucus_alloc(sizeof(caucus_block) / CAUCUS_VALUE_BYTES + width * n_rows, CAUCUS_VALUE_BYTES,
                     "a block of trials", &memory));
    caucus_block *made = (caucus_block *)memory;
    made->n_trials = n_rows;
    char *next = memory + sizeof(caucus_block);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        memcpy(memory + caucus_variables[v].field, &next, sizeof next);
        next += caucus_variable_width(&caucus_variables[v], n_collectives, n_methods) * n_rows * CAUCUS_VALUE_BYTES;
    }
    *block = made;
    return CAUCUS_OK;
}

caucus_status caucus_block_alloc(const caucus_layout *layout, caucus_block **block)
{
    return caucus_block_alloc_rows(layout->block_trials, layout->n_collectives, layout->n_methods, block);
}
