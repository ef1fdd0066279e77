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
    [CAUCUS_UPPER_BOUND] = {"upper_bound", "guaranteed upper bound on the collective's success",
                            ON_COLLECTIVE | CAUCUS_ON_METHOD, CAUCUS_NEEDS_UPPER, false,
                            offsetof(caucus_block, upper_bound)},
    [CAUCUS_GLOBAL_SUCCESS] = {"global_success", "weighted mean of the collectives' success", ON_TRIAL, 0, false,
                               offsetof(caucus_block, global_success)},
    [CAUCUS_JOINT_COUNT] = {"joint_count", "test points on which every collective succeeds", ON_TRIAL, 0, true,
                            offsetof(caucus_block, joint_count)},
    [CAUCUS_ACCURACY] = {"accuracy", "accuracy of the platform on unchanged test points", ON_TRIAL, 0, false,
                         offsetof(caucus_block, accuracy)},
    [CAUCUS_SUBOPTIMALITY] = {"suboptimality", "suboptimality of the platform's classifier", ON_TRIAL, 0, false,
                              offsetof(caucus_block, suboptimality)},
    [CAUCUS_GLOBAL_BOUND] = {"global_bound", "guaranteed lower bound on global success", ON_METHOD, 0, false,
                             offsetof(caucus_block, global_bound)},
    [CAUCUS_JOINT_BOUND] = {"joint_bound", "guaranteed lower bound on joint success", ON_METHOD, 0, false,
                            offsetof(caucus_block, joint_bound)},
    [CAUCUS_GLOBAL_UPPER] = {"global_upper", "guaranteed upper bound on global success", ON_METHOD, CAUCUS_NEEDS_UPPER,
                             false, offsetof(caucus_block, global_upper)},
    [CAUCUS_JOINT_UPPER] = {"joint_upper", "guaranteed upper bound on joint success", ON_METHOD, CAUCUS_NEEDS_UPPER,
                            false, offsetof(caucus_block, joint_upper)},
    [CAUCUS_CONVERGED] = {"converged", "1 where the training of the platform's classifier converged, else 0", ON_TRIAL,
                          CAUCUS_NEEDS_TRAINED, false, offsetof(caucus_block, converged)},
    [CAUCUS_ACCURACY_COST] = {"accuracy_cost",
                              "accuracy of the platform trained on everybody's own data, less its accuracy", ON_TRIAL,
                              CAUCUS_NEEDS_COMPARED, false, offsetof(caucus_block, accuracy_cost)},
};

size_t caucus_shape_width(const caucus_shape *shape, unsigned dimensions, unsigned needs)
{
    if (((needs & CAUCUS_NEEDS_TRAINED) != 0 && !shape->trained) ||
        ((needs & CAUCUS_NEEDS_COMPARED) != 0 && !shape->compared) ||
        ((needs & CAUCUS_NEEDS_UPPER) != 0 && !shape->upper) ||
        ((needs & CAUCUS_NEEDS_UNTIL) != 0 && shape->until == 0)) {
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

caucus_status caucus_block_alloc_sums(const caucus_shape *shape, caucus_block **block)
{
    char *memory = NULL;
    TRY(caucus_alloc(sizeof(caucus_block) / sizeof(uint64_t) + caucus_sums_words(shape), sizeof(uint64_t),
                     "the sums of a block", &memory));
    *block = (caucus_block *)memory;
    (*block)->sums = (uint64_t *)(memory + sizeof(caucus_block));
    return CAUCUS_OK;
}

caucus_block caucus_block_part(const caucus_block *block, const caucus_shape *shape, uint32_t first, uint32_t n_trials)
{
    caucus_block part = {.n_trials = n_trials};
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        const size_t row_bytes = CAUCUS_VALUE_BYTES * caucus_variable_width(&caucus_variables[v], shape);
        if (row_bytes > 0) {
            char *data = (char *)caucus_variable_data(&caucus_variables[v], block) + first * row_bytes;
            memcpy((char *)&part + caucus_variables[v].field, &data, sizeof data);
        }
    }
    return part;
}

void caucus_block_copy(const caucus_block *from, const caucus_shape *shape, const caucus_block *to, uint64_t row)
{
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        const size_t row_bytes = CAUCUS_VALUE_BYTES * caucus_variable_width(&caucus_variables[v], shape);
        if (row_bytes > 0) {
            memcpy((char *)caucus_variable_data(&caucus_variables[v], to) + row * row_bytes,
                   caucus_variable_data(&caucus_variables[v], from), from->n_trials * row_bytes);
        }
    }
}
