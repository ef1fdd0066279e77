/* What a trial yields, as data: one entry for each array of caucus_block, so that segments, result and summary treat
 * all of them by one loop. Every value takes four bytes (uint32 or float32). */
#ifndef CAUCUS_BLOCK_H
#define CAUCUS_BLOCK_H

#include "result/store.h"
#include "trial/row.h"
#include "trial/shape.h"

/* The dimensions of a dataset, as a set of bits; datasets always have them in this order. */
enum {
    CAUCUS_ON_CONFIG = 1 << 0,
    CAUCUS_ON_BLOCK = 1 << 1,
    CAUCUS_ON_TRIAL = 1 << 2,
    CAUCUS_ON_COLLECTIVE = 1 << 3,
    CAUCUS_ON_METHOD = 1 << 4,
    CAUCUS_N_DIMENSIONS = 5
};

enum {
    CAUCUS_SUCCESS_COUNT,
    CAUCUS_LOWER_BOUND,
    CAUCUS_GLOBAL_SUCCESS,
    CAUCUS_JOINT_SUCCESS,
    CAUCUS_ACCURACY,
    CAUCUS_SUBOPTIMALITY,
    CAUCUS_GLOBAL_BOUND,
    CAUCUS_JOINT_BOUND,
    CAUCUS_CONVERGED,
    CAUCUS_ACCURACY_COST,
    CAUCUS_N_VARIABLES
};

/* What a run must have for a variable to be there, as a set of bits. */
enum { CAUCUS_NEEDS_TRAINED = 1 << 0, CAUCUS_NEEDS_COMPARED = 1 << 1 };

/* Values of something over collectives and methods, as dimensions say; 0 where the shape lacks what it needs. */
size_t caucus_shape_width(const caucus_shape *shape, unsigned dimensions, unsigned needs);

caucus_shape caucus_layout_shape(const caucus_layout *layout);

enum { CAUCUS_VALUE_BYTES = 4 };

typedef struct caucus_variable {
    const char *name;
    const char *long_name;
    unsigned dimensions; /* of the result's dataset; in a block the same without config */
    unsigned needs;      /* CAUCUS_NEEDS_... */
    bool integer;        /* uint32, else float32 */
    size_t field;        /* offset of its pointer in caucus_block */
} caucus_variable;

extern const caucus_variable caucus_variables[CAUCUS_N_VARIABLES];

/* Values that one trial has of it; 0 when it is absent or there are no methods to have them. */
size_t caucus_variable_width(const caucus_variable *variable, const caucus_shape *shape);

/* Of all variables together. */
size_t caucus_row_bytes(const caucus_shape *shape);

/* Its array in a block; NULL when it has no values. */
void *caucus_variable_data(const caucus_variable *variable, const caucus_block *block);

/* Arrays for n_rows trials in one allocation, freed with free(). */
caucus_status caucus_block_alloc_rows(uint32_t n_rows, const caucus_shape *shape, caucus_block **block);

/* The place of row i in a block's arrays. */
caucus_trial_result caucus_block_row(const caucus_block *block, const caucus_shape *shape, uint32_t i);

/* Bytes of the arrays of a block that caucus_block_alloc makes. */
uint64_t caucus_block_bytes(const caucus_layout *layout);

#endif
