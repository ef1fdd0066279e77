#include "trial/block.h"

#include "trial/sums.h"

#include <stddef.h>
#include <string.h>

enum {
    ON_TRIAL = CAUCUS_ON_CONFIG | CAUCUS_ON_TRIAL,
    ON_COLLECTIVE = ON_TRIAL | CAUCUS_ON_COLLECTIVE,
    ON_METHOD = ON_TRIAL | CAUCUS_ON_METHOD
};

const caucus_variable caucus_variables[CAUCUS_N_VARIABLES] = {
    [CAUCUS_SUCCESS_COUNT] = {"success_count", "test points on which the collective succeeds", ON_COLLECTIVE, 0, true,
                              offsetof(caucus_block, success_count)},
    [CAUCUS_LOWER_BOUND] = {"lower_bound", "guaranteed lower bound on the collective's success",
                            ON_COLLECTIVE | CAUCUS_ON_METHOD, 0, false, offsetof(caucus_block, lower_bound)},
    [CAUCUS_GLOBAL_SUCCESS] = {"global_success", "weighted mean of the collectives' success", ON_TRIAL, 0, false,
                               offsetof(caucus_block, global_success)},
    [CAUCUS_JOINT_SUCCESS] = {"joint_success", "share of test points on which every collective succeeds", ON_TRIAL, 0,
                              false, offsetof(caucus_block, joint_success)},
    [CAUCUS_ACCURACY] = {"accuracy", "accuracy of the platform on unchanged test points", ON_TRIAL, 0, false,
                         offsetof(caucus_block, accuracy)},
    [CAUCUS_SUBOPTIMALITY] = {"suboptimality", "suboptimality of the platform's classifier", ON_TRIAL, 0, false,
                              offsetof(caucus_block, suboptimality)},
    [CAUCUS_GLOBAL_BOUND] = {"global_bound", "guaranteed lower bound on global success", ON_METHOD, 0, false,
                             offsetof(caucus_block, global_bound)},
    [CAUCUS_JOINT_BOUND] = {"joint_bound", "guaranteed lower bound on joint success", ON_METHOD, 0, false,
                            offsetof(caucus_block, joint_bound)},
    [CAUCUS_CONVERGED] = {"converged", "1 where the training of the platform's classifier converged, else 0", ON_TRIAL,
                          CAUCUS_NEEDS_TRAINED, false, offsetof(caucus_block, converged)},
    [CAUCUS_ACCURACY_COST] = {"accuracy_cost",
                              "accuracy of the platform trained on everybody's own data, less its accuracy", ON_TRIAL,
                              CAUCUS_NEEDS_COMPARED, false, offsetof(caucus_block, accuracy_cost)},
};

size_t caucus_shape_width(const caucus_shape *shape, unsigned dimensions, unsigned needs)
{
    if (((needs & CAUCUS_NEEDS_TRAINED) != 0 && !shape->trained) ||
        ((needs & CAUCUS_NEEDS_COMPARED) != 0 && !shape->compared)) {
        return 0;
    }
    size_t width = 1;
    if ((dimensions & CAUCUS_ON_COLLECTIVE) != 0) {
        width *= shape->n_collectives;
    }
    if ((dimensions & CAUCUS_ON_METHOD) != 0) {
        width *= shape->n_methods;
    }
    return width;
}

caucus_shape caucus_layout_shape(const caucus_layout *layout)
{
    return (caucus_shape){.n_collectives = layout->n_collectives,
                          .n_methods = layout->n_methods,
                          .trained = layout->trained,
                          .compared = layout->compared};
}

size_t caucus_variable_width(const caucus_variable *variable, const caucus_shape *shape)
{
    return caucus_shape_width(shape, variable->dimensions, variable->needs);
}

size_t caucus_row_bytes(const caucus_shape *shape)
{
    size_t width = 0;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        width += caucus_variable_width(&caucus_variables[v], shape);
    }
    return width * CAUCUS_VALUE_BYTES;
}

void *caucus_variable_data(const caucus_variable *variable, const caucus_block *block)
{
    void *data = NULL;
    memcpy(&data, (const char *)block + variable->field, sizeof data);
    return data;
}

caucus_status caucus_block_alloc_rows(uint32_t n_rows, const caucus_shape *shape, caucus_block **block)
{
    char *memory = NULL;
    size_t bytes = 0;
    if (__builtin_mul_overflow(caucus_row_bytes(shape), n_rows, &bytes)) {
        return caucus_fail_memory(SIZE_MAX, "a block of trials");
    }
    TRY(caucus_alloc(sizeof(caucus_block) / CAUCUS_VALUE_BYTES + bytes / CAUCUS_VALUE_BYTES, CAUCUS_VALUE_BYTES,
                     "a block of trials", &memory));
    caucus_block *made = (caucus_block *)memory;
    made->n_trials = n_rows;
    char *next = memory + sizeof(caucus_block);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        size_t width = caucus_variable_width(&caucus_variables[v], shape);
        if (width > 0) {
            memcpy(memory + caucus_variables[v].field, &next, sizeof next);
            next += width * n_rows * CAUCUS_VALUE_BYTES;
        }
    }
    *block = made;
    return CAUCUS_OK;
}

static caucus_status alloc_sums(const caucus_shape *shape, caucus_block **block)
{
    char *memory = NULL;
    TRY(caucus_alloc(sizeof(caucus_block) / sizeof(uint64_t) + caucus_sums_words(shape), sizeof(uint64_t),
                     "the sums of a block", &memory));
    *block = (caucus_block *)memory;
    (*block)->sums = (uint64_t *)(memory + sizeof(caucus_block));
    return CAUCUS_OK;
}

caucus_status caucus_block_alloc(const caucus_layout *layout, caucus_block **block)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    return layout->experiment->output.trials ? caucus_block_alloc_rows(layout->block_trials, &shape, block)
                                             : alloc_sums(&shape, block);
}

uint64_t caucus_block_bytes(const caucus_layout *layout)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    return layout->experiment->output.trials ? (uint64_t)layout->block_trials * caucus_row_bytes(&shape)
                                             : caucus_sums_words(&shape) * sizeof(uint64_t);
}

/* Element n of an array that may be absent. */
static float *element(float *array, size_t n)
{
    return array != NULL ? array + n : NULL;
}

caucus_trial_result caucus_block_row(const caucus_block *block, const caucus_shape *shape, uint32_t i)
{
    const size_t collectives = (size_t)i * shape->n_collectives;
    const size_t methods = (size_t)i * shape->n_methods;
    return (caucus_trial_result){.success_count = block->success_count + collectives,
                                 .lower_bound = element(block->lower_bound, collectives * shape->n_methods),
                                 .global_success = block->global_success + i,
                                 .joint_success = block->joint_success + i,
                                 .accuracy = block->accuracy + i,
                                 .suboptimality = block->suboptimality + i,
                                 .global_bound = element(block->global_bound, methods),
                                 .joint_bound = element(block->joint_bound, methods),
                                 .converged = element(block->converged, i),
                                 .accuracy_cost = element(block->accuracy_cost, i)};
}
